// Which lines of hcd_rings are whose. A ring is built in free lines and put in force by one store; the lines that it
// replaces may still be read by a packet under way, so they are free only after a grace period.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace hcd::fastpath {

struct Lines {
  std::uint32_t base = 0;  // 0: none
  std::uint32_t count = 0;
  friend bool operator==(const Lines&, const Lines&) = default;
};

[[nodiscard]] Lines lines_of(std::uint64_t ring_word);
[[nodiscard]] std::uint64_t ring_word(std::uint32_t base, std::size_t slots);

class RingSpace {
 public:
  explicit RingSpace(std::uint32_t lines);  // line 0 is never given

  [[nodiscard]] std::optional<Lines> take(std::size_t slots);  // for at least one slot; the best fit
  bool claim(Lines lines);                                     // false when any of it is out of range or taken
  void release(Lines lines);                                   // at once: nobody saw them
  void retire(Lines lines) { retired_.push_back(lines); }      // after the next settle()
  void settle();                                               // a grace period has passed since every retire()
  [[nodiscard]] bool has_retired() const { return !retired_.empty(); }
  [[nodiscard]] std::uint32_t free() const;

 private:
  using Gaps = std::map<std::uint32_t, std::uint32_t>;  // base -> count
  void open(std::uint32_t base, std::uint32_t count);
  Gaps::iterator close(Gaps::iterator gap);

  Gaps free_;                                                  // neighbours are merged
  std::set<std::pair<std::uint32_t, std::uint32_t>> by_size_;  // the same: count, base
  std::vector<Lines> retired_;
};

}  // namespace hcd::fastpath
