#include "hcd/parent/names.h"

#include <algorithm>

#include "fastpath/base/log.h"
#include "hcd/parent/system_names.h"

namespace hcd::parent {
namespace {

using conf::NameFault;

bool is_sound(const conf::NameAnswer& answer) {
  const Family family = answer.inet6 ? Family::Inet6 : Family::Inet;
  const auto good = [family](const Address& a) { return a.family == family && conf::unusable(a).empty(); };
  return answer.addresses.size() <= conf::kAddressesMax && std::ranges::all_of(answer.addresses, good) &&
         std::ranges::is_sorted(answer.addresses, std::less_equal<>()) &&  // none twice
         answer.addresses.empty() == (answer.fault != NameFault::None) && answer.fault != NameFault::NotAsked &&
         answer.examples.size() <= conf::NameAnswer::kRefusedMax;
}

}  // namespace

Names::Names(event::Loop& loop, const Files& files, Outlet outlet)
    : loop_(loop), files_(files), outlet_(std::move(outlet)), gather_(loop.timer([this] {
        rest_until_ = loop_.now() + kRest;
        outlet_.changed();
      })) {}

// The system's file answers at once, so that it serves the first configuration; without effect on what is in force.
void Names::prepare(const conf::Config& written) {
  hosts_.reset();
  if (!written.global.lookup.servers.empty()) return;
  const auto questions = conf::questions(written);
  if (questions.empty()) return;
  hosts_ = system_hosts(files_);
  for (const auto& question : questions)
    if (const auto found = hosts_->find(lower(question.name));
        found != hosts_->end() && !names_.contains(question.name))
      answers_[question.name] = found->second;
}

void Names::want(const conf::Config& written) {
  const auto& lookup = written.global.lookup;
  const auto questions = conf::questions(written);
  const bool by_system = lookup.servers.empty() && !questions.empty();
  const auto prepared = std::exchange(hosts_, {});
  const auto hosts = !by_system ? conf::Answers() : prepared ? *prepared : system_hosts(files_);
  decltype(names_) fresh;
  conf::Answers answers;
  for (const auto& question : questions) {
    if (const auto found = hosts.find(lower(question.name)); found != hosts.end()) {
      answers[question.name] = found->second;
      continue;
    }
    Name& name = fresh[question.name];
    if (const auto known = names_.find(question.name); known != names_.end()) {
      name = std::move(known->second);
      if (const auto answer = answers_.find(question.name); answer != answers_.end()) answers.insert(*answer);
    }
    name.said.name = question.name;
    name.inet.wanted = question.inet;
    name.inet6.wanted = question.inet6;
  }
  const bool changed = answers != answers_;
  names_ = std::move(fresh);
  answers_ = std::move(answers);
  how_ = lookup.servers.empty() ? system_resolver(files_) : conf::NamesBegin{.servers = lookup.servers, .search = {}};
  how_.ttl_least = lookup.ttl_least;
  how_.ttl_most = lookup.ttl_most;
  outlet_.need(!names_.empty());
  on_ready();
  for (const auto& [text, name] : names_)
    if (name.said.fault == NameFault::NotAsked) outlet_.state(name.said);
  if (changed) gather();
}

void Names::on_ready() {
  auto* channel = outlet_.channel();
  if (channel == nullptr) return;
  channel->send(how_);
  conf::NamesAsk part{.questions = {}};
  const auto flush = [&] {
    if (!part.questions.empty()) channel->send(part);
    part.questions.clear();
  };
  for (const auto& [text, name] : names_) {
    part.questions.push_back({.name = text, .inet = name.inet.wanted, .inet6 = name.inet6.wanted});
    if (part.questions.size() == conf::NamesAsk::kMax) flush();
  }
  flush();
}

Status Names::on_answer(const conf::NameAnswer& answer) {
  if (!is_sound(answer)) return fail(Code::Protocol, "an answer that cannot be");
  const auto found = names_.find(answer.name);
  if (found == names_.end()) return {};  // of a configuration that is gone
  Name& name = found->second;
  Side& side = answer.inet6 ? name.inet6 : name.inet;
  if (!side.wanted) return {};
  side.fault = answer.fault;
  if (!answer.addresses.empty()) side.addresses = answer.addresses;
  if (side.refused != answer.refused && answer.refused > 0)
    log::warning("name " + answer.name + ": " + std::to_string(answer.refused) + " addresses of the answer refused, " +
                 (answer.examples.empty() ? "" : answer.examples.front().text() + " among them"));
  side.refused = answer.refused;
  settle(found->first, name);
  return {};
}

// What both families come to, once each has been heard of: a host takes the first address, which must not be whichever
// came first. A family without addresses is believed only where the other one has some.
void Names::settle(const std::string& text, Name& name) {
  for (const auto* side : {&name.inet, &name.inet6})
    if (side->wanted && side->fault == NameFault::NotAsked) return;
  std::vector<Address> sum;
  for (auto [side, other] : {std::pair(&name.inet, &name.inet6), std::pair(&name.inet6, &name.inet)}) {
    if (!side->wanted) continue;
    if (side->fault == NameFault::NoAddress && other->wanted && other->fault == NameFault::None)
      side->addresses.clear();
    sum.insert(sum.end(), side->addresses.begin(), side->addresses.end());
  }
  std::ranges::sort(sum);
  if (!sum.empty() && answers_[text] != sum) {
    answers_[text] = std::move(sum);
    gather();
  }
  say(text, name);
}

// Once for each change.
void Names::say(const std::string& text, Name& name) {
  conf::NameState now{.name = text, .fault = NameFault::None, .answered = answers_.contains(text)};
  bool good = false;
  for (const auto* side : {&name.inet, &name.inet6}) {
    if (!side->wanted) continue;
    good |= side->fault == NameFault::None;
    now.refused += side->refused;
    if (now.fault == NameFault::None || now.fault == NameFault::NoAddress) now.fault = side->fault;
  }
  if (good && now.fault == NameFault::NoAddress) now.fault = NameFault::None;  // of one family only
  if (now == name.said) return;
  const bool moved = now.fault != name.said.fault;
  name.said = now;
  if (moved && now.fault != NameFault::None) log::warning("name " + text + ": " + conf::state_text(now));
  if (moved && now.fault == NameFault::None) log::notice("name " + text + ": answered");
  outlet_.state(now);
}

void Names::gather() {
  if (gather_->armed()) return;
  gather_->after(std::max<Duration>(kGather, rest_until_ - loop_.now()));
}

std::vector<conf::NameState> Names::states() const {
  std::vector<conf::NameState> out;
  for (const auto& [text, name] : names_) out.push_back(name.said);
  return out;
}

}  // namespace hcd::parent
