// What rtnetlink's multicast groups tell of changes, as far as it makes remembered next hops wrong. Only that something changed
// is of interest, so whatever cannot be read, or was lost, counts as a change of everything. Of neighbours, which go through
// their states all the time, those that keep their link address do not count.
#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>

struct nlmsghdr;

namespace hcd::fastpath {

class RouteEvents {
 public:
  struct Change {
    bool any = false;    // next hops may be others
    bool rules = false;  // and whether they may be remembered at all
  };
  static constexpr std::size_t kMostNeighbours =
      16384;  // when more are seen, all are forgotten, and each is news again

  // One datagram of the kernel's.
  [[nodiscard]] Change read(std::span<const std::byte> datagram);
  // Some were lost.
  [[nodiscard]] Change lost();
  [[nodiscard]] std::size_t neighbours() const { return neighbours_.size(); }

 private:
  struct Key {
    std::uint32_t link = 0;
    std::uint8_t family = 0;
    std::array<std::uint8_t, 16> address{};
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Neighbour {
    bool valid = false;
    std::array<std::uint8_t, 8> at{};
    friend bool operator==(const Neighbour&, const Neighbour&) = default;
  };

  void read_one(const nlmsghdr* message, Change& change);
  void read_neighbour(const nlmsghdr* message, Change& change);

  std::map<Key, Neighbour> neighbours_;
};

}  // namespace hcd::fastpath
