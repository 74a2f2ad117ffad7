#include "hcd/parent/bpf_datapath.h"

#include "fastpath/base/log.h"
#include "fastpath/bpf/writer_lock.h"
#include "hcd/conf/print.h"

namespace hcd::parent {
namespace {

fastpath::AttachMode attach_mode(conf::FastpathMode mode) {
  switch (mode) {
    case conf::FastpathMode::Xdp: return fastpath::AttachMode::Xdp;
    case conf::FastpathMode::Tc: return fastpath::AttachMode::Tc;
    case conf::FastpathMode::Auto:
    case conf::FastpathMode::Pf:
    case conf::FastpathMode::None: break;
  }
  return fastpath::AttachMode::Auto;
}

}  // namespace

fastpath::LoaderOptions BpfDatapath::options(const conf::Global& global) const {
  fastpath::LoaderOptions options;
  options.pin_directory = pins_;
  options.mode = attach_mode(global.fastpath);
  options.interfaces = global.interfaces;
  if (global.states_limit != 0) options.sizes.buckets = fastpath::buckets_for(global.states_limit);
  return options;
}

Status BpfDatapath::prepare(const conf::Global& global) {
  if (global.fastpath == conf::FastpathMode::None || global.fastpath == conf::FastpathMode::Pf)
    return fail(Code::Invalid, "'fastpath " + std::string(conf::fastpath_text(global.fastpath)) +
                                   "' cannot be taken up by a reload: restart the daemon");
  if (loader_) {
    if (loader_->sizes().buckets != options(global).sizes.buckets)
      return fail(Code::Invalid,
                  "'states limit' cannot be taken up by a reload: restart the daemon, which ends all states");
    loader_->set_options(options(global));
  } else {
    auto loader = std::make_unique<fastpath::Loader>(options(global));
    if (auto done = loader->load(); !done) return done;
    loader_ = std::move(loader);
  }
  auto done = loader_->attach();
  log_notes();
  return done ? loader_->set_guard(global.guard) : done;
}

Status BpfDatapath::keep_routes(TimePoint now) {
  if (!loader_) return {};
  const bool remembered = loader_->routes().remembers();
  auto done = loader_->routes().keep(now);
  if (done && loader_->routes().remembers() != remembered)
    log::info(remembered ? "policy routing is in use: the way of each packet is looked up"
                         : "policy routing is in use no more: next hops are remembered");
  return done;
}

std::string BpfDatapath::engine() const {
  return "bpf (" + loader_->how() + ")";
}

Result<std::vector<UniqueFd>> BpfDatapath::maps() const {
  auto maps = loader_->maps();
  if (!maps) return std::unexpected(maps.error());
  std::vector<UniqueFd> out;
  for (auto& fd : maps->fd) out.push_back(std::move(fd));
  auto lock = fastpath::WriterLock::open(pins_);
  if (!lock) return std::unexpected(lock.error());
  out.push_back(std::move(*lock));
  return out;
}

void BpfDatapath::claim(unsigned pid) {
  if (!loader_) return;
  if (auto done = loader_->set_daemon(static_cast<pid_t>(pid)); !done) log::warning(done.error().text);
}

void BpfDatapath::log_notes() {
  for (const auto& note : loader_->notes()) log::info(note);
}

}  // namespace hcd::parent
