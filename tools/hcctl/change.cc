#include "tools/hcctl/change.h"

namespace hcd::hcctl {

// All of it is done, or nothing.
Exit change(const Command& command, const Context& context) {
  ctl::Change change{.kind = *command.kind,
                     .action = command.action,
                     .targets = {},
                     .reason = context.options.wish.reason,
                     .generation = context.options.wish.generation};
  for (const auto& target : command.targets) change.targets.push_back({.text = target, .generation = {}});
  ctl::Outcome outcome;
  return conclude(context, context.client.change(change, outcome));
}

}  // namespace hcd::hcctl
