// Which of its tables a service tries, and in which order. Pure but for the memory of what has been so for how long.
//
//   - First the tables of its conditions that hold (`use table X when Y below N`), then its table, then its backups, each
//     in the order of the configuration.
//   - A table with fewer hosts up than its minimum is passed over.
//   - What is said `for T` holds once it has been so for T without a pause, and until it has not been so for T.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "fastpath/base/clock.h"
#include "hcd/conf/config.h"

namespace hcd::pfe {

class Latch {
 public:
  // What holds now, when `so` is how it is. A latch that was never asked does not hold.
  bool update(bool so, TimePoint now, Seconds hold);
  [[nodiscard]] bool on() const { return on_; }
  // When it changes, if nothing else does.
  [[nodiscard]] std::optional<TimePoint> due(Seconds hold) const;

  Latch() = default;
  explicit Latch(bool on) : on_(on) {}

 private:
  bool on_ = false;
  std::optional<TimePoint> otherwise_since_;
};

struct Strength {  // of a table
  std::size_t live = 0, hosts = 0;
};

[[nodiscard]] bool is_below(const conf::Condition& condition, Strength watched);
[[nodiscard]] bool is_short(const conf::Table& table, std::size_t live);

// The tables to try; `on` tells of each condition whether it holds. Each table once.
[[nodiscard]] std::vector<conf::Id> order_of_choice(const conf::Service& service, const std::vector<bool>& on);

// Every table that the service names, its own first.
[[nodiscard]] std::vector<conf::Id> tables_named(const conf::Service& service);

}  // namespace hcd::pfe
