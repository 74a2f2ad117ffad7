#include "fastpath/bpf/states.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "fastpath/bpf/shared.h"
#include "fastpath/bpf/sources.h"
#include "kmod/count.h"
#include "kmod/ports.h"
#include "kmod/tcp.h"

namespace hcd::fastpath {
namespace {

template <class Bucket>
constexpr bool kIsSix = std::is_same_v<Bucket, abi::hcd_bucket6>;

class Scan {
 public:
  Scan(const Views& views, TimePoint now)
      : views_(views),
        now_(tick_at(*views.globals, now)),
        some_large_(std::ranges::any_of(views.large, [](const abi::hcd_large& large) { return large.id != 0; })) {}

  // False where there is no whole, live state.
  template <class Bucket>
  bool read(Bucket& bucket, std::size_t number, std::uint32_t at, State& out) const {
    auto& way = bucket.way[at];
    const std::uint64_t key = load(way.key);
    const auto rule = static_cast<std::uint16_t>(key);
    if (rule == 0 || rule == abi::HCD_RULE_BUSY || rule >= views_.rules.size()) return false;
    const std::uint64_t value = load(way.value);
    const abi::hcd_more more = more_of(bucket, at);
    const __u64 counts[2] = {load(way.counts[0]), load(way.counts[1])};
    address(way, key, out);
    if (load(way.key) != key) return false;
    const std::uint32_t sides = abi::hcd_value_sides(value);
    const std::uint32_t timeout = timeout_of(views_.rules[rule], sides);
    const std::uint32_t idle = since(abi::hcd_value_seen(value));
    out.port = ntohs(static_cast<std::uint16_t>(key >> 16));
    out.rule = rule;
    out.host = abi::hcd_value_host(value);
    if (idle > timeout || out.host == 0 || out.host >= views_.hosts.size()) return false;
    out.client_side = static_cast<std::uint8_t>(sides >> 4);
    out.server_side = static_cast<std::uint8_t>(sides & 15);
    out.idle = seconds_of(*views_.globals, idle);
    out.expires = seconds_of(*views_.globals, timeout - idle);
    describe(more, out);
    out.id = abi::hcd_state_id(more.birth, static_cast<std::uint32_t>(number), at, kIsSix<Bucket>);
    count(counts, out);
    return true;
  }

 private:
  [[nodiscard]] std::uint32_t since(std::uint32_t tick) const {
    return static_cast<std::uint32_t>(std::max(static_cast<std::int32_t>(now_ - tick), 0));
  }
  void describe(const abi::hcd_more& more, State& out) const {
    const abi::hcd_rule& rule = views_.rules[out.rule];
    const __be16 port = rule.to.port != 0 ? rule.to.port : more.vport;
    out.virtual_port = ntohs(port);
    out.host_port = ntohs(abi::hcd_host_port(&views_.hosts[out.host].at, &rule, port));
    out.sticky = (more.flags & abi::HCD_MORE_STICKY) != 0;
    out.age = seconds_of(*views_.globals, since(more.birth));
  }
  void count(const __u64 counts[2], State& out) const {
    for (int side = 0; side < 2; side++) {
      out.packets[side] = abi::hcd_count_packets(counts[side]);
      out.bytes[side] = abi::hcd_count_bytes(counts[side]);
    }
    if (!some_large_) return;
    for (std::uint32_t probe = 0; probe < abi::HCD_LARGE_PROBES; probe++) {
      const abi::hcd_large& large = views_.large[abi::hcd_large_at(out.id, probe)];
      if (large.id != out.id) continue;
      for (int side = 0; side < 2; side++) {
        out.packets[side] += large.packets[side];
        out.bytes[side] += large.bytes[side];
      }
    }
  }
  [[nodiscard]] std::uint32_t timeout_of(const abi::hcd_rule& rule, std::uint32_t sides) const {
    const std::uint32_t name = abi::hcd_timeout_of(sides, rule.to.proto == abi::HCD_PROTO_UDP);
    const bool own = name == abi::HCD_TM_TCP_ESTABLISHED && rule.established != 0;
    const std::uint64_t ticks = own ? rule.established
                                : rule.timeouts < views_.timeout_sets.size()
                                    ? views_.timeout_sets[rule.timeouts].ticks[name]
                                    : 0;
    return static_cast<std::uint32_t>(ticks * views_.pulse->factor / abi::HCD_FACTOR_ONE);
  }
  static void address(const abi::hcd_state4&, std::uint64_t key, State& out) {
    out.client = Address::v4(static_cast<std::uint32_t>(key >> 32));
  }
  static void address(abi::hcd_state6& way, std::uint64_t, State& out) {
    out.client.family = Family::Inet6;
    const std::uint64_t words[2] = {load(way.addr[0]), load(way.addr[1])};
    std::memcpy(out.client.bytes.data(), words, sizeof words);
  }

