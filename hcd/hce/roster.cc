#include "hcd/hce/roster.h"

#include "hcd/conf/authorities.h"
#include "hcd/conf/parents.h"

namespace hcd::hce {

Status Roster::begin(std::uint32_t generation) {
  if (generation <= generation_) return fail(Code::Protocol, "a configuration older than the one in use");
  pending_ = std::make_unique<Pending>();
  pending_->generation = generation;
  return {};
}

Status Roster::add(const ipc::ConfigAuthorities& piece) {
  if (!pending_) return fail(Code::Protocol, "certificates outside a configuration");
  pending_->authorities_size += piece.pem.size();
  if (pending_->authorities_size > conf::kAuthoritiesSum) return fail(Code::Protocol, "too many certificates");
  pending_->authorities[piece.path] += piece.pem;
  return {};
}

// A text that has not changed keeps what was made of it, by which plans that have not changed are told.
Result<Roster::Authorities> Roster::authorities_of(const Pending& pending) const {
  Authorities made;
  for (const auto& [path, pem] : pending.authorities) {
    const auto old = authorities_.find(path);
    const bool same = old != authorities_.end() && old->second->pem() == pem;
    auto& here = made[path] = same ? old->second : tls::Authorities::parse(pem);
    if (!here) return fail(Code::Protocol, "no certificate in '" + path + "'");
  }
  return made;
}

Status Roster::add(conf::Table table) {
  if (!pending_) return fail(Code::Protocol, "a table outside a configuration");
  const auto [at, first] = pending_->by_id.try_emplace(table.id, pending_->tables.size());
  if (first) {
    pending_->tables.push_back(std::move(table));
  } else {  // the rest of a long one
    auto& hosts = pending_->tables[at->second].hosts;
    hosts.insert(hosts.end(), std::make_move_iterator(table.hosts.begin()), std::make_move_iterator(table.hosts.end()));
  }
  return {};
}

Status Roster::commit(std::uint32_t generation) {
  if (!pending_ || pending_->generation != generation)
    return fail(Code::Protocol, "the end of a configuration that did not begin");
  const auto next = std::move(pending_);
  if (auto status = judge(*next); !status) return status;
  auto authorities = authorities_of(*next);
  if (!authorities) return std::unexpected(authorities.error());
  Plans plans;
  for (const auto& table : next->tables) {  // all of it is judged before any of it is used
    const auto& tls = table.check.tls;
    const auto by = tls && tls->verify ? authorities->find(tls->ca) : authorities->end();
    auto plan = make_plan(table, by != authorities->end() ? by->second : nullptr);
    if (!plan) return std::unexpected(plan.error());
    const auto old = plans_.find(table.id);
    const bool same = old != plans_.end() && *old->second == *plan;
    plans.emplace(table.id, same ? nullptr : std::make_unique<const Plan>(std::move(*plan)));
  }
  generation_ = generation;
  authorities_ = std::move(*authorities);
  for (auto& [id, plan] : plans)
    if (!plan) plan = std::move(plans_.at(id));
  for (const auto& table : next->tables)
    for (const auto& host : table.hosts) take(host, table.disabled, *plans.at(table.id));
  drop_unnamed();
  link();
  plans_ = std::move(plans);  // nobody uses the old ones any more
  early_.clear();
  return {};
}

Status Roster::judge(const Pending& pending) {
  conf::Parents parents;
  for (const auto& table : pending.tables)
    for (const auto& host : table.hosts)
      if ((host.address.family == Family::None && !host.by_name) || !parents.emplace(host.id, host.parent).second)
        return fail(Code::Protocol, "host " + host.name + " has no address, or another one's id");
  return conf::check_parents(parents);
}

void Roster::link() {
  for (auto& [id, subject] : subjects_) subject.children.clear();
  for (auto& [id, subject] : subjects_)
    if (subject.parent) subjects_.at(*subject.parent).children.push_back(&subject);
}

void Roster::watch(Subject& subject) {
  if (subject.checkable()) runner_.watch(subject);
}

Subject* Roster::find(conf::Id id) {
  const auto at = subjects_.find(id);
  return at == subjects_.end() ? nullptr : &at->second;
}

void Roster::take(const conf::Host& host, bool table_disabled, const Plan& plan) {
  const bool enabled = !host.disabled && !table_disabled;
  const auto at = subjects_.find(host.id);
  if (at != subjects_.end() && at->second.address == host.address) return update(at->second, host, enabled, plan);
  if (at != subjects_.end()) {
    runner_.forget(at->second);
    subjects_.erase(at);
  }
  enroll(host, enabled, plan);
}

void Roster::enroll(const conf::Host& host, bool enabled, const Plan& plan) {
  Subject& subject = subjects_.try_emplace(host.id, host, plan).first->second;
  subject.configured = enabled;
  subject.seen = generation_;
  if (const auto last = early_.find(host.id); last != early_.end()) {
    enabled = last->second.enabled;
    if (enabled) subject.machine.restore(last->second);
  }
  enable(subject, enabled);
}

// A host that stays keeps what is known of it. If its check is another one now, the next result comes from that.
void Roster::update(Subject& subject, const conf::Host& host, bool enabled, const Plan& plan) {
  subject.seen = generation_;
  subject.name = host.name;
  subject.machine.allow(host.retry);
  subject.ttl = host.ttl;
  if (subject.plan != &plan || subject.parent != host.parent) {
    if (subject.enabled) runner_.forget(subject);
    subject.plan = &plan;
    subject.parent = host.parent;
    if (!plan.check.tls) subject.certificate = 0;
    if (subject.enabled) watch(subject);
  }
  if (subject.configured != enabled) enable(subject, enabled);
  subject.configured = enabled;
}

void Roster::enable(Subject& subject, bool enabled) {
  if (subject.enabled == enabled) return;
  subject.enabled = enabled;
  if (enabled) return watch(subject);
  runner_.forget(subject);
  subject.machine.reset();
  subject.last = {};
  subject.certificate = 0;
}

void Roster::drop_unnamed() {
  for (auto at = subjects_.begin(); at != subjects_.end();) {
    if (at->second.seen != generation_) runner_.forget(at->second);
    at = at->second.seen != generation_ ? subjects_.erase(at) : std::next(at);
  }
}

void Roster::toggle(const ipc::HostSwitch& change) {
  if (const auto at = subjects_.find(change.host); at != subjects_.end()) enable(at->second, change.enabled);
}

void Roster::restore(const ipc::HostSync& last) {
  constexpr std::size_t kEarlyMax = 1 << 20;
  const auto at = subjects_.find(last.host);
  if (at == subjects_.end()) {
    if (early_.size() < kEarlyMax) early_.insert_or_assign(last.host, last);
    return;
  }
  Subject& subject = at->second;
  enable(subject, last.enabled);
  if (last.enabled && subject.machine.total() == 0) subject.machine.restore(last);
}

}  // namespace hcd::hce
