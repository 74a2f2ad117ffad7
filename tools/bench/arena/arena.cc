#include "tools/bench/arena/arena.h"

#include <cstdio>
#include <cstdlib>

#include <sched.h>
#include <sys/mount.h>

namespace hcd::bench {

using namespace hcd::fastpath;

void refuse(const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, why.c_str());
  std::exit(EXIT_FAILURE);
}
void must(const Status& status) {
  if (!status) refuse(status.error().text);
}

Arena::Arena(const Sizes& sizes) {
  if (unshare(CLONE_NEWNS) != 0 || mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) != 0) refuse("needs root");
  if (mount("bpf", "/mnt", "bpf", 0, "mode=0700") != 0) refuse("a BPF file system cannot be mounted");
  Loader loader({.pin_directory = kPins, .sizes = sizes});
  must(loader.load());
  start();
}
Arena::~Arena() {
  (void)Loader::unload(kPins);
}

void Arena::start() {
  auto fds = MapFds::open(kPins);
  if (!fds) refuse(fds.error().text);
  auto maps = KernelMaps::map(std::move(*fds), KernelMaps::Access::Write);
  if (!maps) refuse(maps.error().text);
  views_ = &(*maps)->views();
  engine_ = std::make_unique<BpfEngine>(std::move(*maps), clock_, kernel_random, "bpf (bench)");
  must(engine_->adopted());
}

void Arena::clear() {
  Transaction transaction = engine_->begin();
  for (const auto& [name, unused] : engine_->ruleset()) transaction.remove_anchor(name);
  must(engine_->commit(transaction));
  engine_->tend();
}

}  // namespace hcd::bench
