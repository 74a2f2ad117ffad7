#include "hcd/pfe/director.h"

#include <tuple>

#include "fastpath/base/log.h"
#include "hcd/pfe/report.h"

namespace hcd::pfe {
namespace {

constexpr Seconds kWatch{1};              // how soon another program's changes are noticed
constexpr std::size_t kEarlyMax = 65536;  // results of hosts that are not known yet

// A check engine that has just begun says this of every host: nothing to learn from it.
bool says_nothing(const ipc::HostStatus& status) {
  return status.state == ipc::HostState::Unknown && status.total == 0 && status.reason == ipc::Reason::None;
}

// hce tells all that it knows after a new configuration, and to a new pfe: that is no further check.
bool is_told_again(const ipc::HostStatus& last, const ipc::HostStatus& status) {
  const auto what = [](const ipc::HostStatus& of) {  // gathered results tell microseconds
    return std::tuple(of.state, of.reason, std::string_view(of.detail), of.up, of.total, of.retries, of.code,
                      std::chrono::floor<std::chrono::microseconds>(of.latency));
  };
  return !status.asked && what(last) == what(status);
}

// More than the numbers that every check moves: what a row is sent for.
bool is_news(const ipc::HostStatus& last, const ipc::HostStatus& status) {
  const auto what = [](const ipc::HostStatus& of) {
    return std::tuple(of.state, of.reason, std::string_view(of.detail), of.retries, of.code, of.memory.held,
                      of.memory.changes.size());
  };
  return what(last) != what(status) || status.asked;
}

}  // namespace

Director::Director(event::Loop& loop, std::unique_ptr<fastpath::Engine> engine, Outlet outlet, Origin origin)
    : loop_(loop),
      engine_(std::move(engine)),
      outlet_(std::move(outlet)),
      overrides_(outlet_.park),
      enforcer_(loop, *engine_,
                {.confirmed = [this](const std::string& anchor) { on_confirmed(anchor); },
                 .refused = [this](const std::string& anchor, const Error& error,
                                   Seconds retry) { on_refused(anchor, error, retry); },
                 .disturbed = [this](const std::string& anchor) { on_disturbed(anchor); },
                 .blind = [this](const Error& error) { on_blind(error); }}),
      asks_(loop,
            {.result = [this](std::uint32_t ticket, Id host) { tell_checked(ticket, host); },
             .done = [this](std::uint32_t ticket, const ctl::Answer& answer) { outlet_.answer(ticket, answer); }}),
      started_ms_(loop_.wall_ms()),
      generation_(static_cast<std::uint64_t>(started_ms_)),
      born_(loop.now()),
      origin_(std::move(origin)),
      sampler_(loop.timer([this] { sample(); })),
      settler_(loop.timer([this] { settle(); })),
      clock_(loop.timer([this] { on_clock(); })),
      watcher_(loop.timer([this] { watch(); })),
      reviewer_(loop.timer([this] { review_certificates(); })),
      expirer_(loop.timer([this] { on_expiry(); })) {
  sampler_->after(SessionRates::kStep);
  watcher_->after(kWatch);
}

Status Director::restore(const std::string& key, const std::string& value) {
  if (overrides_.restore(key, value)) return {};
  return fail(Code::Invalid, "what was kept of \"" + key + "\" is not understood");
}

Status Director::configure(Incoming incoming) {
  if (auto sound = validate(incoming); !sound) return sound;
  Roster next(std::move(incoming), roster_, overrides_, engine_->ruleset(), loop_.now());
  fastpath::Ruleset wanted;
  for (auto& [id, service] : next.services) {
    auto steering = steer(next.prefix(), next.view(service, loop_.now()));
    service.wanted = steering.use;
    if (steering.use) wanted.emplace(anchor_name(next.prefix(), service.conf), std::move(steering.anchor));
  }
  const Status status = enforcer_.replace(next.prefix(), wanted);
  if (!status && configured_) return status;
  configured_ = true;
  std::swap(roster_, next);
  wanted_.clear();
  if (status)
    for (auto& [id, service] : roster_.services) service.in_use = service.wanted;
  announce_gone(next);
  prune_overrides();
  arm_expiry();
  if (!status) want_all();
  accept_early();
  review_certificates();
  for (auto& [id, service] : roster_.services) update_word(service, false);
  touch_all();
  tell_all();
  settle_asks();
  arm_clock();
  event(ctl::EventKind::Config, "configuration", "generation " + std::to_string(roster_.generation()) + " in force");
  return status;
}

// Wishes of what the configuration has no more, or says itself by now, or has changed since they were wished.
void Director::prune_overrides() {
  if (overrides_.empty()) return;
  struct Facts {
    Setting base, configured;  // base: with what is wished of the host's name
  };
  std::map<std::string, Facts> facts;
  const auto note = [&](const std::string& key, const Setting& base, const Setting& configured) {
    if (overrides_.find(key) != nullptr) facts.insert_or_assign(key, Facts{base, configured});
  };
  const auto plain = [&](ctl::Kind kind, const auto& conf) {
    const Setting configured = setting_of({}, conf.disabled);
    note(Overrides::key(kind, conf.name), configured, configured);
  };
  for (const auto& [id, service] : roster_.services) plain(ctl::Kind::Service, service.conf);
  for (const auto& [id, table] : roster_.tables) plain(ctl::Kind::Table, table.conf);
  for (const auto& [id, host] : roster_.hosts) {
    const std::string& table = roster_.tables.at(host.table).conf.name;
    const Setting configured = setting_of({}, host.conf.disabled, host.conf.weight);
    const auto name = overrides_.of_name(table, host.conf);
    note(Overrides::host_key(table, host.conf), setting_of(name, host.conf.disabled, host.conf.weight), configured);
    if (host.conf.by_name.all()) note(Overrides::name_key(table, host.conf), configured, configured);
  }
  overrides_.review([&](const std::string& key, ctl::Override& wishes) {
    const auto found = facts.find(key);
    if (found == facts.end() && roster_.may_return(key)) return;
    std::string why = "the configuration has it no more";
    if (found == facts.end())
      wishes = {};
    else if (auto stale = drop_stale(wishes, found->second.base, found->second.configured); !stale.empty())
      why = std::move(stale);
    else
      return;
    log::notice("admin: the override of " + key + " ends: " + why);
    event(ctl::EventKind::Admin, key, "the override ends: " + why);
  });
}

void Director::accept_early() {
  for (const auto& [id, status] : std::exchange(early_, {})) record(status);
}

void Director::record(const ipc::HostStatus& status) {
  const auto found = roster_.hosts.find(status.host);
  if (found == roster_.hosts.end()) {
    if (status.generation > roster_.generation() && early_.size() < kEarlyMax) early_[status.host] = status;
    return;
  }
  HostEntry& host = found->second;
  if (host.conf.address.size() == 0) return;  // nobody can have checked it
  if (status.generation > hce_generation_) {  // hce has a new configuration: it may have missed a switch
    hce_generation_ = status.generation;
    tell_all();
  }
  if (!roster_.checked(host)) return says_nothing(status) ? void() : tell(host);
  if (says_nothing(status)) return;
  const ctl::HostWord before = roster_.word(host);
  const bool tolerated = status.retries > host.last.retries;
  const bool news = is_news(host.last, status);
  const bool again = is_told_again(host.last, status);
  const bool was_down = host.last.state == ipc::HostState::Down;
  const bool moved = roster_.record(host, status, loop_.now(), born_);
  if (!was_down && host.last.state == ipc::HostState::Down) lose(host);
  const ctl::HostWord after = roster_.word(host);
  if (!again) note(host, !tolerated);
  if (news || moved) touch(ctl::Kind::Host, status.host);
  if (before != after) {
    host.since_ms = loop_.wall_ms();
    touch(ctl::Kind::Table, host.table);
    event(ctl::EventKind::Host, roster_.name(ctl::Kind::Host, status.host),
          std::string(word_text(before)) + " -> " + std::string(word_text(after)) + ", " +
              ctl::reason_text(host_row(roster_, host, overrides_)));
  }
  if (status.asked) asks_.on_result(status.host);
  if (!moved) return;
  moves_++;
  want_those_of(host.table);
}

void Director::want_those_of(Id table) {
  for (const Id service : roster_.tables.at(table).services) want(service);
}

void Director::record(const ipc::CheckResults& more) {
  for (const auto& result : more.results) {
    const auto found = roster_.hosts.find(result.host);
    if (found == roster_.hosts.end() || !roster_.checked(found->second)) continue;
    HostEntry& host = found->second;
    if (host.last.reason == ipc::Reason::None && host.last.total == 0) continue;  // like none that we know
    host.last.latency = std::chrono::microseconds(result.latency_us);
    host.last.up = result.up;
    host.last.total = result.total;
    note(host, true);
  }
}

// One more check, whose result is the host's last.
void Director::note(HostEntry& host, bool as_it_seems) {
  const std::int64_t now = loop_.wall_ms();
  host.evidence.add(host.last, now);
  if (host.last.state != ipc::HostState::Unknown) host.uptime.add(host.last.state == ipc::HostState::Up, loop_.now());
  if (as_it_seems) roster_.tables.at(host.table).latencies.add(host.last, now);
  checks_++;
  if (outlet_.wants_beats && outlet_.wants_beats()) keep_beat(host, now);
}

void Director::want(Id id) {
  wanted_.insert(id);
  if (std::exchange(settling_, true)) return;
  if (const auto rest = rest_until_ - loop_.now(); rest > Duration(0)) return settler_->after(rest);
  loop_.defer([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) settle();
  });
}

