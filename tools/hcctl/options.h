// hcctl's options, which may stand before, between and after its words: whose daemon, which socket, how long to wait, in
// which form to print, and what goes with a change. The name that the program was called by decides as well: hoststatectl
// and relayctl speak to the daemons of those names, and relayctl prints its own columns.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fastpath/base/clock.h"
#include "fastpath/base/error.h"
#include "tools/hcctl/style.h"

namespace hcd::hcctl {

// What is done in place of a command.
enum class Instead : unsigned char { Nothing, Help, Grammar, ListFields };

struct Wish {          // what goes with a change
  std::string reason;  // the operator's own words
  std::optional<std::uint64_t> generation;
  Seconds lasting{0};  // it ends by itself after so long; 0: never
  bool dry_run = false;
  [[nodiscard]] bool empty() const { return reason.empty() && !generation && lasting.count() == 0 && !dry_run; }
};

struct Options {
  std::string program;               // "hcctl"
  std::vector<std::string> sockets;  // tried in this order where the one before may not be opened
  Style style;
  Wish wish;
  Seconds limit{10};
  Instead instead = Instead::Nothing;
  std::vector<std::string_view> words;
};

struct Option {
  std::string_view name;   // "-s", "--reason"
  std::string_view value;  // "SOCKET"; empty: it takes none
  std::string_view help;
  Status (*apply)(Options&, std::string_view value);
};
[[nodiscard]] std::span<const Option> options();

[[nodiscard]] Result<Options> read_options(const std::vector<std::string_view>& arguments);  // [0] is the program

[[nodiscard]] std::string option_help();
// As grammar_lines() of the words; the place is "-", the word "-s <socket>".
[[nodiscard]] std::string option_lines();

}  // namespace hcd::hcctl
