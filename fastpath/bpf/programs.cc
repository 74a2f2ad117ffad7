#include "fastpath/bpf/programs.h"

#include <algorithm>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "fastpath/bpf/states.h"

using hcd::abi::hcd_config;  // the skeleton calls it by this name alone
#include <redirect.skel.h>

namespace hcd::fastpath {
namespace {

abi::hcd_config config_of(const abi::hcd_globals& globals) {
  abi::hcd_config out{};
  std::ranges::copy(globals.seed, out.seed);
  out.bucket_mask = globals.buckets - 1;
  out.vip_mask = globals.vip_lines - 1;
  out.endpoint_mask = globals.endpoint_lines - 1;
  out.hop_mask = abi::HCD_HOPS - 1;
  out.tick_shift = globals.tick_shift;
  out.source_mask = globals.sources - 1;
  const SweepPlan sweep = sweep_plan(globals.buckets);
  out.sweep_buckets = sweep.buckets;
  out.sweep_every = sweep.every_us;
  return out;
}

Status put_one(int fd, MapId id, const void* value) {
  const std::uint32_t zero = 0;
  if (bpf_map_update_elem(fd, &zero, value, BPF_ANY) != 0) return fail_errno(kMaps[id].name);
  return {};
}

// What libbpf said first when it failed.
std::string& first_words() {
  static thread_local std::string words;
  return words;
}

int listen_to_libbpf(libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN) return 0;
  char line[512];
  const int length = vsnprintf(line, sizeof line, format, arguments);
  std::string_view text(line,
                        std::min<std::size_t>(length > 0 ? static_cast<std::size_t>(length) : 0, sizeof line - 1));
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (first_words().empty()) first_words() = text;  // the first says which program
  return length;
}

std::unexpected<Error> refused(const std::string& what, int error) {
  auto out = fail_errno(what, error < 0 ? -error : errno);
  if (!first_words().empty()) out.error().text += " (" + first_words() + ")";
  return out;
}

}  // namespace

void Programs::silence_libbpf() {
  libbpf_set_print(listen_to_libbpf);
}

Result<Programs> Programs::load(const MapFds* adopted, const abi::hcd_globals& globals, const Sizes& sizes) {
  silence_libbpf();
  first_words().clear();
  Skeleton skeleton(redirect__open(), redirect__destroy);
  if (!skeleton) return refused("the packet programs cannot be read", -errno);
  skeleton->rodata->hcd_config = config_of(globals);
  for (int i = 0; i < kMapCount; i++) {
    const auto id = static_cast<MapId>(i);
    bpf_map* map = bpf_object__find_map_by_name(skeleton->obj, kMaps[id].name);
    if (map == nullptr) return fail(Code::System, std::string("the packet programs lack the map ") + kMaps[id].name);
    const int error = adopted != nullptr ? bpf_map__reuse_fd(map, adopted->fd[i].get())
                                         : bpf_map__set_max_entries(map, entries_of(id, sizes));
    if (error != 0) return refused(kMaps[id].name, error);
  }
  if (const int error = redirect__load(skeleton.get()); error != 0) {
    return refused("the kernel refuses the packet programs", error);
  }
  Programs out(std::move(skeleton));
  if (adopted != nullptr) {
    if (auto started = out.start_sweep(); !started) return std::unexpected(started.error());
    return out;
  }
  const abi::hcd_settings settings = default_settings(sizes);
  const abi::hcd_timeout_set timeouts = default_timeouts(globals);
  const abi::hcd_pulse pulse{.factor = abi::HCD_FACTOR_ONE};
  for (auto done :
       {write_globals(out.map(kGlobals), globals), put_one(out.map(kSettings), kSettings, &settings),
        put_one(out.map(kTimeoutSets), kTimeoutSets, &timeouts), put_one(out.map(kPulse), kPulse, &pulse)}) {
    if (!done) return std::unexpected(done.error());
  }
  if (auto started = out.start_sweep(); !started) return std::unexpected(started.error());
  return out;
}

Status Programs::start_sweep() const {
  bpf_test_run_opts options{};
  options.sz = sizeof options;
  const int error = bpf_prog_test_run_opts(bpf_program__fd(skeleton_->progs.hcd_start_sweep), &options);
  if (error == 0 && options.retval == 0) return {};
  return fail_errno("the sweeper of expired states cannot be started", error < 0 ? -error : EINVAL);
}

int Programs::map(MapId id) const {
  return bpf_object__find_map_fd_by_name(skeleton_->obj, kMaps[id].name);
}
int Programs::xdp() const {
  return bpf_program__fd(skeleton_->progs.hcd_xdp);
}
int Programs::tc() const {
  return bpf_program__fd(skeleton_->progs.hcd_tc);
}

Status write_globals(int fd, const abi::hcd_globals& globals) {
  const std::uint32_t zero = 0;
  if (bpf_map_update_elem(fd, &zero, &globals, BPF_ANY) != 0) return fail_errno("hcd_globals");
  return {};
}

Result<abi::hcd_globals> read_globals(int fd) {
  const std::uint32_t zero = 0;
  abi::hcd_globals out{};
  if (bpf_map_lookup_elem(fd, &zero, &out) != 0) return fail_errno("hcd_globals");
  return out;
}

}  // namespace hcd::fastpath
