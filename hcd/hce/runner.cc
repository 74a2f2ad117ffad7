#include "hcd/hce/runner.h"

#include <sys/resource.h>

#include "hcd/hce/pace.h"

namespace hcd::hce {
namespace {

// How many descriptors are kept for the next check, beside so many that are in use.
std::size_t kept_of(std::size_t running) {
  return std::min<std::size_t>(running / 8, 256);
}

}  // namespace

std::size_t descriptors_for_checks() {
  constexpr rlim_t kOwn = 64, kMost = 65536;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kOwn;
  const std::size_t all = std::clamp<rlim_t>(limit.rlim_cur > kOwn ? limit.rlim_cur - kOwn : 1, 1, kMost);
  return all - kept_of(all);
}

Runner::Runner(event::Loop& loop, IcmpSockets sockets, Scheduler::Limits limits, Checked checked, ipc::Channel* parent)
    : loop_(loop),
      checked_(std::move(checked)),
      poller_(loop, [this](Probe& probe) { go_on(probe, probe.ready()); }),
      icmp_(loop, std::move(sockets), [this](Probe& probe) { go_on(probe, probe.ready()); }),
      scripts_(parent, [this](Probe& probe) { go_on(probe, probe.ready()); }),
      env_{.loop = loop, .icmp = icmp_, .scripts = scripts_},
      scheduler_(loop, *this, limits),
      keep_(kept_of(limits.running)) {}

Runner::~Runner() = default;

void Runner::watch(Subject& subject) {
  const Plan& plan = *subject.plan;
  scheduler_.add(subject, subject.id,
                 {.interval = interval_of(plan, subject.machine), .timeout = plan.timeout, .jitter = plan.pace.jitter});
}

void Runner::keep_pace(Subject& subject) {
  scheduler_.set_interval(subject, interval_of(*subject.plan, subject.machine));
}

void Runner::check_now(Subject& subject) {
  subject.asked = true;
  scheduler_.start_now(subject);
}

void Runner::forget(Subject& subject) {
  subject.asked = subject.answering = false;
  if (subject.probe) release(subject);
  scheduler_.remove(subject);
}

std::unique_ptr<Probe> Runner::acquire(conf::CheckType type) {
  Pool& pool = pools_[static_cast<std::size_t>(type)];
  if (pool.empty()) return kind_of(type).make(env_);
  auto probe = std::move(pool.back());
  pool.pop_back();
  if (probe->fd() >= 0) kept_--;
  return probe;
}

void Runner::release(Subject& subject) {
  Probe& probe = *subject.probe;
  scheduler_.cancel(probe);
  probe.subject = nullptr;
  probe.reset();
  if (probe.fd() >= 0 && kept_ == keep_) probe.shed();
  if (probe.fd() >= 0) kept_++;
  pools_[static_cast<std::size_t>(subject.plan->check.type)].push_back(std::move(subject.probe));
}

void Runner::begin(Turn& turn) {
  auto& subject = static_cast<Subject&>(turn);
  subject.answering = std::exchange(subject.asked, false);
  if (kind_of(subject.plan->check.type).make == nullptr) {  // nothing to check: taken for up
    scheduler_.finished(subject);
    return checked_(subject, passed(ipc::Reason::None), Duration(0));
  }
  subject.probe = acquire(subject.plan->check.type);
  Probe& probe = *subject.probe;
  probe.subject = &subject;
  probe.queued = probe.timed = false;
  probe.started = loop_.now();
  go_on(probe, probe.start(subject.address, *subject.plan));
}

void Runner::go_on(Probe& probe, Step step) {
  if (step == Step::Done) return conclude(probe, probe.verdict());
  if (step == Step::Queued) return static_cast<void>(probe.queued = true);
  if (!std::exchange(probe.timed, true)) {
    if (probe.queued) probe.started = loop_.now();
    scheduler_.arm(probe, probe.subject->plan->timeout);
  }
  if (probe.fd() < 0) return;
  // There is more, though the kernel may know of none: TLS has taken it already. A socket can be written to, and so is told.
  if (!poller_.watch(probe, step == Step::WaitWrite || step == Step::Again)) conclude(probe, unrun("epoll"));
}

void Runner::note_certificate(const Probe& probe) {
  const std::uint32_t shown = probe.certificate();
  if (shown == 0 || shown == probe.subject->certificate) return;
  probe.subject->certificate = shown;
  probe.subject->certificate_told = false;
}

void Runner::conclude(Probe& probe, const Verdict& verdict) {
  Subject& subject = *probe.subject;
  note_certificate(probe);
  const Duration latency = loop_.now() - probe.started;
  release(subject);  // the probe, and so its verdict, lives on in the pool
  scheduler_.finished(subject);
  checked_(subject, verdict, latency);
}

// One that had to wait for its start is not cut short: that this machine is late says nothing of the host.
void Runner::overrun(Turn& turn) {
  const auto& subject = static_cast<Subject&>(turn);
  if (loop_.now() - subject.probe->started < subject.plan->timeout) return;
  conclude(*subject.probe, subject.probe->overrun());
}

void Runner::starved(Turn& turn) {
  checked_(static_cast<Subject&>(turn), unrun("queue"), Duration(0));
}

void Runner::expired(Deadline& deadline) {
  auto& probe = static_cast<Probe&>(deadline);
  conclude(probe, probe.timed_out());
}

}  // namespace hcd::hce
