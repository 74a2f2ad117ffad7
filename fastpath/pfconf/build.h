// From a file as it stands to anchors: lists are multiplied out, tables sorted, and all of it checked, each error at its place.
#pragma once
#include "fastpath/base/diagnostics.h"
#include "fastpath/pfconf/ast.h"

namespace hcd::fastpath::pfconf {

class Builder {
 public:
  static constexpr std::size_t kRulesMax = 65535;

  Builder(Diagnostics& diagnostics, const LoadOptions& options) : diagnostics_(diagnostics), options_(options) {}

  [[nodiscard]] Conf build(const ast::File& file);

 private:
  struct Building {
    const std::string& name;
    Anchor anchor;
    std::vector<Position> rules_at;
    std::vector<const ast::Rule*> rules_of;
    std::map<std::vector<TableEntry>, std::string> pools;  // names of the tables that pools became
    std::size_t next_pool = 0;
  };

  void build_table(Building& building, const ast::Table& table);
  void build_rules(Building& building, const ast::Rule& rule);
  bool add_rule(Building& building, const ast::Rule& from, Rule rule);
  bool resolve_interface(const At<std::string>& name, Rule& rule);
  bool resolve_target(const ast::Pool& pool, Rule& rule);
  [[nodiscard]] std::optional<std::string> pool_table(Building& building, const ast::Pool& pool, Family family);
  void check_tables(const Building& building);
  void check_claims(const std::vector<Building>& all);
  [[nodiscard]] const Table* find_table(const Building& building, const std::string& name) const;

  Diagnostics& diagnostics_;
  const LoadOptions& options_;
  std::size_t rules_ = 0;
};

}  // namespace hcd::fastpath::pfconf
