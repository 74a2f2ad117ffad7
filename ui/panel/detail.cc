// All about the object under the cursor: what is wanted, what is seen, what the kernel has; of a host its last checks, its
// changes of state and how long the checks of its table take.
#include <vector>

#include "hcd/ctl/words.h"
#include "ui/model/elapsed.h"
#include "ui/model/histogram.h"
#include "ui/panel/format.h"
#include "ui/panel/graph.h"
#include "ui/panel/pen.h"
#include "ui/panel/screen.h"

namespace hcd::ui {
namespace {

constexpr int kLabel = 9;

std::string check_reason(ipc::Reason reason, std::uint16_t code) {
  return std::string(ipc::reason_text(reason)) + (code == 0 ? "" : " " + std::to_string(code));
}

std::string_view word_of(ipc::HostState state) {
  return state == ipc::HostState::Up ? "UP" : state == ipc::HostState::Down ? "DOWN" : "UNKNOWN";
}

std::string lately(std::uint16_t hundredths) {
  return hundredths == ctl::Availability::kNone ? "-" : percent(hundredths, 10'000) + "%";
}

// "by root (uid 0, pid 4411), 13:58:02, until 15:00:00, \"kernel 6.18\""
std::string who_text(const ctl::Note& note, std::int64_t now_ms) {
  std::string out = "by " + note.by + ", " + when_text(note.since_ms, now_ms);
  if (note.until_ms != 0) out += ", until " + when_text(note.until_ms, now_ms);
  if (!note.reason.empty()) out += ", \"" + note.reason + "\"";
  return out;
}

class Pane {
 public:
  Pane(Canvas& canvas, const Area& area, const Scene& scene)
      : canvas_(canvas), area_(area), scene_(scene), mirror_(scene.desk.shown()), y_(area.y) {}

  void draw() {
    const Line* line = scene_.desk.line();
    frame(line == nullptr ? std::string() : name_of(mirror_, line->key));
    if (line == nullptr) return;
    switch (line->key.kind) {
      case ctl::Kind::Host:
        if (const auto* host = mirror_.host(line->key.id)) of(*host);
        break;
      case ctl::Kind::Table:
        if (const auto* table = mirror_.table(line->key.id)) of(*table);
        break;
      case ctl::Kind::Service:
        if (const auto* service = mirror_.service(line->key.id)) of(*service);
        break;
    }
  }

 private:
  void frame(const std::string& title) {
    const bool beside = area_.x > 0;
    if (beside)
      for (int y = area_.y; y < area_.y + area_.height; y++)
        canvas_.put(area_.x - 1, y, scene_.glyphs.down, Role::Line);
    canvas_.fill(area_.x, area_.y, area_.width, scene_.glyphs.across, Role::Line);
    canvas_.put(area_.x + 1, area_.y, " " + title + " ", Role::Strong, area_.width - 2);
    y_ = area_.y + 1;
  }

  [[nodiscard]] int left() const { return area_.y + area_.height - y_; }
  void line(std::string_view label, std::string_view text, Role role = Role::Text) {
    if (left() <= 0) return;
    canvas_.put(area_.x + 1, y_, label, Role::Dim, kLabel);
    canvas_.put(area_.x + 1 + kLabel, y_, text, role, area_.width - kLabel - 1);
    y_++;
  }
  void heading(std::string_view text) {
    if (left() < 3) return;
    y_++;
    canvas_.put(area_.x + 1, y_++, text, Role::Title, area_.width - 1);
  }

  void of(const Host& host) {
    const auto& row = host.row;
    const Table* table = mirror_.table(row.table);
    const bool well = row.word == ctl::HostWord::Up;
    const std::string for_long = host.since_ms == 0 ? "" : " for " + long_age(elapsed(scene_.now_ms, host.since_ms));
    line("state", std::string(state_word(row)) + for_long,
         well                                  ? Role::Good
         : row.word == ctl::HostWord::Disabled ? Role::Off
                                               : Role::Bad);
    line("admin", std::string(admin_word(row)) + ", weight " + std::to_string(row.weight));
    wishes(row.override);
    if (const auto address = address_text(row); !address.empty()) line("address", address);
    if (!row.lookup.empty()) line("name", row.lookup, Role::Warn);
    if (table != nullptr) check(*table);
    if (row.reason != ipc::Reason::None) line(well ? "last" : "error", reason_text(row), well ? Role::Text : Role::Bad);
    if (row.flaps > 0) line("flapping", "held down after " + std::to_string(row.flaps) + " changes", Role::Warn);
    line("avail", "1h " + lately(host.lately.hour) + "  24h " + lately(host.lately.day) + "  all " +
                      percent(row.up, row.total) + "%");
    line("", std::to_string(row.up) + " of " + std::to_string(row.total) + " checks passed, " +
                 std::to_string(row.retries) + " retried");
    load(host.load);
    kernel(host, table);
    if (row.certificate != 0)
      line("tls", ctl::certificate_text(row.certificate, scene_.now_ms), row.expiring ? Role::Warn : Role::Text);
    trail(host, table);
    Histogram own;
    own.add(host.trail);
    histogram(own);
    if (scene_.desk.inspection.of == mark_of(scene_.desk.at)) inspection();
  }

  // What operators want otherwise than the configuration has it, a line for what and one for who.
  void wishes(const std::optional<ctl::Override>& override) {
    if (!override) return;
    const auto wish = [this](const std::string& what, const ctl::Note& note) {
      line("wish", what, Role::Drain);
      line("", who_text(note, scene_.now_ms), Role::Drain);
    };
    if (override->enabled) wish(override->enabled->value ? "enabled" : "disabled", override->enabled->note);
    if (override->drained) wish(override->drained->value ? "draining" : "not draining", override->drained->note);
    if (override->weight)
      wish("weight " + std::to_string(override->weight->value) + ", configured " +
               std::to_string(override->weight->configured),
           override->weight->note);
  }

  // What the packet path has of it, as the daemon has had it confirmed. One without a result keeps the place that it had.
  void kernel(const Host& host, const Table* table) {
    if (table == nullptr || host.row.word == ctl::HostWord::Unknown) return;
    std::string in_force, refused;
    for (const Id id : table->services) {
      const auto* service = mirror_.service(id);
      if (service == nullptr || service->row.in_use != table->row.id) continue;
      std::string& names = service->row.error.empty() ? in_force : refused;
      names += (names.empty() ? "" : ", ") + service->row.name;
    }
    const bool takes = host.row.word == ctl::HostWord::Up && !host.row.drained && host.row.address.size() != 0;
    if (!in_force.empty())
      line("kernel", (takes ? "in the rules of " : "not in the rules of ") + in_force, takes ? Role::Good : Role::Off);
    if (!refused.empty()) line("kernel", "NOT IN SYNC: " + refused, Role::Bad);
    if (in_force.empty() && refused.empty()) line("kernel", "no rules use its table", Role::Off);
  }

  void load(const Load& load) {
    if (!load.known) return;
    line("traffic", ctl::count_text(load.states) + " sessions, " + ctl::count_text(load.sessions_per_s) + "/s, " +
                        ctl::count_text(load.packets_per_s) + "pps, " + ctl::count_text(load.bytes_per_s * 8) + "b/s");
  }

  void check(const Table& table) {
    const auto& row = table.row;
    std::string text(check_text(row));
    if (row.port != 0) text += " port " + std::to_string(row.port);
    text += ", every " + short_age(row.interval.count()) + ", timeout " + short_latency(timeout_us(&table));
    line("check", check_text(row).empty() ? "none" : text);
  }

  void trail(const Host& host, const Table* table) {
    if (host.trail.size() == 0 || left() <= 0) return;
    const std::uint32_t timeout = timeout_us(table);
    canvas_.put(area_.x + 1, y_, "checks", Role::Dim, kLabel);
    const int width = std::min(area_.width - kLabel - 2, static_cast<int>(host.trail.size()));
    draw_trail(canvas_, area_.x + 1 + kLabel, y_++, width, host.trail, timeout, scene_.glyphs);
    const auto p50 = host.trail.percentile(50), p99 = host.trail.percentile(99);
    if (p50) line("", "p50 " + short_latency(*p50) + "  p99 " + short_latency(*p99), Role::Dim);
  }

  void inspection() {
    const auto& told = scene_.desk.inspection;
    for (const auto& host : told.hosts) changes(host);
    for (const auto& host : told.hosts) checks(host);
  }

  void histogram(const Histogram& histogram) {
    std::size_t first = Histogram::kBuckets, last = 0;
    for (std::size_t i = 0; i < Histogram::kBuckets; i++) {
      if (histogram.count(i) == 0) continue;
      first = std::min(first, i);
      last = i;
    }
    if (first == Histogram::kBuckets) return;
    heading("latency");
    // Where they do not all fit, the slowest are seen, and the quicker ones together.
    const auto rows = static_cast<std::size_t>(std::clamp(left() / 3, 1, 10));
    std::vector<std::uint32_t> counts;
    for (std::size_t i = first; i <= last; i++) {
      if (i == first || last - i < rows - 1)
        counts.push_back(histogram.count(i));
      else
        counts.back() += histogram.count(i);
    }
    const std::uint32_t most = std::ranges::max(counts);
    for (std::size_t n = 0; n < counts.size() && left() > 0; n++) {
      const std::size_t i = last + 1 - counts.size() + n;
      const int room = std::max(1, area_.width - 20);
      const auto bar = static_cast<int>((counts[n] * static_cast<unsigned>(room) + most - 1) / most);
      const bool open = i + 1 == Histogram::kBuckets;
      const std::string label = (open ? ">" : "<") + short_latency(Histogram::below(open ? i - 1 : i));
      canvas_.put_right(area_.x + 1, y_, 7, label, Role::Dim);
      canvas_.fill(area_.x + 9, y_, bar, scene_.glyphs.bars.back(), Role::Graph);
      canvas_.put(area_.x + 10 + bar, y_++, ctl::count_text(counts[n]), Role::Dim);
    }
  }

  void changes(const ctl::HostChecks& host) {
    if (host.changes.empty()) return;
    heading("changes");
    for (auto i = host.changes.rbegin(); i != host.changes.rend() && left() > 0; ++i)
      entry(when(i->wall_ms),
            std::string(word_of(i->from)) + " -> " + std::string(word_of(i->to)) + "  " +
                check_reason(i->reason, i->code),
            i->to == ipc::HostState::Up ? Role::Good : Role::Bad);
  }

  void checks(const ctl::HostChecks& host) {
    if (host.checks.empty()) return;
    heading("last checks");
    for (auto i = host.checks.rbegin(); i != host.checks.rend() && left() > 0; ++i)
      entry(clock_text(i->wall_ms), short_latency(i->latency_us) + "  " + check_reason(i->reason, i->code),
            ipc::succeeded(i->reason) ? Role::Text : Role::Bad);
  }

  [[nodiscard]] std::string when(std::int64_t wall_ms) const { return when_text(wall_ms, scene_.now_ms); }
  void entry(const std::string& time, const std::string& text, Role role) {
    const int x = canvas_.put(area_.x + 1, y_, time, Role::Dim, area_.width - 1) + 1;
    canvas_.put(x, y_++, text, role, area_.x + area_.width - x);
  }

  void of(const Table& table) {
    const auto& row = table.row;
    const std::string share = std::to_string(row.up) + " of " + std::to_string(row.hosts) + " hosts take sessions";
    line("state", std::string(state_word(row)) + ": " + share, row.up == 0 ? Role::Bad : Role::Text);
    line("admin", admin_word(row));
    wishes(row.override);
    if (row.minimum > 0) line("minimum", std::to_string(row.minimum), row.up < row.minimum ? Role::Bad : Role::Text);
    load(table.load);
    check(table);
    for (const Id id : table.services)
      if (const auto* service = mirror_.service(id))
        line("service", service->row.name + (service->row.in_use == row.id ? ", which uses it now" : ""));
    if (table.p50_us != 0)
      line("checks", "p50 " + short_latency(table.p50_us) + "  p99 " + short_latency(table.p99_us));
    constexpr std::size_t kHosts = 256;  // of a large table the first ones stand for all
    Histogram all;
    for (std::size_t i = 0; i < std::min(kHosts, table.hosts.size()); i++) all.add(table.hosts[i]->trail);
    histogram(all);
  }

  void of(const Service& service) {
    const auto& row = service.row;
    line("state", state_word(mirror_, row), row.word >= ctl::ServiceWord::Backup ? Role::Good : Role::Bad);
    line("admin", admin_word(row));
    wishes(row.override);
    for (const auto& entry : row.virtuals) line("address", ctl::virtual_text(entry));
    line("mode", ctl::mode_text(row));
    const auto* table = mirror_.table(row.table);
    if (table != nullptr) line("table", table->row.name);
    for (const Id id : row.backups)
      if (const auto* backup = mirror_.table(id)) line("backup", backup->row.name);
    heading("in the kernel");
    const auto* used = row.in_use ? mirror_.table(*row.in_use) : nullptr;
    if (!row.error.empty()) {
      line("rules", "NOT IN SYNC", Role::Bad);
      line("", row.error, Role::Bad);
    } else {
      line("rules", used != nullptr ? "loaded, in sync" : "removed", used != nullptr ? Role::Good : Role::Warn);
    }
    if (used != nullptr) line("uses", used->row.name);
    heading("sessions");
    load(service.load);
    const auto& s = row.sessions;
    line("made", std::to_string(s.total));
    line("last", ctl::count_text(s.last_minute) + "/min  " + ctl::count_text(s.last_hour) + "/h  " +
                     ctl::count_text(s.last_day) + "/day");
    line("mean", ctl::count_text(s.mean_minute) + "/min  " + ctl::count_text(s.mean_hour) + "/h  " +
                     ctl::count_text(s.mean_day) + "/day");
  }

  Canvas& canvas_;
  const Area& area_;
  const Scene& scene_;
  const Mirror& mirror_;
  int y_;
};

}  // namespace

void draw_detail(Canvas& canvas, const Area& area, const Scene& scene) {
  Pane(canvas, area, scene).draw();
}

}  // namespace hcd::ui
