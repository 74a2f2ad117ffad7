// When the certificates end that hosts showed to their checks over TLS, and what is to be said of that; a host that is not
// checked over TLS costs nothing here. Pure.
//
//   - A certificate that ends within its check's limit, or has ended, is warned of: once a day at most, whatever the host
//     shows meanwhile.
//   - One that takes the place of the one that was warned of, and lasts, is told of once.
#pragma once
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "fastpath/base/clock.h"
#include "hcd/conf/config.h"

namespace hcd::pfe {

class Certificates {
 public:
  static constexpr Duration kAgain = std::chrono::hours(24);

  enum class Word : std::uint8_t { None, Warning, Replaced };

  void show(conf::Id host, std::uint32_t ends) { known_[host].ends = ends; }  // ipc::HostCertificate
  void forget(conf::Id host) { known_.erase(host); }
  template <class Keep>
  void prune(Keep&& keep) {  // all but those of the hosts that are to be kept
    std::erase_if(known_, [&](const auto& one) { return !keep(one.first); });
  }
  // What is to be said of the host's now. `limit`: none, nothing ever; `wall`: minutes since 1970.
  [[nodiscard]] Word review(conf::Id host, std::optional<Seconds> limit, TimePoint now, std::int64_t wall);

  [[nodiscard]] std::size_t size() const { return known_.size(); }
  [[nodiscard]] std::uint32_t ends(conf::Id host) const;  // 0: it has shown none
  [[nodiscard]] bool ends_soon(conf::Id host) const;      // as of its last review
  template <class Visit>
  void each(Visit&& visit) const {
    for (const auto& [host, one] : known_) visit(host);
  }

 private:
  struct One {
    std::uint32_t ends = 0;
    std::uint32_t warned_of = 0;  // what was said last was a warning, of this end
    bool soon = false;
    std::optional<TimePoint> warned;  // when
  };
  std::unordered_map<conf::Id, One> known_;
};

}  // namespace hcd::pfe
