#include "tools/hcctl/outcome.h"

#include "fastpath/base/text.h"

namespace hcd::hcctl {
namespace {

// A text of several lines (every error of a configuration file) is printed line by line, each safe for a terminal.
void print_lines(std::FILE* to, const std::string& text) {
  if (text.empty()) return;
  for (const auto line : split(trim(text), '\n')) print(to, printable(line, line.size()) + "\n");
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

std::string_view exit_text(Exit exit) {
  switch (exit) {
    case Exit::Done: return "done";
    case Exit::Failed: return "failed";
    case Exit::Usage: return "usage";
    case Exit::NoDaemon: return "no daemon";
    case Exit::NoPermission: return "no permission";
    case Exit::NotFound: return "not found";
    case Exit::TimedOut: return "timed out";
    case Exit::Conflict: return "conflict";
  }
  return "";
}

void print(std::FILE* to, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), to);
}

Json outcome(Exit exit, const std::string& text) {
  return {{"status", exit_text(exit)}, {"exit", static_cast<int>(exit)}, {"text", text}};
}

Exit conclude_as(const Context& context, Exit exit, const Json& members) {
  Report report(context.style(), context.output.out);
  report.merge("outcome", members);
  report.end();
  return exit;
}

Exit failed(const Context& context, const Error& error) {
  if (context.style().format != Format::Text)
    return conclude_as(context, exit_of(error), outcome(exit_of(error), error.text));
  print(context.output.error, printable(error.text, error.text.size()) + "\n");
  return exit_of(error);
}

Exit conclude(const Context& context, const Result<ctl::Answer>& answer, bool verbose) {
  if (!answer) return failed(context, answer.error());
  const Exit exit = exit_of(answer->verdict);
  if (context.style().format != Format::Text) return conclude_as(context, exit, outcome(exit, answer->text));
  const bool done = exit == Exit::Done;
  std::FILE* to = done ? context.output.out : context.output.error;
  if (!done || verbose) print_lines(to, answer->text);
  print(to, done ? "command succeeded\n" : "command failed\n");
  return exit;
}

Exit conclude_rows(const Context& context, const Result<ctl::Answer>& answer, Report& report) {
  const Exit exit = answer ? exit_of(answer->verdict) : exit_of(answer.error());
  if (context.style().format == Format::Text) return exit == Exit::Done ? exit : conclude(context, answer);
  report.merge("outcome", outcome(exit, answer ? answer->text : answer.error().text));
  report.end();
  return exit;
}

}  // namespace hcd::hcctl
