// How a command ended, for the operator and for scripts: the exit statuses of hcctl(8), the ancestors' words, or an object
// of JSON with "status", "exit" and "text".
#pragma once
#include <cstdio>
#include <string>

#include "hcd/ctl/client.h"
#include "tools/hcctl/options.h"
#include "tools/hcctl/report.h"

namespace hcd::hcctl {

enum class Exit : int {
  Done = 0,
  Failed = 1,
  Usage = 2,
  NoDaemon = 3,
  NoPermission = 4,
  NotFound = 5,  // or ambiguous
  TimedOut = 6,
  Conflict = 7,
};
[[nodiscard]] Exit exit_of(const Error& error);
[[nodiscard]] Exit exit_of(ctl::Verdict verdict);
[[nodiscard]] std::string_view exit_text(Exit exit);  // "done", "no daemon"

struct Output {
  std::FILE* out;
  std::FILE* error;
};

// What a command works with.
struct Context {
  ctl::Client& client;
  const ctl::Welcome& welcome;
  const Options& options;
  Output output;
  const Clock& clock;
  [[nodiscard]] const Style& style() const { return options.style; }
};

void print(std::FILE* to, const std::string& text);

// The call failed, or the connection.
[[nodiscard]] Exit failed(const Context& context, const Error& error);
// The daemon has answered. What is done needs no words, unless they are asked for.
[[nodiscard]] Exit conclude(const Context& context, const Result<ctl::Answer>& answer, bool verbose = false);
// The rows that were asked for are in the report; only what did not come needs words.
[[nodiscard]] Exit conclude_rows(const Context& context, const Result<ctl::Answer>& answer, Report& report);
// With these members, in one of the forms for scripts.
[[nodiscard]] Exit conclude_as(const Context& context, Exit exit, const Json& members);
// "status", "exit" and "text" of an object.
[[nodiscard]] Json outcome(Exit exit, const std::string& text);

}  // namespace hcd::hcctl
