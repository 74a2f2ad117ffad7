#include "hcd/names/names.h"

#include <algorithm>

#include "fastpath/base/text.h"

namespace hcd::names {
namespace {

using conf::NameFault;

constexpr std::size_t kServersMax = 8, kSearchMax = 8;
constexpr std::uint8_t kDotsMax = 15;  // resolv.conf(5)
constexpr Seconds kTtlMost{86400};

// An address that only the machine itself, or one link of it, could mean.
bool is_local(const Address& address) {
  if (address.family == Family::Inet) return address.bytes[0] == 127 || address.bytes[0] == 0;
  return address == Address::v6(in6addr_loopback) || (address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80);
}

// Sorts what was found into addresses and refused ones.
conf::NameAnswer sift(const std::string& name, Family family, std::vector<Address> found) {
  conf::NameAnswer answer{.name = name, .inet6 = family == Family::Inet6, .addresses = {}, .examples = {}};
  std::ranges::sort(found);
  found.erase(std::ranges::unique(found).begin(), found.end());
  for (const auto& address : found) {
    const bool good = address.family == family && conf::unusable(address).empty() && !is_local(address) &&
                      answer.addresses.size() < conf::kAddressesMax;
    if (good) {
      answer.addresses.push_back(address);
      continue;
    }
    answer.refused++;
    if (answer.examples.size() < conf::NameAnswer::kRefusedMax) answer.examples.push_back(address);
  }
  return answer;
}

template <class T>
Result<T> read(const ipc::Message& message) {
  auto read = ipc::decode<T>(message.frame.payload);
  if (!read || !message.fds.empty())
    return fail(Code::Protocol, "a malformed message of type " + std::to_string(message.frame.type));
  return std::move(*read);
}

}  // namespace

Names::Names(event::Loop& loop, Dns& dns, std::function<void(const conf::NameAnswer&)> tell)
    : loop_(loop), dns_(dns), tell_(std::move(tell)), timer_(loop.timer([this] { start_due(); })) {}

Status Names::on_parent(const ipc::Message& message) {
  switch (static_cast<ipc::Type>(message.frame.type)) {
    case ipc::Type::NamesBegin: {
      auto begin = read<conf::NamesBegin>(message);
      return begin ? on_begin(std::move(*begin)) : std::unexpected(begin.error());
    }
    case ipc::Type::NamesAsk: {
      const auto asked = read<conf::NamesAsk>(message);
      return asked ? on_ask(*asked) : std::unexpected(asked.error());
    }
    default: return fail(Code::Protocol, "message " + std::to_string(message.frame.type) + " is not for names");
  }
}

Status Names::on_begin(conf::NamesBegin begin) {
  const bool sound = begin.servers.size() <= kServersMax && begin.search.size() <= kSearchMax &&
                     begin.dots <= kDotsMax && begin.ttl_least >= Seconds(1) && begin.ttl_most >= begin.ttl_least &&
                     begin.ttl_most <= kTtlMost &&
                     std::ranges::all_of(begin.servers, [](const auto& at) { return at.address.size() > 0; });
  if (!sound) return fail(Code::Protocol, "a resolver that cannot be");
  how_ = std::move(begin);
  entries_.clear();
  due_.clear();
  running_ = 0;
  timer_->cancel();
  dns_.use(how_.servers);
  return {};
}

Status Names::on_ask(const conf::NamesAsk& asked) {
  for (const auto& question : asked.questions) {
    if (!conf::is_host_name(question.name)) return fail(Code::Protocol, "a name that is none");
    for (const auto& [family, wanted] :
         {std::pair(Family::Inet, question.inet), std::pair(Family::Inet6, question.inet6)}) {
      const Key key(question.name, family);
      if (!wanted || !entries_.try_emplace(key).second) continue;
      if (entries_.size() > kNamesMax) return fail(Code::Protocol, "too many names");
      due_.emplace(loop_.now(), key);
    }
  }
  start_due();
  return {};
}

// As resolv.conf(5) has it: a name with few dots is one of the domains' first, any other one itself.
std::vector<std::string> Names::meanings(const std::string& name) const {
  std::vector<std::string> out{name};
  if (name.ends_with('.')) return out;
  for (const auto& domain : how_.search) out.push_back(name + "." + domain);
  if (std::ranges::count(name, '.') < how_.dots) std::ranges::rotate(out, out.begin() + 1);
  return out;
}

void Names::start_due() {
  while (!due_.empty() && running_ < kAtOnce) {
    const auto [when, key] = *due_.begin();
    if (when > loop_.now()) return timer_->after(when - loop_.now());
    due_.erase(due_.begin());
    running_++;
    Entry& entry = entries_.at(key);
    entry.tried = 0;
    entry.exists = false;
    ask(key);
  }
}

void Names::ask(const Key& key) {
  const auto names = meanings(key.first);
  dns_.ask(names.at(entries_.at(key).tried), key.second, [this, key](const Found& found) { on_found(key, found); });
}

void Names::on_found(const Key& key, const Found& found) {
  Entry& entry = entries_.at(key);
  entry.exists |= found.fault == NameFault::NoAddress;
  const bool none = found.fault == NameFault::NoSuchName || found.fault == NameFault::NoAddress;
  if (none && ++entry.tried < meanings(key.first).size()) return ask(key);
  conclude(key, none && entry.exists ? Found{.fault = NameFault::NoAddress, .addresses = {}} : found);
  running_--;
  start_due();
}

void Names::conclude(const Key& key, const Found& found) {
  auto answer = sift(key.first, key.second, found.addresses);
  answer.fault = found.fault;
  if (found.fault == NameFault::None && answer.addresses.empty()) answer.fault = NameFault::Unusable;
  due_.emplace(loop_.now() + next_after(entries_.at(key), found), key);
  tell_(answer);
}

Duration Names::next_after(Entry& entry, const Found& found) const {
  const auto within = [this](Seconds time) { return std::clamp(time, how_.ttl_least, how_.ttl_most); };
  if (found.fault == NameFault::None || found.fault == NameFault::NoAddress) entry.failures = 0;
  if (found.fault == NameFault::None) return within(found.ttl);
  if (found.fault == NameFault::NoAddress) return within(kNegative);
  constexpr unsigned kDoublings = 6;
  const Seconds pause = how_.ttl_least * (1U << std::min(entry.failures++, kDoublings));
  return within(std::min(pause, kFailing));
}

}  // namespace hcd::names
