#include "ui/model/order.h"

#include <array>
#include <compare>

namespace hcd::ui {
namespace {

// Lower stands first; what is to be the other way round is inverted bit by bit, for that cannot overflow.
using Rank = std::int64_t;

Rank severity(const ctl::HostRow& row) {
  switch (row.word) {
    case ctl::HostWord::Down: return row.flaps > 0 ? 1 : 0;
    case ctl::HostWord::Unknown: return 2;
    case ctl::HostWord::Up: return problem(row) ? 3 : row.drained ? 4 : 6;
    case ctl::HostWord::Disabled: break;
  }
  return 5;
}
Rank severity(const ctl::TableRow& row) {
  if (row.word == ctl::TableWord::Disabled) return 2;
  return row.word == ctl::TableWord::Empty ? 0 : row.up < row.hosts ? 1 : 3;
}
Rank severity(const Mirror& mirror, const ctl::ServiceRow& row) {
  if (!row.error.empty()) return 0;
  switch (row.word) {
    case ctl::ServiceWord::Down: return 1;
    case ctl::ServiceWord::Backup: return 2;
    case ctl::ServiceWord::Disabled: return 4;
    case ctl::ServiceWord::Active: break;
  }
  return state_word(mirror, row) == "DEGRADED" ? 3 : 5;
}

Rank rank(const Host& host, Sort sort) {
  const auto& row = host.row;
  switch (sort) {
    case Sort::Problems: return severity(row);
    case Sort::Configured: return row.id;
    case Sort::State: return -static_cast<Rank>(row.word);
    case Sort::Available:
      return row.total == 0
                 ? 10'001
                 : static_cast<Rank>(10'000.0 * static_cast<double>(row.up) / static_cast<double>(row.total));
    case Sort::Latency: return row.word == ctl::HostWord::Up ? ~row.latency.count() : 1;
    case Sort::Age: return ~host.since_ms;
    case Sort::Weight: return -static_cast<Rank>(row.weight);
    case Sort::Sessions: return -static_cast<Rank>(host.load.states);
    case Sort::Rate: return -static_cast<Rank>(host.load.sessions_per_s);
    case Sort::Name: break;
  }
  return 0;
}

std::strong_ordering by_name(const Host& a, const Host& b) {
  if (const auto order = a.row.address <=> b.row.address; order != 0) return order;
  return a.row.name <=> b.row.name;
}

// By rank in the order asked for, then by name and id in theirs; only a sort by name turns that around too.
bool decide(Rank a, Rank b, std::strong_ordering names, Id id_a, Id id_b, Sort sort, bool reverse) {
  if (a != b) return reverse ? a > b : a < b;
  if (names != 0) return sort == Sort::Name && reverse ? names > 0 : names < 0;
  return id_a < id_b;
}

}  // namespace

std::string_view sort_text(Sort sort) {
  constexpr std::array<std::string_view, kSorts> kTexts = {
      "problems first", "name", "configured", "state", "availability", "latency", "age", "sessions", "rate", "weight"};
  return kTexts[static_cast<std::size_t>(sort)];
}

bool host_before(const Host& a, const Host& b, Sort sort, bool reverse) {
  return decide(rank(a, sort), rank(b, sort), by_name(a, b), a.row.id, b.row.id, sort, reverse);
}

bool table_before(const Table& a, const Table& b, Sort sort, bool reverse) {
  const auto rank = [sort](const Table& t) -> Rank {
    if (sort == Sort::Problems || sort == Sort::State) return severity(t.row);
    if (sort == Sort::Age) return ~t.since_ms;
    if (sort == Sort::Sessions) return -static_cast<Rank>(t.load.states);
    if (sort == Sort::Rate) return -static_cast<Rank>(t.load.sessions_per_s);
    return sort == Sort::Configured ? t.row.id : 0;
  };
  return decide(rank(a), rank(b), a.row.name <=> b.row.name, a.row.id, b.row.id, sort, reverse);
}

bool service_before(const Mirror& mirror, const Service& a, const Service& b, Sort sort, bool reverse) {
  const auto rank = [&](const Service& s) -> Rank {
    if (sort == Sort::Problems || sort == Sort::State) return severity(mirror, s.row);
    if (sort == Sort::Age) return ~s.since_ms;
    if (sort == Sort::Sessions) return -static_cast<Rank>(s.load.states);
    if (sort == Sort::Rate) return -static_cast<Rank>(s.load.sessions_per_s);
    return sort == Sort::Configured ? s.row.id : 0;
  };
  return decide(rank(a), rank(b), a.row.name <=> b.row.name, a.row.id, b.row.id, sort, reverse);
}

}  // namespace hcd::ui
