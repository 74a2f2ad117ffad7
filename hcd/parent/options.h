// The command line of hcd, and what its name changes: invoked as hoststated or relayd, the daemon takes that one's
// configuration file, socket and anchor, so that old habits and old scripts work.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fastpath/base/error.h"
#include "fastpath/base/lexer.h"
#include "hcd/conf/config.h"
#include "hcd/proc/role.h"

namespace hcd::parent {

struct Options {
  std::string name;                // "hcd", "hoststated", "relayd": also the anchors' first part
  std::string config;              // -f
  std::string socket;              // -s, else what the configuration says; the read-only one stands beside it
  bool socket_given = false;       // -s
  std::string pins;                // -p
  std::string pid_file;            // -i; empty: none
  std::string empty_directory;     // -C: root directory of the children
  std::string state_directory;     // -S: what outlives the daemon
  Macros macros;                   // -D
  bool foreground = false;         // -d
  bool check_only = false;         // -n
  bool unload = false;             // -F
  unsigned verbose = 0;            // -v
  std::optional<proc::Role> role;  // -P, only by ourselves: run as this child
};

// An error's text is the sentence to print above usage().
[[nodiscard]] Result<Options> parse_options(const std::vector<std::string>& arguments);
[[nodiscard]] std::string usage(const std::string& name);
// The configuration's socket, unless the command line names one.
void take_socket(Options& options, const conf::Config& config);

// "/run/hcd.sock" -> "/run/hcd-ro.sock".
[[nodiscard]] std::string read_only_socket(const std::string& socket);

}  // namespace hcd::parent
