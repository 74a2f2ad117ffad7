// From what a file says to what it means: looks names up, resolves hosts, gives ids, and refuses what makes no sense.
//
// Ids follow the order of the file. As hoststated has it, tables with or without a port count from 0, then the instances
// `name:port` of those without one where a service first uses them; every host of every table counts on from the last. As
// relayd has it, all count from 1, and its lists take none, only their instances do. A file that uses a list counts from 1.
#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "fastpath/base/diagnostics.h"
#include "hcd/conf/ast.h"
#include "hcd/conf/config.h"
#include "hcd/conf/resolver.h"

namespace hcd::conf {

// What the fast path's maps hold, beside kHostsMax.
inline constexpr std::size_t kTablesMax = 1024;
inline constexpr std::size_t kServicesMax = 512;
inline constexpr std::size_t kVirtualsMax = 16;

// A name of it may have any number of addresses.
[[nodiscard]] inline bool grows(const Table& table) {
  return std::ranges::any_of(table.hosts, [](const Host& host) { return host.by_name.all(); });
}

class Builder {
 public:
  Builder(Diagnostics& diagnostics, const Resolver& resolver) : resolver_(resolver), diagnostics_(diagnostics) {}

  // Good only if the diagnostics have not failed.
  [[nodiscard]] Config build(const ast::File& file);

 private:
  struct Known {  // a table by the name in the file
    Position at;
    bool declared = false;  // its block stands above, not below
    bool broken = false;
    bool used = false;
    bool list = false;
    Table table;                                                   // of a list: its hosts without ids
    std::vector<std::pair<std::size_t, At<std::string>>> parents;  // of its hosts, by their place, as written
  };

  struct Owner {  // the service or redirect that is being built
    const ast::Service& from;
    Service& service;
    std::string subject;                                 // "redirect 'www'"
    std::map<std::string, Id, std::less<>> tables = {};  // that it has used, by the name in the file
  };
  struct Role {
    const ast::Use& use;
    std::string_view word;  // "backup table"
  };

  void note_names(const ast::File& file);
  void note_scripts(const ast::File& file);
  void build_global(const ast::Global& from);
  void build_guard(const ast::Global& from);
  void build(const ast::Table& from);
  void build(const ast::Service& from);
  void check_unused();

  void build_hosts(const ast::Table& from, Known& known);
  void number_hosts(const Known& known, Table& table, bool with_parents);
  [[nodiscard]] std::optional<Host> build_host(const ast::Host& from);
  void set_options(const ast::TableOptions& from, bool broken, Table& table);
  void set_timing(const ast::TableOptions& from, Table& table);
  void check_timeout(const std::string& what, Milliseconds interval, const Table& table, Position at);
  void set_judgement(const ast::TableOptions& from, bool broken, Table& table);
  void set_flap(const At<ast::Flap>& flap, Table& table);
  void set_minimum(const At<ast::Minimum>& minimum, bool broken, Table& table);
  void check_complete(const ast::Table& from);
  [[nodiscard]] bool room_for(const Table& table, Position at);
  [[nodiscard]] std::vector<Address> resolve(const At<std::string>& name);

  void build_virtuals(Owner& owner);
  void check_sources(const Owner& owner);
  void check_rules();
  [[nodiscard]] std::optional<Id> use_table(Owner& owner, const Role& role);
  [[nodiscard]] const Table* find_table(Owner& owner, const ast::Use& use);
  [[nodiscard]] std::optional<std::uint16_t> port_of(const Owner& owner, const ast::Use& use);
  [[nodiscard]] const Table* instantiate(Known& known, const Owner& owner, const ast::Use& use);
  [[nodiscard]] const Table* instantiate_list(Known& known, const Owner& owner, const ast::Use& use);
  [[nodiscard]] const Table* add_instance(Table table, Position at);
  [[nodiscard]] const Table* find_watched(Owner& owner, const At<std::string>& name);
  void set_session_timeout(Owner& owner);
  void build_backups(Owner& owner);
  void build_condition(Owner& owner, const ast::Condition& from);

  void build_parents();
  [[nodiscard]] std::optional<Id> find_parent(const Table& own, const At<std::string>& parent);
  void inherit_parents(Table& table);
  void check_cycles(const std::map<Id, Host*>& hosts);
  void check_family(Family family, const Owner& owner, const Table* table, const Role& role);

  void error(Position at, std::string message) { diagnostics_.error(at, std::move(message)); }

  const Resolver& resolver_;
  Diagnostics& diagnostics_;
  Config config_;
  std::map<std::string, Known, std::less<>> known_;
  std::map<std::string, Position, std::less<>> services_;
  std::map<Id, std::vector<Position>> virtuals_at_;  // by service
  std::size_t host_count_ = 0;
  Id next_table_ = 0;
  Id next_host_ = 0;
  Id first_service_ = 0;
  std::vector<std::pair<Id, At<std::string>>> parents_;  // by host, as written
  bool services_broken_ = false, tables_broken_ = false;
};

}  // namespace hcd::conf
