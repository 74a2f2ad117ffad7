// Changes: what is asked for is first judged by the daemon, then shown with what would come of it, and only a yes carries it
// out. What hurts a service wants its name typed.
#include <algorithm>
#include <array>

#include "fastpath/base/text.h"
#include "ui/app/controller.h"

namespace hcd::ui {
namespace {

constexpr std::array<std::uint32_t, 5> kEnds = {0, 30 * 60, 2 * 3600, 8 * 3600, 24 * 3600};

ctl::Action action_of(Act act) {
  switch (act) {
    case Act::Enable: return ctl::Action::Enable;
    case Act::Drain: return ctl::Action::Drain;
    case Act::Weight: return ctl::Action::Weight;
    default: return ctl::Action::Disable;
  }
}

bool of_hosts(ctl::Action action) {
  return action >= ctl::Action::Drain;
}

// The object as it is seen now: changed since, it is refused.
std::optional<ctl::Target> target_of(const Mirror& mirror, const Key& key) {
  switch (key.kind) {
    case ctl::Kind::Service:
      if (const auto* service = mirror.service(key.id)) return ctl::Target{service->row.name, service->row.generation};
      break;
    case ctl::Kind::Table:
      if (const auto* table = mirror.table(key.id)) return ctl::Target{table->row.name, table->row.generation};
      break;
    case ctl::Kind::Host:
      if (const auto* host = mirror.host(key.id)) return ctl::Target{std::to_string(key.id), host->row.generation};
      break;
  }
  return std::nullopt;
}

// Hosts in place of the tables they are in, where an action is of hosts alone.
std::vector<Key> as_hosts(const Mirror& mirror, const std::vector<Key>& keys) {
  std::vector<Key> out;
  for (const auto& key : keys) {
    const auto* table = key.kind == ctl::Kind::Table ? mirror.table(key.id) : nullptr;
    if (table == nullptr)
      out.push_back(key);
    else
      for (const Host* host : table->hosts) out.push_back({.kind = ctl::Kind::Host, .id = host->row.id});
  }
  return out;
}

}  // namespace

void Controller::change(Act act) {
  if (act == Act::Undo) return undo();
  const Mirror& mirror = desk_.live;
  ctl::Action action = action_of(act);
  const auto keys = of_hosts(action) ? as_hosts(mirror, meant()) : meant();
  const ctl::Kind kind = keys.front().kind;
  if (std::ranges::any_of(keys, [kind](const Key& key) { return key.kind != kind; }))
    return desk_.say("what is marked is of several kinds", true);
  if (of_hosts(action) && kind != ctl::Kind::Host) return desk_.say("hosts are drained and weighted", true);
  if (keys.size() > ctl::Change::kTargetsMax) return desk_.say("that is too much at once", true);
  const auto drained = [&](const Key& key) {
    const auto* host = mirror.host(key.id);
    return host != nullptr && host->row.drained;
  };
  if (action == ctl::Action::Drain && std::ranges::all_of(keys, drained)) action = ctl::Action::Undrain;
  desk_.ask = Ask{.change = {.kind = kind, .action = action}};
  for (const auto& key : keys)
    if (auto target = target_of(mirror, key)) desk_.ask.change.targets.push_back(std::move(*target));
  if (action != ctl::Action::Weight) return dry_run();
  desk_.ask.field = Ask::Field::Weight;
  desk_.typed.clear();
  desk_.mode = Mode::Confirm;
}

// A number, or nothing for the configuration's.
void Controller::weigh(const std::string& typed) {
  constexpr std::uint16_t kMost = 65'535;
  const auto weight = parse_number<std::uint16_t>(trim(typed), 0, kMost);
  desk_.mode = Mode::Browse;
  if (trim(typed).empty()) {
    desk_.ask.change.action = ctl::Action::ResetWeight;
  } else if (!weight) {
    return desk_.say("a weight is a number; nothing is the configuration's", true);
  } else {
    desk_.ask.change.weight = *weight;
  }
  dry_run();
}

void Controller::dry_run() {
  ctl::Change change = desk_.ask.change;
  change.dry_run = true;
  const bool sent = shell_.change(change, [this](const ctl::Answer& answer, const ctl::Outcome& outcome) {
    if (answer.verdict != ctl::Verdict::Done) {
      desk_.mode = Mode::Browse;
      return desk_.say("refused: " + answer.text, true);
    }
    if (outcome.consequence.changed == 0) {
      desk_.mode = Mode::Browse;
      return desk_.say("it is so already");
    }
    desk_.ask.consequence = outcome.consequence;
    desk_.ask.field = Ask::Field::Answer;
    desk_.mode = Mode::Confirm;
  });
  if (!sent) desk_.say("the daemon cannot be asked now", true);
}

void Controller::confirm(KeyCode key) {
  if (desk_.link.stale()) {
    desk_.mode = Mode::Browse;
    return desk_.say("the daemon was lost: nothing was changed", true);
  }
  if (desk_.ask.field != Ask::Field::Answer) return answer_field(key);
  switch (key) {
    case U'y':
    case U'Y':
      if (name_to_type(desk_.ask.consequence).empty()) return carry_out();
      desk_.ask.field = Ask::Field::Name;
      return desk_.typed.clear();
    case U'r':
      desk_.ask.field = Ask::Field::Reason;
      desk_.typed = desk_.ask.change.reason;
      return;
    case U'f': {
      const auto* at = std::ranges::find(kEnds, desk_.ask.change.for_s);
      desk_.ask.change.for_s = at == kEnds.end() || at + 1 == kEnds.end() ? kEnds.front() : at[1];
      return;
    }
    case U'k':
    case U'c':
      if (desk_.ask.change.action != ctl::Action::Disable) break;
      desk_.ask.change.cut = key == U'c' || !desk_.ask.change.cut;
      return dry_run();
    default: break;
  }
  desk_.mode = Mode::Browse;
  desk_.say("nothing was changed");
}

void Controller::answer_field(KeyCode key) {
  if (key == kKeyEscape || key == control('c')) {
    const bool reason = desk_.ask.field == Ask::Field::Reason;
    desk_.ask.field = Ask::Field::Answer;
    if (reason) return;
    desk_.mode = Mode::Browse;
    return desk_.say("nothing was changed");
  }
  if (key != kKeyEnter) return void(edit(desk_.typed, key));
  switch (desk_.ask.field) {
    case Ask::Field::Weight: return weigh(desk_.typed);
    case Ask::Field::Reason:
      desk_.ask.change.reason = desk_.typed;
      desk_.ask.field = Ask::Field::Answer;
      return;
    case Ask::Field::Name:
    case Ask::Field::Answer: break;
  }
  if (desk_.typed == name_to_type(desk_.ask.consequence)) return carry_out();
  desk_.mode = Mode::Browse;
  desk_.say("that is not its name: nothing was changed", true);
}

void Controller::carry_out() {
  desk_.mode = Mode::Browse;
  desk_.say("asking");
  const bool sent = shell_.change(desk_.ask.change, [this](const ctl::Answer& answer, const ctl::Outcome& outcome) {
    if (answer.verdict != ctl::Verdict::Done)
      return desk_.say((answer.verdict == ctl::Verdict::Conflict ? "conflict: " : "refused: ") + answer.text, true);
    desk_.done = {outcome.objects, outcome.generation};
    desk_.marks.clear();
    desk_.say(outcome_text(outcome) + "; u undoes it");
  });
  if (!sent) desk_.say("the daemon cannot be asked now: nothing was changed", true);
}

// Refused for what another has changed since.
void Controller::undo() {
  if (desk_.done.objects.empty()) return desk_.say("there is nothing of ours to undo", true);
  desk_.say("undoing");
  const Done done = std::exchange(desk_.done, {});
  for (const auto& request : ctl::undo(done.objects, done.generation)) {
    const bool sent = shell_.change(request, [this](const ctl::Answer& answer, const ctl::Outcome& outcome) {
      if (answer.verdict == ctl::Verdict::Done) return desk_.say("undone: " + outcome_text(outcome));
      desk_.say((answer.verdict == ctl::Verdict::Conflict ? "conflict: " : "not undone: ") + answer.text, true);
    });
    if (!sent) desk_.say("the daemon cannot be asked now: not undone", true);
  }
}

}  // namespace hcd::ui
