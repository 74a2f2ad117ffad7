#include "fastpath/bpf/ring_space.h"

#include "kmod/hcd_abi.h"

namespace hcd::fastpath {

Lines lines_of(std::uint64_t ring_word) {
  const auto slots = static_cast<std::uint32_t>(ring_word);
  if (slots == 0) return {};
  return {static_cast<std::uint32_t>(ring_word >> 32), (slots - 1) / abi::HCD_RING_LINE + 1};
}

std::uint64_t ring_word(std::uint32_t base, std::size_t slots) {
  return std::uint64_t{base} << 32 | static_cast<std::uint32_t>(slots);
}

RingSpace::RingSpace(std::uint32_t lines) {
  if (lines > 1) open(1, lines - 1);
}

void RingSpace::open(std::uint32_t base, std::uint32_t count) {
  free_.emplace(base, count);
  by_size_.emplace(count, base);
}

RingSpace::Gaps::iterator RingSpace::close(Gaps::iterator gap) {
  by_size_.erase({gap->second, gap->first});
  return free_.erase(gap);
}

std::optional<Lines> RingSpace::take(std::size_t slots) {
  const auto wanted = static_cast<std::uint32_t>((slots + abi::HCD_RING_LINE - 1) / abi::HCD_RING_LINE);
  const auto best = by_size_.lower_bound({wanted, 0});
  if (best == by_size_.end() || wanted == 0) return std::nullopt;
  const Lines out{best->second, wanted};
  claim(out);
  return out;
}

bool RingSpace::claim(Lines lines) {
  auto at = free_.upper_bound(lines.base);
  if (lines.count == 0 || at == free_.begin()) return false;
  --at;
  const auto [base, count] = *at;
  const std::uint64_t end = std::uint64_t{lines.base} + lines.count;
  if (end > std::uint64_t{base} + count) return false;
  close(at);
  if (lines.base > base) open(base, lines.base - base);
  if (base + count > end) open(static_cast<std::uint32_t>(end), static_cast<std::uint32_t>(base + count - end));
  return true;
}

void RingSpace::release(Lines lines) {
  if (lines.count == 0) return;
  auto after = free_.upper_bound(lines.base);
  if (after != free_.end() && lines.base + lines.count == after->first) {
    lines.count += after->second;
    after = close(after);
  }
  if (after != free_.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second == lines.base) {
      lines = {before->first, before->second + lines.count};
      close(before);
    }
  }
  open(lines.base, lines.count);
}

void RingSpace::settle() {
  for (const Lines lines : retired_) release(lines);
  retired_.clear();
}

std::uint32_t RingSpace::free() const {
  std::uint32_t sum = 0;
  for (const auto& [base, count] : free_) sum += count;
  return sum;
}

}  // namespace hcd::fastpath
