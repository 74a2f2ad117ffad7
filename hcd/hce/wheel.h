// A hashed timer wheel: arming, moving and cancelling cost the same whether ten or a hundred thousand are armed, and
// nothing is allocated, because what is timed carries its own links. Time is counted in ticks; one Loop timer drives it.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace hcd::hce {

struct Link {  // of a circular list; alone it points at itself
  Link *next = this, *prev = this;
  Link() = default;
  ~Link() { unlink(); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  [[nodiscard]] bool linked() const { return next != this; }
  void unlink() {
    next->prev = prev;
    prev->next = next;
    next = prev = this;
  }
  void push_back(Link& node) {
    node.unlink();
    node.prev = prev;
    node.next = this;
    prev->next = &node;
    prev = &node;
  }
};

using Tick = std::uint64_t;

struct Timed : Link {
  Tick tick = 0;
};

class TimerWheel {
 public:
  // Arms the node for that tick, or for the next one when it is past; arms anew if armed.
  void add(Timed& node, Tick tick);
  void remove(Timed& node);

  // Takes out what is due until `now` and passes each to `fire`, which may add and remove any node.
  template <class Fire>
  void advance(Tick now, Fire&& fire) {
    if (now <= last_) return;
    const Tick first = last_ + 1, end = std::min(now, last_ + kSlots);
    last_ = now;  // before any callback: what it adds belongs to the time after now
    for (Tick tick = first; tick <= end; tick++) {
      Link due;
      take_due(slot(tick), due);
      while (due.linked()) {
        auto& node = static_cast<Timed&>(*due.next);
        node.unlink();
        fire(node);
      }
    }
  }

  // No node is due before it; nothing when none is armed. May be early: a node may be due rounds later.
  [[nodiscard]] std::optional<Tick> next() const;

 private:
  static constexpr std::size_t kSlots = 4096, kWords = kSlots / 64;
  static std::size_t slot(Tick tick) { return tick % kSlots; }
  void take_due(std::size_t index, Link& due);

  Tick last_ = 0;
  std::array<Link, kSlots> slots_;
  std::array<std::uint64_t, kWords> used_{};  // a bit for each slot that is not empty
};

}  // namespace hcd::hce
