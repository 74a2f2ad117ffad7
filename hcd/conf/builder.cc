#include "hcd/conf/builder.h"

#include <functional>
#include <variant>

#include "hcd/conf/duration.h"
#include "hcd/conf/print.h"

namespace hcd::conf {

namespace {

// Of tables, by a service; not what a condition only watches.
std::vector<std::reference_wrapper<const ast::Use>> uses(const ast::Service& service) {
  std::vector<std::reference_wrapper<const ast::Use>> all;
  if (service.table) all.emplace_back(*service.table);
  for (const auto& backup : service.backups) all.emplace_back(backup);
  for (const auto& condition : service.conditions) all.emplace_back(condition.use);
  return all;
}

}  // namespace

Config Builder::build(const ast::File& file) {
  note_names(file);
  note_scripts(file);
  config_.authorities = file.authorities;
  build_global(file.global);
  for (const auto& declaration : file.declarations)
    if (!diagnostics_.full()) std::visit([this](const auto& from) { build(from); }, declaration);
  build_parents();
  check_unused();
  check_rules();
  return std::move(config_);
}

// All names first, so that a use above its definition can be told from a name that is nowhere.
void Builder::note_names(const ast::File& file) {
  for (const auto& declaration : file.declarations)
    if (const auto* table = std::get_if<ast::Table>(&declaration))
      known_.try_emplace(table->name.value,
                         Known{.at = table->name.at, .list = table->list, .table = {}, .parents = {}});
  const auto is_list = [this](const ast::Use& use) {
    const auto found = known_.find(use.name.value);
    return found != known_.end() && found->second.list;
  };
  for (const auto& declaration : file.declarations) {
    const auto* service = std::get_if<ast::Service>(&declaration);
    if (service != nullptr && std::ranges::any_of(uses(*service), is_list))
      next_table_ = next_host_ = first_service_ = 1;
  }
}

// Most programs mean the opposite by their exit status, and relayd's versions do not agree: said once, at the first.
void Builder::note_scripts(const ast::File& file) {
  const auto note = [this](const ast::TableOptions& options) {
    if (!options.check || options.check->value.type != CheckType::Script) return false;
    diagnostics_.warning(options.check->at,
                         "a script says that its host is up by an exit status above 0, and by 0 that it is down");
    return true;
  };
  for (const auto& declaration : file.declarations) {
    const auto* table = std::get_if<ast::Table>(&declaration);
    const auto* service = std::get_if<ast::Service>(&declaration);
    if (table != nullptr && note(*table)) return;
    if (service != nullptr && std::ranges::any_of(uses(*service), note)) return;
  }
}

void Builder::build_global(const ast::Global& from) {
  auto& global = config_.global;
  if (from.interval) global.interval = from.interval->value;
  if (from.timeout) global.timeout = from.timeout->value;
  if (from.log) global.log = from.log->value;
  if (from.prefork) global.prefork = from.prefork->value;
  if (from.demote) global.demote = from.demote->value;
  if (from.script_limit) global.script_limit = from.script_limit->value;
  if (from.socket) global.socket = from.socket->value;
  if (from.fastpath) global.fastpath = from.fastpath->value;
  global.pf = from.pf;
  if (from.metrics) global.metrics = from.metrics->value;
  global.interfaces = from.interfaces;
  build_guard(from);
  for (const auto& server : from.name_servers) global.lookup.servers.push_back(server.value);
  if (from.name_ttl) std::tie(global.lookup.ttl_least, global.lookup.ttl_most) = from.name_ttl->value;
  if (global.timeout < global.interval) return;
  Position blamed;
  if (from.interval) blamed = from.interval->at;
  if (from.timeout) blamed = from.timeout->at;
  error(blamed, "the timeout of " + std::to_string(global.timeout.count()) + " ms is not below the interval of " +
                    (global.interval < Seconds(1) ? std::to_string(global.interval.count()) + " ms"
                                                  : duration_text(global.interval) + " s"));
}

// Words about the packet path's own states, which pf has otherwise.
void Builder::build_guard(const ast::Global& from) {
  auto& global = config_.global;
  const bool used = global.fastpath != FastpathMode::None && global.fastpath != FastpathMode::Pf;
  const auto take = [&](const auto& given, auto& place, const std::string& words) {
    if (!given) return;
    place = given->value;
    if (!used)
      diagnostics_.warning(given->at, "'" + words + "' has no effect with 'fastpath " +
                                          std::string(fastpath_text(global.fastpath)) + "'");
  };
  take(from.states_limit, global.states_limit, "states limit");
  take(from.when_full, global.guard.when_full, "states when full");
  take(from.syn_guard, global.guard.syns, "syn guard");
}

void Builder::check_unused() {
  if (services_broken_) return;  // a refused line may have used it
  for (const auto& [name, known] : known_) {
    if (known.used || known.broken) continue;
    if (known.table.port != 0)
      error(known.at, "table '" + name + "' has a port but no service uses it");
    else
      diagnostics_.warning(known.at, "no service uses table '" + name + "'");
  }
}

}  // namespace hcd::conf
