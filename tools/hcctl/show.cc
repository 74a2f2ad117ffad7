#include "tools/hcctl/show.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "fastpath/base/text.h"
#include "hcd/ctl/open_metrics.h"
#include "tools/hcctl/render.h"
#include "tools/hcctl/render_checks.h"

namespace hcd::hcctl {
namespace {

using ctl::Snapshot;
using Names = std::vector<std::pair<std::string_view, std::string_view>>;

template <class... Row>
Names columns() {
  Names out;
  const auto add = [&](const auto& all) {
    for (const auto& field : all)
      if (std::ranges::find(out, field.name, &Names::value_type::first) == out.end())
        out.emplace_back(field.name, field.help);
  };
  (add(fields<Row>()), ...);
  out.emplace_back(kTypeField, "the kind of row");
  return out;
}

bool has_header(Verb verb) {
  return verb != Verb::ShowEvents && verb != Verb::ShowMetrics;
}

std::string events_text(const Snapshot& snapshot) {
  std::string out;
  for (const auto& event : snapshot.events) out += date_text(event.wall_ms) + " " + event_text(event) + "\n";
  return out;
}

std::string text_of(Verb verb, const Snapshot& snapshot, Columns order) {
  switch (verb) {
    case Verb::ShowHosts: return hosts(snapshot, order, SystemClock().wall_ms());
    case Verb::ShowServices: return services(snapshot, order);
    case Verb::ShowTables: return tables(snapshot, order);
    case Verb::ShowOverrides: return overrides(snapshot, order);
    case Verb::ShowEvents: return events_text(snapshot);
    case Verb::ShowMetrics: return ctl::metrics_text(snapshot, {.exposition = ctl::Exposition::Text});
    default: return summary(snapshot, order);
  }
}

template <class Row>
void add_all(Report& report, std::string_view type, std::string_view list, const std::vector<Row>& rows,
             const Index& index) {
  report.list(list);
  for (const auto& row : rows) report.add(type, list, row, index);
}

void add_rows(Report& report, Verb verb, const Snapshot& snapshot) {
  const Index index(snapshot);
  const bool all = verb == Verb::ShowSummary;
  report.note("generation", snapshot.header.vitals.generation);
  report.note("config_generation", snapshot.header.vitals.config_generation);
  if (all || verb == Verb::ShowServices) add_all(report, "service", "services", snapshot.services, index);
  if (all || verb == Verb::ShowTables) add_all(report, "table", "tables", snapshot.tables, index);
  if (all || verb == Verb::ShowHosts) add_all(report, "host", "hosts", snapshot.hosts, index);
  if (verb == Verb::ShowEvents) add_all(report, "event", "events", snapshot.events, index);
  if (verb == Verb::ShowOverrides) add_all(report, "override", "overrides", override_rows(snapshot), index);
}

// What there is none of: said in words, or as a list without rows.
Exit show_none(const Context& context, std::string_view list, const std::string& sentence) {
  if (!Report::wanted(context.style())) {
    print(context.output.out, sentence + "\n");
    return Exit::Done;
  }
  Report report(context.style(), context.output.out);
  report.list(list);
  report.end();
  return Exit::Done;
}

// No more than is printed: rows of ten thousand hosts are not had for nothing.
ctl::Scope scope_of(const Command& command, const Style& style) {
  switch (command.verb) {
    case Verb::ShowVersion: return {.rows = false};
    case Verb::ShowEvents: return {.rows = false, .events = command.events};
    case Verb::ShowOverrides: return {};
    case Verb::ShowMetrics: return ctl::kMetricsScope;
    default: return {.numbers = Report::wanted(style)};
  }
}

Exit show_version(const Context& context, const ctl::Header& header) {
  const Version version{.client = context.options.program + " " HCD_VERSION,
                        .daemon = context.welcome.daemon,
                        .protocol = context.welcome.version,
                        .read_only = context.welcome.read_only,
                        .header = header};
  if (Report::wanted(context.style())) {
    Report report(context.style(), context.output.out);
    report.add("version", "version", version, Index());
    report.end();
    return Exit::Done;
  }
  for (const auto& field : fields<Version>())
    print(context.output.out, fmt::format("{:<18} {}\n", field.name, cell(field.value(version, Index()))));
  return Exit::Done;
}

Json json_of(const ctl::TableLatency& table) {
  Json buckets = Json::array();
  for (const auto& bucket : table.buckets)
    buckets.push_back({{"below_ms", static_cast<double>(bucket.below_us) / 1000}, {"checks", bucket.count}});
  return {{"id", table.id},
          {"name", table.name},
          {"checks", table.count},
          {"p50_ms", static_cast<double>(table.p50_us) / 1000},
          {"p99_ms", static_cast<double>(table.p99_us) / 1000},
          {"histogram", std::move(buckets)}};
}

Json json_of(const ctl::HostChecks& host) {
  Json checks = Json::array(), changes = Json::array();
  for (const auto& check : host.checks)
    checks.push_back({{"time", time_value(check.wall_ms)},
                      {"latency_ms", static_cast<double>(check.latency_us) / 1000},
                      {"state", state_text(check.state)},
                      {"reason", ipc::reason_text(check.reason)},
                      {"code", check.code == 0 ? Json() : Json(check.code)}});
  for (const auto& change : host.changes)
    changes.push_back({{"time", time_value(change.wall_ms)},
                       {"from", state_text(change.from)},
                       {"to", state_text(change.to)},
                       {"reason", ipc::reason_text(change.reason)},
                       {"code", change.code == 0 ? Json() : Json(change.code)}});
  return {{"id", host.id}, {"name", host.name}, {"checks", std::move(checks)}, {"changes", std::move(changes)}};
}

// One after another, as long as the daemon has what was asked for.
Exit each_target(const Command& command, const Context& context, Report& report,
                 const std::function<Result<ctl::Answer>(const std::string& target)>& ask) {
  Result<ctl::Answer> answer;
  for (const auto& target : command.targets) {
    answer = ask(target);
    if (!answer || answer->verdict != ctl::Verdict::Done) break;
  }
  return conclude_rows(context, answer, report);
}

}  // namespace

Names columns_of(Verb verb) {
  switch (verb) {
    case Verb::ShowSummary: return columns<ctl::ServiceRow, ctl::TableRow, ctl::HostRow>();
    case Verb::ShowServices: return columns<ctl::ServiceRow>();
    case Verb::ShowTables: return columns<ctl::TableRow>();
    case Verb::ShowHosts: return columns<ctl::HostRow>();
    case Verb::ShowOverrides: return columns<OverrideRow>();
    case Verb::ShowVersion: return columns<Version>();
    case Verb::CheckNow: return columns<ctl::Checked>();
    case Verb::ShowEvents:
    case Verb::Monitor: return columns<ctl::Event>();
    default: return {};
  }
}

Status check_columns(const Style& style, Verb verb) {
  if (style.fields.empty()) return {};
  const auto known = columns_of(verb);
  if (known.empty()) return fail(Code::Invalid, "this command has no columns to choose from");
  for (const auto& name : style.fields) {
    if (std::ranges::find(known, name, &Names::value_type::first) != known.end()) continue;
    std::vector<std::string> names;
    for (const auto& column : known) names.emplace_back(column.first);
    return fail(Code::Invalid, "column \"" + printable(name) + "\" is not known; possible: " + join(names, ", "));
  }
  return {};
}

Exit show(const Command& command, const Context& context) {
  switch (command.verb) {
    case Verb::ShowRelays: return show_none(context, "relays", "no relays are configured");
    case Verb::ShowRoutes: return show_none(context, "routes", "no routers are configured");
    case Verb::ShowSinks: return show_none(context, "sinks", "no sinks are configured");
    case Verb::ShowSessions:
      return show_none(context, "sessions", "no relays are configured; hcpfctl -s states shows what services redirect");
    default: break;
  }
  const auto snapshot = context.client.show(scope_of(command, context.style()));
  if (!snapshot) return failed(context, snapshot.error());
  if (command.verb == Verb::ShowVersion) return show_version(context, snapshot->header);
  if (!Report::wanted(context.style())) {
    std::string text = text_of(command.verb, *snapshot, context.style().columns);
    if (!context.style().header && has_header(command.verb)) text.erase(0, text.find('\n') + 1);
    print(context.output.out, text);
    return Exit::Done;
  }
  Report report(context.style(), context.output.out);
  add_rows(report, command.verb, *snapshot);
  report.end();
  return Exit::Done;
}

Exit show_checks(const Command& command, const Context& context) {
  Report report(context.style(), context.output.out);
  report.list("tables");
  report.list("hosts");
  const auto each = [&](const ctl::Evidence& part) {
    if (!Report::wanted(context.style())) return print(context.output.out, checks(part, SystemClock().wall_ms()));
    for (const auto& table : part.tables) report.add("table", "tables", json_of(table));
    for (const auto& host : part.hosts) report.add("host", "hosts", json_of(host));
  };
  return each_target(command, context, report,
                     [&](const std::string& target) { return context.client.checks(target, each); });
}

Exit check_now(const Command& command, const Context& context) {
  Report report(context.style(), context.output.out);
  report.list("hosts");
  const auto each = [&](const ctl::Checked& part) {
    if (Report::wanted(context.style()))
      report.add("host", "hosts", part, Index());
    else
      print(context.output.out, checked_line(part));
    (void)report.flush();
  };
  return each_target(command, context, report,
                     [&](const std::string& target) { return context.client.check_now(target, each); });
}

Exit monitor(const Context& context) {
  if (const auto status = context.client.subscribe(); !status) return failed(context, status.error());
  Report report(context.style(), context.output.out);
  for (;;) {
    const auto update = context.client.next();
    if (!update) return failed(context, update.error());
    const auto* event = std::get_if<ctl::Event>(&*update);
    if (event == nullptr) continue;
    if (Report::wanted(context.style()))
      report.add("event", "events", *event, Index());
    else
      print(context.output.out, event_line(*event) + "\n");
    if (!report.flush()) return Exit::Failed;  // nobody reads any more
  }
}

}  // namespace hcd::hcctl
