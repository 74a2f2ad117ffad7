// hcctl, also hoststatectl and relayctl: shows and changes what the daemon does.
#include <cstdio>

#include "fastpath/base/text.h"
#include "tools/hcctl/options.h"
#include "tools/hcctl/run.h"

namespace {

using namespace hcd;
using hcctl::Exit;

Exit usage(const std::string& program, const Error& error) {
  std::fprintf(stderr, "%s: %s\n", program.c_str(), error.text.c_str());
  std::fprintf(stderr, "usage: %s [-s SOCKET] [-t SECONDS] COMMAND; every word may be shortened\n%s", program.c_str(),
               hcctl::usage().c_str());
  return Exit::Usage;
}

// The first socket that may be opened. Where the other socket may not be either, what the first said counts.
Result<ctl::Client> connect(const hcctl::Options& options) {
  auto first = ctl::Client::connect(options.sockets.front(), options.limit);
  if (first || first.error().code != Code::Permission) return first;
  for (std::size_t i = 1; i < options.sockets.size(); i++)
    if (auto other = ctl::Client::connect(options.sockets[i], options.limit)) return other;
  return first;
}

Exit fail_with(const std::string& program, const Error& error) {
  std::fprintf(stderr, "%s: %s\n", program.c_str(), printable(error.text, error.text.size()).c_str());
  return hcctl::exit_of(error);
}

Exit act(const hcctl::Options& options, const hcctl::Command& command) {
  auto client = connect(options);
  if (!client) return fail_with(options.program, client.error());
  if (const auto welcome = client->hello(options.program + " " HCD_VERSION); !welcome)
    return fail_with(options.program, welcome.error());
  return hcctl::run(command, *client, options.columns, {stdout, stderr});
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = hcctl::read_options({argv, argv + argc});
  if (!options) return static_cast<int>(usage("hcctl", options.error()));
  const auto command = hcctl::parse(options->words);
  if (!command) return static_cast<int>(usage(options->program, command.error()));
  return static_cast<int>(act(*options, *command));
}
