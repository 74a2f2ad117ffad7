// hcd, from its command line to its end. The same program is the parent and, started by the parent with -P, each of its
// children; this file alone knows what the roles do.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <net/if.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fastpath/base/log.h"
#include "fastpath/bpf/bpf_engine.h"
#include "fastpath/bpf/kernel_maps.h"
#include "fastpath/memory/memory_engine.h"
#include "hcd/conf/load.h"
#include "hcd/conf/print.h"
#include "hcd/ctl/peer.h"
#include "hcd/event/libevent_loop.h"
#include "hcd/hce/hce.h"
#include "hcd/metrics/metrics.h"
#include "hcd/names/ares_dns.h"
#include "hcd/names/names.h"
#include "hcd/parent/background.h"
#include "hcd/parent/bpf_datapath.h"
#include "hcd/parent/memory_datapath.h"
#include "hcd/parent/options.h"
#include "hcd/parent/parent.h"
#include "hcd/parent/pf_datapath.h"
#include "hcd/parent/privilege.h"
#include "hcd/parent/system_spawner.h"
#include "hcd/pfctl/client.h"
#include "hcd/pfctl/process_pfctl.h"
#include "hcd/pfctl/server.h"
#include "hcd/pfe/pfe.h"
#include "hcd/proc/child.h"

using namespace hcd;

namespace {

constexpr unsigned kFirstOther = 3;  // descriptor after the standard three

[[noreturn]] void refuse(const parent::Options& options, const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", options.name.c_str(), why.c_str());
  std::exit(EXIT_FAILURE);
}

parent::Options parse_command_line(int argc, char** argv) {
  auto options = parent::parse_options({argv, argv + argc});
  if (!options) {
    const auto name = parent::parse_options({argv, argv + std::min(argc, 1)})->name;
    std::fprintf(stderr, "%s: %s\n%s", name.c_str(), options.error().text.c_str(), parent::usage(name).c_str());
    std::exit(EXIT_FAILURE);
  }
  for (auto* path : {&options->config, &options->socket, &options->pins, &options->pid_file, &options->empty_directory,
                     &options->state_directory})
    if (!path->empty()) *path = std::filesystem::absolute(*path);  // a daemon leaves the directory
  return std::move(*options);
}

// ---- the children ----

class HceWorker final : public proc::Worker {
 public:
  HceWorker(hcd::event::Loop& loop, ipc::Channel& parent, hce::IcmpSockets sockets)
      : hce_(loop, std::move(sockets), &parent) {}
  Status on_parent(ipc::Message message) override { return hce_.on_parent(std::move(message)); }

 private:
  hce::Hce hce_;
};

class PfeWorker final : public proc::Worker {
 public:
  PfeWorker(hcd::event::Loop& loop, ipc::Channel& parent, pfe::Options options)
      : pfe_(loop, parent, std::move(options)) {}
  Status on_parent(ipc::Message message) override { return pfe_.on_parent(std::move(message)); }
  Status shut_down(bool unload) override { return unload ? pfe_.unload() : Status(); }

 private:
  pfe::Pfe pfe_;
};

class NamesWorker final : public proc::Worker {
 public:
  NamesWorker(hcd::event::Loop& loop, ipc::Channel& parent, std::unique_ptr<names::AresDns> dns)
      : dns_(std::move(dns)), names_(loop, *dns_, [&parent](const conf::NameAnswer& answer) { parent.send(answer); }) {
    dns_->attach(loop);
  }
  Status on_parent(ipc::Message message) override { return names_.on_parent(message); }

 private:
  std::unique_ptr<names::AresDns> dns_;
  names::Names names_;
};

class PfctlWorker final : public proc::Worker {
 public:
  PfctlWorker(hcd::event::Loop& loop, ipc::Channel& parent)
      : server_(loop, {.make = [](const std::string& path) { return std::make_unique<pfctl::ProcessPfctl>(path); },
                       .accuse = [&parent](const ipc::Accuse& accuse) { parent.send(accuse); }}) {}
  Status on_parent(ipc::Message message) override { return server_.on_parent(std::move(message)); }

 private:
  pfctl::Server server_;
};

// A pf's, by the process that runs pfctl: `pfctl` is what it asks it by, and must outlive it.
Result<std::unique_ptr<fastpath::Engine>> make_pf_engine(const Clock& clock, const parent::PfRecipe& recipe,
                                                         std::vector<UniqueFd> fds,
                                                         std::unique_ptr<pfctl::Client>& pfctl) {
  if (fds.size() != 1) return fail(Code::Protocol, "a pf without a way to it");
  pfctl = std::make_unique<pfctl::Client>(std::move(fds.front()), clock, log::fatal);
  return parent::make_pf_engine(recipe, *pfctl, clock);
}

class MetricsWorker final : public proc::Worker {
 public:
  explicit MetricsWorker(hcd::event::LibeventLoop& loop) : metrics_(loop, loop) {}
  Status on_parent(ipc::Message message) override { return metrics_.on_parent(std::move(message)); }

