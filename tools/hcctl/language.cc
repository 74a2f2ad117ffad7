// The table itself.
#include <array>

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
Status add_target(Command& command, std::string_view text) {
  command.targets.emplace_back(text);
  return {};
}
Status set_unload(Command& command, std::string_view) {
  command.unload = true;
  return {};
}
template <Argument A>
constexpr std::array<Word, 1> kTargets = {{{"", "NAME-OR-ID ...", {}, add_target, true, A, true}}};

template <Argument A>
constexpr std::array<Word, 2> kSwitches = {{
    {"disable", "take it out of service", kTargets<A>, set_action<ctl::Action::Disable>},
    {"enable", "bring it back", kTargets<A>, set_action<ctl::Action::Enable>},
}};

constexpr std::array<Word, 4> kHostSwitches = {{
    {"disable", "take it out of service, unchecked", kTargets<Argument::Host>, set_action<ctl::Action::Disable>},
    {"drain", "check it, but give it no new sessions", kTargets<Argument::Host>, set_action<ctl::Action::Drain>},
    {"enable", "bring it back", kTargets<Argument::Host>, set_action<ctl::Action::Enable>},
    {"undrain", "give it new sessions again", kTargets<Argument::Host>, set_action<ctl::Action::Undrain>},
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

constexpr std::array<Word, 12> kShow = {{
    {"checks", "the last checks of hosts, and how long those of a table take", kHosts, set_verb<Verb::ShowChecks>},
    {"hosts", "tables and hosts with their checks", {}, set_verb<Verb::ShowHosts>},
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
    {"unload", "and take the rules out of the kernel", {}, set_unload},
}};

constexpr std::array<Word, 1> kFile = {{{"", "FILE", {}, add_target, false, Argument::File}}};

constexpr std::array<Word, 12> kLanguage = {{
    {"check", "how something is, with the exit status of a Nagios plug-in", kCheck, set_verb<Verb::Check>},
    {"host", "a host: by id, table/host, or address", kHostSwitches, set_kind<Verb::Change, ctl::Kind::Host>},
    {"load", "another configuration file: refused, and why", kFile, set_verb<Verb::Load>},
    {"monitor", "print what changes, as it changes", {}, set_verb<Verb::Monitor>},
    {"poll", "check all hosts at once", {}, set_verb<Verb::Poll>},
    {"redirect", "another word for service", kSwitches<Argument::Service>, set_kind<Verb::Change, ctl::Kind::Service>},
    {"reload", "read the configuration again", {}, set_verb<Verb::Reload>},
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
