#include "hcd/conf/parse_table_options.h"

#include "hcd/conf/parse_check.h"

namespace hcd::conf {
namespace {

constexpr Seconds kSecond{1}, kHour{3600}, kDay{86400};
constexpr std::uint8_t kJitterMax = 50;

std::optional<std::uint16_t> count(Parser& p, std::string_view what) {
  return p.number<std::uint16_t>(what, 1, kCountMax);
}

// A number and its sign: `10%`.
std::optional<std::uint8_t> percentage(Parser& p, std::string_view what, std::uint8_t high) {
  const auto token = p.value("a percentage for '" + std::string(what) + "'");
  if (!token) return std::nullopt;
  const std::string_view text = token->text;
  if (text.ends_with('%'))
    if (const auto number = parse_number<std::uint8_t>(text.substr(0, text.size() - 1), 1, high)) return number;
  p.error(token->at,
          std::string(what) + " is a percentage from 1% to " + std::to_string(high) + "%, not " + quoted(*token));
  return std::nullopt;
}

Token named(const Token& word, std::string_view name) {
  return {word.kind, std::string(name), word.at};
}

}  // namespace

bool parse_check(Parser& p, ast::TableOptions& options, const Token& word) {
  auto check = parse_check_line(p);
  return check && p.set(options.check, std::move(*check), word);
}

bool parse_check_timeout(Parser& p, ast::TableOptions& options, const Token& word) {
  const auto timeout = p.timeout();
  return timeout && p.set(options.timeout, *timeout, word);
}

bool parse_table_demote(Parser& p, ast::TableOptions& options, const Token& word) {
  const auto group = p.label("demote group", kInterfaceMax);
  p.no_effect(word, "this version demotes nothing");
  return group && p.set(options.demote, group->text, word);
}

bool parse_pace(Parser& p, ast::TableOptions& options, const Token& word) {
  const bool down = p.accept("down");
  const bool changing = !down && p.accept("changing");
  const std::string_view name = down ? "interval down" : changing ? "interval changing" : "interval";
  const auto interval = p.interval(name);
  if (!interval) return false;
  return p.set(down       ? options.interval_down
               : changing ? options.interval_changing
                          : options.interval,
               *interval, named(word, name));
}

bool parse_jitter(Parser& p, ast::TableOptions& options, const Token& word) {
  const auto jitter = percentage(p, "jitter", kJitterMax);
  return jitter && p.set(options.jitter, *jitter, word);
}

bool parse_rise(Parser& p, ast::TableOptions& options, const Token& word) {
  const auto rise = count(p, "rise");
  return rise && p.set(options.rise, *rise, word);
}

bool parse_fall(Parser& p, ast::TableOptions& options, const Token& word) {
  const auto fall = count(p, "fall");
  return fall && p.set(options.fall, *fall, word);
}

bool parse_flap(Parser& p, ast::TableOptions& options, const Token& word) {
  const auto changes = count(p, "flap");
  if (!changes || !p.expect("in")) return false;
  const auto within = p.seconds("flap in", kSecond, kDay);
  if (!within || !p.expect("hold")) return false;
  const auto hold = p.seconds("flap hold", kSecond, kDay);
  return hold && p.set(options.flap, {.changes = *changes, .within = *within, .hold = *hold}, word);
}

bool parse_passive(Parser& p, ast::TableOptions& options, const Token& word) {
  if (!p.expect("fail")) return false;
  const auto failures = count(p, "passive fail");
  if (!failures || !p.expect("in")) return false;
  const auto within = p.seconds("passive fail in", kSecond, kHour);
  return within && p.set(options.passive, {.failures = *failures, .within = *within}, named(word, "passive fail"));
}

bool parse_slow(Parser& p, ast::TableOptions& options, const Token& word) {
  if (!p.expect("start")) return false;
  const auto time = p.seconds("slow start", kSecond, kHour);
  return time && p.set(options.slow_start, *time, named(word, "slow start"));
}

std::optional<Seconds> parse_hold(Parser& p) {
  if (!p.accept("for")) return Seconds(0);
  return p.seconds("for", kSecond, kHour);
}

bool parse_minimum(Parser& p, ast::TableOptions& options, const Token& word) {
  const auto hosts = p.number<std::uint32_t>("minimum", 1, kHostsMax);
  if (!hosts) return false;
  const auto hold = parse_hold(p);
  return hold && p.set(options.minimum, {.hosts = *hosts, .hold = *hold}, word);
}

}  // namespace hcd::conf
