#include "fastpath/bpf/loader.h"

#include <algorithm>
#include <ctime>

#include <bpf/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fastpath/bpf/attach.h"
#include "fastpath/bpf/bpf_engine.h"
#include "fastpath/bpf/guard.h"
#include "fastpath/bpf/kernel_check.h"
#include "fastpath/bpf/kernel_maps.h"
#include "fastpath/bpf/states.h"
#include "fastpath/bpf/ticks.h"

namespace hcd::fastpath {
namespace {

constexpr const char* kXdpProgram = "prog_xdp";
constexpr const char* kTcProgram = "prog_tc";

void remove_pins(const std::string& directory, bool maps) {
  for (const char* program : {kXdpProgram, kTcProgram}) unlink((directory + "/" + program).c_str());
  for (const MapSpec& map : kMaps) {
    if (maps) unlink((directory + "/" + map.name).c_str());
  }
}

bool same_link(const abi::hcd_link& a, const abi::hcd_link& b) {
  return a.flags == b.flags && a.mtu == b.mtu;
}

// Of whichever layout: the live states of a host stand first in its record of hcd_loads in all.
std::string loss(const std::string& pin_directory) {
  constexpr const char* kAll = "all states and counters are lost";
  const UniqueFd loads(bpf_obj_get((pin_directory + "/" + kMaps[kLoads].name).c_str()));
  bpf_map_info info{};
  __u32 length = sizeof info;
  if (!loads || bpf_obj_get_info_by_fd(loads.get(), &info, &length) != 0) return kAll;
  std::vector<__u32> record(info.value_size / sizeof(__u32) + 1);
  std::uint64_t states = 0;
  for (__u32 host = 0; host < info.max_entries; host++) {
    if (bpf_map_lookup_elem(loads.get(), &host, record.data()) != 0) return kAll;
    states += record.front();
  }
  return std::to_string(states) + " states and all counters are lost";
}

}  // namespace

Status Loader::load() {
  if (auto sound = check_sizes(options_.sizes); !sound) return sound;
  if (auto allowed = check_privilege(); !allowed) return allowed;
  if (auto able = check_features(); !able) return able;
  if (auto there = prepare_pin_directory(options_.pin_directory); !there) return there;
  auto adopted = adopt();
  if (!adopted && adopted.error().code != Code::NotFound) return std::unexpected(adopted.error());
  const auto globals = adopted ? read_globals(adopted->fd[kGlobals].get()) : new_globals();
  if (!globals) return std::unexpected(globals.error());
  auto programs = Programs::load(adopted ? &*adopted : nullptr, *globals, options_.sizes);
  if (!programs) return std::unexpected(programs.error());
  programs_ = std::make_unique<Programs>(std::move(*programs));
  if (auto known = look_at_routes(*globals); !known) return known;
  return pin(!adopted);
}

// Before the programs see a packet: whether next hops may be remembered at all.
Status Loader::look_at_routes(const abi::hcd_globals& globals) {
  auto watch = RouteWatch::open(programs_->map(kSettings), globals);
  if (!watch) return std::unexpected(watch.error());
  watch_ = std::make_unique<RouteWatch>(std::move(*watch));
  if (auto known = watch_->absorb(); !known) return known;
  if (!watch_->remembers()) note("policy routing is in use: the way of each packet is looked up");
  return {};
}

// NotFound: nothing there that can be used, and why is noted. It stays until there is something to put in its place.
Result<MapFds> Loader::adopt() {
  auto pinned = MapFds::open(options_.pin_directory);
  if (!pinned && pinned.error().code != Code::Unsupported) return pinned;
  std::string why = pinned ? "" : pinned.error().text;
  for (int i = 0; i < kMapCount && why.empty(); i++) {
    const auto id = static_cast<MapId>(i);
    bpf_map_info info{};
    __u32 length = sizeof info;
    if (bpf_obj_get_info_by_fd(pinned->fd[i].get(), &info, &length) != 0) return fail_errno(kMaps[id].name);
    const std::uint32_t entries = entries_of(id, options_.sizes);
    if (info.value_size != kMaps[id].value_size) why = std::string(kMaps[id].name) + " is laid out otherwise";
    if (info.max_entries != entries) {
      why = std::string(kMaps[id].name) + " has " + std::to_string(info.max_entries) + " entries, " +
            std::to_string(entries) + " are wanted";
    }
  }
  if (const auto globals = why.empty() ? read_globals(pinned->fd[kGlobals].get()) : fail(Code::NotFound, why);
      globals) {
    if (globals->layout != abi::HCD_LAYOUT) {
      why = "they have layout " + std::to_string(globals->layout) + ", this program knows " +
            std::to_string(abi::HCD_LAYOUT);
    } else if (globals->buckets != options_.sizes.buckets || globals->tick_ns == 0) {
      why = "their description was overwritten";
    }
  }
  if (why.empty()) {
    note("adopted the maps pinned under " + options_.pin_directory);
    return pinned;
  }
  note("the maps pinned under " + options_.pin_directory + " cannot be adopted: " + why + "; " +
       loss(options_.pin_directory));
  return fail(Code::NotFound, why);
}

Result<abi::hcd_globals> Loader::new_globals() const {
  const auto ticks = measure_ticks();
  if (!ticks) return std::unexpected(ticks.error());
  const Sizes& sizes = options_.sizes;
  abi::hcd_globals out{};
  out.layout = abi::HCD_LAYOUT;
  out.tick_shift = ticks->shift;
  out.tick_ns = ticks->length_ns;
  out.tick_zero_ns = ticks->zero_ns;
  for (__u64& word : out.seed) word = kernel_random();
  out.since = static_cast<__u64>(std::time(nullptr));
  out.buckets = sizes.buckets;
  out.vip_lines = sizes.vip_lines;
  out.endpoint_lines = sizes.endpoint_lines;
  out.ring_lines = sizes.ring_lines;
  out.max_rules = sizes.rules;
  out.max_hosts = sizes.hosts;
  out.max_members = sizes.members;
  out.max_tables = sizes.tables;
  out.max_anchors = sizes.anchors;
  out.sources = sizes.sources;
  return out;
}

Status Loader::pin(bool with_maps) {
  const auto put = [&](int fd, const char* name) -> Status {
    const std::string path = options_.pin_directory + "/" + name;
    unlink(path.c_str());
    if (bpf_obj_pin(fd, path.c_str()) != 0) return fail_errno(path);
    return {};
  };
  for (int i = 0; with_maps && i < kMapCount; i++) {
    if (auto status = put(programs_->map(static_cast<MapId>(i)), kMaps[i].name); !status) return status;
  }
  if (auto status = put(programs_->xdp(), kXdpProgram); !status) return status;
  return put(programs_->tc(), kTcProgram);
}

Status Loader::attach() {
  const auto all = list_interfaces();
  if (!all) return std::unexpected(all.error());
  const auto chosen = wanted(*all);
  if (!chosen) return std::unexpected(chosen.error());
  std::set<std::uint32_t> tc, xdp;
  for (const Interface& interface : *chosen) {
    bool with_xdp = false;
    if (auto status = attach_one(interface, with_xdp); !status) {
      if (!options_.interfaces.empty()) return status;
      note(status.error().text);
      continue;
    }
    tc.insert(interface.index);
    if (with_xdp) xdp.insert(interface.index);
  }
  if (tc.empty()) return fail(Code::NotFound, "there is no interface to redirect packets on");
  Attacher::detach_others(options_.pin_directory, tc, xdp);
  how_ = xdp.empty() ? "tc" : xdp == tc ? "xdp" : "xdp and tc";
  return describe_links();
}

Result<std::vector<Interface>> Loader::wanted(const std::vector<Interface>& all) {
  std::vector<Interface> out;
  if (options_.interfaces.empty()) {
    std::ranges::copy_if(all, std::back_inserter(out), [](const Interface& one) { return one.up && one.ethernet; });
    return out;
  }
  for (const std::string& name : options_.interfaces) {
    const auto found = std::ranges::find(all, name, &Interface::name);
    if (found == all.end()) return fail(Code::NotFound, "interface " + name + " does not exist");
    if (!found->ethernet) return fail(Code::Unsupported, "interface " + name + " has no Ethernet frames");
    if (!found->up) note("interface " + name + " is down");
    out.push_back(*found);
  }
  return out;
}

Status Loader::attach_one(const Interface& interface, bool& xdp) {
  const Attacher attacher(options_.pin_directory, programs_->xdp(), programs_->tc());
  // tc first: what XDP leaves to it must not fall between the two.
  const auto tc = attacher.attach_tc(interface);
  if (!tc) return std::unexpected(tc.error());
  const bool hardware = !interface.parent.empty();
  const std::string on = "interface " + interface.name + ": ";
  if (options_.mode == AttachMode::Tc) {
    note(on + "tc (" + *tc + "), as configured");
  } else if (options_.mode == AttachMode::Auto && !(hardware && interface.xdp_native)) {
    note(on + "tc (" + *tc + "), because " +
         (hardware ? "its driver does not run XDP" : "it is virtual, and its packets are socket buffers already"));
  } else {
    const auto how = attacher.attach_xdp(interface, options_.mode == AttachMode::Xdp);
    if (!how && options_.mode == AttachMode::Xdp) return std::unexpected(how.error());
    xdp = how.has_value();
    note(on + (xdp ? "XDP (" + *how + "), tc (" + *tc + ") behind it" : "tc (" + *tc + "): " + how.error().text));
  }
  return {};
}

// Asked again after attaching: many drivers, and veth's peer, take redirected frames only once a program runs.
Status Loader::describe_links() {
  const auto all = list_interfaces();
  if (!all) return std::unexpected(all.error());
  std::vector<abi::hcd_link> links(abi::HCD_MAX_IFINDEX);
  for (const Interface& one : *all) {
    if (one.index >= links.size()) continue;
    const bool partial = !one.kind.empty() || one.parent.starts_with("virtio") || one.parent.empty();
    links[one.index] = {.flags = (one.xdp_target ? static_cast<__u32>(abi::HCD_LINK_XDP_TARGET) : 0) |
                                 (partial ? static_cast<__u32>(abi::HCD_LINK_PARTIAL_CSUM) : 0),
                        .mtu = one.mtu};
  }
  for (const Interface& one : *all) {
    if (one.lower != 0 && one.lower < links.size()) links[one.lower].flags |= abi::HCD_LINK_VLANS;
  }
  if (std::ranges::equal(links, links_, same_link)) return {};
  for (std::uint32_t index = 0; index < links.size(); index++) {
    if (bpf_map_update_elem(programs_->map(kLinks), &index, &links[index], BPF_ANY) != 0)
      return fail_errno(kMaps[kLinks].name);
  }
  links_ = std::move(links);
  watch_->forget();
  return {};
}

Result<MapFds> Loader::maps() const {
  if (!programs_) return fail(Code::NotFound, "the packet programs are not loaded");
  MapFds out;
  for (int i = 0; i < kMapCount; i++) {
    out.fd[i].reset(dup(programs_->map(static_cast<MapId>(i))));
    if (!out.fd[i]) return fail_errno(kMaps[i].name);
  }
  return out;
}

Status Loader::with_maps(const std::function<void(const Views&)>& change) const {
  auto fds = maps();
  if (!fds) return std::unexpected(fds.error());
  auto mapped = KernelMaps::map(std::move(*fds), KernelMaps::Access::Write);
  if (!mapped) return std::unexpected(mapped.error());
  change((*mapped)->views());
  return {};
}

Status Loader::set_daemon(pid_t parent) {
  return with_maps([parent](const Views& views) { views.globals->daemon_pid = static_cast<__u32>(parent); });
}

Status Loader::set_guard(const Guard& guard) {
  return with_maps([&guard](const Views& views) { fastpath::set_guard(views, guard); });
}

Status Loader::unload(const std::string& pin_directory) {
  Programs::silence_libbpf();
  Attacher::detach_others(pin_directory, {}, {});
  remove_pins(pin_directory, true);
  // EBUSY: it is a mount of its own, and stays.
  if (rmdir(pin_directory.c_str()) != 0 && errno != ENOENT && errno != EBUSY) return fail_errno(pin_directory);
  return {};
}

}  // namespace hcd::fastpath
