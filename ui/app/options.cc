#include "ui/app/options.h"

#include <algorithm>
#include <span>

#include "fastpath/base/text.h"
#include "ui/canvas/canvas.h"

namespace hcd::ui {
namespace {

using Take = Status (*)(Options&, std::string_view);

struct Option {
  char letter;  // 0: none
  std::string_view name;
  std::string_view value;  // what it takes; empty: nothing
  std::string_view help;
  Take take;
};

Status number(std::string_view name, std::string_view text, unsigned low, unsigned high, unsigned& out) {
  const auto value = parse_number<unsigned>(text, low, high);
  if (!value)
    return fail(Code::Invalid,
                std::string(name) + " takes a number from " + std::to_string(low) + " to " + std::to_string(high));
  out = *value;
  return {};
}

Status frame(Options& out, std::string_view text) {
  const auto by = text.find('x');
  const auto side = [&](std::string_view digits, int most) { return parse_number<int>(digits, 1, most); };
  if (by == std::string_view::npos) return fail(Code::Invalid, "--frame takes WIDTHxHEIGHT");
  const auto width = side(text.substr(0, by), Canvas::kWidthMax);
  const auto height = side(text.substr(by + 1), Canvas::kWidthMax);
  if (!width || !height) return fail(Code::Invalid, "--frame takes WIDTHxHEIGHT");
  out.frame = {*width, *height};
  return {};
}

// "1.5": tenths are what a timer is asked for.
Status delay(Options& out, std::string_view text) {
  const auto point = text.find('.');
  const auto whole = parse_number<unsigned>(text.substr(0, point), 0, 3600);
  const auto part =
      point == std::string_view::npos ? std::optional(0U) : parse_number<unsigned>(text.substr(point + 1), 0, 9);
  if (!whole || !part || *whole * 10 + *part == 0) return fail(Code::Invalid, "-d takes 0.1 to 3600 seconds");
  out.tenths = *whole * 10 + *part;
  return {};
}

template <bool Options::* Flag>
Status set(Options& out, std::string_view) {
  out.*Flag = true;
  return {};
}
template <std::string Options::* Text>
Status keep(Options& out, std::string_view value) {
  out.*Text = std::string(value);
  return {};
}

constexpr Option kOptions[] = {
    {'s', "socket", "SOCKET", "the daemon's control socket",
     [](Options& o, std::string_view v) {
       o.sockets = {std::string(v)};
       return Status();
     }},
    {'R', "readonly", "", "change nothing", set<&Options::read_only>},
    {'d', "delay", "SECONDS", "between two looks at what moves (1)", delay},
    {'f', "filter", "FILTER", "show what matches", keep<&Options::filter>},
    {'v', "view", "VIEW", "tree, hosts, services, tables, relays, sessions or events", keep<&Options::view>},
    {'o', "sort", "SORT", "problems, name, configured, state, availability, latency, age, sessions, rate or weight",
     keep<&Options::sort>},
    {'Z', "problems", "", "problems alone", set<&Options::problems>},
    {'b', "batch", "", "print frames, one after the other", set<&Options::batch>},
    {'n', "frames", "N", "end after N frames of a batch",
     [](Options& o, std::string_view v) { return number("-n", v, 1, 1'000'000, o.frames); }},
    {'W', "width", "COLUMNS", "of a batch (80)",
     [](Options& o, std::string_view v) {
       unsigned width = 0;
       auto status = number("-W", v, 40, Canvas::kWidthMax, width);
       if (status) o.width = static_cast<int>(width);
       return status;
     }},
    {0, "frame", "WxH", "print one frame of this size, of a recording", frame},
    {0, "replay", "FILE", "show a recording, not a daemon", keep<&Options::replay>},
    {0, "record", "FILE", "record what the daemon tells", keep<&Options::record>},
    {'t', "theme", "THEME", "auto, mono, 16, 256 or blue-orange", keep<&Options::theme>},
    {'y', "symbols", "SET", "auto, ascii, block or braille", keep<&Options::symbols>},
    {'C', "no-colour", "", "no colours; NO_COLOR says the same", set<&Options::no_colour>},
    {'U', "ascii", "", "ASCII alone", set<&Options::ascii>},
    {0, "colour", "", "colours in a batch or a frame too", set<&Options::colours>},
    {'h', "help", "", "this text", set<&Options::help>},
    {'V', "version", "", "the version", set<&Options::version>},
};

const Option* find(std::string_view argument) {
  const auto found = std::ranges::find_if(kOptions, [&](const Option& option) {
    if (argument.starts_with("--")) return argument.substr(2, argument.find('=') - 2) == option.name;
    return option.letter != 0 && argument[1] == option.letter;
  });
  return found == std::end(kOptions) ? nullptr : found;
}

// Whether what was asked for goes together.
Status judge(const Options& options) {
  if (options.frame && options.replay.empty()) return fail(Code::Invalid, "--frame shows a recording: --replay FILE");
  if (!options.record.empty() && !options.replay.empty())
    return fail(Code::Invalid, "a recording is not recorded again: --record or --replay");
  return {};
}

}  // namespace

Result<Options> read_options(const std::vector<std::string_view>& arguments) {
  Options out;
  out.sockets = {"/run/hcd.sock", "/run/hcd-ro.sock"};
  for (std::size_t at = 1; at < arguments.size(); at++) {
    std::string_view argument = arguments[at];
    if (argument.size() < 2 || argument[0] != '-')
      return fail(Code::Invalid, "\"" + printable(argument) + "\" is no option");
    const bool spelt = argument.starts_with("--");
    const Option* option = find(argument);
    if (option == nullptr) return fail(Code::Invalid, "option \"" + printable(argument) + "\" is not known");
    std::string_view value;
    const auto equals = spelt ? argument.find('=') : std::string_view::npos;
    const std::string_view rest = spelt ? std::string_view() : argument.substr(2);
    const bool given = equals != std::string_view::npos || !rest.empty();
    if (option->value.empty() && given)
      return fail(Code::Invalid, "option \"" + printable(argument) + "\" takes no value");
    if (!option->value.empty()) {
      if (!given && ++at == arguments.size())
        return fail(Code::Invalid, "option " + std::string(argument) + " needs a value");
      value = equals != std::string_view::npos ? argument.substr(equals + 1) : given ? rest : arguments[at];
    }
    if (auto status = option->take(out, value); !status) return std::unexpected(status.error());
  }
  if (auto status = judge(out); !status) return std::unexpected(status.error());
  return out;
}

std::string usage() {
  std::string out = "usage: hctop [OPTION]...\n";
  for (const auto& option : kOptions) {
    std::string line = option.letter == 0 ? "      --" : std::string("  -") + option.letter + ", --";
    line += option.name;
    if (!option.value.empty()) line += " " + std::string(option.value);
    line.resize(std::max<std::size_t>(line.size() + 2, 26), ' ');
    out += line + std::string(option.help) + "\n";
  }
  return out;
}

}  // namespace hcd::ui
