#include "hcd/pfe/pfe.h"

#include <algorithm>

#include <malloc.h>
#include <unistd.h>

#include "fastpath/base/log.h"
#include "hcd/ctl/server.h"
#include "hcd/pfe/director.h"
#include "hcd/proc/role.h"

namespace hcd::pfe {
namespace {

std::string type_text(ipc::Type type) {
  return "message of type " + std::to_string(static_cast<std::uint32_t>(type));
}

std::unexpected<Error> malformed(const ipc::Message& message) {
  return fail(Code::Protocol, "a malformed message of type " + std::to_string(message.frame.type));
}

}  // namespace

class Pfe::Process final : public ctl::Backend {
 public:
  Process(event::Loop& loop, ipc::Channel& parent, Options options)
      : loop_(loop),
        parent_(parent),
        make_engine_(std::move(options.make_engine)),
        origin_{.hostname = std::move(options.hostname), .pid = static_cast<std::uint32_t>(getppid())},
        server_(loop, *this, std::move(options.users)),
        tidy_(loop.timer([] { malloc_trim(0); })) {}

  Status on_parent(ipc::Message message);
  Status unload() { return director_ ? director_->unload() : Status(); }

  // For operators.
  ctl::Snapshot snapshot(bool rows) override { return director_ ? director_->snapshot(rows) : ctl::Snapshot(); }
  void look() override {
    if (director_) director_->look();
  }
  ctl::Look numbers(std::uint64_t since) override { return director_ ? director_->numbers(since) : ctl::Look(); }
  std::vector<ctl::HostChecks> evidence(std::uint8_t last) override {
    return director_ ? director_->evidence(last) : std::vector<ctl::HostChecks>();
  }
  std::vector<ctl::TableDurations> durations() override {
    return director_ ? director_->durations() : std::vector<ctl::TableDurations>();
  }
  ctl::Beats take_beats() override { return director_ ? director_->take_beats() : ctl::Beats(); }
  std::expected<ctl::Outcome, ctl::Answer> change(const ctl::Change& change, const ctl::Peer& peer) override;
  ctl::Answer stop(const ctl::Stop& stop, const ctl::Peer& peer) override;
  ctl::Answer log(const ctl::Log& log, const ctl::Peer& peer) override;
  void reload(const ctl::Reload& reload, const ctl::Peer& peer, std::uint32_t ticket) override;
  void confirm(const ctl::Confirm& confirm, const ctl::Peer& peer, std::uint32_t ticket) override;
  std::expected<ctl::Evidence, ctl::Answer> checks(const ctl::Checks& checks) override;
  void check_now(const ctl::CheckNow& check, const ctl::Peer& peer, std::uint32_t ticket) override;

 private:
  Status on_engine_maps(ipc::Message message);
  Status on_peer_channel(ipc::Message message);
  Status on_control_sockets(ipc::Message message);
  Status on_park(const ipc::Park& park);
  Status on_config_begin(const ipc::ConfigBegin& begin);
  Status on_config_table(conf::Table table);
  Status on_config_service(conf::Service service);
  Status on_config_end(const ipc::ConfigEnd& end);
  Status on_reload_result(const ipc::ReloadResult& result, std::uint32_t ticket);
  void on_hce(const ipc::Message& message);
  void on_hce_lost(const Error& error);
  [[nodiscard]] Director::Outlet outlet();

  template <class T, class Handler>
  Status take(const ipc::Message& message, Handler handler) {
    auto decoded = ipc::decode<T>(message.frame.payload);
    if (!decoded) return malformed(message);
    return handler(std::move(*decoded));
  }

