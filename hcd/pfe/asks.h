// Checks that operators have asked for at once: who waits for the results of which hosts, and until when.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "hcd/conf/config.h"
#include "hcd/ctl/protocol.h"
#include "hcd/event/loop.h"

namespace hcd::pfe {

class Asks {
 public:
  static constexpr std::size_t kMax = 32;  // at the same time

  using Ticket = std::uint32_t;
  struct Outlet {
    std::function<void(Ticket, conf::Id host)> result;  // a host that it waited for, once each
    std::function<void(Ticket, const ctl::Answer&)> done;
  };

  Asks(event::Loop& loop, Outlet outlet) : loop_(loop), outlet_(std::move(outlet)) {}
  Asks(const Asks&) = delete;
  Asks& operator=(const Asks&) = delete;

  [[nodiscard]] bool full() const { return open_.size() >= kMax; }
  void add(Ticket ticket, const std::vector<conf::Id>& hosts, Duration limit);  // at least one host, none twice
  void on_result(conf::Id host);  // or it is known that there will be none
  void on_gone(conf::Id host);    // the same, and nothing can be said of it any more
  void end_all(const ctl::Answer& answer);
  [[nodiscard]] std::vector<conf::Id> awaited() const;

 private:
  struct Ask {
    std::size_t left = 0;
    std::unique_ptr<event::Timer> limit;
  };
  std::vector<Ticket> take(conf::Id host);
  void one_less(Ticket ticket);
  void on_limit(Ticket ticket);
  void end(Ticket ticket, const ctl::Answer& answer);

  event::Loop& loop_;
  Outlet outlet_;
  std::map<Ticket, Ask> open_;
  std::unordered_multimap<conf::Id, Ticket> waiting_;
};

}  // namespace hcd::pfe
