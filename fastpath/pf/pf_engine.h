// The real pf as an engine, driven through pfctl(8): rules by -a ANCHOR -f -, tables by -T replace, counters and states read
// back from what it lists. A table's commands stand before the rules that name it, and each command is atomic in pf, so a
// packet sees each table and each anchor's rules as they were or as they are. What ran before a command that fails is undone.
#pragma once
#include <set>

#include "fastpath/engine.h"
#include "fastpath/pf/read.h"
#include "fastpath/pf/render.h"

namespace hcd::fastpath::pf {

// Asks pfctl which rules it reads: -n loads nothing.
[[nodiscard]] Result<Dialect> probe_dialect(Pfctl& pfctl);

class PfEngine final : public Engine {
 public:
  // `pfctl` must outlive this. What the anchors hold already is replaced by the first commit that names them.
  PfEngine(Pfctl& pfctl, Dialect dialect) : pfctl_(pfctl), dialect_(dialect) {}

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] const Ruleset& ruleset() const override { return ruleset_; }
  [[nodiscard]] Status commit(const Transaction& transaction) override;
  [[nodiscard]] Result<Counters> rule_counters(const std::string& anchor) const override;
  [[nodiscard]] Result<std::vector<AddressCounters>> table_counters(const std::string& anchor,
                                                                    const std::string& table) const override;
  [[nodiscard]] Result<std::vector<PfState>> states() const;

 private:
  [[nodiscard]] Result<std::string> ask(const std::vector<std::string>& arguments, const std::string& input = "") const;
  [[nodiscard]] Status run(const std::vector<Command>& commands);
  [[nodiscard]] Status undo(const std::set<std::string>& anchors, const Ruleset& failed);

  Pfctl& pfctl_;
  Dialect dialect_;
  Ruleset ruleset_;
};

}  // namespace hcd::fastpath::pf
