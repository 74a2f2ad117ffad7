#include "hcd/parent/pf_datapath.h"

#include "fastpath/base/log.h"
#include "fastpath/base/text.h"
#include "hcd/conf/print.h"

namespace hcd::parent {
namespace {

using fastpath::pf::Dialect;

constexpr std::string_view kRecipe = "pf";

Result<Dialect> dialect_of(conf::PfDialect wanted, fastpath::pf::Pfctl& pfctl) {
  if (wanted == conf::PfDialect::New) return Dialect::New;
  if (wanted == conf::PfDialect::Old) return Dialect::Old;
  return fastpath::pf::probe_dialect(pfctl);
}

}  // namespace

Status PfDatapath::prepare(const conf::Global& global) {
  if (global.fastpath != conf::FastpathMode::Pf || global.pf != use_)
    return fail(Code::Invalid,
                "the daemon was started with another 'fastpath pf': restart it to steer packets otherwise");
  if (auto safe = files_.only_root_changes(use_.pfctl); !safe) return fail_in("pfctl " + use_.pfctl, safe.error());
  return {};
}

std::string PfDatapath::recipe() const {
  return std::string(kRecipe) + " " + std::string(conf::dialect_text(use_.dialect)) + " " + prefix_;
}

std::optional<ipc::PfctlBegin> PfDatapath::pfctl() const {
  return ipc::PfctlBegin{.path = use_.pfctl, .anchor = prefix_};
}

Status PfDatapath::unload() {
  const auto engine = make_pf_engine({use_.dialect, prefix_}, pfctl_, clock_);
  if (!engine) return std::unexpected(engine.error());
  auto transaction = (*engine)->begin();
  for (const auto& [name, anchor] : (*engine)->ruleset()) transaction.remove_anchor(name);
  return (*engine)->commit(transaction);
}

std::optional<PfRecipe> read_pf_recipe(std::string_view text) {
  const auto words = split(text, ' ');
  if (words.size() != 3 || words[0] != kRecipe) return std::nullopt;
  for (const auto dialect : {conf::PfDialect::Auto, conf::PfDialect::New, conf::PfDialect::Old})
    if (words[1] == conf::dialect_text(dialect)) return PfRecipe{dialect, std::string(words[2])};
  return std::nullopt;
}

Result<std::unique_ptr<fastpath::pf::PfEngine>> make_pf_engine(const PfRecipe& recipe, fastpath::pf::Pfctl& pfctl,
                                                               const Clock& clock) {
  const auto dialect = dialect_of(recipe.dialect, pfctl);
  if (!dialect) return std::unexpected(dialect.error());
  auto engine = std::make_unique<fastpath::pf::PfEngine>(pfctl, *dialect, clock);
  const auto faults = engine->adopt(recipe.prefix);
  if (!faults) return std::unexpected(faults.error());
  for (const auto& fault : *faults) log::warning(fault);
  return engine;
}

}  // namespace hcd::parent
