#include "tools/hcpfctl/run.h"

#include "fastpath/base/text.h"
#include "fastpath/bpf/inventory.h"
#include "fastpath/bpf/kernel_maps.h"
#include "tools/hcpfctl/act.h"
#include "tools/hcpfctl/change_table.h"
#include "tools/hcpfctl/enable.h"
#include "tools/hcpfctl/flush.h"
#include "tools/hcpfctl/follow.h"
#include "tools/hcpfctl/load.h"
#include "tools/hcpfctl/show.h"
#include "tools/hcpfctl/writer.h"

namespace hcd::hcpfctl {
namespace {

using fastpath::KernelMaps;
using Access = KernelMaps::Access;

Result<std::unique_ptr<KernelMaps>> open_maps(const Options& options, Access access) {
  auto pins = fastpath::MapFds::open(options.pin_directory);
  if (!pins) return std::unexpected(pins.error());
  auto maps = KernelMaps::map(std::move(*pins), access);
  if (!maps) return fail_in(options.pin_directory, maps.error());
  return maps;
}

// The maps must be there as long as the answer is made from them.
Result<Answer> show_kernel(const Options& options, const Clock& clock) {
  const auto maps = open_maps(options, Access::Read);
  if (!maps) return std::unexpected(maps.error());
  auto snapshot = take_snapshot(**maps, clock, options.show == Show::States || options.show == Show::All);
  if (!snapshot) return std::unexpected(snapshot.error());
  snapshot->info.enabled = enabled(options);
  auto answer = show(options, *snapshot);
  if (!answer) return answer;
  std::string faults;
  for (const std::string& fault : snapshot->faults) faults += "hcpfctl: " + printable(fault) + "\n";
  answer->err = faults + answer->err;
  return answer;
}

Result<Answer> follow_here(const Options& options, const Clock& clock) {
  const auto maps = open_maps(options, Access::Write);
  if (!maps) return std::unexpected(maps.error());
  if (auto done = follow(options, **maps, clock); !done) return std::unexpected(done.error());
  return Answer{};
}

Result<Answer> act_here(const Options& options, const Clock& clock) {
  const auto maps = open_maps(options, Access::Write);
  if (!maps) return std::unexpected(maps.error());
  return act(options, **maps, clock);
}

Result<Answer> zero_here(const Options& options) {
  const auto maps = open_maps(options, Access::Write);
  if (!maps) return std::unexpected(maps.error());
  return zero_rules(options, **maps);
}

// A daemon attaches the programs itself. Rules and tables may change beside it: it looks again, and puts its own back.
Status check_daemon(const Options& options) {
  const auto maps = open_maps(options, Access::Read);
  if (!maps) return {};
  const unsigned pid = running_daemon((*maps)->views());
  if (pid == 0) return {};
  return fail(Code::Permission, "hcd, pid " + std::to_string(pid) + ", attaches the programs: stop it first");
}

using Change = Result<Answer> (*)(const Options&, Kernel);

Result<Answer> change(const Options& options, const Clock& clock, Change what) {
  auto writer = Writer::open(options.pin_directory, clock);
  if (!writer) return std::unexpected(writer.error());
  return what(options, (*writer)->kernel());
}

// Only whether it could be loaded. What is in force counts where it can be looked at.
Result<Answer> try_file(const Options& options, const Files& files) {
  fastpath::Ruleset in_force;
  if (const auto maps = open_maps(options, Access::Read)) {
    auto inventory = fastpath::read_inventory((*maps)->views());
    in_force = sound_ruleset(inventory);
  }
  const auto conf = read_conf(options, files, in_force);
  if (!conf) return std::unexpected(conf.error());
  return Answer{.out = options.verbose > 0 ? conf_text(options, *conf) : ""};
}

Result<Answer> load_file(const Options& options, const Clock& clock) {
  // Before the lock: whoever writes to the standard input may take long, and a daemon may have hosts to take out.
  auto input = options.file == "-" ? read_input() : Result<std::string>();
  if (!input) return fail_in("standard input", input.error());
  const ToolFiles files(std::move(*input));
  if (options.dummy) return try_file(options, files);
  auto writer = Writer::open(options.pin_directory, clock);
  const bool first = !writer && writer.error().code == Code::NotFound;
  if (!writer && !first) return std::unexpected(writer.error());
  const auto conf = read_conf(options, files, first ? fastpath::Ruleset() : (*writer)->kernel().engine.ruleset());
  if (!conf) return std::unexpected(conf.error());
  if (first) {
    if (auto made = make_maps(options, sizes_for(conf->settings)); !made) return std::unexpected(made.error());
    writer = Writer::open(options.pin_directory, clock);
    if (!writer) return std::unexpected(writer.error());
  }
  if (auto done = load_conf(options, *conf, (*writer)->kernel()); !done) return std::unexpected(done.error());
  Answer out{.out = options.verbose > 0 ? conf_text(options, *conf) : ""};
  if (!options.enable && !enabled(options)) out.err = "hcpfctl: no interface redirects yet: -e enables it\n";
  return out;
}

Result<Answer> enable_here(const Options& options) {
  if (auto ours = check_daemon(options); !ours) return std::unexpected(ours.error());
  return enable(options);
}

// Where everything is flushed and nothing loaded, nothing stays behind.
bool unloads(const Options& options) {
  return options.disable && options.flush == Flush::All && !options.anchored && !options.loads();
}

Result<Answer> disable_here(const Options& options) {
  if (auto ours = check_daemon(options); !ours) return std::unexpected(ours.error());
  if (unloads(options) && !enabled(options)) return Answer{};
  return disable(options);
}

Result<Answer> unload_here(const Options& options) {
  if (auto done = fastpath::Loader::unload(options.pin_directory); !done) return std::unexpected(done.error());
  return Answer{};
}

}  // namespace

Status run(const Options& options, const Clock& clock, Answer& answer) {
  const auto step = [&](Result<Answer> done) -> Status {
    if (!done) return std::unexpected(done.error());
    answer.add(std::move(*done));
    return {};
  };
  Status status;
  if (options.disable) status = step(disable_here(options));
  if (status && options.follows()) {
    status = step(follow_here(options, clock));
  } else if (status && options.shows()) {
    status = step(show_kernel(options, clock));
  }
  if (status && options.acts()) {
    status = step(act_here(options, clock));
  } else if (status && options.flush != Flush::Nothing) {
    status = step(change(options, clock, flush));
  }
  if (status && options.zero) status = step(zero_here(options));
  if (status && options.changes_table()) status = step(change(options, clock, change_table));
  if (status && unloads(options)) status = step(unload_here(options));
  if (status && options.loads()) status = step(load_file(options, clock));
  if (status && options.enable) status = step(enable_here(options));
  return status;
}

}  // namespace hcd::hcpfctl
