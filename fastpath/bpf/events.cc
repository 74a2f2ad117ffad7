#include "fastpath/bpf/events.h"

#include <algorithm>
#include <cstring>

#include <unistd.h>

#include "fastpath/bpf/endpoint.h"
#include "fastpath/bpf/record.h"
#include "fastpath/bpf/shared.h"
#include "fastpath/bpf/states.h"
#include "kmod/ports.h"
#include "kmod/tcp.h"

namespace hcd::fastpath {
namespace {

// A tick of 0 means that nobody reads.
std::uint32_t until(const abi::hcd_globals& globals, TimePoint when) {
  return std::max(tick_at(globals, when), 1U);
}
bool is_ahead(const abi::hcd_globals& globals, std::uint32_t tick, TimePoint now) {
  return tick != 0 && static_cast<std::int32_t>(tick - tick_at(globals, now)) > 0;
}

Duration ticks(const abi::hcd_globals& globals, std::uint32_t from, std::uint32_t to) {
  return Duration(static_cast<std::int32_t>(to - from) * static_cast<std::int64_t>(globals.tick_ns));
}

// When the tick began: of the one that is now that is known to the nanosecond.
TimePoint beginning_of(const abi::hcd_globals& globals, std::uint32_t tick, TimePoint now) {
  const auto since_zero = static_cast<std::uint64_t>(now.time_since_epoch().count()) - globals.tick_zero_ns;
  const auto into = static_cast<std::int64_t>(since_zero % std::max<std::uint64_t>(globals.tick_ns, 1));
  return now - Duration(into) - ticks(globals, tick, tick_at(globals, now));
}

Address address_of(std::uint8_t family, const __u64 (&words)[2]) {
  Address out;
  if (family != 4 && family != 6) return out;
  out.family = static_cast<Family>(family);
  std::memcpy(out.bytes.data(), words, out.size());
  return out;
}

// The host as it stands in the maps, which is the one that is meant unless it has left and another has its index by now.
void add_host(const Views& views, const abi::hcd_event& raw, Event& out) {
  if (raw.host == 0 || raw.host >= views.hosts.size()) return;
  const abi::hcd_endpoint at = views.hosts[raw.host].at;
  out.host = Endpoint::of(at).address;
  if (out.host.family == Family::None) return;
  const bool answer = raw.kind == abi::HCD_EVENT_DECISION && out.from == out.host;
  if (answer) {
    out.host_port = out.from_port;
  } else if (out.rule != 0) {
    const abi::hcd_rule rule = views.rules[out.rule];
    out.host_port = ntohs(abi::hcd_host_port(&at, &rule, raw.dport));
  }
}

// Of two that come at once one wins. Whoever has the place keeps it as long as its time is not over.
bool claim(const Views& views, TimePoint now) {
  abi::hcd_settings& settings = *views.settings;
  std::atomic_ref reader(settings.events_reader);
  __u32 holder = reader;
  const bool held = is_ahead(*views.globals, load(settings.watch_until), now) ||
                    is_ahead(*views.globals, load(settings.sample_until), now);
  return !(holder != 0 && held) && reader.compare_exchange_strong(holder, static_cast<__u32>(getpid()));
}

}  // namespace

std::optional<Event> event_of(const Views& views, std::span<const std::byte> record, TimePoint now) {
  abi::hcd_event raw;
  if (record.size() != sizeof raw) return {};
  std::memcpy(&raw, record.data(), sizeof raw);
  if (raw.kind < abi::HCD_EVENT_BIRTH || raw.kind > abi::HCD_EVENT_DECISION) return {};
  const abi::hcd_globals& globals = *views.globals;
  Event out{.kind = static_cast<abi::hcd_event_kind>(raw.kind),
            .at = beginning_of(globals, raw.tick, now),
            .proto = raw.proto,
            .from = address_of(raw.family, raw.addr),
            .to = raw.kind == abi::HCD_EVENT_OVERLOAD ? Address() : address_of(raw.family, raw.dst),
            .from_port = ntohs(raw.port),
            .to_port = ntohs(raw.dport),
            .rule = raw.rule < views.rules.size() ? raw.rule : 0,
            .table = raw.table < views.tables.size() ? raw.table : 0,
            .reason = raw.reason,
            .id = raw.id,
            .client_side = static_cast<std::uint8_t>(raw.sides >> 4),
            .server_side = static_cast<std::uint8_t>(raw.sides & 15),
            .packets = {raw.packets[0], raw.packets[1]},
            .bytes = {raw.bytes[0], raw.bytes[1]},
            .interface = raw.ifindex,
            .flags = raw.flags,
            .xdp = raw.hook == abi::HCD_HOOK_XDP};
  if (raw.kind == abi::HCD_EVENT_DEATH) {
    const Duration age = ticks(globals, static_cast<std::uint32_t>(raw.id >> 32), raw.tick);
    out.age = std::max(age, Duration(0));
  }
  add_host(views, raw, out);
  return out;
}

std::optional<RuleName> rule_name(const Views& views, std::uint32_t rule) {
  if (rule == 0 || rule >= views.rule_infos.size()) return {};
  const abi::hcd_rule_info info = views.rule_infos[rule];
  if (info.anchor == 0 || info.anchor >= views.anchors.size()) return {};
  const abi::hcd_anchor_info anchor = views.anchors[info.anchor];
  return RuleName{name_in(anchor.name), name_in(info.label), info.number};
}

std::optional<TableName> table_name(const Views& views, std::uint32_t table) {
  if (table == 0 || table >= views.tables.size()) return {};
  const abi::hcd_table_info info = views.tables[table];
  if (info.anchor == 0 || info.anchor >= views.anchors.size()) return {};
  const abi::hcd_anchor_info anchor = views.anchors[info.anchor];
  return TableName{name_in(anchor.name), name_in(info.name)};
}

Result<std::unique_ptr<Events>> Events::open(const Views& views, EventRing ring, const EventWish& wish, TimePoint now) {
  if (!claim(views, now)) {
    return fail(Code::Limit, "process " + std::to_string(load(views.settings->events_reader)) +
                                 " is reading the events, and one at a time can");
  }
  std::unique_ptr<Events> out(new Events(views, std::move(ring), wish));
  std::atomic_ref(views.settings->sample_one_in).store(wish.one_in);
  std::atomic_ref(views.settings->sample_reasons).store(wish.reasons);
  out->ask(now);
  const std::size_t all = out->ring_.size();  // and no more: it is being written to
  if (const auto dropped = out->ring_.take(all, [](std::span<const std::byte>) {}); !dropped)
    return std::unexpected(dropped.error());
  out->before_ = out->counters();
  return out;
}

Events::~Events() {
  abi::hcd_settings& settings = *views_.settings;
  auto ours = static_cast<__u32>(getpid());
  if (load(settings.events_reader) != ours) return;
  std::atomic_ref(settings.watch_until).store(0);
  std::atomic_ref(settings.sample_until).store(0);
  std::atomic_ref(settings.events_reader).compare_exchange_strong(ours, 0);
}

void Events::ask(TimePoint now) {
  const std::uint32_t then = until(*views_.globals, now + kLease);
  std::atomic_ref(views_.settings->watch_until).store(wish_.states ? then : 0);
  std::atomic_ref(views_.settings->sample_until).store(wish_.one_in != 0 ? then : 0);
}

Status Events::keep(TimePoint now) {
  abi::hcd_settings& settings = *views_.settings;
  if (load(settings.events_reader) != static_cast<__u32>(getpid()))
    return fail(Code::Limit, "another program reads the events now");
  if (!is_ahead(*views_.globals, load(wish_.states ? settings.watch_until : settings.sample_until), now)) lapses_++;
  ask(now);
  return {};
}

Result<std::size_t> Events::read(std::size_t most, TimePoint now, const std::function<void(const Event&)>& visit) {
  return ring_.take(most, [&](std::span<const std::byte> record) {
    if (const auto event = event_of(views_, record, now)) visit(*event);
  });
}

Events::Untold Events::counters() const {
  return {.lost = load(views_.pulse->lost_events), .killed = load(views_.pulse->user_killed)};
}

Events::Untold Events::untold() const {
  const Untold now = counters();
  const auto lost = static_cast<std::uint32_t>(now.lost - before_.lost);  // it is 32 bits wide, and may begin anew
  return {.lost = lost, .killed = now.killed - before_.killed, .lapses = lapses_};
}

}  // namespace hcd::fastpath
