// The command line of hcd, and what its name changes: invoked as hoststated or relayd, the daemon takes that one's
// configuration file, socket and anchor, so that old habits and old scripts work.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fastpath/base/error.h"
#include "fastpath/base/lexer.h"
#include "hcd/proc/role.h"

namespace hcd::parent {

struct Options {
  std::string name;                // "hcd", "hoststated", "relayd": also the anchors' first part
  std::string config;              // -f
  std::string socket;              // -s; the read-only one stands beside it
  std::string pins;                // -p
  std::string pid_file;            // -i; empty: none
  std::string empty_directory;     // -C: root directory of the children
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

// "/run/hcd.sock" -> "/run/hcd-ro.sock".
[[nodiscard]] std::string read_only_socket(const std::string& socket);

}  // namespace hcd::parent