  event::Loop& loop_;
  ipc::Channel& parent_;
  decltype(Options::make_engine) make_engine_;
  const Origin origin_;
  ctl::Server server_;
  std::unique_ptr<Director> director_;
  std::unique_ptr<ipc::Channel> hce_;
  std::optional<Incoming> incoming_;
  // What a configuration came in, and the first results of its hosts, is given back.
  static constexpr Seconds kTidyAfter{5};
  std::unique_ptr<event::Timer> tidy_;
};

Status Pfe::Process::on_parent(ipc::Message message) {
  const auto type = static_cast<ipc::Type>(message.frame.type);
  if (type == ipc::Type::EngineMaps) return on_engine_maps(std::move(message));
  if (type == ipc::Type::PeerChannel) return on_peer_channel(std::move(message));
  if (type == ipc::Type::ControlSockets) return on_control_sockets(std::move(message));
  if (!message.fds.empty()) return fail(Code::Protocol, type_text(type) + " with descriptors");
  if (type == ipc::Type::ReloadResult)
    return take<ipc::ReloadResult>(message, [&](const auto& m) { return on_reload_result(m, message.frame.id); });
  if (!director_) return fail(Code::Protocol, type_text(type) + " before an engine");
  switch (type) {
    case ipc::Type::Park: return take<ipc::Park>(message, [this](const auto& m) { return on_park(m); });
    case ipc::Type::Standing:
      return take<ipc::Standing>(message, [this](const auto& m) { return director_->note_standing(m), Status(); });
    case ipc::Type::NameState:
      return take<conf::NameState>(message, [this](const auto& m) { return director_->note_name(m), Status(); });
    case ipc::Type::ConfigBegin:
      return take<ipc::ConfigBegin>(message, [this](const auto& m) { return on_config_begin(m); });
    case ipc::Type::ConfigTable:
      return take<conf::Table>(message, [this](conf::Table&& m) { return on_config_table(std::move(m)); });
    case ipc::Type::ConfigService:
      return take<conf::Service>(message, [this](conf::Service&& m) { return on_config_service(std::move(m)); });
    case ipc::Type::ConfigEnd: return take<ipc::ConfigEnd>(message, [this](const auto& m) { return on_config_end(m); });
    default: return fail(Code::Protocol, "an unexpected " + type_text(type));
  }
}

Status Pfe::Process::on_engine_maps(ipc::Message message) {
  if (director_) return fail(Code::Protocol, "a second engine");
  auto engine = make_engine_(message.frame.payload, std::move(message.fds));
  if (!engine) return fail_in("engine", engine.error());
  director_ = std::make_unique<Director>(loop_, std::move(*engine), outlet(), origin_);
  return {};
}

Director::Outlet Pfe::Process::outlet() {
  return {.to_hce =
              [this](const ipc::HostSwitch& host) {
                if (hce_) hce_->send(host);
              },
          .rows = [this](const ctl::Rows& rows) { server_.publish(rows); },
          .watched = [this] { return server_.watched(); },
          .wants_beats = [this] { return server_.wants_beats(); },
          .gone = [this](const ctl::Gone& gone) { server_.publish(gone); },
          .event = [this](const ctl::Event& event) { server_.publish(event); },
          .park = [this](const std::string& key,
                         const std::string& value) { parent_.send(ipc::Park{.key = key, .value = value}); },
          .check_now =
              [this](const ipc::CheckNow& order) {
                if (hce_) hce_->send(order);
                return hce_ != nullptr;
              },
          .checking = [this](std::uint32_t ticket, const ctl::Checking& part) { server_.tell(ticket, part); },
          .checked = [this](std::uint32_t ticket, const ctl::Checked& part) { server_.tell(ticket, part); },
          .answer = [this](std::uint32_t ticket, const ctl::Answer& answer) { server_.answer(ticket, answer); }};
}

// hce's channel is new whenever hce is: what it knew, it is told again.
Status Pfe::Process::on_peer_channel(ipc::Message message) {
  const auto peer = ipc::decode<ipc::PeerChannel>(message.frame.payload);
  if (!peer || message.fds.size() != 1) return malformed(message);
  if (peer->role == static_cast<std::uint8_t>(proc::Role::Metrics))
    return server_.serve(std::move(message.fds.front())), Status();
  if (peer->role != static_cast<std::uint8_t>(proc::Role::Hce))
    return fail(Code::Protocol, "a channel to a process that is neither hce nor metrics");
  hce_ =
      std::make_unique<ipc::Channel>(loop_, std::move(message.fds.front()),
                                     ipc::Channel::Handler{.message = [this](const ipc::Message& m) { on_hce(m); },
                                                           .lost = [this](const Error& error) { on_hce_lost(error); }},
                                     ipc::Channel::Limits{.fds = false});
  if (!director_) return {};
  director_->hce_restarted();
  for (const auto& host : director_->host_syncs()) hce_->send(host);
  return {};
}

void Pfe::Process::on_hce(const ipc::Message& message) {
  const auto on_status = [this, &message](const ipc::HostStatus& status) -> Status {
    if (status.memory.changes.size() > ipc::HostMemory::kChangesMax) return malformed(message);
    if (director_) director_->record(status);
    return {};
  };
  const auto on_results = [this](const ipc::CheckResults& results) -> Status {
    if (director_) director_->record(results);
    return {};
  };
  const auto on_certificate = [this](const ipc::HostCertificate& shown) -> Status {
    if (director_) director_->record(shown);
    return {};
  };
  Status taken = malformed(message);
  switch (static_cast<ipc::Type>(message.frame.type)) {
    case ipc::Type::HostStatus: taken = take<ipc::HostStatus>(message, on_status); break;
    case ipc::Type::CheckResults: taken = take<ipc::CheckResults>(message, on_results); break;
    case ipc::Type::HostCertificate: taken = take<ipc::HostCertificate>(message, on_certificate); break;
    default: break;
  }
  if (taken) return;
  parent_.send(ipc::Accuse{.why = taken.error().text});
  on_hce_lost(taken.error());
}

// It has ended, and the parent starts another; or it lied, and the parent is told to.
void Pfe::Process::on_hce_lost(const Error& error) {
  if (!hce_) return;
  log::warning("hce: " + error.text);
  loop_.defer([dying = std::shared_ptr<ipc::Channel>(std::move(hce_))] {});
  if (director_) director_->hce_lost();
}

Status Pfe::Process::on_control_sockets(ipc::Message message) {
  if (message.fds.empty() || message.fds.size() > 2) return malformed(message);
  server_.stop_listening();
  for (std::size_t i = 0; i < message.fds.size(); i++) server_.listen(std::move(message.fds[i]), i == 1);
  return {};
}

// A value that is not understood (of another version) is not believed, and is no reason to end.
Status Pfe::Process::on_park(const ipc::Park& park) {
  if (const auto status = director_->restore(park.key, park.value); !status) log::warning(status.error().text);
  return {};
}

Status Pfe::Process::on_config_begin(const ipc::ConfigBegin& begin) {
  incoming_ = {.generation = begin.generation, .anchor = begin.anchor, .tables = {}, .services = {}};
  return {};
}

Status Pfe::Process::on_config_table(conf::Table table) {
  if (!incoming_) return fail(Code::Protocol, "a table outside a configuration");
  auto& tables = incoming_->tables;
  if (!tables.empty() && tables.back().id == table.id)
    std::ranges::move(table.hosts, std::back_inserter(tables.back().hosts));
  else
    tables.push_back(std::move(table));
  return {};
}

Status Pfe::Process::on_config_service(conf::Service service) {
  if (!incoming_) return fail(Code::Protocol, "a service outside a configuration");
  incoming_->services.push_back(std::move(service));
  return {};
}

Status Pfe::Process::on_config_end(const ipc::ConfigEnd& end) {
  if (!incoming_ || incoming_->generation != end.generation)
    return fail(Code::Protocol, "the end of a configuration that was not begun");
  auto incoming = std::move(*incoming_);
  incoming_.reset();
  const auto status = director_->configure(std::move(incoming));
  if (!status && status.error().code == Code::Protocol) return status;
  parent_.send(ipc::ConfigApplied{.generation = end.generation, .error = status ? "" : status.error().text});
  tidy_->after(kTidyAfter);
  return {};
}

Status Pfe::Process::on_reload_result(const ipc::ReloadResult& result, std::uint32_t ticket) {
  server_.answer(ticket, {result.ok ? ctl::Verdict::Done : ctl::Verdict::Refused, result.text});
  return {};
}

std::expected<ctl::Outcome, ctl::Answer> Pfe::Process::change(const ctl::Change& change, const ctl::Peer& peer) {
  if (!director_) return std::unexpected(ctl::Answer{ctl::Verdict::Refused, "the engine is not ready yet"});
  return director_->change(change, peer.text());
}

std::expected<ctl::Evidence, ctl::Answer> Pfe::Process::checks(const ctl::Checks& checks) {
  if (!director_) return std::unexpected(ctl::Answer{ctl::Verdict::Refused, "the engine is not ready yet"});
  return director_->checks(checks);
}

void Pfe::Process::check_now(const ctl::CheckNow& check, const ctl::Peer& peer, std::uint32_t ticket) {
  if (!director_) return server_.answer(ticket, {ctl::Verdict::Refused, "the engine is not ready yet"});
  director_->check_now(check, ticket, peer.text());
}

ctl::Answer Pfe::Process::stop(const ctl::Stop& stop, const ctl::Peer& peer) {
  log::notice(std::string("admin: stop") + (stop.unload ? " and unload" : "") + " asked for by " + peer.text());
  parent_.send(ipc::StopRequest{.uid = peer.uid, .unload = stop.unload});
  return {ctl::Verdict::Done, "stopping"};
}

ctl::Answer Pfe::Process::log(const ctl::Log& log, const ctl::Peer& peer) {
  hcd::log::notice(std::string("admin: log ") + (log.verbose ? "verbose" : "brief") + " asked for by " + peer.text());
  parent_.send(ipc::LogRequest{.verbose = log.verbose});
  return {};
}

void Pfe::Process::reload(const ctl::Reload& reload, const ctl::Peer& peer, std::uint32_t ticket) {
  log::notice("admin: reload asked for by " + peer.text());
  parent_.send(ipc::ReloadRequest{.path = {}, .by = peer.text(), .confirm_within_s = reload.confirm_within_s}, ticket);
}

void Pfe::Process::confirm(const ctl::Confirm& confirm, const ctl::Peer& peer, std::uint32_t ticket) {
  log::notice(std::string("admin: the reload is to be ") + (confirm.keep ? "kept" : "taken back") + ", by " +
              peer.text());
  parent_.send(ipc::ConfirmRequest{.keep = confirm.keep, .by = peer.text()}, ticket);
}

Pfe::Pfe(event::Loop& loop, ipc::Channel& parent, Options options)
    : process_(std::make_unique<Process>(loop, parent, std::move(options))) {}
Pfe::~Pfe() = default;

Status Pfe::on_parent(ipc::Message message) {
  return process_->on_parent(std::move(message));
}

Status Pfe::unload() {
  return process_->unload();
}

}  // namespace hcd::pfe
