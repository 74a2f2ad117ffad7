#include "tools/hcctl/options.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "fastpath/base/text.h"
#include "hcd/conf/duration.h"
#include "hcd/ctl/change.h"

namespace hcd::hcctl {
namespace {

constexpr unsigned kLimitMax = 3600;

template <Format F>
Status set_format(Options& options, std::string_view) {
  options.style.format = F;
  return {};
}

template <Instead I>
Status set_instead(Options& options, std::string_view) {
  options.instead = I;
  return {};
}

Status set_header(Options& options, std::string_view) {
  options.style.header = false;
  return {};
}

Status set_fields(Options& options, std::string_view value) {
  if (value == "help") return set_instead<Instead::ListFields>(options, value);
  auto& fields = options.style.fields;
  fields.clear();
  for (const auto field : split(value, ',')) {
    if (std::ranges::find(fields, field) != fields.end())
      return fail(Code::Invalid, "column \"" + printable(field) + "\" stands there twice");
    fields.emplace_back(field);
  }
  return {};
}

Status set_socket(Options& options, std::string_view value) {
  options.sockets = {std::string(value)};
  return {};
}

Status set_limit(Options& options, std::string_view value) {
  const auto seconds = parse_number<unsigned>(value, 1, kLimitMax);
  if (!seconds) return fail(Code::Invalid, "-t takes 1 to " + std::to_string(kLimitMax) + " seconds");
  options.limit = Seconds(*seconds);
  return {};
}

Status set_reason(Options& options, std::string_view value) {
  if (value.empty() || value.size() > ctl::Change::kReasonMax)
    return fail(Code::Invalid, fmt::format("--reason takes 1 to {} characters", ctl::Change::kReasonMax));
  options.wish.reason = value;
  return {};
}

Status set_generation(Options& options, std::string_view value) {
  options.wish.generation = parse_number<std::uint64_t>(value, 0, std::numeric_limits<std::uint64_t>::max());
  if (!options.wish.generation) return fail(Code::Invalid, "--if-gen takes a number");
  return {};
}

Status set_lasting(Options& options, std::string_view value) {
  constexpr Seconds kLast{std::chrono::days(366)};
  const auto time = conf::parse_duration(value);
  if (!time || *time <= Milliseconds(0) || *time > kLast)
    return fail(Code::Invalid, "--for takes a time of up to a year: 30s, 10m, 8h, 2d");
  options.wish.lasting = std::chrono::ceil<Seconds>(*time);
  return {};
}

Status set_dry_run(Options& options, std::string_view) {
  options.wish.dry_run = true;
  return {};
}

constexpr std::array kOptions = std::to_array<Option>({
    {"-H", "", "without the line that names the columns", set_header},
    {"-J", "", "an object of JSON a line, as it comes", set_format<Format::Lines>},
    {"-h", "", "print this", set_instead<Instead::Help>},
    {"-j", "", "one document of JSON", set_format<Format::Document>},
    {"-o", "COLUMN,...", "these columns, separated by tabs; \"help\" lists them", set_fields},
    {"-s", "SOCKET", "the daemon's control socket", set_socket},
    {"-t", "SECONDS", "wait at most that long for an answer (10)", set_limit},
    {"--dry-run", "", "change nothing, and say what would come of it", set_dry_run},
    {"--for", "TIME", "the change ends by itself after that", set_lasting},
    {"--grammar", "", "print words and options for the completion in shells", set_instead<Instead::Grammar>},
    {"--if-gen", "GENERATION", "refuse the change where somebody has made another since then", set_generation},
    {"--reason", "TEXT", "why: kept with the change, shown and logged", set_reason},
});

Options defaults(std::string_view path) {
  Options out;
  out.program = path.substr(path.rfind('/') + 1);
  std::string daemon = "hcd";
  if (out.program == "hoststatectl") daemon = "hoststated";
  if (out.program == "relayctl") {
    daemon = "relayd";
    out.style.columns = Columns::IdFirst;
  }
  out.sockets = {"/run/" + daemon + ".sock", "/run/" + daemon + "-ro.sock"};
  return out;
}

const Option* find(std::string_view name) {
  const auto found = std::ranges::find(kOptions, name, &Option::name);
  return found == kOptions.end() ? nullptr : &*found;
}

// The arguments one after another: options are taken, and what is left are the words.
class Reader {
 public:
  explicit Reader(const std::vector<std::string_view>& arguments)
      : arguments_(arguments), out_(defaults(arguments.empty() ? "hcctl" : arguments.front())) {}

  [[nodiscard]] Result<Options> read() {
    bool words_only = false;
    for (at_ = 1; at_ < arguments_.size(); at_++) {
      const std::string_view argument = arguments_[at_];
      if (words_only || !argument.starts_with('-')) {
        out_.words.push_back(argument);
      } else if (argument == "--") {
        words_only = true;
      } else if (const auto status = argument.starts_with("--") ? take_long(argument) : take_letters(argument);
                 !status) {
        return std::unexpected(status.error());
      }
    }
    return std::move(out_);
  }

 private:
  Status take_long(std::string_view argument) {  // --name VALUE, --name=VALUE
    const auto equals = argument.find('=');
    const Option* option = find(argument.substr(0, equals));
    if (option == nullptr) return unknown(argument);
    if (equals == std::string_view::npos) return take(*option, {});
    if (option->value.empty()) return fail(Code::Invalid, "option " + std::string(option->name) + " takes no value");
    return option->apply(out_, argument.substr(equals + 1));
  }

  Status take_letters(std::string_view argument) {  // -s VALUE, -sVALUE, -jH
    for (std::size_t i = 1; i < argument.size(); i++) {
      const char name[] = {'-', argument[i], '\0'};
      const Option* option = find(name);
      if (option == nullptr) return unknown(argument);
      if (!option->value.empty()) return take(*option, argument.substr(i + 1));
      if (const auto status = option->apply(out_, {}); !status) return status;
    }
    return argument.size() > 1 ? Status() : unknown(argument);
  }

  Status take(const Option& option, std::string_view value) {  // which is the next argument where it is empty
    if (option.value.empty() || !value.empty()) return option.apply(out_, value);
    if (++at_ == arguments_.size())
      return fail(Code::Invalid, "option " + std::string(option.name) + " needs a value: " + std::string(option.value));
    return option.apply(out_, arguments_[at_]);
  }

  static std::unexpected<Error> unknown(std::string_view argument) {
    return fail(Code::Invalid, "option \"" + printable(argument) + "\" is not known");
  }

  const std::vector<std::string_view>& arguments_;
  Options out_;
  std::size_t at_ = 1;
};

}  // namespace

std::span<const Option> options() {
  return kOptions;
}

Result<Options> read_options(const std::vector<std::string_view>& arguments) {
  return Reader(arguments).read();
}

std::string option_help() {
  std::string out;
  for (const auto& option : kOptions)
    out += fmt::format("  {:<24}  {}\n", fmt::format("{} {}", option.name, option.value), option.help);
  return out;
}

std::string option_lines() {
  std::string out;
  for (const auto& option : kOptions)
    out += fmt::format("-\t{}{}\t{}\n", option.name, option.value.empty() ? "" : fmt::format(" <{}>", option.value),
                       option.help);
  return out;
}

}  // namespace hcd::hcctl
