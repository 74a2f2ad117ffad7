#include "ui/model/filter.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "fastpath/base/text.h"
#include "hcd/ctl/words.h"
#include "ui/model/elapsed.h"

namespace hcd::ui {
namespace {

struct Named {
  std::string_view name;
  Field field;
  bool number = false;
};
constexpr std::array<Named, 14> kFields = {{{"name", Field::Name},
                                            {"address", Field::Address},
                                            {"table", Field::Table},
                                            {"service", Field::Service},
                                            {"state", Field::State},
                                            {"admin", Field::Admin},
                                            {"mode", Field::Mode},
                                            {"avail", Field::Available, true},
                                            {"lat", Field::Latency, true},
                                            {"age", Field::Age, true},
                                            {"sess", Field::Sessions, true},
                                            {"cps", Field::Rate, true},
                                            {"weight", Field::Weight, true},
                                            {"id", Field::Number, true}}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// The names of the subject that a field means.
void names_of(Field field, const Subject& s, std::vector<std::string>& out) {
  const bool any = field == Field::Any;
  const auto add = [&](std::string_view text) { out.push_back(lower(text)); };
  const bool itself = any || field == Field::Name;
  if (s.host != nullptr) {
    if (itself) add(s.host->row.name);
    if (any || field == Field::Address) add(s.host->row.address.text());
  }
  if (s.table != nullptr && (any || field == Field::Table || (itself && s.host == nullptr))) add(s.table->row.name);
  if (any || field == Field::Service || (itself && s.table == nullptr)) {
    if (s.service != nullptr) {
      add(s.service->row.name);
    } else if (s.table != nullptr) {
      for (const Id id : s.table->services)
        if (const auto* service = s.mirror.service(id)) add(service->row.name);
    }
  }
  const auto words = [&](const auto& row, std::string_view state) {
    if (field == Field::State) add(state);
    if (field == Field::Admin) add(admin_word(row));
  };
  if (s.host != nullptr) {
    words(s.host->row, state_word(s.host->row));
  } else if (s.table != nullptr) {
    words(s.table->row, state_word(s.table->row));
  } else if (s.service != nullptr) {
    words(s.service->row, state_word(s.mirror, s.service->row));
    if (field == Field::Mode) add(ctl::mode_text(s.service->row));
  }
}

std::optional<double> number_of(Field field, const Subject& s) {
  const auto number = [](auto value) { return std::optional(static_cast<double>(value)); };
  if (field == Field::Number)
    return s.host != nullptr ? number(s.host->row.id) : s.table != nullptr ? number(s.table->row.id) : std::nullopt;
  if (field == Field::Sessions || field == Field::Rate) {
    const Load* load = s.host != nullptr      ? &s.host->load
                       : s.table != nullptr   ? &s.table->load
                       : s.service != nullptr ? &s.service->load
                                              : nullptr;
    if (load == nullptr || !load->known) return std::nullopt;
    return number(field == Field::Rate ? load->sessions_per_s : load->states);
  }
  if (s.host == nullptr) return std::nullopt;
  const auto& row = s.host->row;
  switch (field) {
    case Field::Available:
      return row.total == 0 ? std::nullopt
                            : number(100.0 * static_cast<double>(row.up) / static_cast<double>(row.total));
    case Field::Latency:
      return row.word == ctl::HostWord::Up ? number(ipc::microseconds(row.latency) / 1000.0) : std::nullopt;
    case Field::Age: return s.host->since_ms == 0 ? std::nullopt : number(elapsed(s.now_ms, s.host->since_ms) / 1000);
    case Field::Weight: return number(row.weight);
    default: return std::nullopt;
  }
}

}  // namespace

std::string_view state_word(const ctl::HostRow& row) {
  if (row.flaps > 0 && row.word == ctl::HostWord::Down) return "FLAP";
  switch (row.word) {
    case ctl::HostWord::Disabled: return "OFF";
    case ctl::HostWord::Down: return "DOWN";
    case ctl::HostWord::Unknown: return "UNKNOWN";
    case ctl::HostWord::Up: break;
  }
  return "UP";
}

std::string_view state_word(const Mirror& mirror, const ctl::ServiceRow& row) {
  if (!row.error.empty()) return "NO SYNC";
  switch (row.word) {
    case ctl::ServiceWord::Disabled: return "OFF";
    case ctl::ServiceWord::Down: return "DOWN";
    case ctl::ServiceWord::Backup: return "BACKUP";
    case ctl::ServiceWord::Active: break;
  }
  const Table* table = row.in_use ? mirror.table(*row.in_use) : nullptr;
  return table != nullptr && table->row.up < table->row.hosts ? "DEGRADED" : "UP";
}

std::string_view state_word(const ctl::TableRow& row) {
  switch (row.word) {
    case ctl::TableWord::Disabled: return "OFF";
    case ctl::TableWord::Empty: return "EMPTY";
    case ctl::TableWord::Active: break;
  }
  return row.up < row.hosts ? "DEGRADED" : "UP";
}

std::string_view admin_word(const ctl::HostRow& row) {
  if (row.word == ctl::HostWord::Disabled) return "off";
  return row.drained ? "drn" : "on";
}
std::string_view admin_word(const ctl::TableRow& row) {
  return row.word == ctl::TableWord::Disabled ? "off" : "on";
}
std::string_view admin_word(const ctl::ServiceRow& row) {
  return row.word == ctl::ServiceWord::Disabled ? "off" : "on";
}

Result<Filter::Term> Filter::term(std::string_view text) {
  Term out;
  while (text.starts_with('!')) {
    out.negated = !out.negated;
    text.remove_prefix(1);
  }
  const auto at = text.find_first_of("=<>!");
  if (at == std::string_view::npos) {
    out.word = lower(text);
  } else {
    const std::string name = lower(text.substr(0, at));
    const auto field = std::ranges::find_if(kFields, [&](const Named& f) { return f.name.starts_with(name); });
    if (name.empty() || field == kFields.end()) return fail(Code::Invalid, "there is no field \"" + name + "\"");
    out.field = field->field;
    std::string_view sign = text.substr(at);
    sign = sign.substr(0, sign.size() > 1 && sign[1] == '=' ? 2 : 1);
    out.word = lower(text.substr(at + sign.size()));
    if (sign == "!=") out.negated = !out.negated;
    out.compare = sign == "<"    ? Compare::Less
                  : sign == ">"  ? Compare::More
                  : sign == "<=" ? Compare::AtMost
                  : sign == ">=" ? Compare::AtLeast
                                 : Compare::Equal;
    if (sign == "!" || sign == "==") return fail(Code::Invalid, "= != < > <= >= compare");
    if (!field->number && out.compare != Compare::Equal)
      return fail(Code::Invalid, std::string(field->name) + " takes = and !=");
    if (field->number) {
      const char* end = out.word.data() + out.word.size();
      const auto [stop, error] = std::from_chars(out.word.data(), end, out.number);
      if (error != std::errc{} || stop != end) return fail(Code::Invalid, "\"" + out.word + "\" is not a number");
      return out;
    }
  }
  if (out.word.empty()) return fail(Code::Invalid, "a word is missing");
  if (out.field != Field::Any || out.word.find_first_of("*?[") != std::string::npos) {
    auto pattern = Glob::compile(out.word);
    if (!pattern) return std::unexpected(pattern.error());
    out.pattern = std::move(*pattern);
  }
  return out;
}

Result<Filter> Filter::parse(std::string_view text) {
  if (text.size() > kSizeMax) return fail(Code::Limit, "the filter is too long");
  Filter out;
  out.text_ = std::string(trim(text));
  bool negated = false, begins = true;
  for (const auto word : split(out.text_, ' ')) {
    if (word.empty()) continue;
    const std::string small = lower(word);
    if (small == "not") {
      negated = !negated;
    } else if (small == "or") {
      if (begins || negated) return fail(Code::Invalid, "\"or\" stands between terms");
      begins = true;
    } else if (small != "and") {
      auto parsed = term(word);
      if (!parsed) return std::unexpected(parsed.error());
      parsed->negated ^= negated;
      out.moves_ |= parsed->field == Field::Age;
      if (begins) out.ways_.emplace_back();
      out.ways_.back().push_back(std::move(*parsed));
      begins = negated = false;
    }
  }
  if (negated || (begins && !out.ways_.empty())) return fail(Code::Invalid, "a term is missing at the end");
  return out;
}

bool Filter::found(const Term& term, const Subject& subject) {
  std::vector<std::string> names;
  names_of(term.field, subject, names);
  return std::ranges::any_of(names, [&](const std::string& name) {
    return term.pattern ? term.pattern->matches(name) : name.find(term.word) != std::string::npos;
  });
}

bool Filter::holds(const Term& term, const Subject& subject) {
  if (term.field < Field::Available) return found(term, subject) != term.negated;
  const auto value = number_of(term.field, subject);
  if (!value) return false;
  bool out = false;
  switch (term.compare) {
    case Compare::Equal: out = *value == term.number; break;
    case Compare::Less: out = *value < term.number; break;
    case Compare::More: out = *value > term.number; break;
    case Compare::AtMost: out = *value <= term.number; break;
    case Compare::AtLeast: out = *value >= term.number; break;
  }
  return out != term.negated;
}

bool Filter::matches(const Subject& subject) const {
  if (ways_.empty()) return true;
  return std::ranges::any_of(ways_, [&](const auto& terms) {
    return std::ranges::all_of(terms, [&](const Term& term) { return holds(term, subject); });
  });
}

}  // namespace hcd::ui
