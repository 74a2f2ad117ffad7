#include "fastpath/bpf/attach.h"

#include <algorithm>
#include <vector>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <linux/if_link.h>
#include <unistd.h>

#include "fastpath/base/c_ptr.h"
#include "fastpath/base/text.h"
#include "fastpath/base/unique_fd.h"

namespace hcd::fastpath {
namespace {

constexpr auto kTcxIngress = static_cast<bpf_attach_type>(46);  // BPF_TCX_INGRESS, which Debian 12's headers lack
constexpr const char* kTcPin = "link_tc_";
// The interface's index follows: a name may hold a dot, which bpffs refuses.
constexpr const char* kXdpPin = "link_xdp_";
constexpr __u32 kTcHandle = 0x686364, kTcPriority = 1;

// The link pinned there, unless its interface has gone.
UniqueFd pinned_link(const std::string& path, std::uint32_t ifindex) {
  UniqueFd link(bpf_obj_get(path.c_str()));
  bpf_link_info info{};
  __u32 length = sizeof info;
  if (!link) return link;
  // tcx has the index in the same place.
  if (bpf_obj_get_info_by_fd(link.get(), &info, &length) == 0 && info.xdp.ifindex == ifindex) return link;
  unlink(path.c_str());
  return {};
}

// Takes the link off its interface first: where a pin was the last to hold it, the kernel does that only some time after.
void remove_link(const std::string& path) {
  if (const UniqueFd link(bpf_obj_get(path.c_str())); link) bpf_link_detach(link.get());
  unlink(path.c_str());
}

UniqueFd xdp_link(int program, std::uint32_t ifindex, __u32 mode) {
  bpf_link_create_opts options{};
  options.sz = sizeof options;
  options.flags = mode;
  return UniqueFd(bpf_link_create(program, static_cast<int>(ifindex), BPF_XDP, &options));
}

Status pin_new(int link, const std::string& path) {
  if (bpf_obj_pin(link, path.c_str()) == 0) return {};
  return fail_errno(path);
}

std::vector<std::uint32_t> pinned(const std::string& directory, const std::string& prefix) {
  std::vector<std::uint32_t> out;
  const CPtr<DIR, closedir> entries(opendir(directory.c_str()));
  while (const dirent* entry = entries ? readdir(entries.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(prefix)) continue;
    if (const auto index = parse_number<std::uint32_t>(name.substr(prefix.size()), 1, UINT32_MAX))
      out.push_back(*index);
  }
  return out;
}

bpf_tc_hook clsact(std::uint32_t ifindex) {
  bpf_tc_hook hook{};
  hook.sz = sizeof hook;
  hook.ifindex = static_cast<int>(ifindex);
  hook.attach_point = BPF_TC_INGRESS;
  return hook;
}

bpf_tc_opts our_filter() {
  bpf_tc_opts out{};
  out.sz = sizeof out;
  out.handle = kTcHandle;
  out.priority = kTcPriority;
  return out;
}

bool has_clsact(const Interface& interface) {
  bpf_tc_hook hook = clsact(interface.index);
  bpf_tc_opts filter = our_filter();
  return bpf_tc_query(&hook, &filter) == 0;
}

void detach_clsact(const Interface& interface) {
  if (!has_clsact(interface)) return;
  bpf_tc_hook hook = clsact(interface.index);
  bpf_tc_opts filter = our_filter();
  bpf_tc_detach(&hook, &filter);
}

}  // namespace

Result<std::string> Attacher::attach_tc(const Interface& interface) const {
  const std::string path = directory_ + "/" + kTcPin + std::to_string(interface.index);
  if (const UniqueFd link = pinned_link(path, interface.index)) {
    if (bpf_link_update(link.get(), tc_, nullptr) != 0) return fail_errno(interface.name + ": tc program");
    return "tcx";
  }
  const UniqueFd link(bpf_link_create(tc_, static_cast<int>(interface.index), kTcxIngress, nullptr));
  if (!link && errno == EINVAL) return attach_clsact(interface);
  if (!link) return fail_errno(interface.name + ": tc program");
  if (auto status = pin_new(link.get(), path); !status) return std::unexpected(status.error());
  return "tcx";
}

Result<std::string> Attacher::attach_clsact(const Interface& interface) const {
  bpf_tc_hook hook = clsact(interface.index);
  if (const int error = bpf_tc_hook_create(&hook); error != 0 && error != -EEXIST) {
    return fail_errno(interface.name + ": clsact", -error);
  }
  bpf_tc_opts filter = our_filter();
  filter.prog_fd = tc_;
  filter.flags = BPF_TC_F_REPLACE;
  if (const int error = bpf_tc_attach(&hook, &filter); error != 0) {
    return fail_errno(interface.name + ": tc program", -error);
  }
  return "clsact";
}

Result<std::string> Attacher::attach_xdp(const Interface& interface, bool generic_will_do) const {
  const std::string path = directory_ + "/" + kXdpPin + std::to_string(interface.index);
  if (const UniqueFd link = pinned_link(path, interface.index)) {
    if (bpf_link_update(link.get(), xdp_, nullptr) != 0) return fail_errno(interface.name + ": XDP program");
    return "as before";
  }
  UniqueFd link = xdp_link(xdp_, interface.index, XDP_FLAGS_DRV_MODE);
  std::string how = "native";
  if (!link && errno == EBUSY) {
    return fail(Code::Exists, interface.name + ": another XDP program is attached to it");
  }
  if (!link && generic_will_do) {
    link = xdp_link(xdp_, interface.index, XDP_FLAGS_SKB_MODE);
    how = "generic";
  }
  if (!link) return fail_errno(interface.name + ": XDP program");
  if (auto status = pin_new(link.get(), path); !status) return std::unexpected(status.error());
  return how;
}

bool Attacher::attached(const std::string& directory) {
  const auto interfaces = list_interfaces();
  if (!interfaces) return false;
  for (const char* prefix : {kXdpPin, kTcPin}) {
    for (const std::uint32_t index : pinned(directory, prefix)) {
      if (std::ranges::find(*interfaces, index, &Interface::index) != interfaces->end()) return true;
    }
  }
  return std::ranges::any_of(*interfaces, [](const Interface& one) { return one.ethernet && has_clsact(one); });
}

void Attacher::detach_others(const std::string& directory, const std::set<std::uint32_t>& tc,
                             const std::set<std::uint32_t>& xdp) {
  for (const std::uint32_t index : pinned(directory, kXdpPin)) {
    if (!xdp.contains(index)) remove_link(directory + "/" + kXdpPin + std::to_string(index));
  }
  for (const std::uint32_t index : pinned(directory, kTcPin)) {
    if (!tc.contains(index)) remove_link(directory + "/" + kTcPin + std::to_string(index));
  }
  const auto interfaces = list_interfaces();
  if (!interfaces) return;
  for (const Interface& one : *interfaces) {
    if (one.ethernet && !tc.contains(one.index)) detach_clsact(one);
  }
}

}  // namespace hcd::fastpath
