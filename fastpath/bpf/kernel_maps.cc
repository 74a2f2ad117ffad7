#include "fastpath/bpf/kernel_maps.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <bpf/bpf.h>
#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace hcd::fastpath {
namespace {

// libbpf would read the number of possible CPUs from /sys, which a chroot does not have. The kernel's own mask of CPUs is
// at least as wide; what it leaves unwritten stays zero.
std::size_t most_cpus() {
  constexpr std::size_t kBytes = 8192;
  unsigned char mask[kBytes];
  const long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  return 8 * (bytes > 0 ? static_cast<std::size_t>(bytes) : kBytes);
}

unsigned type_of(MapId id) {
  if (id < kReasons) return BPF_MAP_TYPE_ARRAY;
  if (id < kNetworks4) return BPF_MAP_TYPE_PERCPU_ARRAY;
  if (id < kEvents) return BPF_MAP_TYPE_LPM_TRIE;
  return id == kEvents ? BPF_MAP_TYPE_RINGBUF : BPF_MAP_TYPE_ARRAY;
}

Status check_shape(MapId id, const bpf_map_info& info) {
  const MapSpec& spec = kMaps[id];
  if (info.type != type_of(id)) return fail(Code::Unsupported, std::string(spec.name) + " is a map of another kind");
  if (info.value_size == spec.value_size) return {};
  return fail(Code::Unsupported, std::string(spec.name) + ": values of " + std::to_string(spec.value_size) +
                                     " bytes are needed, it has " + std::to_string(info.value_size));
}

Result<bpf_map_info> map_info(MapId id, int fd) {
  bpf_map_info info{};
  __u32 length = sizeof info;
  if (bpf_obj_get_info_by_fd(fd, &info, &length) != 0) return fail_errno(kMaps[id].name);
  if (auto sound = check_shape(id, info); !sound) return std::unexpected(sound.error());
  return info;
}

}  // namespace

Result<std::unique_ptr<KernelMaps>> KernelMaps::map(MapFds fds, Access access) {
  std::unique_ptr<KernelMaps> out(new KernelMaps(std::move(fds), access));
  if (auto mapped = out->map_all(); !mapped) return std::unexpected(mapped.error());
  return out;
}

KernelMaps::~KernelMaps() {
  for (const Mapping& mapping : mappings_) munmap(mapping.at, mapping.length);
}

template <class T>
Status KernelMaps::map_one(MapId id, std::span<T>& out) {
  const auto info = map_info(id, fds_.fd[id].get());
  if (!info) return std::unexpected(info.error());
  const std::size_t length = std::size_t{info->max_entries} * sizeof(T);
  const int protection = access_ == Access::Write ? PROT_READ | PROT_WRITE : PROT_READ;
  void* at = mmap(nullptr, length, protection, MAP_SHARED, fds_.fd[id].get(), 0);
  if (at == MAP_FAILED) return fail_errno(std::string(kMaps[id].name) + ": cannot be mapped");
  mappings_.push_back({at, length});
  out = {static_cast<T*>(at), info->max_entries};
  return {};
}

