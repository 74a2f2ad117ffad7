#include "tools/hcctl/run.h"

#include "fastpath/base/text.h"
#include "tools/hcctl/change.h"
#include "tools/hcctl/check.h"
#include "tools/hcctl/show.h"

namespace hcd::hcctl {
namespace {

int tell(const Finding& finding, const Options& options, const Output& output) {
  const int exit = static_cast<int>(finding.health);
  if (options.style.format == Format::Text) {
    print(output.out, health_line(finding));
    return exit;
  }
  Report report(options.style, output.out);
  report.merge("check", {{"status", health_text(finding.health)}, {"exit", exit}, {"text", finding.text}});
  report.end();
  return exit;
}

int check(const Command& command, const Context& context) {
  const auto snapshot = context.client.show();
  if (!snapshot) return unreachable(command, context.options, snapshot.error(), context.output);
  return tell(find_health(*snapshot, command.kind, command.targets.front()), context.options, context.output);
}

Exit poll(const Context& context) {
  return conclude(context, context.client.check_now("*", [](const ctl::Checked&) {}));
}

// What it has changed, or every error of the file.
Exit reload(const Command& command, const Context& context) {
  const auto within = static_cast<std::uint32_t>(command.confirm_within.count());
  return conclude(context, context.client.ask(ctl::Reload{.confirm_within_s = within}), true);
}

Exit carry_out(const Command& command, const Context& context) {
  switch (command.verb) {
    case Verb::Monitor: return monitor(context);
    case Verb::Reload: return reload(command, context);
    case Verb::Confirm: return conclude(context, context.client.ask(ctl::Confirm{.keep = command.keep}));
    case Verb::Log: return conclude(context, context.client.ask(ctl::Log{.verbose = command.verbose}));
    case Verb::Stop: return conclude(context, context.client.ask(ctl::Stop{.unload = command.unload}));
    case Verb::ShowChecks: return show_checks(command, context);
    case Verb::CheckNow: return check_now(command, context);
    case Verb::Poll: return poll(context);
    case Verb::Change: return change(command, context);
    default: return show(command, context);
  }
}

}  // namespace

Status check_command(const Command& command, const Options& options) {
  if (const auto status = check_columns(options.style, command.verb); !status) return status;
  if (!options.wish.empty() && command.verb != Verb::Change)
    return fail(Code::Invalid,
                "--reason, --for, --if-gen and --dry-run go with what disables, enables, drains, undrains or weighs");
  if (options.wish.lasting.count() > 0 && command.action == ctl::Action::ResetWeight)
    return fail(Code::Invalid, "what is reset has no end");
  if (command.verb == Verb::Monitor && options.style.format == Format::Document)
    return fail(Code::Invalid, "monitor has no end, and so no document: -J gives a line for each event");
  if (command.verb == Verb::ShowMetrics && options.style.format != Format::Text)
    return fail(Code::Invalid, "metrics have a form of their own: -j show summary has the same numbers");
  // The daemon reads its file as root. If it took a path from whoever may open its socket, that one would have root's eyes
  // (an error quotes the line it stands in), and root's hand on what the file includes, runs and redirects.
  if (command.verb == Verb::Load)
    return std::unexpected(
        Error{Code::Unsupported, 0,
              "the daemon reads no file but the one it was started with: check yours with hcd -n -f, "
              "put it in that place, and reload"});
  return {};
}

int run(const Command& command, const Context& context) {
  if (command.verb == Verb::Check) return check(command, context);
  return static_cast<int>(carry_out(command, context));
}

int unreachable(const Command& command, const Options& options, const Error& error, const Output& output) {
  if (command.verb == Verb::Check) return tell({.text = error.text}, options, output);
  const Exit exit = exit_of(error);
  if (options.style.format != Format::Text) {
    Report report(options.style, output.out);
    report.merge("outcome", outcome(exit, error.text));
    report.end();
    return static_cast<int>(exit);
  }
  print(output.error, options.program + ": " + printable(error.text, error.text.size()) + "\n");
  return static_cast<int>(exit);
}

}  // namespace hcd::hcctl
