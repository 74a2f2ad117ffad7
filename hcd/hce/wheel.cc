#include "hcd/hce/wheel.h"

#include <bit>

namespace hcd::hce {

void TimerWheel::add(Timed& node, Tick tick) {
  remove(node);
  node.tick = std::max(tick, last_ + 1);
  const std::size_t index = slot(node.tick);
  slots_[index].push_back(node);
  used_[index / 64] |= 1ULL << index % 64;
}

void TimerWheel::remove(Timed& node) {
  if (!node.linked()) return;
  node.unlink();
  const std::size_t index = slot(node.tick);
  if (!slots_[index].linked()) used_[index / 64] &= ~(1ULL << index % 64);
}

void TimerWheel::take_due(std::size_t index, Link& due) {
  const std::uint64_t bit = 1ULL << index % 64;
  if ((used_[index / 64] & bit) == 0) return;
  Link& head = slots_[index];
  for (Link* link = head.next; link != &head;) {
    auto& node = static_cast<Timed&>(*link);
    link = link->next;
    if (node.tick <= last_) due.push_back(node);
  }
  if (!head.linked()) used_[index / 64] &= ~bit;
}

std::optional<Tick> TimerWheel::next() const {
  const std::size_t start = slot(last_ + 1);
  std::uint64_t word = used_[start / 64] & (~0ULL << start % 64);
  for (std::size_t i = 0; i <= kWords; i++) {  // once more for the part of the first word before the start
    const std::size_t index = (start / 64 + i) % kWords;
    if (i > 0) word = used_[index];
    if (word == 0) continue;
    const std::size_t found = index * 64 + static_cast<std::size_t>(std::countr_zero(word));
    return last_ + 1 + (found + kSlots - start) % kSlots;
  }
  return std::nullopt;
}

}  // namespace hcd::hce
