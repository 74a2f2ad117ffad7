// An engine on maps of its own in the kernel, pinned in a mount namespace of its own, for measurements. Needs root; whatever
// fails ends the program with a line that says why.
#pragma once
#include <memory>
#include <string>

#include "fastpath/bpf/bpf_engine.h"
#include "fastpath/bpf/kernel_maps.h"
#include "fastpath/bpf/loader.h"

namespace hcd::bench {

[[noreturn]] void refuse(const std::string& why);
void must(const Status& status);

class Arena {
 public:
  explicit Arena(const fastpath::Sizes& sizes);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void start();  // a new engine, which adopts the maps
  void clear();  // no rules
  fastpath::BpfEngine& engine() { return *engine_; }
  [[nodiscard]] const fastpath::Views& views() const { return *views_; }
  [[nodiscard]] TimePoint now() const { return clock_.now(); }

  static constexpr const char* kPins = "/mnt/hcd";

 private:
  SystemClock clock_;
  const fastpath::Views* views_ = nullptr;
  std::unique_ptr<fastpath::BpfEngine> engine_;
};

}  // namespace hcd::bench
