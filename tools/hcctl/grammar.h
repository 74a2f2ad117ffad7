// hcctl's language as one table of words: it drives the parsing, with unique prefixes, the usage text, the help, the
// completion in shells, and the test that the manual names every word.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fastpath/base/clock.h"
#include "fastpath/base/error.h"
#include "hcd/ctl/protocol.h"

namespace hcd::hcctl {

enum class Verb : unsigned char {
  ShowSummary,
  ShowHosts,
  ShowServices,
  ShowTables,
  ShowChecks,
  ShowEvents,
  ShowMetrics,
  ShowOverrides,
  ShowRelays,
  ShowRoutes,
  ShowSessions,
  ShowSinks,
  ShowVersion,
  CheckNow,
  Check,
  Poll,
  Change,
  Load,
  Log,
  Monitor,
  Reload,
  Confirm,
  Stop,
  Top,
};

struct Command {
  Verb verb{};
  std::optional<ctl::Kind> kind;     // Change; Check: of any kind
  ctl::Action action{};              // Change
  std::vector<std::string> targets;  // Change, ShowChecks, CheckNow, Check; Load: the file
  std::uint16_t weight = 0;          // Change: Action::Weight
  bool cut = false;                  // Change: the sessions of what is disabled end at once
  bool wait = false;                 // Change: until the sessions of what is drained have ended
  std::optional<Milliseconds> wait_limit;
  std::uint16_t events = 100;  // ShowEvents: the last ones
  Seconds confirm_within{0};   // Reload: it is taken back after that unless it is confirmed; 0: it stays
  bool keep = true;            // Confirm: what was loaded; else it is taken back
  bool verbose = false;        // Log
  bool unload = false;         // Stop
};

// What an argument stands for, so that a shell may complete it.
enum class Argument : unsigned char { None, Service, Table, Host, Hosts, Any, File, Time, Number };
[[nodiscard]] std::string_view argument_text(Argument argument);  // "host"

// One place in the language: the words that may stand there, each leading on. A word without a name stands for an
// argument that the operator chooses; where there is one, other words of the place may not be shortened.
struct Word {
  std::string_view name;  // "summary"; empty: an argument
  std::string_view help;
  std::span<const Word> next;  // none: the command is complete
  Status (*apply)(Command&, std::string_view text) = nullptr;
  bool may_end = false;  // complete even before the next word
  Argument argument = Argument::None;
  bool repeated = false;  // an argument that may be given several times
};

[[nodiscard]] std::span<const Word> language();

// The words that are possible at each place where the parse stopped are part of the error's text.
[[nodiscard]] Result<Command> parse(const std::vector<std::string_view>& arguments);

[[nodiscard]] std::string usage();  // every command, a line each
[[nodiscard]] std::string help();   // the same, with what each is for

// The table as data, a line for each word of each place, for the completion in shells: the place, the word, its help, by
// tabs. A place is the path of words to it, "/host/drain", an argument among them "*"; an argument's word is "<host>", or
// "<host...>" where it may be given several times.
[[nodiscard]] std::string grammar_lines();

}  // namespace hcd::hcctl
