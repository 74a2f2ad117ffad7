// Whether others have changed what an engine has in force. pf tells nobody of that, so the anchors are looked at, one at a
// time, and what pf lists of one is held against what it listed before: pf has ways of its own to write a rule down, and the
// first listing after a load is believed to be ours.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "fastpath/anchor.h"
#include "fastpath/base/clock.h"
#include "fastpath/pf/pfctl.h"
#include "fastpath/pfconf/print.h"

namespace hcd::fastpath::pf {

class Lookout {
 public:
  static constexpr Milliseconds kApart{900};  // between two looks, of less than a second's timer

  struct Finding {
    std::string name;
    Anchor anchor;  // as it is now: without rules where they are not ours, without the tables that are gone
  };

  // Looks at the anchor whose turn it is, if it is time for one; a few runs of pfctl. Nothing: it is as it was. Tables that pf
  // itself adds to, by `overload`, are not compared.
  [[nodiscard]] Result<std::optional<Finding>> look(Pfctl& pfctl, pfconf::Dialect dialect, const Ruleset& ours,
                                                    TimePoint now);
  void forget(const std::string& anchor) { rules_.erase(anchor); }  // its rules have been loaded anew

 private:
  [[nodiscard]] bool is_foreign(const std::string& anchor, bool has_rules, const std::string& listed);

  std::map<std::string, std::string> rules_;  // by anchor: as listed
  std::string last_;                          // anchor that was looked at
  std::optional<TimePoint> looked_;
};

}  // namespace hcd::fastpath::pf
