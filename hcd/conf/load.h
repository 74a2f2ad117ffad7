// Reads, checks and builds a configuration: the one call of the daemon, of `hcd -n` and of every reload.
#pragma once
#include <string>
#include <vector>

#include "fastpath/base/error.h"
#include "fastpath/base/lexer.h"
#include "fastpath/base/source.h"
#include "hcd/conf/config.h"
#include "hcd/conf/resolver.h"

namespace hcd::conf {

struct LoadOptions {
  std::string path;  // its messages show it as it is given here
  Macros macros;     // -D
  const Files& files;
  const Resolver& resolver;
};

struct Loaded {
  Config config;
  std::vector<std::string> warnings;  // each `file:line:column: warning: sentence`, its line and a caret
};

// On failure the text is every error of the files, each as `file:line:column: sentence`, its line and a caret.
[[nodiscard]] Result<Loaded> load(const LoadOptions& options);

// `name=value` as -D takes it, added to macros.
[[nodiscard]] Status define_macro(Macros& macros, std::string_view definition);

}  // namespace hcd::conf
