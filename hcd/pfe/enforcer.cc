#include "hcd/pfe/enforcer.h"

#include <algorithm>

#include "hcd/pfe/steering.h"

namespace hcd::pfe {
namespace {

constexpr Seconds kFirstDelay{1}, kLastDelay{60}, kTendDelay{1};

}  // namespace

Enforcer::Enforcer(event::Loop& loop, fastpath::Engine& engine, Handler handler)
    : loop_(loop),
      engine_(engine),
      handler_(std::move(handler)),
      timer_(loop.timer([this] { retry(); })),
      tender_(loop.timer([this] { engine_.tend(); })) {}

void Enforcer::want(const std::string& anchor, fastpath::Anchor wanted) {
  pending_[anchor].wanted = std::move(wanted);
  if (fresh_.insert(anchor).second && fresh_.size() == 1) {
    loop_.defer([this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) flush();
    });
  }
}

Status Enforcer::replace(const std::string& prefix, const fastpath::Ruleset& wanted) {
  look();
  auto transaction = engine_.begin();
  for (const auto& [name, anchor] : engine_.ruleset())
    if (name.starts_with(prefix + "/") && !wanted.contains(name)) transaction.remove_anchor(name);
  for (const auto& [name, anchor] : wanted) bring_about(transaction, name, anchor);
  if (auto status = commit(transaction); !status) return status;
  pending_.clear();
  fresh_.clear();
  timer_->cancel();
  delay_ = kFirstDelay;
  return {};
}

void Enforcer::look() {
  const auto changed = engine_.refresh();
  const bool was_blind = std::exchange(blind_, !changed);
  if (!changed && !was_blind && handler_.blind) handler_.blind(changed.error());
  if (!changed || !*changed || !handler_.disturbed) return;
  for (const auto& anchor : engine_.disturbed()) handler_.disturbed(anchor);
}

std::string Enforcer::error(const std::string& anchor) const {
  const auto found = pending_.find(anchor);
  return found == pending_.end() ? "" : found->second.error;
}

std::string Enforcer::fault() const {
  for (const auto& [name, pending] : pending_)
    if (!pending.error.empty()) return "anchor " + name + ": " + pending.error;
  return {};
}

void Enforcer::flush() {
  attempt(std::exchange(fresh_, {}));
}

void Enforcer::retry() {
  delay_ = std::min(delay_ * 2, kLastDelay);
  std::set<std::string> names;
  for (const auto& [name, pending] : pending_) names.insert(name);
  attempt(names);
}

void Enforcer::attempt(std::set<std::string> names) {
  std::erase_if(names, [this](const std::string& name) { return !pending_.contains(name); });  // settled meanwhile
  if (names.empty()) return;
  look();
  const Status all = commit(names);
  if (all || names.size() == 1) {
    for (const auto& name : names) settle(name, all);
  } else {
    for (const auto& name : names) settle(name, commit({name}));
  }
  if (pending_.empty()) {
    timer_->cancel();
    delay_ = kFirstDelay;
  } else if (!timer_->armed()) {
    timer_->after(delay_);
  }
}

Status Enforcer::commit(const std::set<std::string>& names) {
  auto transaction = engine_.begin();
  for (const auto& name : names) bring_about(transaction, name, pending_.at(name).wanted);
  return commit(transaction);
}

Status Enforcer::commit(const fastpath::Transaction& transaction) {
  if (!tender_->armed()) tender_->after(kTendDelay);
  return engine_.commit(transaction);
}

void Enforcer::settle(const std::string& name, const Status& status) {
  if (status) {
    pending_.erase(name);
    return handler_.confirmed(name);
  }
  pending_.at(name).error = status.error().text;
  handler_.refused(name, status.error(), delay_);
}

}  // namespace hcd::pfe
