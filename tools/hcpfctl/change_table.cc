#include "tools/hcpfctl/change_table.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "fastpath/base/text.h"
#include "fastpath/bpf/inventory.h"
#include "fastpath/bpf/overloaded.h"
#include "tools/hcpfctl/table_edit.h"

namespace hcd::hcpfctl {
namespace {

using fastpath::Anchor;
using fastpath::Endpoint;
using fastpath::KnownMember;
using fastpath::KnownTable;
using fastpath::Table;
using fastpath::TableEntry;
using fastpath::Views;

class TableChange {
 public:
  TableChange(const Options& options, Kernel kernel) : options_(options), kernel_(kernel) {}

  Result<Answer> run() {
    if (auto found = find(); !found) return std::unexpected(found.error());
    switch (options_.command) {
      case TableCommand::Add:
      case TableCommand::Replace: return create_and_edit();
      case TableCommand::Delete: return edit(delete_from(table_.entries, options_.entries));
      case TableCommand::Flush: return flush();
      case TableCommand::Kill: return kill();
      case TableCommand::Expire: return expire();
      case TableCommand::Zero: return zero();
      default: return Answer{};
    }
  }

 private:
  Status find() {
    const auto& ruleset = kernel_.engine.ruleset();
    std::vector<std::string> having;
    for (const auto& [name, anchor] : ruleset) {
      if (anchor.tables.contains(options_.table)) having.push_back(name);
    }
    const auto chosen = options_.choose(having);
    if (!chosen) return std::unexpected(chosen.error());
    exists_ = !chosen->empty();
    anchor_ = exists_ ? *chosen : options_.anchor;
    if (exists_) table_ = ruleset.at(anchor_).tables.at(options_.table);
    if (auto done = find_overloaded(); !done) return done;
    const bool creates = options_.command == TableCommand::Add || options_.command == TableCommand::Replace;
    if (!exists_ && !creates) return fail(Code::NotFound, "Table does not exist.");
    if (!exists_ && (!options_.anchored || options_.recurse)) {
      return fail(Code::NotFound, "Table does not exist: to create it, name its anchor with -a.");
    }
    if (table_.constant && options_.command != TableCommand::Zero) {
      return fail(Code::Permission, "Operation not permitted: table " + options_.table + " is constant.");
    }
    return {};
  }

  // What packets have put into the table counts as the rest of it does, and is not written by a commit.
  Status find_overloaded() {
    const auto table = exists_ ? known() : Result<KnownTable>(KnownTable{});
    const auto all = fastpath::overloaded(kernel_.maps, kernel_.clock.now());
    if (!table) return std::unexpected(table.error());
    if (!all) return std::unexpected(all.error());
    for (const auto& one : *all) {
      if (!exists_ || one.table != table->index) continue;
      overloaded_.push_back(one);
      table_.entries.push_back(fastpath::entry_of(one.network));
    }
    std::ranges::sort(table_.entries, {}, &TableEntry::place);
    return {};
  }

  // Of those what is left of the table has not kept is taken out; the others are no part of the ruleset.
  Status set_overloaded() {
    for (const auto& one : overloaded_) {
      const TableEntry entry = fastpath::entry_of(one.network);
      if (std::erase(table_.entries, entry) != 0) continue;
      if (auto done = kernel_.maps.drop_network(one.table, one.network); !done) return done;
    }
    return {};
  }

  void say(const std::string& what) { answer_.err += what + (options_.dummy ? " (dummy).\n" : ".\n"); }

  void show(const std::vector<Feedback>& feedback) {
    for (const Feedback& one : feedback) {
      if (options_.verbose > 1 || (options_.verbose == 1 && one.mark != ' ')) answer_.out += feedback_text(one);
    }
  }

  Status commit() {
    if (options_.dummy) return {};
    if (auto done = set_overloaded(); !done) return done;
    auto made = fastpath::make_table(options_.table, table_.entries);
    if (!made) return std::unexpected(made.error());
    made->persist = table_.persist;
    made->constant = table_.constant;
    auto transaction = kernel_.engine.begin();
    transaction.set_table(anchor_, std::move(*made));
    return kernel_.engine.commit(transaction);
  }

  Result<Answer> create_and_edit() {
    if (!exists_) {
      table_.persist = true;
      say("1 table created");
    }
    // As with pfctl: who only tries sees no more of a table that is not there.
    if (!exists_ && options_.dummy) return answer_;
    const bool add = options_.command == TableCommand::Add;
    return edit(add ? add_to(table_.entries, options_.entries) : replace_by(table_.entries, options_.entries));
  }

  Result<Answer> edit(const TableEdit& edit) {
    table_.entries = edit.entries;
    if (auto done = commit(); !done) return std::unexpected(done.error());
    const std::size_t given = options_.entries.size();
    if (options_.command == TableCommand::Replace) {
      if (edit.added != 0) say(fmt::format("{} addresses added", edit.added));
      if (edit.deleted != 0) say(fmt::format("{} addresses deleted", edit.deleted));
    }
    if (options_.command == TableCommand::Add) say(fmt::format("{}/{} addresses added", edit.added, given));
    if (options_.command == TableCommand::Delete) say(fmt::format("{}/{} addresses deleted", edit.deleted, given));
    if (edit.changed != 0) say(fmt::format("{} addresses changed", edit.changed));
    if (options_.command == TableCommand::Replace && edit.added + edit.deleted + edit.changed == 0) say("no changes");
    show(edit.feedback);
    return answer_;
  }