  const Views& views_;
  std::uint32_t now_;
  bool some_large_;
};

// As the packet path ends a state (kmod/abi_state.h): whoever makes its key a busy one counts its death.
template <class Bucket>
bool end_one(const Views& views, TimePoint now, Bucket& bucket, std::uint32_t at, __u64 key, const Address& client) {
  auto& way = bucket.way[at];
  std::atomic_ref place(way.key);
  if (__u64 was = key; !place.compare_exchange_strong(was, key | abi::HCD_RULE_BUSY)) return false;
  std::atomic_ref(views.pulse->user_killed)++;  // first: who watches is told no more of it than this
  const std::uint32_t host = abi::hcd_value_host(std::atomic_ref(way.value).exchange(0));
  const auto rule = static_cast<std::uint16_t>(key);
  if (rule < views.cursors.size()) count_down(views.cursors[rule].states);
  if (host < views.loads.size()) count_down(views.loads[host].states);
  if (const std::uint16_t flags = std::atomic_ref(more_of(bucket, at).flags).exchange(0); flags != 0) {
    leave_sources(views, now, client, rule, flags);
  }
  __u64 ours = key | abi::HCD_RULE_BUSY;  // not any more if this took two turns of the sweeper
  place.compare_exchange_strong(ours, 0);
  return true;
}

template <class Way>
bool cut_one(Way& way, __u64 key, std::uint32_t tick) {
  std::atomic_ref value(way.value);
  __u64 now = value;
  while (load(way.key) == key && !abi::hcd_sides_done(abi::hcd_value_sides(now), 0)) {
    if (value.compare_exchange_weak(now, abi::hcd_value(tick, abi::hcd_value_host(now), abi::HCD_SIDES_CUT)))
      return true;
  }
  return false;
}

// Calls visit with each state, the bucket and the way that it is in, and its key there.
template <class Visit>
void scan(const Views& views, TimePoint now, const Visit& visit) {
  const Scan scan(views, now);
  State state;
  const auto all = [&](auto& buckets) {
    for (std::size_t number = 0; number < buckets.size(); number++) {
      for (std::uint32_t at = 0; at < abi::HCD_WAYS; at++) {
        auto& bucket = buckets[number];
        const std::uint64_t key =
            load(bucket.way[at].key);  // before it is read: another's by then would not be this one's
        if (key != 0 && scan.read(bucket, number, at, state)) visit(state, bucket, at, key);
      }
    }
  };
  all(views.states4);
  all(views.states6);
}

}  // namespace

std::uint32_t tick_at(const abi::hcd_globals& globals, TimePoint now) {
  const auto ns = static_cast<std::uint64_t>(now.time_since_epoch().count());
  return static_cast<std::uint32_t>((ns - globals.tick_zero_ns) / std::max<std::uint64_t>(globals.tick_ns, 1));
}

std::uint32_t ticks_of(const abi::hcd_globals& globals, Seconds seconds) {
  constexpr std::uint64_t kSecond = 1'000'000'000, kMost = INT32_MAX;  // ages are signed differences of ticks
  const auto ns = static_cast<std::uint64_t>(seconds.count()) * kSecond;
  const std::uint64_t length = std::max<std::uint64_t>(globals.tick_ns, 1);
  return static_cast<std::uint32_t>(std::min(ns / length + (ns % length != 0 ? 1 : 0), kMost));
}

Seconds seconds_of(const abi::hcd_globals& globals, std::uint32_t ticks) {
  return std::chrono::duration_cast<Seconds>(Duration(ticks * static_cast<std::int64_t>(globals.tick_ns)));
}

void for_each_state(const Views& views, TimePoint now, const std::function<void(const State&)>& visit) {
  scan(views, now, [&](const State& state, auto&, std::uint32_t, std::uint64_t) { visit(state); });
}

std::size_t kill_states(const Views& views, TimePoint now, const std::function<bool(const State&)>& chosen) {
  std::size_t killed = 0;
  scan(views, now, [&](const State& state, auto& bucket, std::uint32_t at, std::uint64_t key) {
    if (chosen(state) && end_one(views, now, bucket, at, key, state.client)) killed++;
  });
  return killed;
}

std::size_t cut_states(const Views& views, TimePoint now, const std::function<bool(const State&)>& chosen) {
  const std::uint32_t tick = tick_at(*views.globals, now);
  std::size_t cut = 0;
  scan(views, now, [&](const State& state, auto& bucket, std::uint32_t at, std::uint64_t key) {
    if (!chosen(state)) return;
    const bool udp = views.rules[state.rule].to.proto == abi::HCD_PROTO_UDP;
    const bool done = udp ? end_one(views, now, bucket, at, key, state.client) : cut_one(bucket.way[at], key, tick);
    if (done) cut++;
  });
  return cut;
}

Census take_census(const Views& views, TimePoint now) {
  Census out;
  out.by_rule.resize(views.rules.size());
  out.by_host.resize(views.hosts.size());
  scan(views, now, [&](const State& state, auto&, std::uint32_t, std::uint64_t) {
    out.total++;
    out.by_rule[state.rule]++;
    out.by_host[state.host]++;
    if (state.client_side < abi::HCD_ESTABLISHED || state.server_side < abi::HCD_ESTABLISHED) out.half_open++;
  });
  return out;
}

}  // namespace hcd::fastpath
