#include "hcd/pfe/choice.h"

#include <algorithm>

namespace hcd::pfe {
namespace {

void add(std::vector<conf::Id>& list, conf::Id id) {
  if (std::ranges::find(list, id) == list.end()) list.push_back(id);
}

}  // namespace

bool Latch::update(bool so, TimePoint now, Seconds hold) {
  if (so == on_) {
    otherwise_since_.reset();
    return on_;
  }
  if (!otherwise_since_) otherwise_since_ = now;
  if (now - *otherwise_since_ >= hold) {
    on_ = so;
    otherwise_since_.reset();
  }
  return on_;
}

std::optional<TimePoint> Latch::due(Seconds hold) const {
  if (!otherwise_since_) return std::nullopt;
  return *otherwise_since_ + hold;
}

bool is_below(const conf::Condition& condition, Strength watched) {
  if (condition.percent) return watched.live * 100 < watched.hosts * condition.below;
  return watched.live < condition.below;
}

bool is_short(const conf::Table& table, std::size_t live) {
  return live < table.minimum;
}

std::vector<conf::Id> order_of_choice(const conf::Service& service, const std::vector<bool>& on) {
  std::vector<conf::Id> out;
  for (std::size_t i = 0; i < service.conditions.size() && i < on.size(); i++)
    if (on[i]) add(out, service.conditions[i].use);
  add(out, service.table);
  for (const auto id : service.backups) add(out, id);
  return out;
}

std::vector<conf::Id> tables_named(const conf::Service& service) {
  std::vector<conf::Id> out{service.table};
  for (const auto id : service.backups) add(out, id);
  for (const auto& condition : service.conditions) {
    add(out, condition.use);
    add(out, condition.watch);
  }
  return out;
}

}  // namespace hcd::pfe
