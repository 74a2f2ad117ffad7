#include "hcd/conf/load.h"

#include "fastpath/base/text.h"
#include "hcd/conf/builder.h"
#include "hcd/conf/parser.h"

namespace hcd::conf {

Result<Loaded> load(const LoadOptions& options) {
  Sources sources(options.files);
  Diagnostics diagnostics(sources);
  Lexer lexer(sources, diagnostics, options.macros);
  if (const auto ok = lexer.open(options.path); !ok) return std::unexpected(ok.error());
  const auto file = Parser(lexer, diagnostics, options.resolver, options.files).parse();
  auto config = Builder(diagnostics, options.resolver).build(file);
  if (diagnostics.failed()) return fail(Code::Invalid, diagnostics.errors());
  return Loaded{std::move(config), diagnostics.warnings()};
}

Status define_macro(Macros& macros, std::string_view definition) {
  const auto equals = definition.find('=');
  if (equals == std::string_view::npos || !is_macro_name(definition.substr(0, equals)))
    return fail(Code::Invalid,
                "'" + printable(definition) + "' is not name=value with a name of letters, digits and '_'");
  const auto value = definition.substr(equals + 1);
  if (value.size() > Lexer::kValueMax)
    return fail(Code::Limit, "the macro's value is longer than " + std::to_string(Lexer::kValueMax) + " bytes");
  macros[std::string(definition.substr(0, equals))] = value;
  return {};
}

}  // namespace hcd::conf