void Director::settle() {
  constexpr Duration kRestMax = Milliseconds(100);
  constexpr std::size_t kMany = 100;
  settling_ = false;
  settler_->cancel();
  const TimePoint begun = loop_.now();
  for (const Id id : std::exchange(wanted_, {}))
    if (const auto found = roster_.services.find(id); found != roster_.services.end()) decide(found->second);
  enforcer_.flush();
  cut_lost();
  const TimePoint ended = loop_.now();
  rest_until_ = std::exchange(moves_, 0) < kMany ? ended : ended + std::min(ended - begun, kRestMax);
  arm_clock();
}

void Director::decide(ServiceEntry& service) {
  auto steering = steer(roster_.prefix(), roster_.view(service, loop_.now()));
  service.wanted = steering.use;
  enforcer_.want(anchor_name(roster_.prefix(), service.conf), std::move(steering.anchor));
}

void Director::on_clock() {
  for (const Id service : roster_.due(loop_.now())) want(service);
  arm_clock();
}

void Director::arm_clock() {
  const auto next = roster_.next_due(loop_.now());
  if (!next) return clock_->cancel();
  clock_->after(std::max(*next - loop_.now(), Duration(Milliseconds(1))));
}

void Director::want_all() {
  for (const auto& [name, anchor] : engine_->ruleset())
    if (name.starts_with(roster_.prefix() + "/") && roster_.service_at(name) == nullptr) enforcer_.want(name, {});
  for (const auto& [id, service] : roster_.services) want(id);
}