  Result<Answer> flush() {
    const std::size_t count = table_.entries.size();
    table_.entries.clear();
    if (auto done = commit(); !done) return std::unexpected(done.error());
    say(fmt::format("{} addresses deleted", count));
    return answer_;
  }

  Result<Answer> kill() {
    const Anchor& anchor = kernel_.engine.ruleset().at(anchor_);
    for (const auto& rule : anchor.rules) {
      if (!rule.names(options_.table)) continue;
      return fail(Code::Invalid,
                  fmt::format("Table {} is used by the rule for {}.", options_.table, destination_text(rule)));
    }
    auto transaction = kernel_.engine.begin();
    transaction.remove_table(anchor_, options_.table);
    // An anchor is there for what it holds.
    if (anchor.rules.empty() && anchor.tables.size() == 1) transaction.remove_anchor(anchor_);
    if (!options_.dummy) {
      if (auto done = kernel_.engine.commit(transaction); !done) return std::unexpected(done.error());
    }
    say("1 table deleted");
    return answer_;
  }

  // The table as the maps have it: with the times since when each address is counted.
  [[nodiscard]] Result<KnownTable> known() const {
    const auto inventory = fastpath::read_inventory(kernel_.maps.views());
    const auto* anchor = inventory.find(anchor_);
    if (anchor != nullptr) {
      for (const KnownTable& table : anchor->tables) {
        if (table.name == options_.table) return table;
      }
    }
    return fail(Code::NotFound, "Table does not exist.");
  }

  [[nodiscard]] std::uint64_t now() const {
    return static_cast<std::uint64_t>(std::chrono::system_clock::to_time_t(kernel_.clock.wall()));
  }

  Result<Answer> expire() {
    const auto table = known();
    if (!table) return std::unexpected(table.error());
    std::vector<TableEntry> old;
    for (const KnownMember& member : table->members) {
      if (now() > member.cleared && now() - member.cleared > options_.lifetime) old.push_back(member.entry);
    }
    for (const auto& one : overloaded_) {
      if (static_cast<std::uint64_t>(one.age.count()) > options_.lifetime)
        old.push_back(fastpath::entry_of(one.network));
    }
    const TableEdit edit = delete_from(table_.entries, old);
    table_.entries = edit.entries;
    if (auto done = commit(); !done) return std::unexpected(done.error());
    say(fmt::format("{}/{} addresses expired", edit.deleted, old.size()));
    show(edit.feedback);
    return answer_;
  }

  Result<Answer> zero() {
    const auto table = known();
    if (!table) return std::unexpected(table.error());
    std::set<fastpath::Network> wanted;
    for (const TableEntry& entry : options_.entries) wanted.insert(entry.network());
    std::set<Address> cleared;
    std::size_t count = 0;
    Views views = kernel_.maps.views();
    for (const KnownMember& member : table->members) {
      if (!wanted.empty() && !wanted.contains(member.entry.network())) continue;
      count++;
      cleared.insert(member.entry.address);
      if (!options_.dummy) views.members[member.index].cleared = now();
    }
    if (!options_.dummy) {
      if (wanted.empty()) views.tables[table->index].cleared = now();
      if (auto done = clear_hosts(cleared); !done) return std::unexpected(done.error());
    }
    if (wanted.empty()) {
      say("1 table/stats cleared");
      return answer_;
    }
    say(fmt::format("{}/{} addresses cleared", count, options_.entries.size()));
    for (const TableEntry& entry : options_.entries) {
      show({{cleared.contains(entry.address) ? 'Z' : ' ', entry}});
    }
    return answer_;
  }

  // The counters of these addresses as this table's hosts.
  Status clear_hosts(const std::set<Address>& addresses) {
    std::set<std::pair<std::uint16_t, fastpath::Proto>> ports;
    for (const auto& rule : kernel_.engine.ruleset().at(anchor_).rules) {
      if (rule.table == options_.table) ports.emplace(rule.host_port(), rule.proto);
    }
    std::vector<std::uint32_t> indexes;
    const auto hosts = kernel_.maps.views().hosts;
    for (std::uint32_t i = 1; i < hosts.size(); i++) {
      const abi::hcd_host record = hosts[i];
      if (record.flags == 0) continue;
      const Endpoint at = Endpoint::of(record.at);
      if (!addresses.contains(at.address) || !ports.contains({at.port, at.proto})) continue;
      indexes.push_back(i);
    }
    return kernel_.maps.clear_host_stats(indexes);
  }

  const Options& options_;
  Kernel kernel_;
  std::string anchor_;
  bool exists_ = false;
  Table table_;
  std::vector<fastpath::Overloaded> overloaded_;
  Answer answer_;
};

}  // namespace

Result<Answer> change_table(const Options& options, Kernel kernel) {
  return TableChange(options, kernel).run();
}

}  // namespace hcd::hcpfctl
