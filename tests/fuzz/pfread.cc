// What pfctl prints, as PfEngine reads it back, and what it is given, as whoever runs it looks at it. States that were understood
// print as pf prints them and read back as the same.
#include <cstdint>
#include <cstdlib>

#include "fastpath/pf/allowed.h"
#include "fastpath/pf/read.h"

using namespace hcd;
using namespace hcd::fastpath::pf;

namespace {

std::string at(const Address& address, std::uint16_t port) {
  const std::string number = std::to_string(port);
  return address.family == Family::Inet6 ? address.text() + "[" + number + "]" : address.text() + ":" + number;
}

std::string text_of(const PfState& state) {
  return std::string("all ") + (state.proto == fastpath::Proto::Udp ? "udp " : "tcp ") +
         at(state.host, state.host_port) + " (" + at(state.to, state.to_port) + ") <- " +
         at(state.client, state.client_port) + "       " + state.host_side + ":" + state.client_side + "\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(read_labels(text));
  static_cast<void>(read_table(text));
  static_cast<void>(read_entries(text));
  static_cast<void>(read_anchors(text, "hcd"));
  static_cast<void>(check_allowed({{"-q", "-a", "hcd/www", "-f", "-"}, std::string(text)}, "hcd"));
  static_cast<void>(
      check_allowed({{"-q", "-a", "hcd/www", "-t", "www", "-T", "replace", "-f", "-"}, std::string(text)}, "hcd"));
  for (const PfState& state : read_states(text)) {
    const auto again = read_states(text_of(state));
    if (again.size() != 1 || again[0] != state) std::abort();
  }
  return 0;
}
