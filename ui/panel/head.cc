// The first lines: whose daemon, how fresh what is shown is, how many of everything are well, what was chosen to be seen.
#include "ui/model/elapsed.h"
#include "ui/panel/format.h"
#include "ui/panel/graph.h"
#include "ui/panel/pen.h"
#include "ui/panel/screen.h"

namespace hcd::ui {
namespace {

std::string in_seconds(std::int64_t ms) {
  return std::to_string((std::max<std::int64_t>(ms, 0) + 999) / 1000) + "s";
}

std::string interval_text(std::int64_t ms) {
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + "s" : std::to_string(ms) + "ms";
}

struct Words {
  std::string text;
  Role role;
};

Words liveness(const Scene& scene) {
  const Link& link = scene.desk.link;
  if (link.replayed) return {"REPLAY", Role::Warn};
  switch (link.state) {
    case Link::State::Live: break;
    case Link::State::Connecting:
      if (link.heard_ms == 0) return {"CONNECTING", Role::Warn};
      [[fallthrough]];
    case Link::State::Lost: {
      std::string text = link.heard_ms == 0 ? "NO DAEMON" : "STALE " + long_age(scene.now_ms - link.heard_ms);
      if (!link.error.empty()) text += " - " + link.error;
      if (link.retry_ms > scene.now_ms) text += ", retry " + in_seconds(link.retry_ms - scene.now_ms);
      return {text, Role::Bad};
    }
  }
  if (scene.desk.held) return {"PAUSED", Role::Warn};
  return {"LIVE " + interval_text(scene.desk.interval_ms), Role::Good};
}

void draw_identity(Canvas& canvas, const Area& area, const Scene& scene) {
  const auto& header = scene.desk.shown().header();
  const Words live = liveness(scene);
  const std::string clock = area.width >= 60 ? clock_text(scene.now_ms, area.width >= 76) : "";
  const std::string access = scene.desk.link.read_only ? "ro" : "rw";
  int x = area.width;
  const auto from_right = [&](const std::string& text, Role role) {
    if (text.empty()) return;
    const int wide = std::min(columns(safe(text)), std::max(0, x - 8));
    x -= wide;
    canvas.put(x, area.y, text, role, wide);
    x -= 2;
  };
  from_right(clock, Role::Dim);
  from_right(access, scene.desk.link.read_only ? Role::Warn : Role::Dim);
  from_right(live.text, live.role);
  Pen pen(canvas, 0, area.y, x);
  pen.fit("hctop", Role::Bar, 0);
  if (!scene.desk.shown().whole()) return;
  pen.fit(header.hostname, Role::Strong, 1);
  pen.fit("hcd " + header.version, Role::Text);
  const auto& vitals = header.vitals;
  if (!vitals.checking) pen.fit("NO CHECKS", Role::Bad);
  if (!vitals.in_sync && !pen.fit("NO SYNC: " + vitals.fault, Role::Bad)) pen.fit("NO SYNC", Role::Bad);
  if (header.started_ms != 0) pen.fit("up " + long_age(elapsed(scene.now_ms, header.started_ms)), Role::Dim);
  if (vitals.confirm_until_ms > scene.now_ms)
    pen.fit("cfg#" + std::to_string(vitals.config_generation) + " to be confirmed within " +
                in_seconds(elapsed(vitals.confirm_until_ms, scene.now_ms)),
            Role::Warn);
  else
    pen.fit("cfg#" + std::to_string(vitals.config_generation), Role::Dim);
  if (vitals.reload_refused) pen.fit("RELOAD REFUSED", Role::Warn);
  pen.fit(header.engine + (vitals.in_sync && area.width >= 120 ? " in sync" : ""), Role::Dim);
}

// "3.1G": bits a second.
std::string bits(std::uint64_t bytes) {
  return ctl::count_text(bytes * 8) + "b/s";
}

void draw_rates(Pen& pen, const ctl::Vitals& vitals) {
  const auto& traffic = vitals.traffic;
  pen.fit(ctl::count_text(traffic.sessions_per_s) + " conn/s", Role::Text);
  if (vitals.states_limit > 0) {
    const bool full = vitals.states * 10 > vitals.states_limit * 9;
    pen.fit(ctl::count_text(vitals.states) + " states", full ? Role::Bad : Role::Text);
  }
  pen.fit(ctl::count_text(traffic.packets_per_s) + "pps", Role::Text);
  pen.fit(bits(traffic.bytes_per_s), Role::Text);
  pen.fit(ctl::count_text(vitals.checks_per_s) + " checks/s", Role::Dim);
}

void draw_graphs(Canvas& canvas, const Area& area, int y, const Scene& scene) {
  const Mirror& mirror = scene.desk.shown();
  const auto& traffic = mirror.vitals().traffic;
  const int width = std::min<int>(Series::kSize / 2, (area.width - 40) / 2);
  const auto graph = [&](int x, std::string_view what, const Series& series, const std::string& now) {
    x = canvas.put(x, y, what, Role::Dim) + 1;
    draw_series(canvas, x, y, width, series, scene.glyphs);
    canvas.put(x + width + 1, y, now, Role::Text);
  };
  graph(area.x, "conn/s", mirror.sessions_per_s(), ctl::count_text(traffic.sessions_per_s));
  graph(area.x + area.width / 2, "bits/s", mirror.bits_per_s(), ctl::count_text(traffic.bytes_per_s * 8));
}

// "hosts 41/46 up": green when all are, red when none is.
void draw_share(Pen& pen, std::string_view what, std::size_t up, std::size_t all, int gap) {
  const std::string text = std::to_string(up) + "/" + std::to_string(all);
  if (all == 0 || pen.left() < static_cast<int>(what.size() + text.size()) + gap + 1) return;
  pen.skip(gap).put(what, Role::Dim).skip(1);
  pen.put(text, up == all ? Role::Good : up == 0 ? Role::Bad : Role::Warn);
}

void draw_counts(Canvas& canvas, const Area& area, int y, const Scene& scene) {
  const Mirror& mirror = scene.desk.shown();
  const bool wide = area.width >= 100;
  Pen pen(canvas, 0, y, area.width);
  std::size_t services = 0, tables = 0;
  for (const auto& [id, service] : mirror.services()) services += service.row.word >= ctl::ServiceWord::Backup;
  for (const auto& [id, table] : mirror.tables()) tables += table.row.word == ctl::TableWord::Active;
  const Counts& hosts = mirror.hosts_counted();
  draw_share(pen, wide ? "services" : "svc", services, mirror.services().size(), 0);
  draw_share(pen, wide ? "tables" : "tbl", tables, mirror.tables().size(), 2);
  draw_share(pen, wide ? "hosts" : "host", hosts.up, hosts.all, 2);
  const auto some = [&](std::uint32_t count, const char* what, Role role) {
    if (count > 0) pen.fit(std::to_string(count) + " " + what, role);
  };
  some(hosts.down, "down", Role::Bad);
  some(hosts.unknown, "unknown", Role::Warn);
  some(hosts.drained, "draining", Role::Drain);
  some(hosts.off, "off", Role::Off);
  draw_rates(pen, mirror.vitals());
}

void draw_choice(Canvas& canvas, const Area& area, int y, const Scene& scene) {
  const Desk& desk = scene.desk;
  Pen pen(canvas, 0, y, area.width);
  if (area.width >= 76) {
    for (std::size_t i = 0; i < kViews; i++) {
      const auto view = static_cast<View>(i);
      const bool here = view == desk.choice.view;
      pen.skip(i == 0 ? 0 : 1).put(std::to_string(i + 1), here ? Role::Key : Role::Dim);
      pen.put(view_text(view), here ? Role::Strong : Role::Dim);
    }
  } else {
    pen.put(view_text(desk.choice.view), Role::Strong);
  }
  std::string sort = std::string(sort_text(desk.choice.sort));
  if (desk.choice.reverse) sort += " reversed";
  if (!desk.marks.empty()) pen.fit(std::to_string(desk.marks.size()) + " marked", Role::Mark);
  if (desk.choice.problems) pen.fit("problems alone", Role::Warn);
  if (!desk.choice.filter.empty()) pen.fit("filter: " + desk.choice.filter.text(), Role::Warn);
  if (desk.choice.frozen) pen.fit("frozen", Role::Warn);
  pen.fit("by " + sort, Role::Dim);
}

}  // namespace

void draw_head(Canvas& canvas, const Area& area, const Scene& scene) {
  draw_identity(canvas, area, scene);
  if (area.height >= 2) draw_counts(canvas, area, area.y + 1, scene);
  if (area.height >= 4) draw_graphs(canvas, area, area.y + 2, scene);
  if (area.height >= 3) draw_choice(canvas, area, area.y + area.height - 1, scene);
}

}  // namespace hcd::ui
