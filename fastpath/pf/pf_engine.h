// The real pf as an engine, driven through pfctl(8): rules by -a ANCHOR -f -, tables by -T replace, counters and states read
// back from what it lists. A table's commands stand before the rules that name it, and each command is atomic in pf, so a
// packet sees each table and each anchor's rules as they were or as they are. What ran before a command that fails is undone.
#pragma once
#include <map>
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
  // Of an anchor by its rules' labels, which the old dialect has none of; of a host to its address, whatever leads there. pf
  // tells neither end.
  [[nodiscard]] Result<std::size_t> cut(const std::vector<Sessions>& which) override;
  [[nodiscard]] Result<std::vector<PfState>> states() const;

 private:
  [[nodiscard]] Result<std::string> ask(const std::vector<std::string>& arguments, const std::string& input = "") const;
  [[nodiscard]] Result<std::size_t> kill(const std::vector<std::string>& arguments);
  void note_labels(const std::vector<Change>& changes);
  [[nodiscard]] Status run(const std::vector<Command>& commands);
  [[nodiscard]] Status undo(const std::set<std::string>& anchors, const Ruleset& failed);

  Pfctl& pfctl_;
  Dialect dialect_;
  Ruleset ruleset_;
  std::map<std::string, std::set<std::string>> labels_;  // of the rules that an anchor has, or had last
};

}  // namespace hcd::fastpath::pf
