// `fastpath pf`: the packet path is that of a pf, and this kernel's is left alone. Nothing is loaded or attached: pfe says rules
// and tables through the process that runs pfctl for it (hcd/pfctl).
#pragma once
#include <memory>

#include "fastpath/pf/pf_engine.h"
#include "hcd/parent/datapath.h"

namespace hcd::parent {

class PfDatapath final : public Datapath {
 public:
  // The anchors are directly below `prefix`. `pfctl` is for unload() alone, which no child does; both, and the clock, must
  // outlive this.
  PfDatapath(std::string prefix, conf::PfUse use, const Files& files, fastpath::pf::Pfctl& pfctl, const Clock& clock)
      : prefix_(std::move(prefix)), use_(std::move(use)), files_(files), pfctl_(pfctl), clock_(clock) {}

  Status prepare(const conf::Global& global) override;
  Status refresh() override { return {}; }
  int routes() override { return -1; }
  Status keep_routes(TimePoint) override { return {}; }
  std::string engine() const override { return "pf"; }
  std::string recipe() const override;
  Result<std::vector<UniqueFd>> maps() const override { return {}; }
  std::optional<ipc::PfctlBegin> pfctl() const override;
  void claim(unsigned) override {}
  Status unload() override;

 private:
  const std::string prefix_;
  const conf::PfUse use_;
  const Files& files_;
  fastpath::pf::Pfctl& pfctl_;
  const Clock& clock_;
};

// What pfe makes its engine of, as recipe() says it; nothing: of something else.
struct PfRecipe {
  conf::PfDialect dialect = conf::PfDialect::Auto;
  std::string prefix;
};
[[nodiscard]] std::optional<PfRecipe> read_pf_recipe(std::string_view text);

// An engine that has taken over what pf has in force below the prefix; what was not understood of that is logged.
[[nodiscard]] Result<std::unique_ptr<fastpath::pf::PfEngine>> make_pf_engine(const PfRecipe& recipe,
                                                                             fastpath::pf::Pfctl& pfctl,
                                                                             const Clock& clock);

}  // namespace hcd::parent
