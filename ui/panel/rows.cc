// The list: titles, then a row for each line that is to be seen.
#include "hcd/ctl/words.h"
#include "ui/model/elapsed.h"
#include "ui/panel/columns.h"
#include "ui/panel/format.h"
#include "ui/panel/graph.h"
#include "ui/panel/pen.h"
#include "ui/panel/screen.h"

namespace hcd::ui {
namespace {

struct Words {
  std::string text;
  Role role = Role::Text;
};

Role role_of(const ctl::HostRow& row) {
  switch (row.word) {
    case ctl::HostWord::Disabled: return Role::Off;
    case ctl::HostWord::Down: return Role::Bad;
    case ctl::HostWord::Unknown: return Role::Warn;
    case ctl::HostWord::Up: break;
  }
  return Role::Good;
}

Role role_of_admin(std::string_view admin) {
  return admin == "on" ? Role::Dim : admin == "off" ? Role::Off : Role::Drain;
}

class Row {
 public:
  Row(Canvas& canvas, const Scene& scene, const std::vector<Cut>& cuts, const Area& area, int y, const Line& line)
      : canvas_(canvas), scene_(scene), mirror_(scene.desk.shown()), cuts_(cuts), area_(area), y_(y), line_(line) {}

  void draw() {
    if (line_.note) return note();
    marks();
    switch (line_.key.kind) {
      case ctl::Kind::Host:
        if (const auto* host = mirror_.host(line_.key.id)) columns(*host);
        break;
      case ctl::Kind::Table:
        if (const auto* table = mirror_.table(line_.key.id)) columns(*table);
        break;
      case ctl::Kind::Service:
        if (const auto* service = mirror_.service(line_.key.id)) columns(*service);
        break;
    }
  }

 private:
  [[nodiscard]] bool tree() const { return scene_.desk.choice.view == View::Tree; }

  // A level moves the name by one column; before it stand the fold, or the mark, and a blank.
  [[nodiscard]] int fold() const { return tree() ? line_.depth : 0; }

  void marks() {
    const int x = area_.x + fold();
    if (scene_.desk.marks.contains(mark_of(line_.key))) return canvas_.put(x, y_, scene_.glyphs.mark, Role::Mark);
    if (!tree() || line_.key.kind == ctl::Kind::Host) return;
    const bool folded = scene_.desk.choice.folded.contains(line_.key);
    canvas_.put(x, y_, folded ? scene_.glyphs.closed : scene_.glyphs.open, Role::Dim);
  }

  void note() {
    const auto* host = mirror_.host(line_.key.id);
    if (host == nullptr) return;
    std::string text = note_text(host->row);
    if (host->row.word == ctl::HostWord::Down && host->since_ms != 0)
      text += ", down since " + clock_text(host->since_ms);
    const int x = area_.x + fold() + 4;
    canvas_.put(x, y_, text, host->row.word == ctl::HostWord::Down ? Role::Bad : Role::Warn, area_.x + area_.width - x);
  }

  void put(const Cut& cut, const Words& words) {
    if (cut.right)
      canvas_.put_right(area_.x + cut.x, y_, cut.width, words.text, words.role);
    else
      canvas_.put(area_.x + cut.x, y_, words.text, words.role, cut.width);
  }

  void name(const Cut& cut, const std::string& text, Role role, std::string_view after = {}) {
    Pen pen(canvas_, area_.x + fold() + 2, y_, area_.x + cut.x + cut.width);
    pen.put(text, role);
    if (!after.empty()) pen.fit(after, Role::Dim, 1);
  }

  template <class Entry>
  void columns(const Entry& entry) {
    for (const auto& cut : cuts_) {
      if (cut.column == Column::Name)
        name(cut, entry);
      else if (cut.column == Column::Trail)
        trail(cut, entry);
      else
        put(cut, words(cut.column, entry));
    }
  }

