// A table's times and counts: what they mean, and which of them contradict each other.
#include <algorithm>

#include "hcd/conf/builder.h"
#include "hcd/conf/duration.h"

namespace hcd::conf {
namespace {

template <class T, class U>
void take(T& field, const std::optional<At<U>>& from) {
  if (from) field = from->value;
}

std::string in_words(Milliseconds time) {
  const auto text = duration_text(time);
  return text.ends_with("ms") ? text.substr(0, text.size() - 2) + " ms" : text + " s";
}

// The shortest time from one check's start to the next one's.
Milliseconds shortest(Milliseconds interval, const Table& table) {
  return interval * (100 - table.pace.jitter) / 100;
}

Milliseconds quickest(const Table& table) {
  auto least = table.interval;
  for (const auto other : {table.pace.down, table.pace.changing})
    if (other > Milliseconds(0)) least = std::min(least, other);
  return shortest(least, table);
}

}  // namespace

void Builder::set_options(const ast::TableOptions& from, bool broken, Table& table) {
  take(table.check, from.check);
  take(table.demote, from.demote);
  set_timing(from, table);
  set_judgement(from, broken, table);
}

void Builder::set_timing(const ast::TableOptions& from, Table& table) {
  table.timeout = config_.global.timeout;
  table.interval = config_.global.interval;
  take(table.timeout, from.timeout);
  take(table.interval, from.interval);
  take(table.pace.down, from.interval_down);
  take(table.pace.changing, from.interval_changing);
  take(table.pace.jitter, from.jitter);
  Position blamed;
  for (const auto& line : {from.interval, from.timeout})
    if (line) blamed = line->at;
  if (!from.interval && !from.timeout && from.jitter) blamed = from.jitter->at;
  if (from.timeout || from.interval || from.jitter) check_timeout("interval", table.interval, table, blamed);
  if (from.interval_down) check_timeout("interval down", table.pace.down, table, from.interval_down->at);
  if (from.interval_changing)
    check_timeout("interval changing", table.pace.changing, table, from.interval_changing->at);
}

void Builder::check_timeout(const std::string& what, Milliseconds interval, const Table& table, Position at) {
  if (table.timeout < shortest(interval, table)) return;
  const std::string less =
      table.pace.jitter == 0 ? "" : " less its jitter of " + std::to_string(table.pace.jitter) + "%";
  error(at, "the timeout of " + std::to_string(table.timeout.count()) + " ms is not below the " + what + " of " +
                in_words(interval) + less);
}

void Builder::set_judgement(const ast::TableOptions& from, bool broken, Table& table) {
  auto& judgement = table.judgement;
  take(judgement.rise, from.rise);
  take(judgement.fall, from.fall);
  if (from.passive) judgement.passive = from.passive->value.failures;
  if (from.passive) judgement.passive_within = from.passive->value.within;
  take(table.slow_start, from.slow_start);
  if (from.flap) set_flap(*from.flap, table);
  const bool counts = judgement.rise > 1 || judgement.fall > 1 ||
                      std::ranges::any_of(table.hosts, [](const Host& host) { return host.retry > 0; });
  if (from.interval_changing && !counts && !broken)
    error(from.interval_changing->at,
          "'interval changing' is never used: rise and fall are 1, and no host has retries");
  if (from.minimum) set_minimum(*from.minimum, broken, table);
}

void Builder::set_flap(const At<ast::Flap>& flap, Table& table) {
  auto& judgement = table.judgement;
  judgement.flap = flap.value.changes;
  judgement.flap_within = flap.value.within;
  judgement.flap_hold = flap.value.hold;
  if (quickest(table) * judgement.flap <= judgement.flap_within) return;
  error(flap.at, "a host checked every " + in_words(quickest(table)) + " cannot change more than " +
                     std::to_string(judgement.flap) + " times in " + in_words(judgement.flap_within));
}

void Builder::set_minimum(const At<ast::Minimum>& minimum, bool broken, Table& table) {
  table.minimum = minimum.value.hosts;
  table.minimum_for = minimum.value.hold;
  if (table.minimum <= table.hosts.size() || grows(table) || broken) return;
  error(minimum.at, "table '" + table.name + "' has " + std::to_string(table.hosts.size()) + " hosts, never " +
                        std::to_string(table.minimum));
}

}  // namespace hcd::conf
