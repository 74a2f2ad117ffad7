#include "hcd/pfe/meter.h"

namespace hcd::pfe {
namespace {

using ctl::Traffic;

constexpr double kLongest = 120;  // seconds between two looks, beyond which they make no rate

// A counter that fell was cleared: it counts from zero anew.
std::uint64_t grown(std::uint64_t now, std::uint64_t before) {
  return now >= before ? now - before : now;
}

template <class T>
T rate(std::uint64_t growth, double seconds) {
  return seconds > 0 ? static_cast<T>(static_cast<double>(growth) / seconds + 0.5) : T{};
}

void take_rates(Traffic& now, const Traffic& before, double seconds) {
  now.sessions_per_s = rate<std::uint32_t>(grown(now.sessions, before.sessions), seconds);
  now.packets_per_s = rate<std::uint64_t>(
      grown(now.packets_in, before.packets_in) + grown(now.packets_out, before.packets_out), seconds);
  now.bytes_per_s =
      rate<std::uint64_t>(grown(now.bytes_in, before.bytes_in) + grown(now.bytes_out, before.bytes_out), seconds);
}

Traffic traffic_of(const fastpath::Counters& counters) {
  return {.sessions = counters.states,
          .states = counters.live,
          .packets_in = counters.packets[0],
          .packets_out = counters.packets[1],
          .bytes_in = counters.bytes[0],
          .bytes_out = counters.bytes[1]};
}

void add(Traffic& sum, const Traffic& more) {
  sum.sessions += more.sessions;
  sum.states += more.states;
  sum.packets_in += more.packets_in;
  sum.packets_out += more.packets_out;
  sum.bytes_in += more.bytes_in;
  sum.bytes_out += more.bytes_out;
}

// At whatever ports services lead to it.
Traffic traffic_of(const Roster& roster, const fastpath::Engine& engine, const HostEntry& host) {
  Traffic out;
  for (const auto& [port, proto] : roster.tables.at(host.table).ports)
    if (const auto counters = engine.host_counters(host.conf.address, port, proto)) add(out, traffic_of(*counters));
  return out;
}

}  // namespace

std::uint64_t sessions_of(const Roster& roster, const fastpath::Engine& engine, Id host) {
  return traffic_of(roster, engine, roster.hosts.at(host)).states;
}

// Both are by id, so one walk over both finds what was there before.
template <class T>
void Meter::note(Entries<T>& next, const Entries<T>& last, std::size_t& at, T numbers) {
  while (at < last.size() && last[at].numbers.id < numbers.id) at++;
  const Entry<T>* before = at < last.size() && last[at].numbers.id == numbers.id ? &last[at] : nullptr;
  if (before != nullptr) take_rates(numbers.traffic, before->numbers.traffic, seconds_);
  const bool same = before != nullptr && before->numbers == numbers;
  next.push_back({std::move(numbers), same ? before->changed : number_});
}

void Meter::look(const Roster& roster, const fastpath::Engine& engine, TimePoint now, std::int64_t wall_ms,
                 std::uint64_t checks) {
  seconds_ = number_ == 0 ? 0 : std::chrono::duration<double>(now - looked_).count();
  if (number_ > 0 && seconds_ <= 0) return;  // it is the same moment
  if (seconds_ > kLongest) seconds_ = 0;
  number_++;
  looked_ = now;
  wall_ms_ = wall_ms;
  checks_per_s_ = rate<std::uint32_t>(grown(checks, checks_), seconds_);
  checks_ = checks;

  Traffic all;
  std::size_t at = 0;
  Entries<ctl::ServiceNumbers> services;
  for (const auto& [id, service] : roster.services) {
    const auto counters = engine.rule_counters(anchor_name(roster.prefix(), service.conf));
    const Traffic traffic = counters ? traffic_of(*counters) : Traffic();
    add(all, traffic);
    note(services, services_, at, {.id = id, .traffic = traffic});
  }
  Entries<ctl::HostNumbers> hosts;
  std::map<Id, Traffic> of_tables;
  at = 0;
  for (const auto& [id, host] : roster.hosts) {
    const Traffic traffic = traffic_of(roster, engine, host);
    add(of_tables[host.table], traffic);
    note(hosts, hosts_, at,
         {.id = id,
          .traffic = traffic,
          .up = host.last.up,
          .total = host.last.total,
          .latency_us = ipc::microseconds(host.last.latency),
          .availability = host.uptime.tell(now)});
  }
  Entries<ctl::TableNumbers> tables;
  at = 0;
  for (const auto& [id, table] : roster.tables) {
    ctl::TableLatency latency{.id = id, .name = {}, .buckets = {}};
    table.latencies.tell(latency, wall_ms);
    note(tables, tables_, at, {.id = id, .traffic = of_tables[id], .p50_us = latency.p50_us, .p99_us = latency.p99_us});
  }
  take_rates(all, traffic_, seconds_);
  traffic_ = all;
  services_ = std::move(services);
  tables_ = std::move(tables);
  hosts_ = std::move(hosts);
}

ctl::Numbers Meter::numbers(std::uint64_t since) const {
  ctl::Numbers out{.wall_ms = wall_ms_, .services = {}, .tables = {}, .hosts = {}};
  const auto take = [since](const auto& entries, auto& to) {
    for (const auto& entry : entries)
      if (entry.changed > since) to.push_back(entry.numbers);
  };
  take(services_, out.services);
  take(tables_, out.tables);
  take(hosts_, out.hosts);
  return out;
}

}  // namespace hcd::pfe