Status KernelMaps::map_all() {
  std::span<abi::hcd_globals> globals;
  std::span<abi::hcd_settings> settings;
  std::span<abi::hcd_pulse> pulse;
  cpus_ = most_cpus();
  for (auto status : {map_one(kGlobals, globals),
                      map_one(kVips, views_.vips),
                      map_one(kEndpoints, views_.endpoints),
                      map_one(kRules, views_.rules),
                      map_one(kCursors, views_.cursors),
                      map_one(kRings, views_.rings),
                      map_one(kHosts, views_.hosts),
                      map_one(kTimeoutSets, views_.timeout_sets),
                      map_one(kStates4, views_.states4),
                      map_one(kStates6, views_.states6),
                      map_one(kAnchorInfo, views_.anchors),
                      map_one(kTableInfo, views_.tables),
                      map_one(kMembers, views_.members),
                      map_one(kRuleInfo, views_.rule_infos),
                      map_one(kSpills4, views_.spills4),
                      map_one(kSpills6, views_.spills6),
                      map_one(kLarge, views_.large),
                      map_one(kLoads, views_.loads),
                      map_one(kSources, views_.sources),
                      map_one(kSettings, settings),
                      map_one(kPulse, pulse)}) {
    if (!status) return status;
  }
  for (const MapId id : {kReasons, kRuleStats, kHostStats, kNetworks4, kNetworks6, kEvents}) {
    if (const auto info = map_info(id, fds_.fd[id].get()); !info) return std::unexpected(info.error());
  }
  views_.globals = globals.data();
  views_.settings = settings.data();
  views_.pulse = pulse.data();
  if (views_.globals->layout != abi::HCD_LAYOUT) {
    return fail(Code::Unsupported, "the maps have layout " + std::to_string(views_.globals->layout) +
                                       ", this program knows " + std::to_string(abi::HCD_LAYOUT));
  }
  const bool masks = std::has_single_bit(views_.vips.size()) && std::has_single_bit(views_.endpoints.size()) &&
                     views_.large.size() == abi::HCD_LARGE;
  const bool spills =
      views_.spills4.size() * 64 >= views_.states4.size() && views_.spills6.size() * 64 >= views_.states6.size();
  const bool rules = views_.rule_infos.size() >= views_.rules.size() && views_.cursors.size() >= views_.rules.size();
  if (!masks || !spills || !rules || views_.loads.size() < views_.hosts.size()) {
    return fail(Code::Unsupported, "the sizes of the maps do not fit together");
  }
  return {};
}

Result<abi::hcd_stats> KernelMaps::stats(MapId id, std::uint32_t index) const {
  std::vector<abi::hcd_stats> per_cpu(cpus_);
  if (bpf_map_lookup_elem(fds_.fd[id].get(), &index, per_cpu.data()) != 0) return fail_errno(kMaps[id].name);
  abi::hcd_stats sum{};
  for (const abi::hcd_stats& one : per_cpu) {
    for (int side = 0; side < 2; side++) {
      sum.packets[side] += one.packets[side];
      sum.bytes[side] += one.bytes[side];
    }
    sum.states += one.states;
    sum.evaluations += one.evaluations;
  }
  return sum;
}

// Thousands may come at once: a call for each would take most of a commit's time.
Status KernelMaps::clear(MapId id, std::span<const std::uint32_t> indexes) {
  constexpr std::size_t kMost = 256;
  if (zeros_.empty()) zeros_.resize(cpus_ * kMost);  // at least as many as are read
  for (; !indexes.empty(); indexes = indexes.subspan(std::min(kMost, indexes.size()))) {
    if (auto done = clear_at_once(id, indexes.first(std::min(kMost, indexes.size()))); !done) return done;
  }
  return {};
}

Status KernelMaps::clear_at_once(MapId id, std::span<const std::uint32_t> indexes) {
  const int fd = fds_.fd[id].get();
  auto count = static_cast<__u32>(indexes.size());
  if (count > 1 && bpf_map_update_batch(fd, indexes.data(), zeros_.data(), &count, nullptr) == 0) return {};
  for (const std::uint32_t index : indexes) {  // the only one, or a kernel that knows no batches of such maps
    if (bpf_map_update_elem(fd, &index, zeros_.data(), BPF_ANY) != 0) return fail_errno(kMaps[id].name);
  }
  return {};
}

Status KernelMaps::clear_reasons() {
  const std::vector<__u64> zero(cpus_);
  for (std::uint32_t reason = 0; reason < abi::HCD_REASONS; reason++) {
    if (bpf_map_update_elem(fds_.fd[kReasons].get(), &reason, zero.data(), BPF_ANY) != 0)
      return fail_errno("hcd_reasons");
  }
  return {};
}

