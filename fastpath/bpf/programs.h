// The packet programs, loaded over maps that are new or given. The one file that sees the skeleton is programs.cc.
#pragma once
#include <memory>

#include "fastpath/bpf/map_fds.h"
#include "fastpath/bpf/sizes.h"

struct redirect;  // the skeleton of kmod/redirect.bpf.c

namespace hcd::fastpath {

class Programs {
 public:
  // Over `adopted` maps where there are any; else over new ones of these sizes, which get these globals.
  [[nodiscard]] static Result<Programs> load(const MapFds* adopted, const abi::hcd_globals& globals,
                                             const Sizes& sizes);
  // libbpf's complaints become part of our errors instead of lines on standard error.
  static void silence_libbpf();

  [[nodiscard]] int map(MapId id) const;  // descriptors that stay ours
  [[nodiscard]] int xdp() const;
  [[nodiscard]] int tc() const;

 private:
  using Skeleton = std::unique_ptr<redirect, void (*)(redirect*)>;
  explicit Programs(Skeleton skeleton) : skeleton_(std::move(skeleton)) {}
  [[nodiscard]] Status start_sweep() const;

  Skeleton skeleton_;
};

[[nodiscard]] Result<abi::hcd_globals> read_globals(int map);
[[nodiscard]] Status write_globals(int map, const abi::hcd_globals& globals);

}  // namespace hcd::fastpath
