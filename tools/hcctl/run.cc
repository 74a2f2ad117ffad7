#include "tools/hcctl/run.h"

#include <fmt/format.h>

#include "fastpath/base/text.h"
#include "tools/hcctl/render_checks.h"

namespace hcd::hcctl {
namespace {

void print(std::FILE* to, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), to);
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<Milliseconds>(SystemClock().wall().time_since_epoch()).count();
}

Exit failed(const Output& output, const Error& error) {
  print(output.error, error.text + "\n");
  return exit_of(error);
}

// A text of several lines (every error of a configuration file) is printed line by line, each safe for a terminal.
void print_lines(std::FILE* to, const std::string& text) {
  if (text.empty()) return;
  for (const auto line : split(trim(text), '\n')) print(to, printable(line, line.size()) + "\n");
}

// What is done needs no words, but for a reload: what has changed by it.
Exit conclude(const Result<ctl::Answer>& answer, const Output& output, bool verbose) {
  if (!answer) return failed(output, answer.error());
  const bool done = answer->verdict == ctl::Verdict::Done;
  std::FILE* to = done ? output.out : output.error;
  if (!done || verbose) print_lines(to, answer->text);
  print(to, done ? "command succeeded\n" : "command failed\n");
  return exit_of(answer->verdict);
}

Exit show(const Command& command, ctl::Client& client, Columns columns, const Output& output) {
  const auto snapshot = client.show();
  if (!snapshot) return failed(output, snapshot.error());
  switch (command.verb) {
    case Verb::ShowHosts: print(output.out, hosts(*snapshot, columns, now_ms())); break;
    case Verb::ShowServices: print(output.out, services(*snapshot, columns)); break;
    case Verb::ShowTables: print(output.out, tables(*snapshot, columns)); break;
    default: print(output.out, summary(*snapshot, columns)); break;
  }
  return Exit::Done;
}

// What was asked for has been printed; only what did not come needs words.
Exit conclude_parts(const Result<ctl::Answer>& answer, const Output& output) {
  if (answer && answer->verdict == ctl::Verdict::Done) return Exit::Done;
  return conclude(answer, output, false);
}

Exit show_checks(const Command& command, ctl::Client& client, const Output& output) {
  return conclude_parts(
      client.checks(command.target, [&](const ctl::Evidence& part) { print(output.out, checks(part, now_ms())); }),
      output);
}

Exit check_now(const Command& command, ctl::Client& client, const Output& output) {
  const auto each = [&](const ctl::Checked& part) {
    print(output.out, checked_line(part));
    std::fflush(output.out);
  };
  return conclude_parts(client.check_now(command.target, each), output);
}

Exit monitor(ctl::Client& client, const Output& output) {
  if (const auto status = client.subscribe(); !status) return failed(output, status.error());
  for (;;) {
    const auto update = client.next();
    if (!update) return failed(output, update.error());
    const auto* event = std::get_if<ctl::Event>(&*update);
    if (event == nullptr) continue;
    print(output.out, event_line(*event) + "\n");
    if (std::fflush(output.out) != 0) return Exit::Failed;  // nobody reads any more
  }
}

}  // namespace

Exit exit_of(const Error& error) {
  if (error.sys == ETIMEDOUT) return Exit::TimedOut;
  if (error.code == Code::NotFound) return Exit::NoDaemon;
  if (error.code == Code::Permission) return Exit::NoPermission;
  if (error.code == Code::Invalid) return Exit::Usage;
  return Exit::Failed;
}

Exit exit_of(ctl::Verdict verdict) {
  switch (verdict) {
    case ctl::Verdict::Done: return Exit::Done;
    case ctl::Verdict::Permission: return Exit::NoPermission;
    case ctl::Verdict::NotFound:
    case ctl::Verdict::Ambiguous: return Exit::NotFound;
    case ctl::Verdict::TimedOut: return Exit::TimedOut;
    case ctl::Verdict::Conflict: return Exit::Conflict;
    case ctl::Verdict::Refused:
    case ctl::Verdict::Usage:
    case ctl::Verdict::Version:
    case ctl::Verdict::Limit: break;
  }
  return Exit::Failed;
}

Exit run(const Command& command, ctl::Client& client, Columns columns, const Output& output) {
  switch (command.verb) {
    case Verb::ShowSummary:
    case Verb::ShowHosts:
    case Verb::ShowServices:
    case Verb::ShowTables: return show(command, client, columns, output);
    case Verb::Monitor: return monitor(client, output);
    case Verb::Reload: return conclude(client.ask(ctl::Reload()), output, true);
    case Verb::Stop: return conclude(client.ask(ctl::Stop{.unload = command.unload}), output, false);
    case Verb::ShowChecks: return show_checks(command, client, output);
    case Verb::CheckNow: return check_now(command, client, output);
    case Verb::Change: break;
  }
  return conclude(client.ask(ctl::Change{.kind = command.kind, .action = command.action, .target = command.target}),
                  output, false);
}

}  // namespace hcd::hcctl
