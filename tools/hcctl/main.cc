// hcctl, also hoststatectl and relayctl: shows and changes what the daemon does.
#include <cstdio>

#include <fmt/format.h>

#include "tools/hcctl/run.h"
#include "tools/hcctl/show.h"
#include "tools/hcctl/top.h"

namespace {

using namespace hcd;
using hcctl::Exit;
using hcctl::Output;

const Output kOutput{stdout, stderr};

int usage(const std::string& program, const Error& error) {
  hcctl::print(stderr,
               fmt::format("{}: {}\nusage: {} [OPTION ...] COMMAND; every word may be shortened; -h says more\n{}",
                           program, error.text, program, hcctl::usage()));
  return static_cast<int>(Exit::Usage);
}

int help(const std::string& program) {
  hcctl::print(stdout, fmt::format("usage: {} [OPTION ...] COMMAND; every word may be shortened\n\n{}\n{}", program,
                                   hcctl::help(), hcctl::option_help()));
  return 0;
}

int list_fields(const hcctl::Command& command, const hcctl::Options& options) {
  const auto columns = hcctl::columns_of(command.verb);
  if (columns.empty()) return usage(options.program, {Code::Invalid, 0, "this command has no columns to choose from"});
  for (const auto& [name, help] : columns) hcctl::print(stdout, fmt::format("{:<22} {}\n", name, help));
  return 0;
}

// The first socket that may be opened. Where the other socket may not be either, what the first said counts.
Result<ctl::Client> connect(const hcctl::Options& options) {
  auto first = ctl::Client::connect(options.sockets.front(), options.limit);
  if (first || first.error().code != Code::Permission) return first;
  for (std::size_t i = 1; i < options.sockets.size(); i++)
    if (auto other = ctl::Client::connect(options.sockets[i], options.limit)) return other;
  return first;
}

int act(const hcctl::Command& command, const hcctl::Options& options) {
  if (command.verb == hcctl::Verb::Top) return hcctl::unreachable(command, options, hcctl::start_top(options), kOutput);
  auto client = connect(options);
  if (!client) return hcctl::unreachable(command, options, client.error(), kOutput);
  const auto welcome = client->hello(options.program + " " HCD_VERSION);
  if (!welcome) return hcctl::unreachable(command, options, welcome.error(), kOutput);
  const SystemClock clock;
  return hcctl::run(command,
                    {.client = *client, .welcome = *welcome, .options = options, .output = kOutput, .clock = clock});
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = hcctl::read_options({argv, argv + argc});
  if (!options) return usage("hcctl", options.error());
  if (options->instead == hcctl::Instead::Help) return help(options->program);
  if (options->instead == hcctl::Instead::Grammar)
    return hcctl::print(stdout, hcctl::grammar_lines() + hcctl::option_lines()), 0;
  const auto command = hcctl::parse(options->words);
  if (!command) return usage(options->program, command.error());
  if (options->instead == hcctl::Instead::ListFields) return list_fields(*command, *options);
  if (const auto status = hcctl::check_command(*command, *options); !status) {
    if (status.error().code == Code::Invalid) return usage(options->program, status.error());
    return hcctl::unreachable(*command, *options, status.error(), kOutput);
  }
  return act(*command, *options);
}
