// From what a file says to what it means: looks names up, resolves hosts, gives ids, and refuses what makes no sense.
//
// Ids follow the order of the file, as hoststated's do: tables with or without a port count from 0, then the instances
// `name:port` of those without one where a service first uses them; every host of every table counts on from the last.
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
    Table table;
  };

  struct Use {  // of a table by a service
    const At<std::string>& name;
    std::string_view role;  // "backup table"
  };

  void note_names(const ast::File& file);
  void note_scripts(const ast::File& file);
  void build_global(const ast::Global& from);
  void build(const ast::Table& from);
  void build(const ast::Service& from);
  void check_unused();

  void build_hosts(const ast::Table& from, Table& table);
  [[nodiscard]] std::optional<Host> build_host(const ast::Host& from);
  void set_timing(const ast::Table& from, Table& table);
  void check_timeout(const std::string& what, Milliseconds interval, const Table& table, Position at);
  void set_judgement(const ast::Table& from, Table& table);
  void set_flap(const At<ast::Flap>& flap, Table& table);
  void set_minimum(const At<ast::Minimum>& minimum, const ast::Table& from, Table& table);
  void check_complete(const ast::Table& from);
  [[nodiscard]] bool room_for(const Table& table, Position at);
  [[nodiscard]] std::vector<Address> resolve(const At<std::string>& name);

  void build_virtuals(const ast::Service& from, Service& service);
  void check_sources(const ast::Service& from, const Service& service);
  void check_rules();
  [[nodiscard]] std::optional<Id> use_table(const Use& use, const Service& service);
  [[nodiscard]] const Table* find_table(const At<std::string>& name, const Service& service);
  [[nodiscard]] const Table* instantiate(const Table& from, std::uint16_t port, Position at);
  void set_session_timeout(const At<Seconds>& timeout, Service& service);
  void build_backups(const ast::Service& from, Service& service);
  void build_condition(const ast::Condition& from, Service& service);

  void build_parents();
  [[nodiscard]] std::optional<Id> find_parent(const Table& own, const At<std::string>& parent);
  void inherit_parents(Table& table);
  void check_cycles(const std::map<Id, Host*>& hosts);
  void check_family(Family family, const Service& service, const Table* table, const Use& use);

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
  std::vector<std::pair<Id, At<std::string>>> parents_;  // by host, as written
  bool services_broken_ = false, tables_broken_ = false;
};

}  // namespace hcd::conf
