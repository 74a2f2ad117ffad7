// What the command line asks for. Words of -s and -T may be abbreviated as long as they stay unique, as with pfctl.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fastpath/base/address.h"
#include "fastpath/base/error.h"

namespace hcd::hcpfctl {

enum class Show : unsigned char { Nothing, Rules, Nat, States, Tables, Info, Labels, Anchors, Memory };
enum class TableCommand : unsigned char { Nothing, Show, Test };

enum class Flush : unsigned char { Nothing, States };

struct Network {  // of -k: a host has the whole length
  Address address;
  unsigned length = 0;  // bits
  [[nodiscard]] bool holds(const Address& other) const;
};

struct Options {
  std::string pin_directory;
  std::string anchor;     // without the trailing /*
  bool recurse = false;   // -a '*' or -a 'hcd/*'
  bool anchored = false;  // -a was given
  Show show = Show::Nothing;
  int verbose = 0;
  std::string table;
  TableCommand command = TableCommand::Nothing;
  std::vector<Address> addresses;  // of -T test
  Flush flush = Flush::Nothing;
  std::vector<Network> kill;              // -k: the clients, then their destinations
  std::optional<std::string> kill_label;  // -k label -k X

  [[nodiscard]] bool acts() const { return flush != Flush::Nothing || kill_label || !kill.empty(); }
};

// An error's text is one line; the usage is the caller's to print.
[[nodiscard]] Result<Options> parse_options(int argc, char** argv);

extern const char* const kUsage;

}  // namespace hcd::hcpfctl
