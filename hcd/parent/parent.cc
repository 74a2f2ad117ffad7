#include "hcd/parent/parent.h"

#include <csignal>

#include <malloc.h>

#include "fastpath/base/log.h"
#include "fastpath/base/text.h"
#include "hcd/ipc/messages.h"
#include "hcd/parent/privilege.h"
#include "hcd/parent/send_config.h"

namespace hcd::parent {
namespace {

constexpr std::size_t kReplyMax = ipc::kFrameMax - 1024;
constexpr std::size_t kParkedMax = 1U << 17;  // entries: every host, table and service may be overridden

template <class T>
Result<T> read(const ipc::Frame& frame) {
  auto message = ipc::decode<T>(frame.payload);
  if (!message) return fail(Code::Protocol, "a message of type " + std::to_string(frame.type) + " is malformed");
  return std::move(*message);
}

std::unexpected<Error> not_its(const ipc::Frame& frame) {
  return fail(Code::Protocol, "a message of type " + std::to_string(frame.type) + " is not its to send");
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

void warn_once(const std::string& what, const Status& done, std::string& last) {
  std::string error = done ? std::string() : done.error().text;
  if (!error.empty() && error != last) log::warning(what + ": " + error);
  last = std::move(error);
}

// Errors quote the file's lines, and operators are not root: only the configuration's own directory is theirs to name.
Status may_load(const std::string& path, const std::string& config) {
  const std::string directory = directory_of(config);
  if (directory_of(path) == directory) return {};
  return fail(Code::Permission, path + ": only files in " + (directory.empty() ? "the working directory" : directory) +
                                    " can be loaded, beside " + config);
}

}  // namespace

Parent::Parent(event::Loop& loop, const Options& options, Needs needs)
    : loop_(loop),
      options_(options),
      needs_(std::move(needs)),
      state_(options.state_directory),
      names_(loop, needs_.files,
             {.need = [this](bool needed) { children_.need(proc::Role::Names, needed); },
              .channel = [this] { return children_.channel(proc::Role::Names); },
              .changed =
                  [this] {
                    if (!stopping_) reload_.renew();
                  },
              .state =
                  [this](const conf::NameState& state) {
                    if (auto* channel = children_.channel(proc::Role::Pfe)) channel->send(state);
                  }}),
      metrics_([this](bool needed) { children_.need(proc::Role::Metrics, needed); }),
      reload_(loop,
              {.load = [this](const std::string& path) { return load(path); },
               .prepare = [this](conf::Config& config) { return prepare(config); },
               .resolve =
                   [this](const conf::Config& written, const conf::Config& running) {
                     return conf::with_addresses(written, names_.answers(), running);
                   },
               .to_pfe = [this](const conf::Config& c, std::uint32_t g) { return send_config(proc::Role::Pfe, c, g); },
               .to_hce = [this](const conf::Config& c, std::uint32_t g) { return send_config(proc::Role::Hce, c, g); },
               .distrust_pfe = [this](const std::string& why) { children_.end(proc::Role::Pfe, why); },
               .in_force = [this](const conf::Config& written) { now_wanted(written); },
               .abandoned = [this] { metrics_.forget(); },
               .trial =
                   [this](Duration left) {
                     const auto ms = std::chrono::duration_cast<Milliseconds>(left).count();
                     standing_.confirm_until_ms = ms == 0 ? 0 : loop_.wall_ms() + ms;
                     tell_standing();
                   },
               .taken_back =
                   [this](const std::string& changes) {
                     log::notice("the reload was not confirmed and is taken back: " + changes);
                     now_stands("taken back");
                   }}),
      scripts_(loop, needs_.launcher,
               [this](const ipc::ScriptResult& result) {
                 if (auto* channel = children_.channel(proc::Role::Hce)) channel->send(result);
               }),
      pfctl_(needs_.datapath, {.channel = [this] { return children_.channel(proc::Role::Pfctl); },
                               .end_pfe = [this](const std::string& why) { children_.end(proc::Role::Pfe, why); }}),
      children_(loop, needs_.spawner,
                {.ready = [this](proc::Role role) { on_ready(role); },
                 .message = [this](proc::Role role, const ipc::Message& m) { return on_message(role, m); },
                 .ended = [this](proc::Role role, const std::string& how) { on_ended(role, how); }}),
      refresher_(loop.timer([this] { refresh(); })),
      keeper_(loop.timer([this] {
        keep_routes();
        keeper_->after(Datapath::kKeep);
      })) {}

Parent::~Parent() = default;

Status Parent::start(conf::Loaded first) {
  auto sockets = ControlSockets::open(options_.socket);  // first of all: it tells whether another daemon runs
  if (!sockets) return std::unexpected(sockets.error());
  sockets_ = std::make_unique<ControlSockets>(std::move(*sockets));
  for (const auto& warning : first.warnings) log::warning(warning);
  if (auto kept = state_.load(); kept)
    parked_ = std::move(*kept);
  else
    log::warning("what operators had changed is not known any more: " + kept.error().text);
  if (auto done = reload_.begin(std::move(first)); !done) return done;
  needs_.datapath.claim(static_cast<unsigned>(getpid()));
  for (const int number : {SIGTERM, SIGINT}) signals_.push_back(loop_.signal(number, [this] { stop(false); }));
  signals_.push_back(loop_.signal(SIGHUP, [this] { on_hangup(); }));
  standing_.started_ms = loop_.wall_ms();
  now_stands("start");
  children_.need(proc::Role::Pfctl, pfctl_.needed());
  children_.start();
  now_wanted(reload_.written());
  refresher_->after(Datapath::kRefresh);
  if (const int routes = needs_.datapath.routes(); routes >= 0) {
    routes_ = loop_.watch(routes, [this](event::Ready) { keep_routes(); });
    routes_->want({.read = true});
    keeper_->after(Datapath::kKeep);
  }
  return {};
}

Result<conf::Loaded> Parent::load(const std::string& path) const {
  const std::string& file = path.empty() ? options_.config : path;
  if (auto done = may_load(file, options_.config); !done) return std::unexpected(done.error());
  const conf::SystemResolver resolver;
  return conf::load({.path = file, .macros = options_.macros, .files = needs_.files, .resolver = resolver});
}

Status Parent::prepare(conf::Config& config) {
  for (auto& service : config.services)
    for (auto& at : service.virtuals) {
      if (at.interface.empty()) continue;
      const auto index = needs_.interface_index(at.interface);
      if (!index) return fail_in("service " + service.name, index.error());
      at.ifindex = *index;
    }
  if (has_scripts(config))
    if (auto done = check_script_user(); !done) return done;
  if (auto done = check_users(config); !done) return done;
  if (auto done = metrics_.prepare(config.global.metrics); !done) return done;
  names_.prepare(config);
  for (const auto role :
       {proc::Role::Hce, proc::Role::Pfe})  // what does not fit a message is refused before anything changes
    if (const auto frames = config_frames(proc::info(role), config, {}); !frames)
      return std::unexpected(frames.error());
  return needs_.datapath.prepare(config.global);
}

Status Parent::send_config(proc::Role role, const conf::Config& config, std::uint32_t generation) {
  auto* channel = children_.channel(role);
  if (channel == nullptr) {
    if (role == proc::Role::Hce) return {};  // it is told as soon as it is ready
    return fail(Code::System, "the packet filter engine's process is being restarted, try again");
  }
  Version version{.generation = generation,
                  .log = config.global.log,
                  .anchor = options_.name,
                  .script_limit = config.global.script_limit};
  if (options_.foreground) version.log = std::max(version.log, conf::LogChecks::Updates);
  const auto frames = config_frames(proc::info(role), config, version);
  if (!frames) return std::unexpected(frames.error());
  send(*channel, *frames);
  return {};
}

Status Parent::equip_pfe() {
  auto* channel = children_.channel(proc::Role::Pfe);
  auto maps = needs_.datapath.maps();
  if (!maps) return std::unexpected(maps.error());
  auto sockets = sockets_->copies();
  if (!sockets) return std::unexpected(sockets.error());
  if (auto done = pfctl_.begin(*maps); !done) return done;
  channel->send(static_cast<std::uint32_t>(ipc::Type::EngineMaps), 0, needs_.datapath.recipe(), std::move(*maps));
  for (const auto& [key, value] : parked_) channel->send(ipc::Park{key, value});
  channel->send(static_cast<std::uint32_t>(ipc::Type::ControlSockets), 0, {}, std::move(*sockets));
  return {};
}

void Parent::on_ready(proc::Role role) {
  if (log::verbose()) children_.channel(role)->send(ipc::LogRequest{.verbose = true});
  if (role == proc::Role::Names) return names_.on_ready();
  if (role == proc::Role::Pfctl) return pfctl_.on_ready();
  Status done = role == proc::Role::Pfe       ? equip_pfe()
                : role == proc::Role::Metrics ? metrics_.hand_over(*children_.channel(role))
                                              : Status();
  if (done && role != proc::Role::Metrics) done = send_config(role, reload_.running(), reload_.generation());
  if (!done) return children_.end(role, done.error().text);
  if (role != proc::Role::Pfe) return;
  tell_standing();
  for (const auto& state : names_.states()) children_.channel(role)->send(state);
}

void Parent::on_ended(proc::Role role, const std::string& how) {
  if (role == proc::Role::Pfe) reload_.on_pfe_lost();
  if (role == proc::Role::Hce) scripts_.end_all();
  if (stopping_) return;
  if (role == proc::Role::Pfctl && in_force_) children_.end(proc::Role::Pfe, "nobody runs pfctl for it any more");
  if (in_force_ || role == proc::Role::Names) return;
  failed_ = true;
  log::error("cannot start: " + std::string(proc::info(role).name) + ": " + how);
  stop(false);
}

Status Parent::on_message(proc::Role role, const ipc::Message& message) {
  if (role == proc::Role::Hce) return on_hce_message(message.frame);
  if (role == proc::Role::Names) return on_names_message(message.frame);
  if (role == proc::Role::Pfctl) return pfctl_.on_message(message.frame);
  if (role == proc::Role::Metrics) return fail(Code::Protocol, "it has nothing to say");
  switch (static_cast<ipc::Type>(message.frame.type)) {
    case ipc::Type::ConfigApplied: return on_applied(message.frame);
    case ipc::Type::ReloadRequest: return on_reload_request(message.frame);
    case ipc::Type::ConfirmRequest: return on_confirm_request(message.frame);
    case ipc::Type::LogRequest: return on_log_request(message.frame);
    case ipc::Type::StopRequest: return on_stop_request(message.frame);
    case ipc::Type::Park: return on_park(message.frame);
    case ipc::Type::Accuse: return on_accuse(message.frame);
    default: return not_its(message.frame);
  }
}

Status Parent::on_hce_message(const ipc::Frame& frame) {
  if (stopping_) return {};
  switch (static_cast<ipc::Type>(frame.type)) {
    case ipc::Type::ScriptRun: {
      const auto request = read<ipc::ScriptRun>(frame);
      return request ? scripts_.run(*request, reload_.running()) : std::unexpected(request.error());
    }
    case ipc::Type::ScriptStop: {
      const auto request = read<ipc::ScriptStop>(frame);
      return request ? (scripts_.stop(*request), Status()) : std::unexpected(request.error());
    }
    default: return not_its(frame);
  }
}

Status Parent::on_names_message(const ipc::Frame& frame) {
  if (frame.type != static_cast<std::uint32_t>(ipc::Type::NameAnswer)) return not_its(frame);
  const auto answer = read<conf::NameAnswer>(frame);
  return answer ? names_.on_answer(*answer) : std::unexpected(answer.error());
}

Status Parent::on_applied(const ipc::Frame& frame) {
  const auto applied = read<ipc::ConfigApplied>(frame);
  if (!applied) return std::unexpected(applied.error());
  if (auto done = reload_.on_applied(applied->generation, applied->error); !done) return done;
  untidy_ = true;
  if (in_force_ || stopping_) return {};
  if (!applied->error.empty()) {
    failed_ = true;
    log::error("the first configuration cannot be put in force: " + applied->error);
    stop(false);
    return {};
  }
  in_force_ = true;
  log::info("up, with the engine " + needs_.datapath.engine());
  needs_.in_force();
  return {};
}

Status Parent::on_reload_request(const ipc::Frame& frame) {
  const auto request = read<ipc::ReloadRequest>(frame);
  if (!request) return std::unexpected(request.error());
  reload_.request(
      request->path,
      [this, id = frame.id, by = request->by](bool ok, const std::string& text) {
        log::notice(ok ? "configuration reloaded" : "reload refused: " + text);
        ok ? now_stands("reload by " + by) : still_stands();
        if (auto* channel = children_.channel(proc::Role::Pfe))
          channel->send(ipc::ReloadResult{.ok = ok, .text = text.substr(0, kReplyMax)}, id);
      },
      Seconds(request->confirm_within_s));
  return {};
}

Status Parent::on_confirm_request(const ipc::Frame& frame) {
  const auto request = read<ipc::ConfirmRequest>(frame);
  if (!request) return std::unexpected(request.error());
  reload_.confirm(request->keep, [this, id = frame.id](bool ok, const std::string& text) {
    if (auto* channel = children_.channel(proc::Role::Pfe))
      channel->send(ipc::ReloadResult{.ok = ok, .text = text.substr(0, kReplyMax)}, id);
  });
  return {};
}

Status Parent::on_log_request(const ipc::Frame& frame) {
  const auto request = read<ipc::LogRequest>(frame);
  if (!request) return std::unexpected(request.error());
  log::set_verbose(request->verbose);
  for (const auto& child : proc::children())
    if (auto* channel = children_.channel(child.role)) channel->send(*request);
  return {};
}

void Parent::now_stands(const std::string& by) {
  standing_.refused = false;
  standing_.by = by;
  standing_.since_ms = loop_.wall_ms();
  tell_standing();
}

void Parent::still_stands() {
  standing_.refused = true;
  tell_standing();
}

void Parent::tell_standing() {
  if (auto* channel = children_.channel(proc::Role::Pfe)) channel->send(standing_);
}

Status Parent::on_stop_request(const ipc::Frame& frame) {
  const auto request = read<ipc::StopRequest>(frame);
  if (!request) return std::unexpected(request.error());
  log::notice("stop asked for by user id " + std::to_string(request->uid));
  stop(request->unload);
  return {};
}

// Only this way round: hce reads what strangers send, so it is not asked whom to end.
Status Parent::on_accuse(const ipc::Frame& frame) {
  const auto accuse = read<ipc::Accuse>(frame);
  if (!accuse) return std::unexpected(accuse.error());
  children_.end(proc::Role::Hce, "pfe got " + printable(accuse->why));
  return {};
}

Status Parent::on_park(const ipc::Frame& frame) {
  auto park = read<ipc::Park>(frame);
  if (!park) return std::unexpected(park.error());
  if (park->value.empty()) {
    parked_.erase(park->key);
  } else {
    if (parked_.size() >= kParkedMax && !parked_.contains(park->key)) return fail(Code::Limit, "it parks too much");
    parked_.insert_or_assign(std::move(park->key), std::move(park->value));
  }
  if (!std::exchange(saving_, true)) loop_.defer([this] { save(); });
  return {};
}

void Parent::save() {
  saving_ = false;
  warn_once("what operators have changed will not survive a restart", state_.save(parked_), save_error_);
}

void Parent::now_wanted(const conf::Config& written) {
  names_.want(written);
  metrics_.take(written.global.metrics);
}

void Parent::on_hangup() {
  reload_.request({}, [this](bool ok, const std::string& text) {
    log::notice(ok ? "configuration reloaded: " + text : "reload refused: " + text);
    ok ? now_stands("reload by SIGHUP") : still_stands();
  });
}

void Parent::refresh() {
  if (stopping_) return;
  if (std::exchange(untidy_, false)) malloc_trim(0);
  warn_once("links", needs_.datapath.refresh(), refresh_error_);
  refresher_->after(Datapath::kRefresh);
}

void Parent::keep_routes() {
  warn_once("routes", needs_.datapath.keep_routes(loop_.now()), routes_error_);
}

void Parent::stop(bool unload) {
  if (stopping_) return;
  stopping_ = true;
  unload_ = unload;
  log::notice("parent terminating");
  scripts_.end_all();
  // Of pf's anchors the last word is said when nobody is left who could say another.
  children_.shut_down(unload && !pfctl_.needed(), [this] {
    needs_.datapath.claim(0);
    if (unload_)
      if (auto done = needs_.datapath.unload(); !done) {
        failed_ = true;
        log::error("cannot take the rules out of the kernel: " + done.error().text);
      }
    loop_.stop();
  });
}

}  // namespace hcd::parent
