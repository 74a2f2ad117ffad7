#include "tools/hcpfctl/load.h"

#include <atomic>
#include <bit>

#include <unistd.h>

#include "fastpath/bpf/guard.h"
#include "fastpath/bpf/shared.h"
#include "fastpath/bpf/states.h"
#include "fastpath/pfconf/print.h"
#include "fastpath/pfconf/stage.h"
#include "tools/hcpfctl/snapshot.h"

namespace hcd::hcpfctl {
namespace {

using fastpath::Sizes;
using fastpath::store;
using fastpath::pfconf::Conf;
using fastpath::pfconf::Limit;
using fastpath::pfconf::Settings;

constexpr const char* kStdin = "stdin";

std::uint32_t power_of_two(std::uint32_t number) {
  return std::bit_ceil(std::min(number, std::uint32_t{1} << 31));
}

// The default set is everybody's: packets see each timeout as it was or as it is.
void set_timeouts(const Settings& settings, Kernel kernel) {
  const auto& views = kernel.maps.views();
  abi::hcd_timeout_set set = fastpath::default_timeouts(*views.globals);
  for (const auto& [timeout, seconds] : settings.timeouts) {
    set.ticks[static_cast<std::size_t>(timeout)] = fastpath::ticks_of(*views.globals, seconds);
  }
  for (std::size_t i = 0; i < std::size(set.ticks); i++) store(views.timeout_sets[0].ticks[i], set.ticks[i]);
  const abi::hcd_settings adaptive = fastpath::default_settings({.buckets = views.globals->buckets});
  store(views.settings->adaptive_start, __u32{settings.adaptive_start.value_or(adaptive.adaptive_start)});
  store(views.settings->adaptive_end, __u32{settings.adaptive_end.value_or(adaptive.adaptive_end)});
}

// The daemon's, while one runs, unless the file has words about it.
void set_guard(const Settings& settings, Kernel kernel) {
  const auto& views = kernel.maps.views();
  const fastpath::Guard now = running_daemon(views) != 0 ? fastpath::guard_of(views) : fastpath::Guard();
  fastpath::set_guard(
      views, {.when_full = settings.when_full.value_or(now.when_full), .syns = settings.syn_guard.value_or(now.syns)});
}

Status check_limits(const Settings& settings, Kernel kernel) {
  const auto& views = kernel.maps.views();
  const Sizes wanted = sizes_for(settings);
  const auto check = [&](Limit limit, std::uint32_t want, std::size_t have) -> Status {
    if (!settings.limits.contains(limit) || want == have) return {};
    return fail(Code::Limit, "set limit " + std::string(limit_name(limit)) + " " +
                                 std::to_string(settings.limits.at(limit)) +
                                 ": the kernel's maps have another size; -d -F all removes them, with all states");
  };
  for (auto fits : {check(Limit::States, wanted.buckets, views.states4.size()),
                    check(Limit::SrcNodes, wanted.sources, views.sources.size()),
                    check(Limit::Tables, wanted.tables, views.tables.size()),
                    check(Limit::TableEntries, wanted.members, views.members.size()),
                    check(Limit::Anchors, wanted.anchors, views.anchors.size())}) {
    if (!fits) return fits;
  }
  return {};
}

}  // namespace

Result<std::string> read_input(std::size_t limit) {
  std::string text;
  for (char buffer[16384];;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("cannot read");
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > limit) return fail(Code::Limit, "larger than " + std::to_string(limit) + " bytes");
  }
}

Result<std::string> ToolFiles::read(const std::string& path, std::size_t limit) const {
  if (path == "-") return read_input(limit);
  if (path != kStdin) return SystemFiles().read(path, limit);
  if (input_.size() > limit) return fail(Code::Limit, "larger than " + std::to_string(limit) + " bytes");
  return input_;
}

Result<Conf> read_conf(const Options& options, const Files& files, const fastpath::Ruleset& in_force) {
  const fastpath::pfconf::SystemSurroundings surroundings;
  const std::string path = options.file == "-" ? kStdin : options.file;
  return fastpath::pfconf::load({path, options.anchor, options.macros, files, surroundings, in_force});
}

std::string conf_text(const Options& options, const Conf& conf) {
  using fastpath::pfconf::Dialect;
  if (options.anchor.empty() || conf.anchors.size() != 1) return *fastpath::pfconf::print(conf, Dialect::Ours);
  return *fastpath::pfconf::print(conf.anchors.begin()->second, Dialect::Ours);
}

Sizes sizes_for(const Settings& settings) {
  Sizes out;
  for (const auto& [limit, number] : settings.limits) {
    switch (limit) {
      case Limit::States: out.buckets = fastpath::buckets_for(number); break;
      case Limit::SrcNodes: out.sources = power_of_two(number); break;
      // Index 0 means none.
      case Limit::Tables: out.tables = number + 1; break;
      case Limit::TableEntries: out.members = number + 1; break;
      case Limit::Anchors: out.anchors = number + 1; break;
      case Limit::Count: break;
    }
  }
  return out;
}

Status load_conf(const Options& options, const Conf& conf, Kernel kernel) {
  if (auto fits = check_limits(conf.settings, kernel); !fits) return fits;
  auto transaction = kernel.engine.begin();
  stage(conf, kernel.engine.ruleset(), transaction);
  if (auto done = kernel.engine.commit(transaction); !done) return done;
  // As with pfctl, the main ruleset brings its settings, or the defaults.
  if (options.anchored) return {};
  set_timeouts(conf.settings, kernel);
  set_guard(conf.settings, kernel);
  return {};
}

}  // namespace hcd::hcpfctl
