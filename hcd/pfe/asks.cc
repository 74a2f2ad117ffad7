#include "hcd/pfe/asks.h"

#include <algorithm>

namespace hcd::pfe {

void Asks::add(Ticket ticket, const std::vector<conf::Id>& hosts, Duration limit) {
  Ask& ask = open_[ticket];
  ask.left = hosts.size();
  ask.limit = loop_.timer([this, ticket] { on_limit(ticket); });
  ask.limit->after(limit);
  for (const auto host : hosts) waiting_.emplace(host, ticket);
}

std::vector<Asks::Ticket> Asks::take(conf::Id host) {
  std::vector<Ticket> out;
  const auto [begin, end] = waiting_.equal_range(host);
  for (auto at = begin; at != end; at++) out.push_back(at->second);
  waiting_.erase(begin, end);
  return out;
}

void Asks::on_result(conf::Id host) {
  for (const Ticket ticket : take(host)) {
    outlet_.result(ticket, host);
    one_less(ticket);
  }
}

void Asks::on_gone(conf::Id host) {
  for (const Ticket ticket : take(host)) one_less(ticket);
}

void Asks::one_less(Ticket ticket) {
  if (const auto found = open_.find(ticket); found != open_.end() && --found->second.left == 0) end(ticket, {});
}

void Asks::on_limit(Ticket ticket) {
  const std::string left = std::to_string(open_.at(ticket).left);
  end(ticket, {ctl::Verdict::TimedOut, "no result of " + left + " of the hosts in time"});
}

void Asks::end(Ticket ticket, const ctl::Answer& answer) {
  std::erase_if(waiting_, [ticket](const auto& entry) { return entry.second == ticket; });
  // The timer may be in its own callback.
  loop_.defer([dying = std::make_shared<Ask>(std::move(open_.at(ticket)))] {});
  open_.erase(ticket);
  outlet_.done(ticket, answer);
}

void Asks::end_all(const ctl::Answer& answer) {
  while (!open_.empty()) end(open_.begin()->first, answer);
}

std::vector<conf::Id> Asks::awaited() const {
  std::vector<conf::Id> out;
  for (const auto& [host, ticket] : waiting_)
    if (out.empty() || out.back() != host) out.push_back(host);  // equal keys stand together
  return out;
}

}  // namespace hcd::pfe
