#include "hcd/pfe/certificates.h"

#include <utility>

namespace hcd::pfe {

Certificates::Word Certificates::review(conf::Id host, std::optional<Seconds> limit, TimePoint now, std::int64_t wall) {
  const auto found = known_.find(host);
  if (found == known_.end()) return Word::None;
  One& one = found->second;
  one.soon = limit && one.ends <= wall + std::chrono::floor<std::chrono::minutes>(*limit).count();
  if (!one.soon) {
    const std::uint32_t warned_of = std::exchange(one.warned_of, 0);
    return limit && warned_of != 0 && warned_of != one.ends ? Word::Replaced : Word::None;
  }
  if (one.warned && now - *one.warned < kAgain) return Word::None;
  one.warned = now;
  one.warned_of = one.ends;
  return Word::Warning;
}

std::uint32_t Certificates::ends(conf::Id host) const {
  const auto found = known_.find(host);
  return found == known_.end() ? 0 : found->second.ends;
}

bool Certificates::ends_soon(conf::Id host) const {
  const auto found = known_.find(host);
  return found != known_.end() && found->second.soon;
}

}  // namespace hcd::pfe