 private:
  metrics::Metrics metrics_;
};

// The engine over the maps and the lock that the parent passed, taking over what they hold; without maps, one that only remembers.
Result<std::unique_ptr<fastpath::Engine>> make_engine(const Clock& clock, std::string_view name,
                                                      std::vector<UniqueFd> fds) {
  if (fds.empty()) return std::make_unique<fastpath::MemoryEngine>();
  fastpath::WriterLock lock(std::move(fds.back()));
  fds.pop_back();
  auto descriptors = fastpath::MapFds::from(std::move(fds));
  if (!descriptors) return std::unexpected(descriptors.error());
  auto maps = fastpath::KernelMaps::map(std::move(*descriptors), fastpath::KernelMaps::Access::Write);
  if (!maps) return std::unexpected(maps.error());
  auto engine = std::make_unique<fastpath::BpfEngine>(std::move(*maps), clock, fastpath::kernel_random,
                                                      std::string(name), std::move(lock));
  for (const auto& fault : engine->faults()) log::warning(fault);
  if (!engine->adopted()) return std::unexpected(engine->adopted().error());
  return engine;
}

std::string own_hostname() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

// What a role must open before it is confined, then the rest of its life.
[[noreturn]] void run_role(proc::Role which, const parent::Options& options) {
  const auto& role = proc::info(which);
  const proc::Confinement confinement{.empty_directory = options.empty_directory};
  log::open(std::string(role.name), options.foreground ? log::Where::Terminal : log::Where::Parent,
            options.verbose > 0);
  switch (role.role) {
    case proc::Role::Hce: {
      auto sockets = hce::open_icmp();
      proc::run_child(role, confinement, [&](hcd::event::Loop& loop, ipc::Channel& parent) {
        return std::make_unique<HceWorker>(loop, parent, std::move(sockets));
      });
    }
    case proc::Role::Pfe: {
      auto users = ctl::read_users();
      auto hostname = own_hostname();
      std::unique_ptr<pfctl::Client> pfctl;
      proc::run_child(role, confinement, [&](hcd::event::Loop& loop, ipc::Channel& parent) {
        const auto engine = [&](std::string_view recipe, std::vector<UniqueFd> fds) {
          if (const auto pf = parent::read_pf_recipe(recipe)) return make_pf_engine(loop, *pf, std::move(fds), pfctl);
          return make_engine(loop, recipe, std::move(fds));
        };
        return std::make_unique<PfeWorker>(
            loop, parent,
            pfe::Options{.make_engine = engine, .users = std::move(users), .hostname = std::move(hostname)});
      });
    }
    case proc::Role::Names: {
      auto dns = names::AresDns::make();
      if (!dns) log::fatal(dns.error().text);
      proc::run_child(role, confinement, [&](hcd::event::Loop& loop, ipc::Channel& parent) {
        return std::make_unique<NamesWorker>(loop, parent, std::move(*dns));
      });
    }
    case proc::Role::Pfctl:
      proc::run_child(role, confinement, [](hcd::event::Loop& loop, ipc::Channel& parent) {
        return std::make_unique<PfctlWorker>(loop, parent);
      });
    case proc::Role::Metrics:
      proc::run_child(role, confinement, [](hcd::event::LibeventLoop& loop, ipc::Channel&) {
        return std::make_unique<MetricsWorker>(loop);
      });
    case proc::Role::Parent: break;
  }
  log::fatal("the parent is nobody's child");
}

// ---- the parent ----

Result<conf::Loaded> try_load(const parent::Options& options) {
  const SystemFiles files;
  const conf::SystemResolver resolver;
  return conf::load({.path = options.config, .macros = options.macros, .files = files, .resolver = resolver});
}

conf::Loaded load(const parent::Options& options) {
  auto loaded = try_load(options);
  if (!loaded) {
    std::fprintf(stderr, "%s\n", loaded.error().text.c_str());
    std::exit(EXIT_FAILURE);
  }
  return std::move(*loaded);
}

[[noreturn]] void show(const parent::Options& options, const conf::Loaded& loaded) {
  for (const auto& warning : loaded.warnings) std::fprintf(stderr, "%s\n", warning.c_str());
  if (options.verbose > 0) std::fputs(conf::print(loaded.config).c_str(), stdout);
  std::fflush(stdout);
  std::fputs("configuration OK\n", stderr);
  std::exit(EXIT_SUCCESS);
}

void write_pid(const parent::Options& options) {
  if (options.pid_file.empty()) return;
  std::ofstream file(options.pid_file, std::ios::trunc);
  file << getpid() << '\n';
  if (!file.flush()) log::warning("cannot write the process id to " + options.pid_file);
}

std::unique_ptr<parent::Datapath> make_pf_datapath(const parent::Options& options, const conf::PfUse& use) {
  static const SystemFiles files;
  static const SystemClock clock;
  static pfctl::ProcessPfctl pfctl(use.pfctl);
  return std::make_unique<parent::PfDatapath>(options.name, use, files, pfctl, clock);
}

std::unique_ptr<parent::Datapath> make_datapath(const parent::Options& options, const conf::Config& config) {
  if (config.global.fastpath == conf::FastpathMode::None) return std::make_unique<parent::MemoryDatapath>();
  if (config.global.fastpath == conf::FastpathMode::Pf) return make_pf_datapath(options, config.global.pf);
  return std::make_unique<parent::BpfDatapath>(options.pins);
}

// -F: a daemon that runs keeps its sockets, and its rules; so this holds them meanwhile: those that the
// configuration names, if it loads. It names pf too; without it, the rules are this kernel's.
int unload(parent::Options options) {
  std::unique_ptr<parent::Datapath> datapath = std::make_unique<parent::BpfDatapath>(options.pins);
  if (const auto loaded = try_load(options)) {
    parent::take_socket(options, loaded->config);
    if (loaded->config.global.fastpath == conf::FastpathMode::Pf) datapath = make_datapath(options, loaded->config);
  }
  const auto sockets = parent::ControlSockets::open(options.socket);
  const auto done = sockets ? datapath->unload() : Status(std::unexpected(sockets.error()));
  if (done) return EXIT_SUCCESS;
  std::fprintf(stderr, "%s: %s\n", options.name.c_str(), done.error().text.c_str());
  return EXIT_FAILURE;
}

Result<unsigned> interface_index(const std::string& name) {
  if (const unsigned index = if_nametoindex(name.c_str()); index != 0) return index;
  return fail(Code::NotFound, "there is no interface " + name);
}

}  // namespace

