#include "hcd/conf/name_messages.h"

#include <array>

namespace hcd::conf {

std::string_view fault_text(NameFault fault) {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(NameFault::NoResources) + 1> kText = {
      "",
      "not looked up yet",
      "no such name",
      "no address",
      "the name server failed",
      "no name server would answer",
      "timeout",
      "malformed answer",
      "no usable address",
      "no resources",
  };
  return kText[static_cast<std::size_t>(fault)];
}

std::string state_text(const NameState& state) {
  std::string text(fault_text(state.fault));
  if (state.fault != NameFault::None && state.answered) text += ", the last answer is kept";
  if (state.refused == 0) return text;
  return text + (text.empty() ? "" : "; ") + std::to_string(state.refused) +
         (state.refused == 1 ? " address refused" : " addresses refused");
}

}  // namespace hcd::conf
