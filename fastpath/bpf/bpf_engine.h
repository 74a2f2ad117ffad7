// The Linux engine: rules, tables and counters in the maps that the packet programs read. It needs the maps alone, no
// privilege; who attaches the programs is the Loader. On construction it adopts what the maps hold. What it changes it changes
// under the writers' lock, and only where nobody has written since it looked last.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "fastpath/base/clock.h"
#include "fastpath/bpf/layout.h"
#include "fastpath/bpf/maps.h"
#include "fastpath/bpf/plan.h"
#include "fastpath/bpf/writer_lock.h"
#include "fastpath/engine.h"

namespace hcd::fastpath {

class BpfEngine final : public Engine {
 public:
  // `name`: "bpf (tc)". `random` draws the keys of source-hash rules that were given none.
  BpfEngine(std::unique_ptr<Maps> maps, const Clock& clock, Random random, std::string name, WriterLock lock = {});

  // Whether construction could make the maps whole; what was lost on the way is in faults().
  [[nodiscard]] const Status& adopted() const { return adopted_; }
  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] const Ruleset& ruleset() const override { return ruleset_; }
  [[nodiscard]] Status commit(const Transaction& transaction) override;
  [[nodiscard]] Result<Counters> rule_counters(const std::string& anchor) const override;
  // Of each address: all its traffic, by whatever rules of this anchor it is reached through this table.
  [[nodiscard]] Result<std::vector<AddressCounters>> table_counters(const std::string& anchor,
                                                                    const std::string& table) const override;
  [[nodiscard]] Result<Counters> host_counters(const Address& address, std::uint16_t port, Proto proto) const override;
  [[nodiscard]] std::uint64_t states_limit() const override;
  [[nodiscard]] Result<std::size_t> cut(const std::vector<Sessions>& which) override;
  [[nodiscard]] Result<bool> refresh() override;
  [[nodiscard]] std::vector<std::string> disturbed() const override { return disturbed_; }
  [[nodiscard]] Pressure pressure() const override;
  void tend() override;  // may wait for grace periods, some 15 ms each

  [[nodiscard]] const Maps& maps() const { return *maps_; }

 private:
  Status take_over();
  Status mend_networks();
  [[nodiscard]] std::uint64_t generation() const;
  void note_changes(const Ruleset& before);
  Status apply(const std::vector<Change>& changes, const Transaction& transaction);
  void settle();
  void reclaim();
  [[nodiscard]] bool worth_reclaiming() const;

  std::unique_ptr<Maps> maps_;
  const Clock& clock_;
  Random random_;
  std::string name_;
  WriterLock lock_;
  Layout layout_;
  Ruleset ruleset_;
  std::uint64_t known_ = 0;  // the generation that layout and ruleset are of
  std::vector<std::string> disturbed_;
  std::vector<std::string> faults_;
  Status adopted_;
};

// Keys from the kernel's generator.
[[nodiscard]] std::uint64_t kernel_random();

}  // namespace hcd::fastpath
