// Carries a command out over a connection, and says how it went: the exit statuses of hcctl(8).
#pragma once
#include <cstdio>

#include "hcd/ctl/client.h"
#include "tools/hcctl/grammar.h"
#include "tools/hcctl/render.h"

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

struct Output {
  std::FILE* out;
  std::FILE* error;
};
[[nodiscard]] Exit run(const Command& command, ctl::Client& client, Columns columns, const Output& output);

}  // namespace hcd::hcctl
