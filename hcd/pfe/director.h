// Decides: takes configurations, check results and operators' switches, wants of the engine what follows from them, and
// tells what has changed. Knows no socket; class Pfe carries what comes in and goes out.
//
// What comes in one round of the loop is decided on and committed once, at its end. After a commit for many results as
// much time passes before the next one as it took: when thousands come, each commit takes in what has come meanwhile,
// and half of the time at least is left for reading them.
#pragma once
#include <expected>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "hcd/ctl/connection.h"
#include "hcd/ctl/protocol.h"
#include "hcd/pfe/asks.h"
#include "hcd/pfe/enforcer.h"
#include "hcd/pfe/meter.h"
#include "hcd/pfe/pressure.h"
#include "hcd/pfe/roster.h"
#include "hcd/pfe/wishes.h"

namespace hcd::pfe {

struct Origin {  // where the daemon runs, for operators
  std::string hostname;
  std::uint32_t pid = 0;  // of the parent
};

class Director {
 public:
  struct Outlet {
    std::function<void(const ipc::HostSwitch&)> to_hce;
    std::function<void(const ctl::Rows&)> rows;  // what changed in one round of the loop
    std::function<bool()> watched = {};          // somebody wants rows; none: always
    std::function<bool()> wants_beats = {};      // or checks as they are made; none: never
    std::function<void(const ctl::Gone&)> gone;
    std::function<void(const ctl::Event&)> event;
    Overrides::Parking park;
    std::function<bool(const ipc::CheckNow&)> check_now = {};  // false: there is no hce now
    std::function<void(std::uint32_t ticket, const ctl::Checking&)> checking = {};
    std::function<void(std::uint32_t ticket, const ctl::Checked&)> checked = {};
    std::function<void(std::uint32_t ticket, const ctl::Answer&)> answer = {};
  };
  Director(event::Loop& loop, std::unique_ptr<fastpath::Engine> engine, Outlet outlet, Origin origin = {});

  [[nodiscard]] Status restore(const std::string& key, const std::string& value);  // parked by an earlier life

  // Takes a configuration into use, whole or, when the engine refuses it, not at all. Only the first is kept in spite
  // of a refusal and tried again: there is nothing to fall back to. An Error of Code::Protocol: the parent lies.
  [[nodiscard]] Status configure(Incoming incoming);
  void record(const ipc::HostStatus& status);
  void note_name(const conf::NameState& state);
  void record(const ipc::CheckResults& more);  // like the last ones, but for a few numbers
  void record(const ipc::HostCertificate& shown);
  [[nodiscard]] std::expected<ctl::Outcome, ctl::Answer> change(const ctl::Change& change, const std::string& by);
  [[nodiscard]] std::expected<ctl::Evidence, ctl::Answer> checks(const ctl::Checks& asked) const;
  // Tells what comes of it, and its end, through the outlet, under this number.
  void check_now(const ctl::CheckNow& asked, std::uint32_t ticket, const std::string& by);
  // Removes every anchor, as a daemon does that shall leave nothing behind.
  [[nodiscard]] Status unload();

  [[nodiscard]] ctl::Snapshot snapshot(bool rows = true) const;
  void look();
  [[nodiscard]] ctl::Look numbers(std::uint64_t since) const;
  [[nodiscard]] std::vector<ctl::HostChecks> evidence(std::uint8_t last) const;
  [[nodiscard]] std::vector<ctl::TableDurations> durations() const;
  [[nodiscard]] ctl::Beats take_beats();
  void note_standing(const ipc::Standing& standing);
  [[nodiscard]] std::vector<ipc::HostSync> host_syncs() const;  // for a restarted hce
  void hce_restarted();                                         // it knows no switch
  void hce_lost();

 private:
  void want(Id service);  // to be decided on at the end of this round
  void want_all();
  void want_those_of(Id table);
  void settle();
  void decide(ServiceEntry& service);
  void on_clock();
  void arm_clock();
  void on_confirmed(const std::string& anchor);
  void on_refused(const std::string& anchor, const Error& error, Seconds retry);
  void on_blind(const Error& error);
  void on_disturbed(const std::string& anchor);
  void watch();
  void tell_pressure();
  void update_word(ServiceEntry& service, bool moved);
  void keep_beat(const HostEntry& host, std::int64_t now_ms);
  void note(HostEntry& host, bool as_it_seems);  // not: it is up in spite of the result
  void announce_gone(const Roster& old);
  void prune_overrides();
  void accept_early();
  void tell(HostEntry& host);
  void tell_all();
  void tell_checked(std::uint32_t ticket, Id host);
  void review_certificate(Id host);
  void review_certificates();
  void settle_asks();  // those of hosts that a configuration has no more, or disabled
  [[nodiscard]] ctl::Outcome foresee(const ctl::Change& change, const std::vector<Picked>& picked,
                                     const Overrides& draft);
  [[nodiscard]] std::optional<ctl::Answer> carry_out(const ctl::Change& change, const std::vector<Picked>& picked,
                                                     const ctl::Note& note, const ctl::Outcome& outcome);
  [[nodiscard]] std::optional<ctl::Answer> engine_refusal(ctl::Kind kind, const ctl::Outcome& outcome);
  [[nodiscard]] std::optional<ctl::Answer> cut(const ctl::Outcome& outcome);
  void lose(const HostEntry& host);  // it has gone down
  void cut_lost();
  void audit(const std::string& what, const ctl::Change& change, const ctl::Note& note);
  void impose(ctl::Kind kind, Id id);
  void impose_all(const std::set<std::string>& keys);  // of overrides that have ended
  void on_expiry();
  void arm_expiry();
  void switch_object(ctl::Kind kind, Id id, bool enabled);
  void reset(HostEntry& host);  // and those whose parent it is
  void touch(ctl::Kind kind, Id id);
  void touch_all();
  void publish();
  void sample();
  void event(ctl::EventKind kind, std::string subject, std::string text);
  [[nodiscard]] ctl::ServiceRow row(const ServiceEntry& service) const;
  [[nodiscard]] ctl::Vitals vitals() const;

  event::Loop& loop_;
  std::unique_ptr<fastpath::Engine> engine_;
  Outlet outlet_;
  Overrides overrides_;
  Enforcer enforcer_;
  Asks asks_;
  Roster roster_;
  bool configured_ = false;
  std::uint32_t hce_generation_ = 0;     // of the newest result
  std::map<Id, ipc::HostStatus> early_;  // results of a configuration that is still on its way to us
  std::int64_t started_ms_;
  std::uint64_t generation_;  // begins with the wall clock, so that it grows across a restart
  std::set<Id> touched_[3];   // by Kind, since the last publish
  bool publishing_ = false;
  const TimePoint born_;
  std::set<Id> wanted_;  // services to decide on
  bool settling_ = false;
  std::vector<fastpath::Sessions> lost_;  // to be cut after the next commit
  std::size_t moves_ = 0;                 // hosts that have got or lost their place since the last commit
  TimePoint rest_until_;                  // no commit before, but for an operator
  const Origin origin_;
  ipc::Standing standing_;
  Meter meter_;
  PressureWatch pressure_;
  std::vector<ctl::Beat> beats_;  // since they were taken
  std::int64_t first_beat_ms_ = 0;
  std::uint64_t checks_ = 0;  // results
  bool checking_ = false;     // hce is there
  std::unique_ptr<event::Timer> sampler_, settler_, clock_, watcher_, reviewer_, expirer_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace hcd::pfe