Result<Reasons> KernelMaps::reasons() const {
  Reasons out{};
  std::vector<__u64> per_cpu(cpus_);
  for (std::uint32_t reason = 0; reason < out.size(); reason++) {
    if (bpf_map_lookup_elem(fds_.fd[kReasons].get(), &reason, per_cpu.data()) != 0) return fail_errno("hcd_reasons");
    for (const __u64 count : per_cpu) out[reason] += count;
  }
  return out;
}

namespace {

template <class Call>
Status with_key(const MapFds& fds, std::uint32_t table, const Network& network, const Call& call) {
  const bool six = network.address.family == Family::Inet6;
  abi::hcd_network4_key key4{.prefix = 32U + network.length, .table = table};
  abi::hcd_network6_key key6{.prefix = 32U + network.length, .table = table};
  std::memcpy(key4.addr, network.address.bytes.data(), sizeof key4.addr);
  std::memcpy(key6.addr, network.address.bytes.data(), sizeof key6.addr);
  const MapId id = six ? kNetworks6 : kNetworks4;
  if (call(fds.fd[id].get(), six ? static_cast<const void*>(&key6) : &key4)) return {};
  return fail_errno(std::string(kMaps[id].name) + ": " + network.address.text() + "/" + std::to_string(network.length));
}

}  // namespace

Status KernelMaps::put_network(std::uint32_t table, const Network& network, bool negated) {
  const __u32 value = negated ? abi::HCD_EXCEPTION : abi::HCD_MEMBER;
  return with_key(fds_, table, network,
                  [&](int fd, const void* key) { return bpf_map_update_elem(fd, key, &value, BPF_ANY) == 0; });
}

Status KernelMaps::drop_network(std::uint32_t table, const Network& network) {
  return with_key(fds_, table, network,
                  [&](int fd, const void* key) { return bpf_map_delete_elem(fd, key) == 0 || errno == ENOENT; });
}

namespace {

template <class Key>
Status read_networks(int fd, const char* name, Family family, std::vector<KernelNetwork>& out) {
  Key key{};
  for (const Key* last = nullptr; bpf_map_get_next_key(fd, last, &key) == 0; last = &key) {
    __u32 value = 0;
    if (bpf_map_lookup_elem(fd, &key, &value) != 0) continue;  // gone meanwhile
    if (key.prefix < 32) return fail(Code::Protocol, std::string(name) + " holds a network of no table");
    KernelNetwork& one = out.emplace_back();
    one.table = key.table;
    one.network.address.family = family;
    one.network.length = static_cast<std::uint8_t>(key.prefix - 32);
    one.negated = (value & 3) == abi::HCD_EXCEPTION;
    one.overloaded = (value & 3) == abi::HCD_OVERLOADED;
    if (one.overloaded) one.tick = value >> 2;
    std::memcpy(one.network.address.bytes.data(), key.addr, sizeof key.addr);
  }
  return errno == ENOENT ? Status() : Status(fail_errno(name));
}

}  // namespace

Result<std::vector<KernelNetwork>> KernelMaps::networks() const {
  std::vector<KernelNetwork> out;
  for (const MapId id : {kNetworks4, kNetworks6}) {
    const int fd = fds_.fd[id].get();
    const auto done = id == kNetworks4 ? read_networks<abi::hcd_network4_key>(fd, kMaps[id].name, Family::Inet, out)
                                       : read_networks<abi::hcd_network6_key>(fd, kMaps[id].name, Family::Inet6, out);
    if (!done) return std::unexpected(done.error());
  }
  return out;
}

void KernelMaps::grace() {
  // The packet path runs within an RCU read-side section; this waits for all that began before.
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0) return;
  // Not to be had with full dynticks: no packet takes as long as this.
  const timespec pause{.tv_sec = 0, .tv_nsec = 20'000'000};
  nanosleep(&pause, nullptr);
}

}  // namespace hcd::fastpath
