// The table itself.
#include <array>

#include "fastpath/base/text.h"
#include "fastpath/table.h"
#include "hcd/conf/duration.h"
#include "tools/hcctl/grammar.h"

namespace hcd::hcctl {
namespace {

template <Verb V>
Status set_verb(Command& command, std::string_view) {
  command.verb = V;
  return {};
}
template <Verb V, ctl::Kind K>
Status set_kind(Command& command, std::string_view) {
  command.verb = V;
  command.kind = K;
  return {};
}
template <ctl::Action A>
Status set_action(Command& command, std::string_view) {
  command.action = A;
  return {};
}
Status revert(Command& command, std::string_view) {
  command.keep = false;
  return set_verb<Verb::Confirm>(command, {});
}
std::unexpected<Error> bad_time() {
  return fail(Code::Invalid, "a time is written 30, 30s, 10m or 1h");
}
Status add_target(Command& command, std::string_view text) {
  command.targets.emplace_back(text);
  return {};
}
template <bool Command::* Flag, bool Value = true>
Status set(Command& command, std::string_view) {
  command.*Flag = Value;
  return {};
}
Status set_wait_limit(Command& command, std::string_view text) {
  command.wait_limit = conf::parse_duration(text);
  return command.wait_limit ? Status() : bad_time();
}
Status set_confirm(Command& command, std::string_view text) {
  const auto time = conf::parse_duration(text);
  if (!time) return bad_time();
  command.confirm_within = std::chrono::ceil<Seconds>(*time);
  return {};
}
Status set_weight(Command& command, std::string_view text) {
  const auto weight = parse_number<std::uint16_t>(text, 1, fastpath::kWeightMax);
  if (!weight) return fail(Code::Invalid, "a weight is 1 to " + std::to_string(fastpath::kWeightMax) + ", or reset");
  command.weight = *weight;
  return {};
}
Status set_events(Command& command, std::string_view text) {
  const auto count = parse_number<std::uint16_t>(text, 1, ctl::Scope::kEventsMax);
  if (!count) return fail(Code::Invalid, "1 to " + std::to_string(ctl::Scope::kEventsMax) + " events can be shown");
  command.events = *count;
  return {};
}

template <Argument A>
constexpr std::array<Word, 1> kTargets = {{{"", "NAME-OR-ID ...", {}, add_target, true, A, true}}};

constexpr std::array<Word, 2> kSessions = {{
    {"cut", "end its sessions at once", {}, set<&Command::cut>},
    {"keep", "let its sessions go on", {}, set<&Command::cut, false>},
}};
template <Argument A>
constexpr std::array<Word, 1> kDisabled = {{{"", "NAME-OR-ID ...", kSessions, add_target, true, A, true}}};

template <Argument A>
constexpr std::array<Word, 2> kSwitches = {{
    {"disable", "take it out of service", kDisabled<A>, set_action<ctl::Action::Disable>},
    {"enable", "bring it back", kTargets<A>, set_action<ctl::Action::Enable>},
}};

constexpr std::array<Word, 1> kWaitTime = {{{"", "TIME", {}, set_wait_limit, false, Argument::Time}}};
constexpr std::array<Word, 1> kWait = {{
    {"wait", "until its sessions have ended, or that long", kWaitTime, set<&Command::wait>, true},
}};
constexpr std::array<Word, 1> kDrained = {{{"", "NAME-OR-ID ...", kWait, add_target, true, Argument::Host, true}}};

constexpr std::array<Word, 2> kWeight = {{
    {"reset", "what the configuration says", {}, set_action<ctl::Action::ResetWeight>},
    {"", "WEIGHT", {}, set_weight, false, Argument::Number},
}};
constexpr std::array<Word, 1> kWeighed = {{{"", "NAME-OR-ID", kWeight, add_target, false, Argument::Host}}};

constexpr std::array<Word, 5> kHostSwitches = {{
    {"disable", "take it out of service, unchecked", kDisabled<Argument::Host>, set_action<ctl::Action::Disable>},
    {"drain", "check it, but give it no new sessions", kDrained, set_action<ctl::Action::Drain>},
    {"enable", "bring it back", kTargets<Argument::Host>, set_action<ctl::Action::Enable>},
    {"undrain", "give it new sessions again", kTargets<Argument::Host>, set_action<ctl::Action::Undrain>},
    {"weight", "give it another share of new sessions", kWeighed, set_action<ctl::Action::Weight>},
}};

constexpr std::array<Word, 1> kHosts = {
    {{"", "HOST-TABLE-OR-PATTERN ...", {}, add_target, true, Argument::Hosts, true}}};

template <Argument A>
constexpr std::array<Word, 1> kOne = {{{"", "NAME-OR-ID", {}, add_target, false, A}}};

constexpr std::array<Word, 6> kCheck = {{
    {"host", "the same, of a host alone", kOne<Argument::Host>, set_kind<Verb::Check, ctl::Kind::Host>},
    {"now", "check hosts at once, and print what comes of it", kHosts, set_verb<Verb::CheckNow>},
    {"redirect", "another word for service", kOne<Argument::Service>, set_kind<Verb::Check, ctl::Kind::Service>},
    {"service", "of a service alone", kOne<Argument::Service>, set_kind<Verb::Check, ctl::Kind::Service>},
    {"table", "of a table alone", kOne<Argument::Table>, set_kind<Verb::Check, ctl::Kind::Table>},
    {"", "NAME", {}, add_target, false, Argument::Any},
}};

constexpr std::array<Word, 1> kEvents = {{{"", "NUMBER", {}, set_events, false, Argument::Number}}};

constexpr std::array<Word, 14> kShow = {{
    {"checks", "the last checks of hosts, and how long those of a table take", kHosts, set_verb<Verb::ShowChecks>},
    {"events", "what has changed lately, the last 100 or that many", kEvents, set_verb<Verb::ShowEvents>, true},
    {"hosts", "tables and hosts with their checks", {}, set_verb<Verb::ShowHosts>},
    {"metrics", "all that is counted, as Prometheus reads it", {}, set_verb<Verb::ShowMetrics>},
    {"overrides", "what operators have changed", {}, set_verb<Verb::ShowOverrides>},
    {"redirects", "another word for services", {}, set_verb<Verb::ShowServices>},
    {"relays", "relays with their sessions", {}, set_verb<Verb::ShowRelays>},
    {"routes", "the routes of routers", {}, set_verb<Verb::ShowRoutes>},
    {"services", "services with their sessions", {}, set_verb<Verb::ShowServices>},
    {"sessions", "sessions of relays", {}, set_verb<Verb::ShowSessions>},
    {"sinks", "whoever else is told of what is up", {}, set_verb<Verb::ShowSinks>},
    {"summary", "services, their tables and hosts", {}, set_verb<Verb::ShowSummary>},
    {"tables", "tables", {}, set_verb<Verb::ShowTables>},
    {"version", "which programs these are, and what they run", {}, set_verb<Verb::ShowVersion>},
}};

constexpr std::array<Word, 1> kStop = {{
    {"unload", "and take the rules out of the kernel", {}, set<&Command::unload>},
}};

constexpr std::array<Word, 1> kFile = {{{"", "FILE", {}, add_target, false, Argument::File}}};

constexpr std::array<Word, 1> kConfirmTime = {{{"", "TIME", {}, set_confirm, false, Argument::Time}}};
constexpr std::array<Word, 1> kReload = {{
    {"confirm-within", "and take it back after that time, unless it is confirmed", kConfirmTime, nullptr},
}};

constexpr std::array<Word, 2> kLog = {{
    {"brief", "what is logged by default", {}, set<&Command::verbose, false>},
    {"verbose", "more", {}, set<&Command::verbose>},
}};

constexpr std::array<Word, 15> kLanguage = {{
    {"check", "how something is, with the exit status of a Nagios plug-in", kCheck, set_verb<Verb::Check>},
    {"confirm", "keep what a reload has loaded that waits for it", {}, set_verb<Verb::Confirm>},
    {"host", "a host: by id, table/host, or address", kHostSwitches, set_kind<Verb::Change, ctl::Kind::Host>},
    {"load", "another configuration file: refused, and why", kFile, set_verb<Verb::Load>},
    {"log", "how much the daemon logs", kLog, set_verb<Verb::Log>},
    {"monitor", "print what changes, as it changes", {}, set_verb<Verb::Monitor>},
    {"poll", "check all hosts at once", {}, set_verb<Verb::Poll>},
    {"redirect", "another word for service", kSwitches<Argument::Service>, set_kind<Verb::Change, ctl::Kind::Service>},
    {"reload", "read the configuration again", kReload, set_verb<Verb::Reload>, true},
    {"revert", "take back what a reload has loaded that waits to be confirmed", {}, revert},
    {"service", "a service: by name or id", kSwitches<Argument::Service>, set_kind<Verb::Change, ctl::Kind::Service>},
    {"show", "what is known", kShow, nullptr},
    {"stop", "end the daemon", kStop, set_verb<Verb::Stop>, true},
    {"table", "a table: by name or id", kSwitches<Argument::Table>, set_kind<Verb::Change, ctl::Kind::Table>},
    {"top", "see it all live, in hctop", {}, set_verb<Verb::Top>},
}};

}  // namespace

std::span<const Word> language() {
  return kLanguage;
}

}  // namespace hcd::hcctl
