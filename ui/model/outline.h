// Which rows there are to see, in which order: the mirror's objects as a tree or a flat list, filtered and sorted. It is kept
// from one look to the next: of 10,000 hosts only those that have changed are judged and placed anew.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "ui/model/filter.h"
#include "ui/model/mirror.h"

namespace hcd::ui {

enum class View : std::uint8_t { Tree, Hosts, Services, Tables, Relays, Sessions, Events };
inline constexpr std::size_t kViews = 7;
[[nodiscard]] std::string_view view_text(View view);

enum class Sort : std::uint8_t { Problems, Name, Configured, State, Available, Latency, Age, Sessions, Rate, Weight };
inline constexpr std::size_t kSorts = 10;
[[nodiscard]] std::string_view sort_text(Sort sort);

// What a line stands for. A table is there once for each service that uses it; a host too.
struct Key {
  static constexpr Id kNone = ~Id{};
  ctl::Kind kind = ctl::Kind::Service;
  Id id = kNone;
  Id service = kNone;  // above it
  friend auto operator<=>(const Key&, const Key&) = default;
};

struct Line {
  Key key;
  std::uint8_t depth = 0;
  bool note = false;    // below its host: why that is not up
  bool backup = false;  // a table that its service uses when the first is empty
};

struct Choice {  // of what to see
  View view = View::Tree;
  Sort sort = Sort::Problems;
  bool reverse = false;
  bool problems = false;  // alone
  bool frozen = false;    // the order stays
  Filter filter;
  std::set<Key> folded;
  std::uint32_t version = 1;  // counts what was chosen otherwise
};

class Outline {
 public:
  void refresh(Mirror& mirror, const Choice& choice, std::int64_t now_ms);
  [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }
  [[nodiscard]] std::size_t hidden() const { return hidden_; }  // hosts that the filter leaves out

 private:
  using Order = std::vector<const Host*>;
  void sort_all(const Mirror& mirror);
  void place(Order& order, const std::vector<const Host*>& moved);
  [[nodiscard]] bool before(const Host* a, const Host* b) const;
  [[nodiscard]] bool shows(const Host& host) const;
  [[nodiscard]] bool shows(const Table& table, Id service) const;
  [[nodiscard]] bool shows(const Service& service) const;
  void tree();
  void flat_hosts();
  void flat_tables();
  void flat_services();
  bool add_table(const Table& table, Id service, std::uint8_t depth, bool backup);
  void add_host(const Host& host, Id service, std::uint8_t depth);
  void sort_few();

  const Mirror* mirror_ = nullptr;
  const Choice* choice_ = nullptr;
  std::int64_t now_ms_ = 0;
  std::uint32_t version_ = 0;
  std::map<Id, Order> hosts_;  // by table
  Order all_;                  // of the flat list
  std::vector<const Service*> services_;
  std::vector<const Table*> tables_;
  std::vector<Line> lines_;
  std::size_t hidden_ = 0;
};

// Whether somebody should look: what is down or out of step, not what an operator wanted so.
[[nodiscard]] bool problem(const ctl::HostRow& row);
[[nodiscard]] bool problem(const ctl::TableRow& row);
[[nodiscard]] bool problem(const ctl::ServiceRow& row);
// What the line below a host says; empty: there is none.
[[nodiscard]] std::string note_text(const ctl::HostRow& row);

}  // namespace hcd::ui
