#include "tools/bench/testrun/stage.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mman.h>

using hcd::abi::hcd_config;  // the skeleton calls it by this name alone
#include <redirect.skel.h>

namespace hcd::testrun {
namespace {

constexpr abi::hcd_seed kSeed{{0x243f6a8885a308d3, 0x13198a2e03707344}};

const char* const kNamespace = R"(set -e
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
ip link set lo up
ip link add clients address 02:00:00:00:0c:fe type veth peer name clients_far
ip link add servers address 02:00:00:00:05:fe type veth peer name servers_far
for link in clients clients_far servers servers_far; do ip link set $link up; done
for link in clients servers; do ethtool -K $link gro on; done # else no XDP program can be told that it runs there
ip addr add 203.0.113.254/24 dev clients
ip addr add 10.0.0.254/24 dev servers
ip addr add 2001:db8:c::fe/64 dev clients nodad
ip addr add 2001:db8:5::fe/64 dev servers nodad
ip route add 198.18.0.0/15 via 203.0.113.7
ip route add 2001:db8:cc::/48 via 2001:db8:c::7
for n in 1 2 3 4 5 6 7 8; do
  for link in "clients 203.0.113. 2001:db8:c:: c" "servers 10.0.0. 2001:db8:5:: 5"; do
    set -- $link
    ip neigh add $2$n lladdr 02:00:00:00:0$4:0$n dev $1 nud permanent
    ip neigh add $3$n lladdr 02:00:00:00:0$4:0$n dev $1 nud permanent
  done
done)";

UniqueFd this_namespace() {
  return UniqueFd(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
}

std::uint32_t seconds(std::uint32_t seconds) {
  return static_cast<std::uint32_t>(seconds * 250ULL >> StageSizes().tick_shift);
}

// Without a program's data the skeleton would not compile; its maps are ours to size before load.
void size(redirect& skeleton, const StageSizes& sizes) {
  const auto set = [](bpf_map* map, std::uint32_t entries) { bpf_map__set_max_entries(map, entries); };
  for (bpf_map* map : {skeleton.maps.hcd_states4, skeleton.maps.hcd_states6}) set(map, sizes.buckets);
  for (bpf_map* map : {skeleton.maps.hcd_spills4, skeleton.maps.hcd_spills6})
    set(map, std::max(sizes.buckets / 64, 1U));
  set(skeleton.maps.hcd_sources, sizes.sources);
  for (bpf_map* map : {skeleton.maps.hcd_vips, skeleton.maps.hcd_endpoints}) set(map, sizes.index_lines);
  for (bpf_map* map : {skeleton.maps.hcd_rules, skeleton.maps.hcd_cursors, skeleton.maps.hcd_rule_stats})
    set(map, sizes.rules);
  for (bpf_map* map : {skeleton.maps.hcd_hosts, skeleton.maps.hcd_host_stats, skeleton.maps.hcd_loads})
    set(map, sizes.hosts);
  for (bpf_map* map : {skeleton.maps.hcd_anchor_info, skeleton.maps.hcd_table_info, skeleton.maps.hcd_members,
                       skeleton.maps.hcd_rule_info})
    set(map, 1);
  set(skeleton.maps.hcd_rings, sizes.ring_lines);
  set(skeleton.maps.hcd_hops, sizes.hops);
  hcd_config& config = skeleton.rodata->hcd_config;
  config = {.bucket_mask = sizes.buckets - 1,
            .vip_mask = sizes.index_lines - 1,
            .endpoint_mask = sizes.index_lines - 1,
            .hop_mask = sizes.hops - 1,
            .tick_shift = sizes.tick_shift,
            .source_mask = sizes.sources - 1,
            .sweep_buckets = sizes.sweep_buckets,
            .sweep_every = 1000};
  std::memcpy(config.seed, kSeed.word, sizeof(config.seed));
}

}  // namespace

Mac client_mac(std::uint8_t number) {
  return {2, 0, 0, 0, 0x0c, number};
}
Mac server_mac(std::uint8_t number) {
  return {2, 0, 0, 0, 0x05, number};
}

abi::hcd_seed stage_seed() {
  return kSeed;
}

abi::hcd_endpoint abi_endpoint(const Endpoint& at, std::uint8_t proto) {
  abi::hcd_endpoint out{.port = htons(at.port), .proto = proto};
  out.family = at.address.family == Family::Inet ? 4 : 6;
  std::memcpy(out.addr, at.address.bytes.data(), sizeof(out.addr));
  return out;
}

Result<std::unique_ptr<Stage>> Stage::open(const StageSizes& sizes) {
  std::unique_ptr<Stage> stage(new Stage);
  stage->remember_hops_ = sizes.remember_hops;
  if (const auto built = stage->build_namespace(); !built) return std::unexpected(built.error());
  const auto loaded = stage->load(sizes);
  stage->leave();
  if (!loaded) return std::unexpected(loaded.error());
  stage->clear();
  return stage;
}

Stage::~Stage() {
  for (const auto& mapping : mappings_) munmap(mapping.data(), mapping.size());
  if (skeleton_) redirect::destroy(skeleton_);
}

Status Stage::build_namespace() {
  home_ = this_namespace();
  if (unshare(CLONE_NEWNET) != 0) return fail_errno("network namespace");
  namespace_ = this_namespace();
  const int status = std::system(kNamespace);
  clients_link = if_nametoindex("clients");
  servers_link = if_nametoindex("servers");
  if (status == 0) return {};
  leave();
  return fail(Code::System, "the namespace's links, routes and neighbours could not be set up");
}

void Stage::enter() const {
  setns(namespace_.get(), CLONE_NEWNET);
}
void Stage::leave() const {
  setns(home_.get(), CLONE_NEWNET);
}

template <class T>
std::span<T> Stage::mapped(const char* name) {
  const bpf_map* map = bpf_object__find_map_by_name(skeleton_->obj, name);
  const std::size_t entries = bpf_map__max_entries(map), page = 4096;
  const std::size_t bytes = (entries * sizeof(T) + page - 1) / page * page;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
  if (memory == MAP_FAILED) return {};
  mappings_.emplace_back(static_cast<std::uint8_t*>(memory), bytes);
  return {static_cast<T*>(memory), entries};
}

Status Stage::load(const StageSizes& sizes) {
  libbpf_set_print(nullptr);
  skeleton_ = redirect::open();
  if (!skeleton_) return fail_errno("open the packet programs");
  size(*skeleton_, sizes);
  if (const int error = redirect::load(skeleton_); error != 0) return fail_errno("load the packet programs", -error);
  rules = mapped<abi::hcd_rule>("hcd_rules");
  cursors = mapped<abi::hcd_cursor>("hcd_cursors");
  hosts = mapped<abi::hcd_host>("hcd_hosts");
  rings = mapped<abi::hcd_ring_line>("hcd_rings");
  states4 = mapped<abi::hcd_bucket4>("hcd_states4");
  states6 = mapped<abi::hcd_bucket6>("hcd_states6");
  links = mapped<abi::hcd_link>("hcd_links");
  vips = mapped<abi::hcd_index_line>("hcd_vips");
  endpoints = mapped<abi::hcd_index_line>("hcd_endpoints");
  timeouts = mapped<abi::hcd_timeout_set>("hcd_timeout_sets");
  spills4 = mapped<abi::hcd_spill>("hcd_spills4");
  spills6 = mapped<abi::hcd_spill>("hcd_spills6");
  large = mapped<abi::hcd_large>("hcd_large");
  loads = mapped<abi::hcd_load>("hcd_loads");
  sources = mapped<abi::hcd_source>("hcd_sources");
  settings = mapped<abi::hcd_settings>("hcd_settings");
  pulse = mapped<abi::hcd_pulse>("hcd_pulse");
  unstored = mapped<std::uint64_t>("hcd_unstored");
  return mappings_.size() == 18 ? Status{} : fail_errno("map the packet programs' memory");
}

void Stage::zero(const char* name) {
  const bpf_map* map = bpf_object__find_map_by_name(skeleton_->obj, name);
  const Bytes nothing((std::size_t{bpf_map__value_size(map)} + 7) / 8 * 8 *
                      static_cast<std::size_t>(libbpf_num_possible_cpus()));
  for (std::uint32_t i = 0; i < bpf_map__max_entries(map); i++)
    bpf_map_update_elem(bpf_map__fd(map), &i, nothing.data(), 0);
}
void Stage::forget_pieces() {
  for (const char* name : {"hcd_stash_sets", "hcd_strangers"}) zero(name);
  std::vector<std::uint8_t> key(bpf_map__key_size(skeleton_->maps.hcd_pieces));
  while (bpf_map_get_next_key(map("hcd_pieces"), nullptr, key.data()) == 0)
    bpf_map_delete_elem(map("hcd_pieces"), key.data());
}
void Stage::forget_hops() {
  zero("hcd_hops");
}

void Stage::clear_states() {
  const auto wipe = [](auto span) { std::memset(span.data(), 0, span.size_bytes()); };
  wipe(states4), wipe(states6), wipe(spills4), wipe(spills6), wipe(large), wipe(loads), wipe(sources), wipe(pulse),
      wipe(unstored);
  pulse[0].factor = abi::HCD_FACTOR_ONE;
  for (auto& cursor : cursors) cursor.states = cursor.sources = 0;
}

void Stage::clear() {
  for (const auto& mapping : mappings_) std::memset(mapping.data(), 0, mapping.size());
  pulse[0].factor = abi::HCD_FACTOR_ONE;
  settings[0].hop_generation = remember_hops_ ? 1 : 0;
  constexpr std::uint32_t kSeconds[] = HCD_TIMEOUT_DEFAULTS;
  for (std::size_t i = 0; i < std::size(kSeconds); i++) timeouts[0].ticks[i] = seconds(kSeconds[i]);
  for (auto& link : links) link.flags = abi::HCD_LINK_XDP_TARGET;
  for (const char* name : {"hcd_reasons", "hcd_rule_stats", "hcd_host_stats", "hcd_hops", "hcd_meters"}) zero(name);
  forget_pieces();
  for (const char* name : {"hcd_networks4", "hcd_networks6"}) {
    abi::hcd_network6_key key{};
    while (bpf_map_get_next_key(map(name), nullptr, &key) == 0) bpf_map_delete_elem(map(name), &key);
  }
  next_rule_ = next_host_ = next_line_ = 1;
}

void Stage::put_network(std::uint32_t table, const Address& address, std::uint32_t length, bool negated) {
  const bool six = address.family == Family::Inet6;
  abi::hcd_network4_key key4{.prefix = 32 + length, .table = table};
  abi::hcd_network6_key key6{.prefix = 32 + length, .table = table};
  std::memcpy(key4.addr, address.bytes.data(), sizeof(key4.addr));
  std::memcpy(key6.addr, address.bytes.data(), sizeof(key6.addr));
  const std::uint32_t value = negated ? 2 : 1;
  const void* key = six ? static_cast<const void*>(&key6) : &key4;
  bpf_map_update_elem(map(six ? "hcd_networks6" : "hcd_networks4"), key, &value, BPF_ANY);
}

std::uint32_t Stage::add_host(const Endpoint& at, std::uint8_t proto) {
  const std::uint32_t host = next_host_++;
  hosts[host] = {.at = abi_endpoint(at, proto), .flags = abi::HCD_HOST_USED};
  if (at.port == 0) settings[0].flags |= abi::HCD_ANY_PORT_HOSTS;
  const auto mask = static_cast<std::uint32_t>(endpoints.size() - 1);
  abi::hcd_index_put(endpoints.data(), mask, abi::hcd_endpoint_hash(kSeed, &hosts[host].at), host);
  return host;
}

std::uint32_t Stage::add_rule(const RuleSpec& spec) {
  const std::uint32_t rule = next_rule_++;
  const std::uint32_t line = next_line_;
  for (std::size_t i = 0; i < spec.ring.size(); i++)
    rings[line + i / abi::HCD_RING_LINE].host[i % abi::HCD_RING_LINE] = spec.ring[i];
  next_line_ += 1 + static_cast<std::uint32_t>(spec.ring.size()) / abi::HCD_RING_LINE;
  rules[rule] = {.ring = std::uint64_t{line} << 32 | spec.ring.size(),
                 .ifindex = spec.ifindex,
                 .flags = spec.flags | (spec.last != 0 ? std::uint32_t{abi::HCD_RULE_PORTS} : 0),
                 .to = abi_endpoint({spec.to.address, spec.last != 0 ? std::uint16_t{0} : spec.to.port}, spec.proto),
                 .first = spec.first,
                 .last = spec.last,
                 .from = spec.from,
                 .method = spec.method,
                 .target = spec.target,
                 .hash_key = {0x0706050403020100, 0x0f0e0d0c0b0a0908},
                 .established = seconds(spec.established)};
  if (rules[rule].to.port == 0) settings[0].flags |= abi::HCD_ANY_PORT_RULES;
  const auto mask = static_cast<std::uint32_t>(vips.size() - 1);
  if (spec.after != 0)
    rules[spec.after].next = rule;
  else
    abi::hcd_index_put(vips.data(), mask, abi::hcd_endpoint_hash(kSeed, &rules[rule].to), rule);
  return rule;
}

void Stage::set_ring(std::uint32_t rule, std::uint64_t ring) {
  rules[rule].ring = ring;
}

bool Stage::start_sweep() const {
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  const int fd = bpf_program__fd(skeleton_->progs.hcd_start_sweep);
  return bpf_prog_test_run_opts(fd, &options) == 0 && options.retval == 0;
}

int Stage::program(Hook hook) const {
  return bpf_program__fd(hook == Hook::Xdp ? skeleton_->progs.hcd_xdp : skeleton_->progs.hcd_tc);
}
int Stage::map(const char* name) const {
  return bpf_object__find_map_fd_by_name(skeleton_->obj, name);
}

Verdict Stage::run(Hook hook, const Bytes& frame, std::uint32_t ifindex, std::uint32_t segment) const {
  Verdict verdict;
  verdict.frame.resize(frame.size() + 256);
  __sk_buff context{};
  context.ifindex = ifindex;
  context.gso_size = segment;
  xdp_md arrival{};
  arrival.data_end = static_cast<std::uint32_t>(frame.size());
  arrival.ingress_ifindex = ifindex;
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.data_in = frame.data();
  options.data_out = verdict.frame.data();
  options.data_size_in = static_cast<std::uint32_t>(frame.size());
  options.data_size_out = static_cast<std::uint32_t>(verdict.frame.size());
  if (hook == Hook::Tc) {
    options.ctx_in = &context;
    options.ctx_size_in = sizeof(context);
  } else if (ifindex != 1) {
    options.ctx_in = &arrival;
    options.ctx_size_in = sizeof(arrival);
  }
  const int error = bpf_prog_test_run_opts(program(hook), &options);
  verdict.action = error != 0 ? error : static_cast<int>(options.retval);
  verdict.frame.resize(error != 0 ? 0 : options.data_size_out);
  return verdict;
}

std::uint64_t Stage::reason(std::uint32_t reason) const {
  std::vector<std::uint64_t> each(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  bpf_map_lookup_elem(map("hcd_reasons"), &reason, each.data());
  std::uint64_t sum = 0;
  for (const std::uint64_t count : each) sum += count;
  return sum;
}

std::uint32_t Stage::live() const {
  std::uint32_t sum = 0;
  for (auto& load : loads) sum += std::atomic_ref(load.states).load();
  return sum;
}

abi::hcd_stats Stage::stats(const char* name, std::uint32_t index) const {
  std::vector<abi::hcd_stats> each(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  bpf_map_lookup_elem(map(name), &index, each.data());
  abi::hcd_stats sum{};
  for (const auto& one : each) {
    for (const int side : {0, 1}) {
      sum.packets[side] += one.packets[side];
      sum.bytes[side] += one.bytes[side];
    }
    sum.states += one.states;
    sum.evaluations += one.evaluations;
  }
  return sum;
}
abi::hcd_stats Stage::rule_stats(std::uint32_t rule) const {
  return stats("hcd_rule_stats", rule);
}
abi::hcd_stats Stage::host_stats(std::uint32_t host) const {
  return stats("hcd_host_stats", host);
}

}  // namespace hcd::testrun
