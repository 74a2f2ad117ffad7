#include "fastpath/pf/allowed.h"

#include <algorithm>
#include <array>

#include "fastpath/base/text.h"
#include "fastpath/hosts.h"
#include "fastpath/pf/parse.h"
#include "fastpath/pf/pf_engine.h"

namespace hcd::fastpath::pf {
namespace {

enum class Input : unsigned char { None, Probe, Addresses, Rules };

struct Form {
  std::string_view
      words;  // A: an anchor below the prefix, P: the prefix, T: a table, L: a label of ours, H: an address
  Input input = Input::None;
};

constexpr auto kForms = std::to_array<Form>({
    {"-n -f -", Input::Probe},
    {"-q -a A -t T -T replace -f -", Input::Addresses},
    {"-q -a A -f -", Input::Rules},
    {"-q -a A -t T -T kill"},
    {"-q -a A -F nat"},
    {"-q -a A -F rules"},
    {"-q -a A -F Tables"},
    {"-a P -s Anchors"},
    {"-a A -s Tables"},
    {"-a A -s nat"},
    {"-a A -s rules"},
    {"-a A -s labels"},
    {"-a A -t T -vv -T show"},
    {"-s states"},
    {"-k 0.0.0.0/0 -k H"},
    {"-k ::/0 -k H"},
    {"-k label -k L"},
});

bool is_anchor(const std::string& word, const std::string& prefix) {
  return word.starts_with(prefix + "/") && word.find('/', prefix.size() + 1) == std::string::npos &&
         check_anchor_name(word);
}

bool matches(std::string_view wanted, const std::string& word, const std::string& prefix) {
  if (wanted == "A") return is_anchor(word, prefix);
  if (wanted == "P") return word == prefix;
  if (wanted == "T") return make_table(word, {}).has_value();
  if (wanted == "L") return word.starts_with(prefix + ":");
  if (wanted == "H") return Address::parse(word).has_value();
  return word == wanted;
}

bool matches(const Form& form, const std::vector<std::string>& arguments, const std::string& prefix) {
  return std::ranges::equal(split(form.words, ' '), arguments,
                            [&](auto wanted, const auto& word) { return matches(wanted, word, prefix); });
}

std::vector<std::string_view> lines_of(std::string_view text) {
  auto lines = split(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

Status check_addresses(std::string_view text) {
  for (const std::string_view line : lines_of(text))
    if (const auto entry = entry_of(line); !entry) return std::unexpected(entry.error());
  return {};
}

std::string_view between(std::string_view line, std::string_view before, char after) {
  const auto at = line.find(before);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = line.substr(at + before.size());
  return rest.substr(0, rest.find(after));
}

// What the older dialect says of one of the rules behind its translation.
bool is_filter(std::string_view line, const std::vector<Rule>& rules) {
  const auto label = between(line, " label \"", '"');
  const auto seconds = parse_number<std::uint32_t>(between(line, "(tcp.established ", ')'), 1, UINT32_MAX);
  return std::ranges::any_of(rules, [&](Rule rule) {
    rule.label = label;
    rule.established = Seconds(seconds.value_or(0));
    const auto text = filter_text(rule);
    return text && *text == line;
  });
}

Status check_rules(const std::string& text, const std::string& anchor) {
  const bool plain = std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c < 0x7f && c != '\\'); });
  if (!plain) return fail(Code::Invalid, "a character that no rule has");
  std::string ours;
  std::vector<std::string_view> filters;
  for (const std::string_view line : lines_of(text)) {
    const auto begins = [line](std::string_view word) { return line.starts_with(word); };
    if (!begins("table <") && !begins("pass ") && !begins("rdr "))
      return fail(Code::Invalid, "neither a table nor a rule of ours: " + printable(line));
    const bool filter = line.starts_with("pass ") && line.find(" rdr-to ") == std::string_view::npos;
    if (filter)
      filters.push_back(line);
    else
      ours += std::string(line) + "\n";
  }
  const auto parsed = parse_anchor(ours, anchor);
  if (!parsed) return std::unexpected(parsed.error());
  for (const std::string_view line : filters)
    if (!is_filter(line, parsed->rules)) return fail(Code::Invalid, "a rule that is not ours: " + printable(line));
  return {};
}

Status check_input(Input form, const Command& command) {
  const std::string& text = command.input;
  switch (form) {
    case Input::None: return text.empty() ? Status() : fail(Code::Invalid, "input where there is none");
    case Input::Probe:
      return text == kProbeNew || text == kProbeOld ? Status() : fail(Code::Invalid, "input that is no probe");
    case Input::Addresses: return check_addresses(text);
    case Input::Rules: return check_rules(text, command.arguments[2]);
  }
  return {};
}

}  // namespace

Status check_allowed(const Command& command, const std::string& prefix) {
  const auto* form =
      std::ranges::find_if(kForms, [&](const Form& one) { return matches(one, command.arguments, prefix); });
  const std::string what = "pfctl " + printable(join(command.arguments, " "));
  if (form == kForms.end()) return fail(Code::Permission, what + ": no command of the engine's");
  if (const auto sound = check_input(form->input, command); !sound) return fail_in(what, sound.error());
  return {};
}

}  // namespace hcd::fastpath::pf