  void name(const Cut& cut, const Host& host) {
    const bool off = host.row.word == ctl::HostWord::Disabled;
    const std::string address = address_text(host.row);
    name(cut, host.row.name, off ? Role::Off : Role::Text, address);
  }
  void name(const Cut& cut, const Table& table) {
    name(cut, table.row.name, table.row.word == ctl::TableWord::Disabled ? Role::Off : Role::Text);
  }
  void name(const Cut& cut, const Service& service) {
    name(cut, service.row.name, service.row.word == ctl::ServiceWord::Disabled ? Role::Off : Role::Strong);
  }

  void trail(const Cut& cut, const Host& host) {
    if (host.row.word == ctl::HostWord::Disabled) return;
    draw_trail(canvas_, area_.x + cut.x, y_, cut.width, host.trail, timeout_us(mirror_.table(host.row.table)),
               scene_.glyphs);
  }
  void trail(const Cut&, const Table&) {}
  void trail(const Cut& cut, const Service& service) {
    if (!service.row.error.empty())
      canvas_.put(area_.x + cut.x, y_, service.row.error, Role::Bad, cut.width);
    else if (service.row.word == ctl::ServiceWord::Down)
      canvas_.put(area_.x + cut.x, y_, "rules removed", Role::Dim, cut.width);
  }

