// hcctl's language as one table of words: it drives the parsing, with unique prefixes, and the usage text. Completion
// and help will be made of it too.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fastpath/base/error.h"
#include "hcd/ctl/protocol.h"

namespace hcd::hcctl {

enum class Verb : unsigned char {
  ShowSummary,
  ShowHosts,
  ShowServices,
  ShowTables,
  ShowChecks,
  CheckNow,
  Change,
  Monitor,
  Reload,
  Stop
};

struct Command {
  Verb verb{};
  ctl::Kind kind{};      // Change
  ctl::Action action{};  // Change
  std::string target;    // Change, ShowChecks, CheckNow
  bool unload = false;   // Stop
};

// One place in the language: the words that may stand there, each leading on. A word without a name stands for an
// argument that the operator chooses.
struct Word {
  std::string_view name;  // "summary"; empty: an argument
  std::string_view help;
  std::span<const Word> next;  // none: the command is complete
  void (*apply)(Command&, std::string_view text) = nullptr;
  bool may_end = false;  // complete even before the next word
};

[[nodiscard]] std::span<const Word> language();

// The words that are possible at each place where the parse stopped are part of the error's text.
[[nodiscard]] Result<Command> parse(const std::vector<std::string_view>& arguments);

// Every command with its help, a line each.
[[nodiscard]] std::string usage();

}  // namespace hcd::hcctl
