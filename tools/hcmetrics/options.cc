#include "tools/hcmetrics/options.h"

#include "fastpath/base/text.h"

namespace hcd::hcmetrics {
namespace {

Status set_listener(Options& options, std::string_view text) {  // 127.0.0.1:9967, [::1]:9967
  const auto colon = text.rfind(':');
  std::string_view address = text.substr(0, colon);
  if (address.size() > 2 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  const auto parsed = Address::parse(std::string(address));
  const auto port = colon == std::string_view::npos
                        ? std::nullopt
                        : parse_number<std::uint16_t>(text.substr(colon + 1), 1, UINT16_MAX);
  if (!parsed || !port) return fail(Code::Invalid, "-l takes an address and a port: 127.0.0.1:9967, [::1]:9967");
  options.address = *parsed;
  options.port = *port;
  return {};
}

Status apply(Options& options, std::string_view option, std::string_view value) {
  if (option == "-l") return set_listener(options, value);
  if (option == "-s") return options.socket = value, Status();
  if (option == "-u") return options.user = value, Status();
  return fail(Code::Invalid, "option \"" + printable(option) + "\" is not known");
}

}  // namespace

Result<Options> read_options(const std::vector<std::string_view>& arguments) {
  Options out;
  for (std::size_t at = 1; at < arguments.size(); at += 2) {
    if (at + 1 == arguments.size())
      return fail(Code::Invalid, "\"" + printable(arguments[at]) + "\" needs a value, or is too much");
    if (const auto status = apply(out, arguments[at], arguments[at + 1]); !status)
      return std::unexpected(status.error());
  }
  if (out.port == 0) return fail(Code::Invalid, "where shall it listen? -l ADDRESS:PORT");
  return out;
}

std::string usage() {
  return "usage: hcmetrics -l ADDRESS:PORT [-s SOCKET] [-u USER]\n";
}

}  // namespace hcd::hcmetrics
