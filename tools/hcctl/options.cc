#include "tools/hcctl/options.h"

#include "fastpath/base/text.h"

namespace hcd::hcctl {
namespace {

constexpr unsigned kLimitMax = 3600;

Options defaults(std::string_view path) {
  Options out;
  out.program = path.substr(path.rfind('/') + 1);
  std::string daemon = "hcd";
  if (out.program == "hoststatectl") daemon = "hoststated";
  if (out.program == "relayctl") {
    daemon = "relayd";
    out.columns = Columns::IdFirst;
  }
  out.sockets = {"/run/" + daemon + ".sock", "/run/" + daemon + "-ro.sock"};
  return out;
}

Status apply(Options& options, char letter, std::string_view value) {
  if (letter == 's') {
    options.sockets = {std::string(value)};
    return {};
  }
  const auto seconds = parse_number<unsigned>(value, 1, kLimitMax);
  if (!seconds) return fail(Code::Invalid, "-t takes 1 to " + std::to_string(kLimitMax) + " seconds");
  options.limit = Seconds(*seconds);
  return {};
}

}  // namespace

Result<Options> read_options(const std::vector<std::string_view>& arguments) {
  Options out = defaults(arguments.empty() ? "hcctl" : arguments.front());
  std::size_t at = 1;
  for (; at < arguments.size() && arguments[at].starts_with('-'); at++) {
    std::string_view option = arguments[at];
    if (option == "--") {
      at++;
      break;
    }
    if (option.size() < 2 || (option[1] != 's' && option[1] != 't'))
      return fail(Code::Invalid, "option \"" + printable(option) + "\" is not known");
    std::string_view value = option.substr(2);
    if (value.empty() && ++at == arguments.size())
      return fail(Code::Invalid, "option " + std::string(option) + " needs a value");
    if (value.empty()) value = arguments[at];
    if (auto status = apply(out, option[1], value); !status) return std::unexpected(status.error());
  }
  if (at < arguments.size()) out.words.assign(arguments.begin() + static_cast<std::ptrdiff_t>(at), arguments.end());
  return out;
}

}  // namespace hcd::hcctl
