// The real pf as an engine, driven through pfctl(8): rules by -a ANCHOR -f -, tables by -T replace, counters and states read
// back from what it lists. A table's commands stand before the rules that name it, and each command is atomic in pf, so a
// packet sees each table and each anchor's rules as they were or as they are. What ran before a command that fails is undone.
//
// Each command is a program that is run: whoever asks often for counters gets some that were read a little before, so that no
// more than kAsksEachSecond are.
#pragma once
#include <map>
#include <optional>
#include <set>

#include "fastpath/base/clock.h"
#include "fastpath/engine.h"
#include "fastpath/pf/lookout.h"
#include "fastpath/pf/read.h"
#include "fastpath/pf/render.h"

namespace hcd::fastpath::pf {

// Asks pfctl which rules it reads: -n loads nothing.
[[nodiscard]] Result<Dialect> probe_dialect(Pfctl& pfctl);
inline constexpr std::string_view kProbeNew =
    "pass in quick inet proto tcp from any to 192.0.2.1 port = 80 rdr-to 192.0.2.2\n";
inline constexpr std::string_view kProbeOld = "rdr inet proto tcp from any to 192.0.2.1 port = 80 -> 192.0.2.2\n";

class PfEngine final : public Engine {
 public:
  static constexpr unsigned kAsksEachSecond = 20;

  // Both must outlive this. What the anchors hold already is replaced by the first commit that names them.
  PfEngine(Pfctl& pfctl, Dialect dialect, const Clock& clock) : pfctl_(pfctl), dialect_(dialect), clock_(clock) {}

  // Takes over what pf has in force below the prefix, before anything is committed. The faults are of anchors that were not
  // understood: they count as being without rules, so that whatever is wanted of them is brought about.
  [[nodiscard]] Result<std::vector<std::string>> adopt(const std::string& prefix);

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] const Ruleset& ruleset() const override { return ruleset_; }
  [[nodiscard]] Status commit(const Transaction& transaction) override;
  [[nodiscard]] Result<Counters> rule_counters(const std::string& anchor) const override;
  [[nodiscard]] Result<std::vector<AddressCounters>> table_counters(const std::string& anchor,
                                                                    const std::string& table) const override;
  // Of an anchor by its rules' labels, which the old dialect has none of; of a host to its address, whatever leads there. pf
  // tells neither end.
  [[nodiscard]] Result<std::size_t> cut(const std::vector<Sessions>& which) override;
  // Looks at one anchor, and not more often than the Lookout has it.
  [[nodiscard]] Result<bool> refresh() override;
  [[nodiscard]] std::vector<std::string> disturbed() const override { return disturbed_; }
  [[nodiscard]] Result<std::vector<PfState>> states() const;

 private:
  struct Counted {
    std::optional<Counters> last;
    TimePoint at;
  };

  [[nodiscard]] Status run_all(const std::vector<Command>& commands);
  [[nodiscard]] Result<std::size_t> kill(const std::vector<std::string>& arguments);
  void note_labels(const std::string& anchor);
  [[nodiscard]] Status undo(const std::set<std::string>& anchors, const Ruleset& failed);
  [[nodiscard]] bool may_ask(TimePoint now) const;

  Pfctl& pfctl_;
  Dialect dialect_;
  const Clock& clock_;
  Ruleset ruleset_;
  Lookout lookout_;
  std::vector<std::string> disturbed_;
  std::map<std::string, std::set<std::string>> labels_;  // of the rules that an anchor has, or had last
  mutable std::map<std::string, Counted> counted_;       // anchors
  mutable TimePoint next_ask_;
};

}  // namespace hcd::fastpath::pf
