#include "tools/hcctl/top.h"

#include <algorithm>
#include <filesystem>

#include <unistd.h>

namespace hcd::hcctl {
namespace {

// The one beside this program, so that what was built or installed together runs together; else the path's.
std::string program_beside(const std::string& name) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string beside = (self.parent_path() / name).string();
  return !error && access(beside.c_str(), X_OK) == 0 ? beside : name;
}

}  // namespace

Error start_top(const Options& options) {
  const auto may_open = [](const std::string& socket) { return access(socket.c_str(), W_OK) == 0; };
  const auto usable = std::ranges::find_if(options.sockets, may_open);
  std::string program = program_beside("hctop"), option = "-s";
  std::string socket = usable == options.sockets.end() ? options.sockets.front() : *usable;
  char* arguments[] = {program.data(), option.data(), socket.data(), nullptr};
  execvp(program.c_str(), arguments);
  return fail_errno(program).error();
}

}  // namespace hcd::hcctl
