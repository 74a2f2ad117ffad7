// hcpfctl: pfctl for the Linux engine. It works on the kernel's pinned maps, whether the daemon runs or not.
#include <cstdio>

#include "tools/hcpfctl/load.h"
#include "tools/hcpfctl/run.h"

using namespace hcd;
using namespace hcd::hcpfctl;

namespace {

constexpr int kError = 1;

// An error of a file is many lines, each with its place; any other is one, with our name.
int complain(const Error& error, bool of_file) {
  std::fprintf(stderr, of_file ? "%s\n" : "hcpfctl: %s\n", error.text.c_str());
  return kError;
}

}  // namespace

int main(int argc, char** argv) {
  // What is wanted
  const auto options = parse_options(argc, argv, ToolFiles());
  if (!options) {
    complain(options.error(), false);
    std::fputs(kUsage, stderr);
    return kError;
  }
  // What the kernel has, or what was changed in it
  Answer answer;
  const auto done = run(*options, SystemClock(), answer);
  std::fwrite(answer.out.data(), 1, answer.out.size(), stdout);
  if (!options->quiet) std::fputs(answer.err.c_str(), stderr);
  if (std::fflush(stdout) != 0) return complain(fail_errno("standard output").error(), false);
  if (done) return answer.status;
  const bool of_file = done.error().text.contains('\n');
  complain(done.error(), of_file);
  if (of_file) std::fputs("hcpfctl: Syntax error in config file: pf rules not loaded\n", stderr);
  return kError;
}
