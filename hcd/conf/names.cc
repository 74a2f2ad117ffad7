#include "hcd/conf/names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <span>

#include "fastpath/base/text.h"
#include "hcd/conf/ids.h"

namespace hcd::conf {
namespace {

bool is_multicast(const Address& address) {
  if (address.family == Family::Inet6) return address.bytes[0] == 0xff;
  return address.bytes[0] >= 224;  // class E and broadcast with it
}

bool is_v4_mapped(const Address& address) {
  constexpr std::array<std::uint8_t, 12> kPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return address.family == Family::Inet6 && std::ranges::equal(kPrefix, std::span(address.bytes).first<12>());
}

using Taken = std::map<std::string, Address, std::less<>>;  // by host, in one table of `running`

// Makes one table's hosts of those in the file.
class Expansion {
 public:
  Expansion(const Answers& answers, const Taken& before, std::size_t& room, Id& next_id)
      : answers_(answers), before_(before), room_(room), next_id_(next_id) {}

  std::vector<Host> expand(const std::vector<Host>& written) {
    for (const auto& host : written)
      if (!host.by_name) taken_.insert(host.address);
    for (const auto& host : written) {
      const auto addresses = host.by_name ? addresses_of(host) : std::vector{host.address};
      if (addresses.empty()) out_.push_back(host);
      for (const auto& address : addresses) add(host, address, &address == &addresses.front());
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::vector<Address> addresses_of(const Host& host) const {
    std::vector<Address> usable;
    if (const auto found = answers_.find(host.name); found != answers_.end())
      std::ranges::copy_if(found->second, std::back_inserter(usable), [&](const Address& address) {
        return host.by_name.takes(address.family) && !taken_.contains(address);
      });
    if (host.by_name.all() || usable.empty()) return usable;
    const auto before = before_.find(host.name);
    if (before != before_.end() && std::ranges::find(usable, before->second) != usable.end()) return {before->second};
    return {usable.front()};
  }

  void add(const Host& host, const Address& address, bool first) {
    if (!first && room_ == 0) return;
    if (!first) room_--;
    Host made = host;
    if (!first) made.id = next_id_++;
    made.address = address;
    if (host.by_name.all()) made.name += "@" + address.text();
    if (host.by_name) taken_.insert(address);
    out_.push_back(std::move(made));
  }

  const Answers& answers_;
  const Taken& before_;
  std::size_t& room_;
  Id& next_id_;
  std::set<Address> taken_;
  std::vector<Host> out_;
};

template <class Visit>
void each_host(const Config& config, Visit visit) {
  for (const auto* list : {&config.templates, &config.tables})
    for (const auto& table : *list)
      for (const auto& host : table.hosts) visit(table, host);
}

}  // namespace

std::vector<Question> questions(const Config& written) {
  std::map<std::string, Question, std::less<>> found;
  for (const auto& table : written.tables)
    for (const auto& host : table.hosts) {
      if (!host.by_name) continue;
      auto& question = found[host.name];
      question.name = host.name;
      question.inet |= host.by_name.takes(Family::Inet);
      question.inet6 |= host.by_name.takes(Family::Inet6);
    }
  std::vector<Question> out;
  for (auto& [name, question] : found) out.push_back(std::move(question));
  return out;
}

Config with_addresses(const Config& written, const Answers& answers, const Config& running) {
  std::map<std::string, Taken, std::less<>> before;  // by table
  each_host(running, [&](const Table& table, const Host& host) {
    if (host.by_name && !host.by_name.all()) before[table.name][host.name] = host.address;
  });
  std::size_t hosts = 0;
  Id next_id = 0;
  each_host(written, [&](const Table&, const Host& host) {
    hosts++;
    next_id = std::max(next_id, host.id + 1);
  });
  std::size_t room = kHostsMax - std::min(kHostsMax, hosts);
  Config out = written;
  for (auto& table : out.tables)
    table.hosts = Expansion(answers, before[table.name], room, next_id).expand(table.hosts);
  if (!running.tables.empty() || !running.templates.empty()) keep_ids(out, running);  // the first has the file's
  return out;
}

bool is_host_name(std::string_view text) {
  constexpr std::size_t kNameMax = 253, kLabelMax = 63;
  if (text.size() > kNameMax || text.find_first_not_of("0123456789.") == std::string_view::npos) return false;
  if (text.ends_with('.')) text.remove_suffix(1);
  return std::ranges::all_of(split(text, '.'), [](std::string_view label) {
    if (label.empty() || label.size() > kLabelMax || label.front() == '-' || label.back() == '-') return false;
    return std::ranges::all_of(label, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
  });
}

std::string written_name(const std::string& host_name) {
  return host_name.substr(0, host_name.find('@'));
}

std::string unusable(const Address& address) {
  if (address.is_unspecified()) return "'" + address.text() + "' is no host's address";
  if (is_multicast(address)) return "'" + address.text() + "' is a multicast or reserved address";
  if (is_v4_mapped(address)) return "'" + address.text() + "' is an IPv4 address: write it as one";
  return {};
}

}  // namespace hcd::conf
