#include "fastpath/pfconf/conf.h"

#include <array>

#include <net/if.h>

#include "fastpath/base/services.h"
#include "fastpath/pfconf/build.h"
#include "fastpath/pfconf/parser.h"

namespace hcd::fastpath::pfconf {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Limit::Count)> kLimits = {
    "states", "src-nodes", "tables", "table-entries", "anchors"};

}  // namespace

std::string_view limit_name(Limit limit) {
  return kLimits[static_cast<std::size_t>(limit)];
}

std::optional<Limit> limit_named(std::string_view name) {
  for (std::size_t i = 0; i < kLimits.size(); i++) {
    if (kLimits[i] == name) return static_cast<Limit>(i);
  }
  return std::nullopt;
}

std::optional<std::uint16_t> SystemSurroundings::service(const std::string& name) const {
  return service_port(name);
}

std::optional<unsigned> SystemSurroundings::interface_index(const std::string& name) const {
  const unsigned index = if_nametoindex(name.c_str());
  if (index == 0) return std::nullopt;
  return index;
}

Result<Conf> load(const LoadOptions& options) {
  if (!options.anchor.empty()) {
    if (auto sound = check_anchor_name(options.anchor); !sound) return std::unexpected(sound.error());
  }
  Sources sources(options.files);
  Diagnostics diagnostics(sources);
  Lexer lexer(sources, diagnostics, options.macros, Comments::Continue);
  if (const auto ok = lexer.open(options.path); !ok) return std::unexpected(ok.error());
  const ast::File file = Parser(lexer, diagnostics, options).parse();
  Conf conf = Builder(diagnostics, options).build(file);
  if (diagnostics.failed()) return fail(Code::Invalid, diagnostics.errors());
  return conf;
}

}  // namespace hcd::fastpath::pfconf