void Director::on_confirmed(const std::string& anchor) {
  auto* service = roster_.service_at(anchor);
  if (service == nullptr) return;
  const bool moved = std::exchange(service->in_use, service->wanted) != service->wanted;
  update_word(*service, moved);
}

void Director::on_refused(const std::string& anchor, const Error& error, Seconds retry) {
  const auto* service = roster_.service_at(anchor);
  const std::string what = service != nullptr ? "service " + service->conf.name : "anchor " + anchor;
  log::error(what + ": the engine refuses: " + error.text + "; tried again in " + std::to_string(retry.count()) + " s");
  if (service == nullptr) return;
  event(ctl::EventKind::Engine, service->conf.name, "refused: " + error.text);
  touch(ctl::Kind::Service, service->conf.id);
}

void Director::watch() {
  watcher_->after(kWatch);
  enforcer_.look();
  tell_pressure();
}

void Director::on_blind(const Error& error) {
  const std::string text = "what is in force cannot be looked at: " + error.text;
  log::warning(text);
  event(ctl::EventKind::Engine, engine_->name(), text);
}

// What is ours is put back; the anchors of others are theirs.
void Director::on_disturbed(const std::string& anchor) {
  const bool ours = !roster_.prefix().empty() && anchor.starts_with(roster_.prefix() + "/");
  log::warning("anchor " + anchor + ": changed by another program" + (ours ? "; put back" : ""));
  event(ctl::EventKind::Engine, anchor, std::string("changed by another program") + (ours ? "; put back" : ""));
  if (!ours) return;
  const auto* service = roster_.service_at(anchor);
  if (service == nullptr) return enforcer_.want(anchor, {});
  want(service->conf.id);
}

void Director::update_word(ServiceEntry& service, bool moved) {
  const ctl::ServiceWord before = std::exchange(service.word, service_word(service));
  touch(ctl::Kind::Service, service.conf.id);
  if (before == service.word && !(moved && service.word == ctl::ServiceWord::Backup)) return;
  std::string text = ctl::status_text(service_row(roster_, service, {}, overrides_));
  if (service.word == ctl::ServiceWord::Backup) text += ", table " + roster_.name(ctl::Kind::Table, *service.in_use);
  if (service.word == ctl::ServiceWord::Down || service.word == ctl::ServiceWord::Disabled) text += ", rules removed";
  log::notice("service " + service.conf.name + ": " + text);
  event(ctl::EventKind::Service, service.conf.name, text);
}

Status Director::unload() {
  return roster_.prefix().empty() ? Status() : enforcer_.replace(roster_.prefix(), {});
}

void Director::sample() {
  sampler_->after(SessionRates::kStep);
  for (auto& [id, service] : roster_.services) {
    const auto counters = engine_->rule_counters(anchor_name(roster_.prefix(), service.conf));
    const ctl::Sessions before = service.rates.sessions();
    service.rates.sample(counters ? std::optional(counters->states) : std::nullopt);
    if (service.rates.sessions() != before) touch(ctl::Kind::Service, id);
  }
}

}  // namespace hcd::pfe
