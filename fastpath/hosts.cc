#include "fastpath/hosts.h"

#include "fastpath/base/text.h"

namespace hcd::fastpath {
namespace {

// The leading bytes of an IPv4 network: "10", "192.168".
std::optional<Address> leading_bytes(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() > 4) return std::nullopt;
  Address out{.family = Family::Inet};
  for (std::size_t i = 0; i < parts.size(); i++) {
    const auto byte = parse_number<std::uint8_t>(parts[i], 0, 255);
    if (!byte) return std::nullopt;
    out.bytes[i] = *byte;
  }
  return out;
}

}  // namespace

Result<Network> network_of(std::string_view text) {
  const auto slash = text.find('/');
  const bool has_length = slash != std::string_view::npos;
  auto address = Address::parse(text.substr(0, slash));
  if (!address && has_length) address = leading_bytes(text.substr(0, slash));
  if (!address) return fail(Code::Invalid, "'" + printable(text, 64) + "' is neither an address nor a network");
  const auto whole = static_cast<std::uint8_t>(8 * address->size());
  if (!has_length) return Network{*address, whole};
  const auto length = parse_number<std::uint8_t>(text.substr(slash + 1), 0, whole);
  if (!length) {
    return fail(Code::Invalid,
                "'" + printable(text, 64) + "': the length of a network is 0 to " + std::to_string(whole));
  }
  Network out{*address, *length};
  out.address = masked(out);
  return out;
}

Result<TableEntry> entry_of(std::string_view text) {
  const bool negated = text.starts_with('!');
  const auto network = network_of(negated ? text.substr(1) : text);
  if (!network) return std::unexpected(network.error());
  TableEntry out{.address = network->address, .negated = negated};
  if (network->length != 8 * network->address.size()) out.length = network->length;
  return out;
}

Status add_entries(std::span<const std::string_view> words, std::vector<TableEntry>& out) {
  for (std::size_t i = 0; i < words.size(); i++) {
    const auto entry = entry_of(words[i]);
    if (!entry) return std::unexpected(entry.error());
    out.push_back(*entry);
    if (i + 1 == words.size() || words[i + 1] != "weight") continue;
    const auto weight = i + 2 < words.size() ? parse_number<std::uint16_t>(words[i + 2], 1, kWeightMax) : std::nullopt;
    if (!weight) return fail(Code::Invalid, "a weight is 1 to " + std::to_string(kWeightMax));
    out.back().weight = *weight;
    i += 2;
  }
  return {};
}

Status add_entries(std::string_view text, std::size_t most, std::vector<TableEntry>& out) {
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    number++;
    std::vector<std::string_view> words;
    std::string_view rest = line.substr(0, line.find('#'));
    while (!(rest = trim(rest)).empty()) {
      words.push_back(rest.substr(0, rest.find_first_of(" \t\r")));
      rest.remove_prefix(words.back().size());
    }
    if (auto added = add_entries(words, out); !added) return fail_in("line " + std::to_string(number), added.error());
    if (out.size() > most) return fail(Code::Limit, "a table has room for " + std::to_string(most) + " addresses");
  }
  return {};
}

}  // namespace hcd::fastpath
