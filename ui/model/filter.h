// What the operator wants to see: words that are looked for in the names of a host, its table and its services, and
// comparisons of a field.
//
//   web 10.0.0.1*            both are somewhere in its names; a word with * ? or [ is a pattern of the whole name
//   state!=up or admin!=on   `or` binds less than what stands side by side
//   not table=web* lat>20    `not` or ! before a term
//
// Fields: name address table service state admin mode are patterns, and take = and !=; avail (per cent), lat (ms),
// age (seconds), sess, cps, weight, id are numbers, and take < > <= >= too.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fastpath/base/error.h"
#include "fastpath/base/glob.h"
#include "ui/model/mirror.h"

namespace hcd::ui {

enum class Field : std::uint8_t {
  Any,
  Name,
  Address,
  Table,
  Service,
  State,
  Admin,
  Mode,
  Available,
  Latency,
  Age,
  Sessions,
  Rate,
  Weight,
  Number
};

// A host, table or service as a filter sees it; what it lacks is empty, and then no comparison holds.
struct Subject {
  const Mirror& mirror;
  std::int64_t now_ms = 0;
  const Host* host = nullptr;
  const Table* table = nullptr;  // of the host, or itself
  const Service* service = nullptr;
};

class Filter {
 public:
  static constexpr std::size_t kSizeMax = 200;

  [[nodiscard]] static Result<Filter> parse(std::string_view text);
  [[nodiscard]] bool empty() const { return ways_.empty(); }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool matches(const Subject& subject) const;
  [[nodiscard]] bool moves() const { return moves_; }  // its answer changes with the time

 private:
  enum class Compare : std::uint8_t { Equal, Less, More, AtMost, AtLeast };
  struct Term {
    Field field = Field::Any;
    Compare compare = Compare::Equal;
    bool negated = false;
    std::string word;  // in lower case
    std::optional<Glob> pattern;
    double number = 0;
  };
  [[nodiscard]] static Result<Term> term(std::string_view text);
  [[nodiscard]] static bool holds(const Term& term, const Subject& subject);
  [[nodiscard]] static bool found(const Term& term, const Subject& subject);

  std::string text_;
  bool moves_ = false;
  std::vector<std::vector<Term>> ways_;  // one whose terms all hold suffices
};

// The words of the two columns of state, as they are shown and asked for.
[[nodiscard]] std::string_view state_word(const ctl::HostRow& row);  // "UP", "DOWN", "FLAP", "UNKNOWN", "OFF"
[[nodiscard]] std::string_view state_word(const Mirror& mirror, const ctl::ServiceRow& row);  // "UP", "DEGRADED", ...
[[nodiscard]] std::string_view state_word(const ctl::TableRow& row);
[[nodiscard]] std::string_view admin_word(const ctl::HostRow& row);  // "on", "off", "drn"
[[nodiscard]] std::string_view admin_word(const ctl::TableRow& row);
[[nodiscard]] std::string_view admin_word(const ctl::ServiceRow& row);

}  // namespace hcd::ui
