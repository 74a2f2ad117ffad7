#include "tools/hcctl/change.h"

#include <thread>

#include "fastpath/base/text.h"
#include "tools/hcctl/fields.h"
#include "tools/hcctl/wait.h"

namespace hcd::hcctl {
namespace {

ctl::Change request_of(const Command& command, const Wish& wish) {
  ctl::Change out{.kind = command.kind.value_or(ctl::Kind::Host),
                  .action = command.action,
                  .targets = {},
                  .weight = command.weight,
                  .for_s = static_cast<std::uint32_t>(wish.lasting.count()),
                  .reason = wish.reason,
                  .generation = wish.generation,
                  .cut = command.cut,
                  .dry_run = wish.dry_run};
  for (const auto& target : command.targets) out.targets.push_back({.text = target, .generation = {}});
  return out;
}

Json json_of(const ctl::Outcome& outcome) {
  Json objects = Json::array(), tables = Json::array(), services = Json::array();
  for (const auto& object : outcome.objects)
    objects.push_back(
        {{"kind", ctl::kind_text(object.kind)}, {"id", object.id}, {"name", object.name}, {"already", object.already}});
  for (const auto& table : outcome.consequence.tables)
    tables.push_back({{"id", table.id},
                      {"name", table.name},
                      {"hosts", table.hosts},
                      {"up_before", table.up_before},
                      {"up_after", table.up_after},
                      {"minimum", table.minimum == 0 ? Json() : Json(table.minimum)},
                      {"weight_before", table.weight_before},
                      {"weight_after", table.weight_after},
                      {"sessions", table.sessions},
                      {"sessions_affected", table.sessions_hit}});
  for (const auto& service : outcome.consequence.services) {
    ctl::ServiceRow before, after;
    before.word = service.before;
    after.word = service.after;
    services.push_back({{"id", service.id},
                        {"name", service.name},
                        {"before", status_text(before)},
                        {"after", status_text(after)},
                        {"table", text_value(service.table)}});
  }
  return {{"dry_run", outcome.dry_run},    {"generation", outcome.generation}, {"changed", outcome.consequence.changed},
          {"objects", std::move(objects)}, {"tables", std::move(tables)},      {"services", std::move(services)}};
}

Exit tell(const Context& context, const ctl::Outcome& outcome) {
  const auto lines = ctl::effect_lines(outcome.consequence);
  if (context.style().format != Format::Text) {
    Json members = hcctl::outcome(Exit::Done, ctl::outcome_text(outcome));
    members["effects"] = lines;
    members.update(json_of(outcome));
    return conclude_as(context, Exit::Done, members);
  }
  if (!outcome.dry_run) return print(context.output.out, "command succeeded\n"), Exit::Done;
  print(context.output.out, printable(ctl::outcome_text(outcome), SIZE_MAX) + "\n");
  for (const auto& line : lines) print(context.output.out, printable(line, SIZE_MAX) + "\n");
  return Exit::Done;
}

}  // namespace

Exit change(const Command& command, const Context& context) {
  ctl::Outcome outcome;
  auto answer = context.client.change(request_of(command, context.options.wish), outcome);
  if (!answer || answer->verdict != ctl::Verdict::Done) return conclude(context, answer);
  if (command.wait && !outcome.dry_run) {
    const Patience patience{.clock = context.clock,
                            .sleep = [](Milliseconds pause) { std::this_thread::sleep_for(pause); },
                            .limit = command.wait_limit};
    answer = wait_drained(context.client, outcome.objects, patience);
    if (!answer || answer->verdict != ctl::Verdict::Done) return conclude(context, answer);
  }
  return tell(context, outcome);
}

}  // namespace hcd::hcctl
