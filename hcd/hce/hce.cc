#include "hcd/hce/hce.h"

#include <csignal>

#include <malloc.h>
#include <sys/random.h>

#include "fastpath/base/log.h"
#include "hcd/hce/relays.h"
#include "hcd/hce/report.h"
#include "hcd/hce/roster.h"
#include "hcd/hce/runner.h"
#include "hcd/hce/teller.h"
#include "hcd/ipc/messages.h"
#include "hcd/proc/role.h"

namespace hcd::hce {

using ipc::Type;

namespace {

// A relay is no role of the process table yet; its channel will say this of it.
constexpr auto kRelay = static_cast<std::uint8_t>(static_cast<std::uint8_t>(last_of(proc::Role{})) + 1);

std::uint64_t some_seed() {
  std::uint64_t seed = 0;
  while (getrandom(&seed, sizeof seed, 0) != sizeof seed) continue;
  return seed;
}

}  // namespace

class Hce::Engine {
 public:
  Engine(event::Loop& loop, IcmpSockets sockets, ipc::Channel* parent)
      : loop_(loop),
        teller_(loop),
        relays_(loop, [this](const ipc::PassiveResult& m) { on_passive(m); }),
        runner_(
            loop, std::move(sockets), {.running = descriptors_for_checks(), .burst = 64, .seed = some_seed()},
            [this](Subject& s, const Verdict& v, Duration latency) { on_checked(s, v, latency); }, parent),
        roster_(runner_) {
    std::signal(SIGPIPE, SIG_IGN);  // TLS writes to sockets whose peer may be gone
  }

  Status on_parent(ipc::Message message) {
    switch (static_cast<Type>(message.frame.type)) {
      case Type::PeerChannel: return on_peer(std::move(message));
      case Type::ConfigBegin: return with<ipc::ConfigBegin>(message, [this](const auto& m) { return on_begin(m); });
      case Type::ConfigAuthorities:
        return with<ipc::ConfigAuthorities>(message, [this](const auto& m) { return roster_.add(m); });
      case Type::ConfigTable: return with<conf::Table>(message, [this](auto& m) { return roster_.add(std::move(m)); });
      case Type::ConfigEnd: return with<ipc::ConfigEnd>(message, [this](const auto& m) { return on_end(m); });
      case Type::ScriptResult:
        return with<ipc::ScriptResult>(message, [this](const auto& m) { return runner_.scripts().on_result(m); });
      default: return fail(Code::Protocol, "message " + std::to_string(message.frame.type) + " is not for hce");
    }
  }

 private:
  template <class T, class Use>
  static Status with(const ipc::Message& message, Use&& use) {
    auto decoded = ipc::decode<T>(message.frame.payload);
    if (!decoded)
      return fail(Code::Protocol, "message " + std::to_string(message.frame.type) + " has the wrong length");
    return use(*decoded);
  }

  Status on_peer(ipc::Message message) {
    const auto peer = ipc::decode<ipc::PeerChannel>(message.frame.payload);
    if (!peer || message.fds.size() != 1) return fail(Code::Protocol, "a peer's channel without its descriptor");
    if (peer->role == kRelay) return relays_.add(std::move(message.fds[0])), Status();
    if (peer->role != static_cast<std::uint8_t>(proc::Role::Pfe))
      return fail(Code::Protocol, "a channel to a process that is neither pfe nor a relay");
    pfe_ = std::make_unique<ipc::Channel>(
        loop_, std::move(message.fds[0]),
        ipc::Channel::Handler{.message = [this](const ipc::Message& m) { on_pfe(m); },
                              .lost = [this](const Error& error) { on_pfe_lost(error); }});
    teller_.use(pfe_.get());
    tell_all();
    return {};
  }

  Status on_begin(const ipc::ConfigBegin& begin) {
    if (begin.log_checks > static_cast<std::uint8_t>(last_of(conf::LogChecks{})))
      return fail(Code::Protocol, "an unknown kind of logging");
    next_log_ = static_cast<conf::LogChecks>(begin.log_checks);
    next_script_limit_ = begin.script_limit;
    return roster_.begin(begin.generation);
  }

  Status on_end(const ipc::ConfigEnd& end) {
    if (auto status = roster_.commit(end.generation); !status) return status;
    log_ = next_log_;
    runner_.scripts().limit(next_script_limit_);
    tell_all();      // under the new generation's number
    malloc_trim(0);  // what the configuration came in, and the one before it, is given back
    return {};
  }