int main(int argc, char** argv) {
  auto options = parse_command_line(argc, argv);
  if (options.role) run_role(*options.role, options);  // a child: does not return
  close_range(kFirstOther, ~0U, 0);                    // what whoever started us left open is not ours to hold
  signal(SIGPIPE, SIG_IGN);
  if (options.unload) return unload(options);

  // The configuration, with all its errors, before anything is touched.
  auto loaded = load(options);
  if (options.check_only) show(options, loaded);  // does not return
  parent::take_socket(options, loaded.config);

  // What this machine and this user must have.
  if (auto done = parent::check_privilege(loaded.config); !done) refuse(options, done.error().text);
  if (auto done = parent::check_users(loaded.config); !done) refuse(options, done.error().text);
  if (auto done = proc::make_empty_directory(options.empty_directory); !done) refuse(options, done.error().text);

  // From here on as a daemon; until it is up, its log and its errors still go to the terminal.
  std::optional<parent::Background> background;
  if (!options.foreground) {
    auto entered = parent::Background::enter();
    if (!entered) refuse(options, entered.error().text);
    background = std::move(*entered);
  }
  log::open("parent", log::Where::Terminal, options.verbose > 0);
  umask(022);

  // Sockets, programs and maps, children: each in force before the next needs it.
  hcd::event::LibeventLoop loop;
  parent::SystemSpawner spawner(options);
  parent::SystemLauncher launcher;
  const SystemFiles files;
  const auto datapath = make_datapath(options, loaded.config);
  parent::Parent parent(loop, options,
                        {.spawner = spawner,
                         .datapath = *datapath,
                         .launcher = launcher,
                         .files = files,
                         .interface_index = interface_index,
                         .in_force = [&] {
                           write_pid(options);
                           if (!background) return;
                           log::open("parent", log::Where::Syslog, options.verbose > 0);
                           if (auto done = background->up(); !done) log::warning(done.error().text);
                         }});
  if (auto done = parent.start(std::move(loaded)); !done) refuse(options, done.error().text);

  // Until SIGTERM, SIGINT or an operator's stop has ended every child.
  loop.run();
  if (!options.pid_file.empty()) unlink(options.pid_file.c_str());
  return parent.failed() ? EXIT_FAILURE : EXIT_SUCCESS;
}
