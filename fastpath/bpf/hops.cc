#include "fastpath/bpf/hops.h"

#include <atomic>

#include <sys/mman.h>

#include "fastpath/bpf/states.h"

namespace hcd::fastpath {
namespace {

template <class Next>
void change(__u32& word, const Next& next) {
  const std::atomic_ref generation(word);
  __u32 old = generation.load();
  while (!generation.compare_exchange_weak(old, next(old))) continue;
}

}  // namespace

Result<Hops> Hops::map(int settings, const abi::hcd_globals& globals) {
  void* at = mmap(nullptr, sizeof(abi::hcd_settings), PROT_READ | PROT_WRITE, MAP_SHARED, settings, 0);
  if (at == MAP_FAILED) return fail_errno("hcd_settings: cannot be mapped");
  return Hops(static_cast<abi::hcd_settings*>(at), globals);
}

Hops::~Hops() {
  if (settings_ != nullptr) munmap(settings_, sizeof(abi::hcd_settings));
}

void Hops::forget() {
  change(settings_->hop_generation, [](__u32 old) { return old + 2; });
}

void Hops::forget_and(bool remember) {
  change(settings_->hop_generation, [&](__u32 old) { return ((old >> 1) + 1) << 1 | (remember ? 1U : 0U); });
}

void Hops::watched(TimePoint now, Duration how_long) {
  std::atomic_ref(settings_->hop_until).store(tick_at(globals_, now + how_long));
}

}  // namespace hcd::fastpath
