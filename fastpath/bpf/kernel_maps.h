// The maps of a running kernel, mapped into this process. Needs no privilege but the descriptors: what it calls is bpf(2)
// (object info, look-up, update), mmap, munmap, membarrier and sched_getaffinity.
#pragma once
#include <memory>
#include <vector>

#include "fastpath/bpf/map_fds.h"
#include "fastpath/bpf/maps.h"

namespace hcd::fastpath {

class KernelMaps final : public Maps {
 public:
  enum class Access : unsigned char { Read, Write };

  // Refuses maps of another shape: "hcd_rules: values of 64 bytes are needed, it has 48".
  [[nodiscard]] static Result<std::unique_ptr<KernelMaps>> map(MapFds fds, Access access);
  ~KernelMaps() override;
  KernelMaps(const KernelMaps&) = delete;
  KernelMaps& operator=(const KernelMaps&) = delete;

  [[nodiscard]] Result<abi::hcd_stats> rule_stats(std::uint32_t rule) const override { return stats(kRuleStats, rule); }
  [[nodiscard]] Result<abi::hcd_stats> host_stats(std::uint32_t host) const override { return stats(kHostStats, host); }
  [[nodiscard]] Result<Reasons> reasons() const override;
  [[nodiscard]] Status clear_rule_stats(std::span<const std::uint32_t> rules) override {
    return clear(kRuleStats, rules);
  }
  [[nodiscard]] Status clear_host_stats(std::span<const std::uint32_t> hosts) override {
    return clear(kHostStats, hosts);
  }
  [[nodiscard]] Status clear_reasons() override;
  [[nodiscard]] Status put_network(std::uint32_t table, const Network& network, bool negated) override;
  [[nodiscard]] Status drop_network(std::uint32_t table, const Network& network) override;
  [[nodiscard]] Result<std::vector<KernelNetwork>> networks() const override;
  void grace() override;
  [[nodiscard]] int events() const { return fds_.fd[kEvents].get(); }  // of the ring buffer

 private:
  struct Mapping {
    void* at;
    std::size_t length;
  };

  KernelMaps(MapFds fds, Access access) : fds_(std::move(fds)), access_(access) {}
  Status map_all();
  template <class T>
  Status map_one(MapId id, std::span<T>& out);
  [[nodiscard]] Result<abi::hcd_stats> stats(MapId id, std::uint32_t index) const;
  [[nodiscard]] Status clear(MapId id, std::span<const std::uint32_t> indexes);
  [[nodiscard]] Status clear_at_once(MapId id, std::span<const std::uint32_t> indexes);

  MapFds fds_;
  Access access_;
  std::size_t cpus_ = 0;  // at least as many as the kernel writes values for
  std::vector<Mapping> mappings_;
  std::vector<abi::hcd_stats> zeros_;
};

}  // namespace hcd::fastpath
