// What the hosts of one table have in common when they are checked: shared by all of them, fixed for a generation.
#pragma once
#include <string>

#include "fastpath/base/error.h"
#include "hcd/conf/config.h"

namespace hcd::hce {

struct Plan {
  std::uint16_t port = 0;
  conf::Check check;
  Milliseconds timeout{0};
  Milliseconds interval{0};
  conf::Pace pace;
  conf::Judgement judgement;
  std::string request;  // of an HTTP check, ready to send
  friend bool operator==(const Plan&, const Plan&) = default;
};

// Refuses what no configuration that was validated can hold: no port, no time, a line break in a path or host.
[[nodiscard]] Result<Plan> make_plan(const conf::Table& table);

// "http code use tls": as the log says it.
[[nodiscard]] std::string check_text(const conf::Check& check);

}  // namespace hcd::hce
