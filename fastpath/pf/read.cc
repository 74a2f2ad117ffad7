#include "fastpath/pf/read.h"

#include <array>

#include "fastpath/base/text.h"
#include "fastpath/hosts.h"

namespace hcd::fastpath::pf {
namespace {

std::optional<std::uint64_t> number_of(std::string_view text) {
  return parse_number<std::uint64_t>(text, 0, UINT64_MAX);
}

std::unexpected<Error> not_understood(std::string_view line) {
  return fail(Code::Invalid, "pfctl printed what is not understood: " + printable(line, 120));
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  while (!(line = trim(line)).empty()) {
    const auto word = line.substr(0, line.find_first_of(" \t"));
    out.push_back(word);
    line.remove_prefix(word.size());
  }
  return out;
}

// "Out/Pass: [ Packets: 4 Bytes: 40 ]"; false: another line.
Result<bool> read_pass(std::string_view line, Counters& counters) {
  const auto words = words_of(line);
  const bool in = !words.empty() && words[0] == "In/Pass:", out = !words.empty() && words[0] == "Out/Pass:";
  if (!in && !out) return false;
  if (words.size() != 7 || words[2] != "Packets:" || words[4] != "Bytes:") return not_understood(line);
  const auto packets = number_of(words[3]), bytes = number_of(words[5]);
  if (!packets || !bytes) return not_understood(line);
  counters.packets[in ? 0 : 1] = *packets;
  counters.bytes[in ? 0 : 1] = *bytes;
  return true;
}

// "10.0.0.1:8080", "2001:db8::1[8080]"
bool read_end(std::string_view text, Address& address, std::uint16_t& port) {
  const bool bracket = text.ends_with(']');
  const auto at = bracket ? text.rfind('[') : text.rfind(':');
  if (at == std::string_view::npos) return false;
  const auto digits = text.substr(at + 1, text.size() - at - (bracket ? 2 : 1));
  const auto parsed = Address::parse(text.substr(0, at));
  const auto number = parse_number<std::uint16_t>(digits, 0, 65535);
  if (!parsed || !number || (parsed->family == Family::Inet6) != bracket) return false;
  address = *parsed;
  port = *number;
  return true;
}

}  // namespace

Result<std::size_t> read_killed(std::string_view text) {
  const auto words = words_of(text);
  const auto count = words.size() < 3 ? std::nullopt : number_of(words[1]);
  if (!count || words[0] != "killed" || words[2] != "states") return not_understood(trim(text));
  return static_cast<std::size_t>(*count);
}

Result<Counters> read_labels(std::string_view text) {
  constexpr std::size_t kNumbers = 8;
  Counters sum;
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) continue;
    const auto words = words_of(line);  // a label may hold blanks: the numbers are counted from the end
    if (words.size() <= kNumbers) return not_understood(line);
    std::array<std::uint64_t, kNumbers> numbers{};
    for (std::size_t i = 0; i < kNumbers; i++) {
      const auto number = number_of(words[words.size() - kNumbers + i]);
      if (!number) return not_understood(line);
      numbers[i] = *number;
    }
    for (const std::size_t side : {0U, 1U}) {
      sum.packets[side] += numbers[3 + 2 * side];
      sum.bytes[side] += numbers[4 + 2 * side];
    }
    sum.states += numbers[7];
  }
  return sum;
}

Result<std::vector<AddressCounters>> read_table(std::string_view text) {
  std::vector<AddressCounters> out;
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) continue;
    if (line.starts_with('\t')) {
      if (out.empty()) return not_understood(line);
      const auto read = read_pass(line, out.back().counters);
      if (!read) return std::unexpected(read.error());
      continue;
    }
    const auto words = words_of(line);
    const auto address = words.size() == 1 ? Address::parse(words[0]) : std::nullopt;
    if (!address) return not_understood(line);
    out.push_back({*address, {}});
  }
  return out;
}

Result<std::vector<TableEntry>> read_entries(std::string_view text) {
  std::vector<TableEntry> out;
  for (const std::string_view line : split(text, '\n')) {
    const auto words = words_of(line);
    if (words.empty()) continue;
    if (line.starts_with('\t')) {
      if (words[0] != "Weight:") continue;
      const auto weight = words.size() == 2 ? parse_number<std::uint16_t>(words[1], 1, kWeightMax) : std::nullopt;
      if (!weight || out.empty()) return not_understood(line);
      out.back().weight = *weight;
      continue;
    }
    const auto entry = words.size() == 1 ? entry_of(words[0]) : fail(Code::Invalid, "");
    if (!entry) return not_understood(line);
    out.push_back(*entry);
  }
  return out;
}

std::vector<std::string> read_anchors(std::string_view text, std::string_view prefix) {
  std::vector<std::string> out = read_names(text);
  std::erase_if(out, [&](const std::string& name) {
    return !name.starts_with(std::string(prefix) + "/") || !check_anchor_name(name);
  });
  return out;
}

std::vector<std::string> read_names(std::string_view text) {
  std::vector<std::string> out;
  for (const std::string_view line : split(text, '\n'))
    if (const auto words = words_of(line); words.size() == 1) out.emplace_back(words[0]);
  return out;
}

std::vector<PfState> read_states(std::string_view text) {
  std::vector<PfState> out;
  for (const std::string_view line : split(text, '\n')) {
    const auto words = words_of(line);  // all tcp HOST (TO) <- CLIENT SIDE:SIDE
    if (words.size() != 7 || words[4] != "<-" || (words[1] != "tcp" && words[1] != "udp")) continue;
    PfState state{.proto = words[1] == "udp" ? Proto::Udp : Proto::Tcp};
    std::string_view to = words[3];
    if (!to.starts_with('(') || !to.ends_with(')')) continue;
    to = to.substr(1, to.size() - 2);
    const auto colon = words[6].find(':');
    if (colon == std::string_view::npos || !read_end(words[2], state.host, state.host_port) ||
        !read_end(to, state.to, state.to_port) || !read_end(words[5], state.client, state.client_port)) {
      continue;
    }
    state.host_side = words[6].substr(0, colon);
    state.client_side = words[6].substr(colon + 1);
    out.push_back(std::move(state));
  }
  return out;
}

}  // namespace hcd::fastpath::pf
