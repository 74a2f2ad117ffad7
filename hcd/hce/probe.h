// One check in flight. A probe is driven from outside (started, told that its descriptor is ready, told that its time is
// up) and says how far it came; it calls nobody. Ended probes are used again, so a steady load allocates nothing.
#pragma once
#include <cstdint>

#include "fastpath/base/address.h"
#include "hcd/hce/plan.h"
#include "hcd/hce/scheduler.h"
#include "hcd/hce/verdict.h"

namespace hcd::hce {

enum class Step : std::uint8_t {
  WaitRead,   // until the descriptor is readable
  WaitWrite,  // until it is writable (or readable)
  Again,      // there is more to do at once, but others are served first
  Queued,     // until there is room to begin: its time does not run
  Done,       // verdict() is known
};

struct Subject;  // the host that is checked

class Probe : public Deadline {
 public:
  virtual ~Probe() = default;
  Probe() = default;
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  // The address and the plan outlive the check.
  [[nodiscard]] virtual Step start(const Address& address, const Plan& plan) = 0;
  [[nodiscard]] virtual Step ready() = 0;
  [[nodiscard]] virtual Verdict timed_out() const = 0;  // the reason tells the step it hung in
  [[nodiscard]] virtual Verdict overrun() const {       // its host's next turn has come, and it has not ended
    return failed(ipc::Reason::IntervalTimeout);
  }
  virtual void reset() = 0;                  // lets go of the peer; start() may follow
  virtual void shed() {}                     // ... and closes the descriptor that it may have kept for that
  [[nodiscard]] virtual int fd() const = 0;  // to be watched while it waits; -1: none of its own
  // When the certificate ends that the peer has shown, as tls::expiry_of() has it; 0: it has shown none.
  [[nodiscard]] virtual std::uint32_t certificate() const { return 0; }
  [[nodiscard]] const Verdict& verdict() const { return verdict_; }

  Subject* subject = nullptr;  // whom it checks now; none: it rests
  TimePoint started;
  bool watched = false;  // its descriptor is in the Poller's set; whoever closes it says false
  bool queued = false;   // it had to wait to begin
  bool timed = false;    // its time runs

 protected:
  Step done(Verdict verdict) {
    verdict_ = std::move(verdict);
    return Step::Done;
  }

 private:
  Verdict verdict_;
};

}  // namespace hcd::hce
