// What the command line asks for. Words of -s, -F and -T may be abbreviated as long as they stay unique, as with pfctl.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fastpath/base/clock.h"
#include "fastpath/base/error.h"
#include "fastpath/base/lexer.h"
#include "fastpath/bpf/loader.h"
#include "fastpath/table.h"

namespace hcd::hcpfctl {

enum class Show : unsigned char {
  Nothing,
  Rules,
  Nat,
  States,
  Sources,
  Tables,
  Info,
  Labels,
  Anchors,
  Memory,
  Timeouts,
  All,
  Events,  // from here on as it happens
  Packets,
  Drops
};
enum class TableCommand : unsigned char { Nothing, Show, Test, Add, Delete, Replace, Zero, Expire, Flush, Kill };
enum class Flush : unsigned char { Nothing, States, Rules, Nat, Sources, Tables, Info, All };

struct Options {
  std::string pin_directory;
  std::string anchor;     // without the trailing /*
  bool recurse = false;   // -a '*' or -a 'hcd/*'
  bool anchored = false;  // -a was given
  Show show = Show::Nothing;
  int verbose = 0;
  bool quiet = false;  // -q
  bool dummy = false;  // -n
  bool json = false;   // -j

  std::vector<fastpath::Network> only;  // of -s events, packets and drops
  std::uint32_t one_in = 0;             // -l; 0: not given
  std::uint64_t count = 0;              // -c; 0: without end
  std::optional<Seconds> wait;          // -w

  std::string table;
  TableCommand command = TableCommand::Nothing;
  std::vector<fastpath::TableEntry> entries;  // of -T
  std::uint32_t lifetime = 0;                 // of -T expire, seconds

  Flush flush = Flush::Nothing;
  bool zero = false;                            // -z
  std::vector<fastpath::Network> kill;          // -k: the clients, then their destinations
  std::optional<std::uint64_t> kill_id;         // -k id -k X
  std::optional<std::string> kill_label;        // -k label -k X
  std::vector<fastpath::Network> kill_sources;  // -K: the clients, then the hosts that they are led to

  std::string file;                                          // -f: rules, or with -T addresses
  Macros macros;                                             // -D
  bool enable = false, disable = false;                      // -e, -d
  std::vector<std::string> interfaces;                       // -i: for -e
  fastpath::AttachMode attach = fastpath::AttachMode::Auto;  // -m: for -e

  [[nodiscard]] bool covers(const std::string& anchor) const;  // whether -a does; without it all are
  // Of those anchors that have the table of -t the one that is meant: the only one that -a covers. Empty: none is.
  [[nodiscard]] Result<std::string> choose(const std::vector<std::string>& having_table) const;
  [[nodiscard]] bool loads() const { return !file.empty() && command == TableCommand::Nothing; }
  [[nodiscard]] bool shows() const {
    return show != Show::Nothing || command == TableCommand::Show || command == TableCommand::Test;
  }
  [[nodiscard]] bool follows() const { return show >= Show::Events; }
  [[nodiscard]] bool changes_table() const { return command > TableCommand::Test; }
  [[nodiscard]] bool kills() const { return kill_label || kill_id || !kill.empty() || !kill_sources.empty(); }
  // What is done without an engine.
  [[nodiscard]] bool acts() const {
    return flush == Flush::States || flush == Flush::Sources || flush == Flush::Info || kills();
  }
};

// An error's text is one line; the usage is the caller's to print. Files of addresses (-T add -f FILE) are read here.
[[nodiscard]] Result<Options> parse_options(int argc, char** argv, const Files& files);

extern const char* const kUsage;

}  // namespace hcd::hcpfctl