  void on_pfe(const ipc::Message& message) {
    Status status;
    switch (static_cast<Type>(message.frame.type)) {
      case Type::HostSwitch:
        status = with<ipc::HostSwitch>(message, [this](const auto& m) { return roster_.toggle(m), Status(); });
        break;
      case Type::CheckNow:
        status = with<ipc::CheckNow>(message, [this](const auto& m) { return check_now(m), Status(); });
        break;
      case Type::HostSync:
        status = with<ipc::HostSync>(message, [this](const auto& m) { return roster_.restore(m), Status(); });
        break;
      default: status = fail(Code::Protocol, "message " + std::to_string(message.frame.type) + " is not for hce");
    }
    if (!status) log::fatal("pfe: " + status.error().text);  // the parent starts hce anew, with a new channel
  }

  void check_now(const ipc::CheckNow& asked) {
    for (const auto id : asked.hosts) {
      Subject* subject = roster_.find(id);
      if (subject != nullptr && subject->enabled && subject->checkable()) runner_.check_now(*subject);
    }
  }

  // Checks go on; the parent restarts pfe and sends another channel.
  void on_pfe_lost(const Error& error) {
    if (!pfe_) return;
    log::warning("pfe: " + error.text);
    teller_.use(nullptr);
    loop_.defer([lost = std::shared_ptr(std::move(pfe_))] {});  // it may be in its own callback
  }

  void on_checked(Subject& subject, const Verdict& verdict, Duration latency) {
    const Transition change = subject.machine.apply(verdict.outcome, subject.plan->judgement, loop_.now());
    learn(subject, change, verdict, false, latency);
    conclude(subject, change, std::exchange(subject.answering, false));
  }

  // What pfe was told before is still true of it but for the numbers of ipc::CheckResult, or it must be told all.
  static void learn(Subject& subject, const Transition& change, const Verdict& last, bool accused, Duration latency) {
    if (change.changed() || change.tolerated || change.remembered || subject.last != last) subject.told = false;
    subject.last = last;
    subject.accused = accused;
    subject.latency = latency;
  }

  void on_passive(const ipc::PassiveResult& result) {
    Subject* subject = roster_.find(result.host);
    if (result.ok || subject == nullptr || !subject->enabled || subject->parent) return;  // it may be gone by now
    const conf::Judgement& rules = subject->plan->judgement;
    const Transition change = subject->machine.accuse(rules, loop_.now());
    if (!change.changed()) return;
    learn(*subject, change, failed(result.reason, passive_text(rules)), true, std::max(result.latency, Duration(0)));
    conclude(*subject, change, false);
  }

  void conclude(Subject& subject, const Transition& change, bool asked) {
    teller_.tell(subject, roster_.generation(), asked);
    note(subject, change);
    if (subject.checkable()) runner_.keep_pace(subject);
    for (Subject* child : subject.children) {
      if (!child->enabled) continue;
      const Transition same = child->machine.follow(subject.machine);
      learn(*child, same, subject.last, subject.accused, subject.latency);
      conclude(*child, same, asked);
    }
  }

  void note(const Subject& subject, const Transition& change) {
    if (log_ == conf::LogChecks::All || (log_ == conf::LogChecks::Updates && change.changed()))
      log::info(log_line(subject, change));
    if (log_ != conf::LogChecks::Off && (change.held || change.released)) log::info(hold_line(subject, change));
  }

  void tell_all() {
    roster_.each([this](Subject& subject) {
      subject.told = false;
      subject.certificate_told = subject.certificate == 0;
      if (subject.machine.state() != ipc::HostState::Unknown) teller_.tell(subject, roster_.generation());
    });
  }

  event::Loop& loop_;
  conf::LogChecks log_ = conf::LogChecks::Off, next_log_ = conf::LogChecks::Off;
  std::uint32_t next_script_limit_ = 0;
  std::unique_ptr<ipc::Channel> pfe_;
  Teller teller_;
  Relays relays_;
  Runner runner_;
  Roster roster_;
};

Hce::Hce(event::Loop& loop, IcmpSockets sockets, ipc::Channel* parent)
    : engine_(std::make_unique<Engine>(loop, std::move(sockets), parent)) {}
Hce::~Hce() = default;

Status Hce::on_parent(ipc::Message message) {
  return engine_->on_parent(std::move(message));
}

}  // namespace hcd::hce
