// What moves with every packet and check, looked at now and then: it knows what has changed since any former look, so that
// each subscriber can be told at its own pace, and by how much it grew between the last two.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "fastpath/engine.h"
#include "hcd/ctl/connection.h"
#include "hcd/pfe/roster.h"

namespace hcd::pfe {

[[nodiscard]] std::uint64_t sessions_of(const Roster& roster, const fastpath::Engine& engine, Id host);  // live

class Meter {
 public:
  void look(const Roster& roster, const fastpath::Engine& engine, TimePoint now, std::int64_t wall_ms,
            std::uint64_t checks);

  // What has changed after that look; 0: everything.
  [[nodiscard]] ctl::Numbers numbers(std::uint64_t since) const;
  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] const ctl::Traffic& traffic() const { return traffic_; }  // of all services
  [[nodiscard]] std::uint32_t checks_per_s() const { return checks_per_s_; }

 private:
  template <class T>
  struct Entry {
    T numbers;
    std::uint64_t changed = 0;  // the look that found it so
  };
  template <class T>
  using Entries = std::vector<Entry<T>>;  // by id, ascending

  template <class T>
  void note(Entries<T>& next, const Entries<T>& last, std::size_t& at, T numbers);

  std::uint64_t number_ = 0;
  TimePoint looked_;
  std::int64_t wall_ms_ = 0;
  double seconds_ = 0;  // between the last two looks; 0: there were none
  std::uint64_t checks_ = 0;
  std::uint32_t checks_per_s_ = 0;
  ctl::Traffic traffic_;
  Entries<ctl::ServiceNumbers> services_;
  Entries<ctl::TableNumbers> tables_;
  Entries<ctl::HostNumbers> hosts_;
};

}  // namespace hcd::pfe
