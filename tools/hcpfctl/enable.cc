#include "tools/hcpfctl/enable.h"

#include "fastpath/bpf/attach.h"
#include "fastpath/bpf/programs.h"

namespace hcd::hcpfctl {
namespace {

using fastpath::Loader;
using fastpath::MapFds;
using fastpath::Sizes;

fastpath::LoaderOptions loader_options(const Options& options, const Sizes& sizes) {
  return {
      .pin_directory = options.pin_directory, .mode = options.attach, .interfaces = options.interfaces, .sizes = sizes};
}

std::string notes_of(Loader& loader) {
  std::string out;
  for (const std::string& note : loader.notes()) out += "hcpfctl: " + note + "\n";
  return out;
}

}  // namespace

Status make_maps(const Options& options, const Sizes& sizes) {
  return Loader(loader_options(options, sizes)).load();
}

Result<Answer> enable(const Options& options) {
  if (enabled(options)) return fail(Code::Exists, "pf already enabled");
  Sizes sizes;
  if (const auto pins = MapFds::open(options.pin_directory)) {
    // Other sizes would mean other maps, without these rules.
    const auto found = fastpath::sizes_of(*pins);
    if (!found) return std::unexpected(found.error());
    sizes = *found;
  } else if (pins.error().code != Code::NotFound) {
    return std::unexpected(pins.error());
  }
  Loader loader(loader_options(options, sizes));
  if (auto done = loader.load(); !done) return std::unexpected(done.error());
  auto done = loader.attach();
  Answer out;
  if (options.verbose > 0) out.err = notes_of(loader);
  if (!done) return std::unexpected(done.error());
  out.err += "pf enabled\n";
  return out;
}

Result<Answer> disable(const Options& options) {
  if (!enabled(options)) return fail(Code::NotFound, "pf not enabled");
  fastpath::Attacher::detach_others(options.pin_directory, {}, {});
  return Answer{.err = "pf disabled\n"};
}

bool enabled(const Options& options) {
  fastpath::Programs::silence_libbpf();
  return fastpath::Attacher::attached(options.pin_directory);
}

}  // namespace hcd::hcpfctl
