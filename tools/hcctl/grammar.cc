#include "tools/hcctl/grammar.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "fastpath/base/text.h"

namespace hcd::hcctl {
namespace {

bool is_argument(const Word& word) {
  return word.name.empty();
}

std::string shown(const Word& word) {
  return std::string(is_argument(word) ? word.help : word.name);
}

// Where a parse stands: what may come, and the argument that may come once more.
struct Place {
  std::span<const Word> words = language();
  const Word* again = nullptr;

  [[nodiscard]] bool empty() const { return words.empty() && again == nullptr; }
  [[nodiscard]] const Word* argument() const {
    const auto found = std::ranges::find_if(words, is_argument);
    return found == words.end() ? again : &*found;
  }
  // The words that may stand here, or those of them that begin so.
  [[nodiscard]] std::string possible(std::string_view prefix = {}) const {
    std::vector<std::string> names;
    for (const auto& word : words)
      if (word.name.starts_with(prefix)) names.push_back(shown(word));
    if (again != nullptr && prefix.empty()) names.push_back(shown(*again));
    return "possible: " + join(names, ", ");
  }
};

Result<const Word*> find(const Place& place, std::string_view text) {
  std::vector<std::string_view> names;
  for (const auto& word : place.words) names.push_back(word.name);
  if (const Word* argument = place.argument(); argument != nullptr) {
    const auto exact = std::ranges::find(names, text);
    if (text.empty()) return fail(Code::Invalid, "an argument is empty; " + place.possible());
    return exact == names.end() ? argument : &place.words[static_cast<std::size_t>(exact - names.begin())];
  }
  std::size_t index = 0;
  switch (match_prefix(text, names, index)) {
    case PrefixMatch::Unique: return &place.words[index];
    case PrefixMatch::Ambiguous:
      return fail(Code::Invalid, "\"" + printable(text) + "\" is ambiguous; " + place.possible(text));
    case PrefixMatch::None: break;
  }
  return fail(Code::Invalid, "\"" + printable(text) + "\" is not known; " + place.possible());
}

// Every command, in the order of the table, with what its last word is for.
using Each = std::function<void(const std::string& line, std::string_view purpose)>;
void list(std::span<const Word> words, const std::string& before, std::string_view purpose, const Each& each) {
  for (const auto& word : words) {
    const std::string line = before + (before.empty() ? "" : " ") + shown(word);
    const std::string_view now = is_argument(word) ? purpose : word.help;
    if (word.next.empty() || word.may_end) each(line, now);
    list(word.next, line, now, each);
  }
}

void list_places(std::span<const Word> words, const std::string& place, const Word* again, std::string& out) {
  const auto line = [&](const Word& word) {
    std::string name(word.name);
    if (is_argument(word)) name = fmt::format("<{}{}>", argument_text(word.argument), word.repeated ? "..." : "");
    out += fmt::format("{}\t{}\t{}\n", place, name, word.help);
  };
  for (const auto& word : words) line(word);
  if (again != nullptr) line(*again);
  for (const auto& word : words) {
    const std::string next = place + (place == "/" ? "" : "/") + (is_argument(word) ? "*" : std::string(word.name));
    list_places(word.next, next, word.repeated ? &word : nullptr, out);
  }
}

}  // namespace

std::string_view argument_text(Argument argument) {
  switch (argument) {
    case Argument::None: return "";
    case Argument::Service: return "service";
    case Argument::Table: return "table";
    case Argument::Host: return "host";
    case Argument::Hosts: return "hosts";
    case Argument::Any: return "any";
    case Argument::File: return "file";
    case Argument::Time: return "time";
    case Argument::Number: return "number";
  }
  return "";
}

Result<Command> parse(const std::vector<std::string_view>& arguments) {
  Command command;
  Place place;
  bool complete = false;
  for (const auto argument : arguments) {
    if (place.empty()) return fail(Code::Invalid, "\"" + printable(argument) + "\" is too much");
    const auto word = find(place, argument);
    if (!word) return std::unexpected(word.error());
    if ((*word)->apply != nullptr)
      if (const auto status = (*word)->apply(command, argument); !status) return std::unexpected(status.error());
    place = {.words = (*word)->next, .again = (*word)->repeated ? *word : nullptr};
    complete = place.words.empty() || (*word)->may_end;
  }
  if (!complete) return fail(Code::Invalid, "a word is missing; " + place.possible());
  return command;
}

std::string usage() {
  std::string out;
  list(language(), "", "", [&](const std::string& line, std::string_view) { out += "  " + line + "\n"; });
  return out;
}

std::string help() {
  std::string out;
  list(language(), "", "",
       [&](const std::string& line, std::string_view purpose) { out += fmt::format("  {:<42}  {}\n", line, purpose); });
  return out;
}

std::string grammar_lines() {
  std::string out;
  list_places(language(), "/", nullptr, out);
  return out;
}

}  // namespace hcd::hcctl
