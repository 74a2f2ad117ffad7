// The words of hcd_settings by which the packet path knows whether a next hop that it remembers still holds. They change
// atomically: another process, as one that attaches the programs anew, may write to them too.
#pragma once
#include <cstdint>
#include <utility>

#include "fastpath/base/clock.h"
#include "fastpath/base/error.h"
#include "kmod/hcd_abi.h"

namespace hcd::fastpath {

class Hops {
 public:
  // Over the map hcd_settings, whose descriptor may be closed afterwards.
  [[nodiscard]] static Result<Hops> map(int settings, const abi::hcd_globals& globals);
  Hops(Hops&& other) noexcept : settings_(std::exchange(other.settings_, nullptr)), globals_(other.globals_) {}
  ~Hops();
  Hops(const Hops&) = delete;
  Hops& operator=(const Hops&) = delete;
  Hops& operator=(Hops&&) = delete;

  // Whatever is remembered is asked for again. Remember: from now on, or not at all.
  void forget();
  void forget_and(bool remember);
  // Changes are watched for from `now` on for so long.
  void watched(TimePoint now, Duration how_long);

 private:
  Hops(abi::hcd_settings* settings, const abi::hcd_globals& globals) : settings_(settings), globals_(globals) {}

  abi::hcd_settings* settings_;
  abi::hcd_globals globals_;
};

}  // namespace hcd::fastpath
