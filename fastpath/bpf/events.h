// What becomes of states and packets, as the packet path tells it (kmod/abi_state.h, hcd_events): births and deaths of states,
// sources that are put into tables, and by sample what was decided about packets. It tells for a while after keep(): where the
// reader dies, all of it stops by itself.
//
// One reader at a time; it has the maps mapped for writing, and makes no call but the ring's. Who keeps a copy of the states
// compares untold() with what it was when it last walked over them, after each read.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "fastpath/base/clock.h"
#include "fastpath/bpf/event_ring.h"
#include "fastpath/bpf/maps.h"

namespace hcd::fastpath {

struct EventWish {
  bool states = true;         // births, deaths, overloads
  std::uint32_t one_in = 0;   // decisions about one packet in so many, by chance; 0: none
  std::uint64_t reasons = 0;  // only those, 1 << enum hcd_reason; 0: all
};

struct Event {
  abi::hcd_event_kind kind{};
  TimePoint at{};          // when the tick began in which it was
  std::uint8_t proto = 0;  // IPPROTO_TCP, IPPROTO_UDP; of a decision also of an ICMP error, which has no ports
  Address from, to, host;  // client and virtual address; source and destination; of no family: none
  std::uint16_t from_port = 0, to_port = 0, host_port = 0;  // host order
  std::uint32_t rule = 0, table = 0;                        // indexes, 0: none; the table is an overload's
  std::uint8_t reason = 0;                                  // enum hcd_reason: of a death, a decision

  std::uint64_t id = 0;                           // of a birth, a death: the state's, as in states.h
  std::uint8_t client_side = 0, server_side = 0;  // the same
  Duration age{0};                                // of a death
  std::uint64_t packets[2] = {}, bytes[2] = {};   // of a death, [0] from the client; of a decision bytes[0] alone

  std::uint32_t interface = 0;  // of a decision: by index, where the packet came in
  std::uint8_t flags = 0;       // of a decision: TCP's
  bool xdp = false;             // of a decision: the XDP program's, else tc's
};

class Events {
 public:
  static constexpr Duration kLease = Seconds(3);  // for so long it is told without a keep()

  // Takes the place of the reader, and drops what has been told until it returns. Code::Limit: another has the place; one that
  // was killed gives it up after kLease.
  [[nodiscard]] static Result<std::unique_ptr<Events>> open(const Views& views, EventRing ring, const EventWish& wish,
                                                            TimePoint now);
  ~Events();
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  // Goes on; wants to be called every second. Code::Limit: it was late, and another reader has the place now.
  [[nodiscard]] Status keep(TimePoint now);

  // At most so many events; how many there were.
  [[nodiscard]] Result<std::size_t> read(std::size_t most, TimePoint now,
                                         const std::function<void(const Event&)>& visit);

  // What was not told since it was opened.
  struct Untold {
    std::uint64_t lost = 0;    // events that found the ring full
    std::uint64_t killed = 0;  // deaths of states that a tool took away
    std::uint64_t lapses = 0;  // times when keep() came too late
    friend bool operator==(const Untold&, const Untold&) = default;
  };
  [[nodiscard]] Untold untold() const;

 private:
  Events(const Views& views, EventRing ring, const EventWish& wish)
      : views_(views), ring_(std::move(ring)), wish_(wish) {}
  [[nodiscard]] Untold counters() const;
  void ask(TimePoint now);

  Views views_;
  EventRing ring_;
  EventWish wish_;
  Untold before_;
  std::uint64_t lapses_ = 0;
};

// The event that the record tells of; none where it is of a kind that is not known here.
[[nodiscard]] std::optional<Event> event_of(const Views& views, std::span<const std::byte> record, TimePoint now);

// What an index stands for at this moment; none where it has gone.
struct RuleName {
  std::string anchor, label;
  std::uint32_t number = 0;  // in its anchor
};
[[nodiscard]] std::optional<RuleName> rule_name(const Views& views, std::uint32_t rule);
struct TableName {
  std::string anchor, name;
};
[[nodiscard]] std::optional<TableName> table_name(const Views& views, std::uint32_t table);

}  // namespace hcd::fastpath
