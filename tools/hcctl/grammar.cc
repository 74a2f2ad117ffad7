#include "tools/hcctl/grammar.h"

#include <array>

#include "fastpath/base/text.h"

namespace hcd::hcctl {
namespace {

template <Verb V>
void set_verb(Command& command, std::string_view) {
  command.verb = V;
}
template <ctl::Kind K>
void set_kind(Command& command, std::string_view) {
  command.verb = Verb::Change;
  command.kind = K;
}
template <ctl::Action A>
void set_action(Command& command, std::string_view) {
  command.action = A;
}
void set_target(Command& command, std::string_view text) {
  command.target = text;
}
void set_unload(Command& command, std::string_view) {
  command.unload = true;
}

constexpr std::array<Word, 1> kTarget = {{{"", "NAME-OR-ID", {}, set_target}}};

constexpr std::array<Word, 2> kSwitches = {{
    {"disable", "take it out of service", kTarget, set_action<ctl::Action::Disable>},
    {"enable", "bring it back", kTarget, set_action<ctl::Action::Enable>},
}};

constexpr std::array<Word, 4> kHostSwitches = {{
    {"disable", "take it out of service, unchecked", kTarget, set_action<ctl::Action::Disable>},
    {"drain", "check it, but give it no new sessions", kTarget, set_action<ctl::Action::Drain>},
    {"enable", "bring it back", kTarget, set_action<ctl::Action::Enable>},
    {"undrain", "give it new sessions again", kTarget, set_action<ctl::Action::Undrain>},
}};

constexpr std::array<Word, 1> kHosts = {{{"", "HOST-TABLE-OR-PATTERN", {}, set_target}}};

constexpr std::array<Word, 1> kCheck = {{
    {"now", "check hosts at once, and print what comes of it", kHosts, set_verb<Verb::CheckNow>},
}};

constexpr std::array<Word, 6> kShow = {{
    {"checks", "the last checks of hosts, and how long those of a table take", kHosts, set_verb<Verb::ShowChecks>},
    {"hosts", "tables and hosts with their checks", {}, set_verb<Verb::ShowHosts>},
    {"redirects", "another word for services", {}, set_verb<Verb::ShowServices>},
    {"services", "services with their sessions", {}, set_verb<Verb::ShowServices>},
    {"summary", "services, their tables and hosts", {}, set_verb<Verb::ShowSummary>},
    {"tables", "tables", {}, set_verb<Verb::ShowTables>},
}};

constexpr std::array<Word, 1> kStop = {{
    {"unload", "and take the rules out of the kernel", {}, set_unload},
}};

constexpr std::array<Word, 9> kLanguage = {{
    {"check", "hosts, out of turn", kCheck, nullptr},
    {"host", "a host: by id, table/host, or address", kHostSwitches, set_kind<ctl::Kind::Host>},
    {"monitor", "print what changes, as it changes", {}, set_verb<Verb::Monitor>},
    {"redirect", "another word for service", kSwitches, set_kind<ctl::Kind::Service>},
    {"reload", "read the configuration again", {}, set_verb<Verb::Reload>},
    {"service", "a service: by name or id", kSwitches, set_kind<ctl::Kind::Service>},
    {"show", "what is known", kShow, nullptr},
    {"stop", "end the daemon", kStop, set_verb<Verb::Stop>, true},
    {"table", "a table: by name or id", kSwitches, set_kind<ctl::Kind::Table>},
}};

std::string shown(const Word& word) {
  return std::string(word.name.empty() ? word.help : word.name);
}

// The words that may stand at a place, or those of them that begin so.
std::string possible(std::span<const Word> words, std::string_view prefix = {}) {
  std::vector<std::string> names;
  for (const auto& word : words)
    if (word.name.starts_with(prefix)) names.push_back(shown(word));
  return "possible: " + join(names, ", ");
}

Result<const Word*> find(std::span<const Word> words, std::string_view text) {
  if (words.front().name.empty()) return words.data();
  std::vector<std::string_view> names;
  for (const auto& word : words) names.push_back(word.name);
  std::size_t index = 0;
  switch (match_prefix(text, names, index)) {
    case PrefixMatch::Unique: return &words[index];
    case PrefixMatch::Ambiguous:
      return fail(Code::Invalid, "\"" + printable(text) + "\" is ambiguous; " + possible(words, text));
    case PrefixMatch::None: break;
  }
  return fail(Code::Invalid, "\"" + printable(text) + "\" is not known; " + possible(words));
}

void list(std::span<const Word> words, const std::string& before, std::string& out) {
  for (const auto& word : words) {
    const std::string line = before + " " + shown(word);
    if (word.next.empty() || word.may_end) out += line + "\n";
    list(word.next, line, out);
  }
}

}  // namespace

std::span<const Word> language() {
  return kLanguage;
}

Result<Command> parse(const std::vector<std::string_view>& arguments) {
  Command command;
  std::span<const Word> words = language();
  bool complete = false;
  for (const auto argument : arguments) {
    if (words.empty()) return fail(Code::Invalid, "\"" + printable(argument) + "\" is too much");
    const auto word = find(words, argument);
    if (!word) return std::unexpected(word.error());
    if ((*word)->apply != nullptr) (*word)->apply(command, argument);
    words = (*word)->next;
    complete = words.empty() || (*word)->may_end;
  }
  if (!complete) return fail(Code::Invalid, "a word is missing; " + possible(words));
  return command;
}

std::string usage() {
  std::string out;
  list(language(), " ", out);
  return out;
}

}  // namespace hcd::hcctl
