#include "hcd/parent/system_names.h"

#include <algorithm>

#include "fastpath/base/text.h"

namespace hcd::parent {
namespace {

constexpr std::size_t kServersMax = 3, kSearchMax = 6;  // resolv.conf(5)
constexpr std::uint8_t kDotsMax = 15;
constexpr std::size_t kFileMax = 1 << 20;

// The words of each line, without comments.
template <class Take>
void each_line(std::string_view text, std::string_view comments, Take take) {
  for (auto line : split(text, '\n')) {
    line = line.substr(0, line.find_first_of(comments));
    std::vector<std::string_view> words;
    while (!(line = trim(line)).empty()) {
      const auto end = std::min(line.find_first_of(" \t\r"), line.size());
      words.push_back(line.substr(0, end));
      line.remove_prefix(end);
    }
    if (words.size() > 1) take(words);
  }
}

void take_search(conf::NamesBegin& out, const std::vector<std::string_view>& words) {
  out.search.clear();
  for (std::size_t i = 1; i < words.size() && out.search.size() < kSearchMax; i++)
    if (conf::is_host_name(words[i])) out.search.emplace_back(words[i]);
}

void take_options(conf::NamesBegin& out, const std::vector<std::string_view>& words) {
  constexpr std::string_view kDots = "ndots:";
  for (const auto word : words)
    if (word.starts_with(kDots))
      if (const auto dots = parse_number<unsigned>(word.substr(kDots.size()), 0, 999))
        out.dots = static_cast<std::uint8_t>(std::min<unsigned>(*dots, kDotsMax));
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

conf::NamesBegin parse_resolv_conf(std::string_view text) {
  conf::NamesBegin out;
  each_line(text, "#;", [&out](const std::vector<std::string_view>& words) {
    if (words[0] == "nameserver" && out.servers.size() < kServersMax) {
      if (const auto address = Address::parse(words[1])) out.servers.push_back({.address = *address});
    } else if (words[0] == "search" || words[0] == "domain") {
      take_search(out, words);
    } else if (words[0] == "options") {
      take_options(out, words);
    }
  });
  if (out.servers.empty()) out.servers.push_back({.address = *Address::parse("127.0.0.1")});
  return out;
}

conf::Answers parse_hosts(std::string_view text) {
  conf::Answers out;
  each_line(text, "#", [&out](const std::vector<std::string_view>& words) {
    const auto address = Address::parse(words[0]);
    if (!address || !conf::unusable(*address).empty()) return;
    for (std::size_t i = 1; i < words.size(); i++)
      if (conf::is_host_name(words[i])) out[lower(words[i])].push_back(*address);
  });
  for (auto& [name, addresses] : out) {
    std::ranges::sort(addresses);
    addresses.erase(std::ranges::unique(addresses).begin(), addresses.end());
    addresses.resize(std::min(addresses.size(), conf::kAddressesMax));
  }
  return out;
}

conf::NamesBegin system_resolver(const Files& files) {
  return parse_resolv_conf(files.read("/etc/resolv.conf", kFileMax).value_or(""));
}

conf::Answers system_hosts(const Files& files) {
  return parse_hosts(files.read("/etc/hosts", kFileMax).value_or(""));
}

}  // namespace hcd::parent
