#include "hcd/conf/dns_words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "fastpath/base/text.h"

namespace hcd::conf {
namespace {

using Named = std::pair<std::string_view, std::uint16_t>;

constexpr auto kTypes =
    std::to_array<Named>({{"A", 1},     {"NS", 2},     {"CNAME", 5},  {"SOA", 6},   {"PTR", 12},    {"HINFO", 13},
                          {"MX", 15},   {"TXT", 16},   {"AAAA", 28},  {"SRV", 33},  {"NAPTR", 35},  {"DNAME", 39},
                          {"DS", 43},   {"SSHFP", 44}, {"RRSIG", 46}, {"NSEC", 47}, {"DNSKEY", 48}, {"TLSA", 52},
                          {"SVCB", 64}, {"HTTPS", 65}, {"SPF", 99},   {"ANY", 255}, {"CAA", 257}});
constexpr auto kRcodes = std::to_array<Named>({{"NOERROR", 0},
                                               {"FORMERR", 1},
                                               {"SERVFAIL", 2},
                                               {"NXDOMAIN", 3},
                                               {"NOTIMP", 4},
                                               {"REFUSED", 5},
                                               {"YXDOMAIN", 6},
                                               {"YXRRSET", 7},
                                               {"NXRRSET", 8},
                                               {"NOTAUTH", 9},
                                               {"NOTZONE", 10}});

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

template <std::size_t N>
std::optional<std::uint16_t> number_of(const std::array<Named, N>& names, std::string_view text) {
  const auto* at =
      std::ranges::find_if(names, [text](const Named& n) { return std::ranges::equal(text, n.first, {}, upper); });
  return at == names.end() ? std::nullopt : std::optional(at->second);
}

template <std::size_t N>
std::string name_of(const std::array<Named, N>& names, std::uint16_t number, std::string_view prefix) {
  const auto* at = std::ranges::find(names, number, &Named::second);
  return at == names.end() ? std::string(prefix) + std::to_string(number) : std::string(at->first);
}

bool is_label(std::string_view label) {
  constexpr std::size_t kLabelMax = 63;
  return !label.empty() && label.size() <= kLabelMax &&
         std::ranges::all_of(label, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

std::optional<std::uint16_t> dns_type(std::string_view text) {
  constexpr std::string_view kNumbered = "TYPE";
  if (const auto known = number_of(kTypes, text)) return known;
  if (!std::ranges::equal(text.substr(0, kNumbered.size()), kNumbered, {}, upper)) return std::nullopt;
  return parse_number<std::uint16_t>(text.substr(kNumbered.size()), 1, 0xffff);
}
std::string dns_type_text(std::uint16_t type) {
  return name_of(kTypes, type, "TYPE");
}

std::optional<std::uint16_t> dns_rcode(std::string_view text) {
  if (const auto known = number_of(kRcodes, text)) return known;
  return parse_number<std::uint16_t>(text, 0, 15);
}
std::string dns_rcode_text(std::uint16_t rcode) {
  return name_of(kRcodes, rcode, "");
}

bool is_dns_name(std::string_view text) {
  constexpr std::size_t kNameMax = 253;
  if (text == ".") return true;
  if (text.ends_with('.')) text.remove_suffix(1);
  return text.size() <= kNameMax && std::ranges::all_of(split(text, '.'), is_label);
}

}  // namespace hcd::conf