  [[nodiscard]] Words age(std::int64_t since_ms) const {
    return {since_ms == 0 ? "" : short_age(elapsed(scene_.now_ms, since_ms)), Role::Dim};
  }
  [[nodiscard]] static Words count(std::uint64_t n) { return {ctl::count_text(n), n == 0 ? Role::Dim : Role::Text}; }
  [[nodiscard]] static Words load(const Load& load, std::uint64_t n) { return load.known ? count(n) : Words{}; }
  [[nodiscard]] static Words lately(std::uint16_t hundredths, bool off) {
    if (off || hundredths == ctl::Availability::kNone) return {"-", Role::Dim};
    return {percent(hundredths, 10'000), hundredths < 10'000 ? Role::Text : Role::Dim};
  }
  [[nodiscard]] static Words latency(std::optional<std::uint32_t> us) {
    return us ? Words{short_latency(*us)} : Words{"-", Role::Dim};
  }

  [[nodiscard]] Words words(Column column, const Host& host) const {
    const auto& row = host.row;
    const bool off = row.word == ctl::HostWord::Disabled, up = row.word == ctl::HostWord::Up;
    switch (column) {
      case Column::Admin: return {std::string(admin_word(row)), role_of_admin(admin_word(row))};
      case Column::State: return state(row);
      case Column::Available:
        return off ? Words{"-", Role::Dim}
                   : Words{percent(row.up, row.total), row.up < row.total ? Role::Text : Role::Dim};
      case Column::AvailableHour: return lately(host.lately.hour, off);
      case Column::AvailableDay: return lately(host.lately.day, off);
      case Column::Latency: return latency(up ? std::optional(ipc::microseconds(row.latency)) : std::nullopt);
      case Column::P50: return latency(off ? std::nullopt : host.trail.percentile(50));
      case Column::P99: return latency(off ? std::nullopt : host.trail.percentile(99));
      case Column::Age: return age(host.since_ms);
      case Column::Sessions: return load(host.load, host.load.states);
      case Column::Rate: return load(host.load, host.load.sessions_per_s);
      case Column::Weight:
        return {std::to_string(row.weight), row.weight != row.configured_weight ? Role::Drain
                                            : row.weight == 1                   ? Role::Dim
                                                                                : Role::Text};
      case Column::Table: {
        const auto* table = mirror_.table(row.table);
        return {table == nullptr ? "" : table->row.name, Role::Dim};
      }
      default: return {};
    }
  }
  [[nodiscard]] static Words state(const ctl::HostRow& row) {
    std::string text(state_word(row));
    if (text == "FLAP") text += " " + std::to_string(row.flaps) + "x";
    return {text, role_of(row)};
  }

  [[nodiscard]] Words words(Column column, const Table& table) const {
    const auto& row = table.row;
    switch (column) {
      case Column::Admin: return {std::string(admin_word(row)), role_of_admin(admin_word(row))};
      case Column::State: {
        if (row.word == ctl::TableWord::Disabled) return {"OFF", Role::Off};
        const std::string share = std::to_string(row.up) + "/" + std::to_string(row.hosts);
        return {share.size() <= 5 ? share + " up" : share, row.up == 0          ? Role::Bad
                                                           : row.up < row.hosts ? Role::Warn
                                                                                : Role::Good};
      }
      case Column::Age: return age(table.since_ms);
      case Column::Mode: return {line_.backup ? "backup" : std::string(check_text(row)), Role::Dim};
      default: return {};
    }
  }

  [[nodiscard]] Words words(Column column, const Service& service) const {
    const auto& row = service.row;
    switch (column) {
      case Column::Admin: return {std::string(admin_word(row)), role_of_admin(admin_word(row))};
      case Column::State: {
        const std::string_view word = state_word(mirror_, row);
        const bool bad = word == "DOWN" || word == "NO SYNC";
        return {std::string(word), bad             ? Role::Bad
                                   : word == "UP"  ? Role::Good
                                   : word == "OFF" ? Role::Off
                                                   : Role::Warn};
      }
      case Column::Age: return age(service.since_ms);
      case Column::Sessions: return load(service.load, service.load.states);
      case Column::Rate: return load(service.load, service.load.sessions_per_s);
      case Column::Mode: return {std::string(mode_text(row)), Role::Dim};
      case Column::Address: return {row.virtuals.empty() ? "" : ctl::virtual_text(row.virtuals.front()), Role::Text};
      case Column::Table: {
        const auto* table = mirror_.table(row.in_use.value_or(row.table));
        return {table == nullptr ? "" : table->row.name, Role::Text};
      }
      case Column::Total: return count(row.sessions.total);
      case Column::Minute: return count(row.sessions.last_minute);
      case Column::Hour: return count(row.sessions.last_hour);
      case Column::Day: return count(row.sessions.last_day);
      case Column::Mean: return count(row.sessions.mean_minute);
      default: return {};
    }
  }

  Canvas& canvas_;
  const Scene& scene_;
  const Mirror& mirror_;
  const std::vector<Cut>& cuts_;
  const Area& area_;
  int y_;
  const Line& line_;
};

// What stands in place of rows where there are none.
std::string_view nothing_text(const Desk& desk) {
  if (!desk.shown().whole()) return desk.link.stale() ? "no daemon has been heard yet" : "";
  if (desk.choice.view == View::Relays) return "no relay is configured";
  if (desk.choice.problems && desk.choice.filter.empty()) return "nothing is wrong";
  if (!desk.choice.filter.empty()) return "nothing matches the filter: Esc ends it";
  return "the configuration has none";
}

}  // namespace

void draw_rows(Canvas& canvas, const Area& titles, const Area& body, const Scene& scene) {
  const auto cuts = columns_of(scene.desk.choice.view, body.width);
  const auto& lines = scene.desk.outline.lines();
  canvas.fill(titles.x, titles.y, titles.width, U' ', Role::Title);
  for (const auto& cut : cuts) {
    const int x = titles.x + cut.x + (cut.column == Column::Name ? 2 : 0);
    if (cut.right)
      canvas.put_right(x, titles.y, cut.width, cut.title, Role::Title);
    else
      canvas.put(x, titles.y, cut.title, Role::Title, cut.width);
  }
  if (lines.empty())
    canvas.put(body.x + 2, body.y + (body.height > 2 ? 1 : 0), nothing_text(scene.desk), Role::Dim, body.width - 2);
  for (int i = 0; i < body.height; i++) {
    const auto index = static_cast<std::size_t>(scene.desk.top + i);
    if (index >= lines.size()) break;
    Row(canvas, scene, cuts, body, body.y + i, lines[index]).draw();
    if (scene.desk.top + i == scene.desk.cursor) canvas.choose(body.x, body.y + i, body.width);
  }
}

}  // namespace hcd::ui
