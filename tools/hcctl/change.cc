#include "tools/hcctl/change.h"

namespace hcd::hcctl {

// What comes after one that is refused is left as it is.
Exit change(const Command& command, const Context& context) {
  Result<ctl::Answer> answer;
  for (const auto& target : command.targets) {
    answer = context.client.ask(ctl::Change{.kind = *command.kind,
                                            .action = command.action,
                                            .target = target,
                                            .reason = context.options.wish.reason,
                                            .generation = context.options.wish.generation});
    if (!answer || answer->verdict != ctl::Verdict::Done) break;
  }
  return conclude(context, answer);
}

}  // namespace hcd::hcctl
