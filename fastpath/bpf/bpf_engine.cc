#include "fastpath/bpf/bpf_engine.h"

#include <algorithm>
#include <atomic>
#include <set>

#include <sys/random.h>

#include "fastpath/bpf/adopt.h"
#include "fastpath/bpf/apply.h"
#include "fastpath/bpf/guard.h"
#include "fastpath/bpf/states.h"

namespace hcd::fastpath {
namespace {

constexpr Milliseconds kPatience{500};  // another writer takes a few milliseconds

void add(Counters& sum, const abi::hcd_stats& stats) {
  sum += {.packets = {stats.packets[0], stats.packets[1]},
          .bytes = {stats.bytes[0], stats.bytes[1]},
          .states = stats.states};
}

}  // namespace

std::uint64_t kernel_random() {
  std::uint64_t word = 0;
  // Never short and never interrupted for so few bytes, once the kernel's generator is ready.
  while (getrandom(&word, sizeof word, 0) != sizeof word) continue;
  return word;
}

BpfEngine::BpfEngine(std::unique_ptr<Maps> maps, const Clock& clock, Random random, std::string name, WriterLock lock)
    : maps_(std::move(maps)),
      clock_(clock),
      random_(std::move(random)),
      name_(std::move(name)),
      lock_(std::move(lock)),
      layout_(maps_->views()) {
  const auto held = lock_.take();
  adopted_ = held ? take_over() : Status(std::unexpected(held.error()));
}

std::uint64_t BpfEngine::generation() const {
  return std::atomic_ref(maps_->views().globals->generation).load(std::memory_order_acquire);
}

// What the maps say is committed anew as a whole: that mends what is not as it says, and writes nothing else.
Status BpfEngine::take_over() {
  if (generation() != 0) maps_->grace();  // packets may still look at what the writer before us replaced
  layout_ = Layout(maps_->views());
  ruleset_.clear();
  Adopted found = adopt(layout_, maps_->views());
  faults_ = std::move(found.faults);
  const Ruleset nothing;
  Transaction whole(nothing);
  for (auto& [name, anchor] : found.ruleset) {
    for (auto& [key, table] : anchor.tables) whole.set_table(name, std::move(table));
    whole.set_rules(name, std::move(anchor.rules));
  }
  const auto changes = whole.changes();
  if (!changes) return std::unexpected(changes.error());
  if (auto done = apply(*changes, whole); !done) return done;
  whole.apply(ruleset_);
  for (const auto& [at, index] : layout_.host_of) {
    const HostSlot& slot = layout_.hosts[index];
    abi::hcd_host& host = maps_->views().hosts[index];
    if (slot.rules == 0) host.flags = abi::HCD_HOST_USED | abi::HCD_HOST_DOWN;
    host.rule = slot.rules == 1 ? slot.sum : 0;
  }
  known_ = generation();
  return mend_networks();
}

// Who died half-way may have left networks that no table has, or not have come to put one that a table has.
Status BpfEngine::mend_networks() {
  std::map<std::pair<std::uint32_t, Network>, bool> wanted;
  const auto want = [&wanted](const TableSlot& table) {
    if (!table.source) return;
    for (const MemberSlot& member : table.members) {
      wanted[{table.index, member.entry.network()}] = member.entry.negated;
    }
  };
  for (const auto& [name, anchor] : layout_.anchors) {
    for (const auto& [key, table] : anchor.tables) want(table);
  }
  for (const auto& [index, slot] : layout_.rules) want(slot.own);
  const auto is_source = [this](std::uint32_t table) {
    for (const auto& [name, anchor] : layout_.anchors) {
      for (const auto& [key, slot] : anchor.tables) {
        if (slot.index == table) return slot.source;
      }
    }
    return false;
  };
  const auto found = maps_->networks();
  if (!found) return std::unexpected(found.error());
  for (const KernelNetwork& one : *found) {
    const auto known = wanted.find({one.table, one.network});
    if (known != wanted.end() && known->second == one.negated) {
      wanted.erase(known);
    } else if (known == wanted.end() && !(one.overloaded && is_source(one.table))) {
      if (auto done = maps_->drop_network(one.table, one.network); !done) return done;
    }
  }
  for (const auto& [at, negated] : wanted) {
    if (auto done = maps_->put_network(at.first, at.second, negated); !done) return done;
  }
  return {};
}

Result<bool> BpfEngine::refresh() {
  if (adopted_ && generation() == known_) return false;
  const auto held = lock_.take(kPatience);
  if (!held) return std::unexpected(held.error());
  const Ruleset before = ruleset_;
  adopted_ = take_over();
  if (!adopted_) return std::unexpected(adopted_.error());
  note_changes(before);
  return !disturbed_.empty();
}

void BpfEngine::note_changes(const Ruleset& before) {
  disturbed_.clear();
  for (const auto& [name, anchor] : before) {
    const auto now = ruleset_.find(name);
    if (now == ruleset_.end() || now->second != anchor) disturbed_.push_back(name);
  }
  for (const auto& [name, anchor] : ruleset_) {
    if (!before.contains(name)) disturbed_.push_back(name);
  }
}

Status BpfEngine::commit(const Transaction& transaction) {
  const auto changes = transaction.changes();
  if (!changes) return std::unexpected(changes.error());
  if (changes->empty()) return {};
  const auto held = lock_.take(kPatience);
  if (!held) return std::unexpected(held.error());
  if (!adopted_ || generation() != known_) return fail(Code::System, "another program has changed the rules meanwhile");
  if (auto done = apply(*changes, transaction); !done) return done;
  transaction.apply(ruleset_);
  return {};
}

Status BpfEngine::apply(const std::vector<Change>& changes, const Transaction& transaction) {
  Planner planner(layout_, maps_->views(), random_);
  Applier applier(layout_, *maps_);
  for (bool again = true;; again = false) {
    auto plan = planner.plan(changes, transaction);
    Status status = plan ? applier.prepare(*plan) : Status(std::unexpected(plan.error()));
    if (status) {
      const auto now = std::chrono::system_clock::to_time_t(clock_.wall());
      applier.switch_over(*plan, changes, static_cast<std::uint64_t>(now));
      known_ = generation();
      return {};
    }
    if (plan) planner.abandon(*plan);
    if (!again || status.error().code != Code::Limit) return status;
    reclaim();  // what only old states held may make room
  }
}

void BpfEngine::tend() {
  const auto held = lock_.take(Milliseconds(0));
  if (!held || generation() != known_) return;  // the next refresh() takes care of it
  if (worth_reclaiming()) {
    reclaim();
  } else if (layout_.rings.has_retired() || layout_.timeout_sets.has_retired()) {
    settle();
  }
}

// Looking at all states costs milliseconds: not for each host that went.
bool BpfEngine::worth_reclaiming() const {
  constexpr std::size_t kSome = 256;
  return layout_.idle_hosts + layout_.retired_rules > kSome + (layout_.host_of.size() + layout_.rules.size()) / 2;
}

void BpfEngine::settle() {
  maps_->grace();
  layout_.rings.settle();
  layout_.timeout_sets.settle();
}

void BpfEngine::reclaim() {
  settle();
  const Census census = take_census(maps_->views(), clock_.now());
  Applier(layout_, *maps_).collect(census.by_rule, census.by_host);
}

Result<Counters> BpfEngine::rule_counters(const std::string& anchor) const {
  if (!ruleset_.contains(anchor)) return fail(Code::NotFound, "anchor \"" + anchor + "\" does not exist");
  Counters sum;
  for (const Rule& rule : ruleset_.at(anchor).rules) {
    const auto stats = maps_->rule_stats(layout_.rule_of.at(key_of(rule)));
    if (!stats) return std::unexpected(stats.error());
    add(sum, *stats);
    sum.live += std::atomic_ref(maps_->views().cursors[layout_.rule_of.at(key_of(rule))].states).load();
  }
  return sum;
}

Result<Counters> BpfEngine::host_counters(const Address& address, std::uint16_t port, Proto proto) const {
  const auto host = layout_.host_of.find({address, port, proto});
  if (host == layout_.host_of.end()) return fail(Code::NotFound, endpoint_text(address, port) + " is no host");
  const auto stats = maps_->host_stats(host->second);
  if (!stats) return std::unexpected(stats.error());
  Counters out;
  add(out, *stats);
  out.live = std::atomic_ref(maps_->views().loads[host->second].states).load();
  return out;
}

Result<std::size_t> BpfEngine::cut(const std::vector<Sessions>& which) {
  std::map<std::string_view, std::set<Address>> wanted;  // by anchor; none: of all hosts
  std::set<std::string_view> whole;
  for (const Sessions& one : which) {
    if (one.host)
      wanted[one.anchor].insert(*one.host);
    else
      whole.insert(one.anchor);
  }
  struct Part {
    bool all = false;
    const std::set<Address>* hosts = nullptr;
  };
  std::vector<Part> parts(maps_->views().rules.size());
  for (const auto& [index, slot] : layout_.rules) {
    const auto some = wanted.find(slot.anchor);
    parts[index] = {whole.contains(slot.anchor), some == wanted.end() ? nullptr : &some->second};
  }
  return cut_states(maps_->views(), clock_.now(), [&](const State& state) {
    const Part& part = parts[state.rule];
    return part.all || (part.hosts != nullptr && part.hosts->contains(layout_.hosts[state.host].at.address));
  });
}

std::uint64_t BpfEngine::states_limit() const {
  return (maps_->views().states4.size() + maps_->views().states6.size()) * abi::HCD_WAYS;
}

Pressure BpfEngine::pressure() const {
  Pressure out = pressure_of(maps_->views(), clock_.now());
  if (!out.flood && !out.full) return out;
  const auto reasons = maps_->reasons();
  if (!reasons) return out;
  out.unstored = (*reasons)[abi::HCD_SYN_UNSTORED];
  out.resumed = (*reasons)[abi::HCD_SYN_RESUMED];
  out.dropped = (*reasons)[abi::HCD_MEMORY];
  out.without_state = (*reasons)[abi::HCD_STATELESS];
  return out;
}

Result<std::vector<AddressCounters>> BpfEngine::table_counters(const std::string& anchor,
                                                               const std::string& table) const {
  const auto found = ruleset_.find(anchor);
  if (found == ruleset_.end()) return fail(Code::NotFound, "anchor \"" + anchor + "\" does not exist");
  const auto entries = found->second.tables.find(table);
  if (entries == found->second.tables.end()) return fail(Code::NotFound, "table " + table + " does not exist");
  std::set<std::pair<std::uint16_t, Proto>> ports;
  for (const Rule& rule : found->second.rules) {
    if (rule.table == table) ports.emplace(rule.host_port(), rule.proto);
  }
  std::vector<AddressCounters> out;
  for (const TableEntry& entry : entries->second.entries) {
    AddressCounters& counters = out.emplace_back(AddressCounters{entry.address, {}});
    for (const auto& [port, proto] : ports) {
      if (!layout_.host_of.contains({entry.address, port, proto})) continue;
      const auto one = host_counters(entry.address, port, proto);
      if (!one) return std::unexpected(one.error());
      counters.counters += *one;
    }
  }
  return out;
}

}  // namespace hcd::fastpath
