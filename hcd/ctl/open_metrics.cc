#include "hcd/ctl/open_metrics.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <unordered_map>
#include <vector>

#include "fastpath/base/text.h"

namespace hcd::ctl {
namespace {

struct Label {
  std::string_view name;
  std::string value;
};

std::string escaped(const std::string& value) {
  std::string out;
  for (const char c : printable(value, value.size())) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

std::string number_text(double value) {
  char out[32];
  std::snprintf(out, sizeof out, "%.15g", value);
  return out;
}

// "0.005", "1.0": OpenMetrics wants a point in it, and both formats say the same.
std::string bound_text(double value) {
  std::string out = number_text(value);
  return out.contains('.') ? out : out + ".0";
}

// Families of samples, one after another, each with its type and help before it.
class Writer {
 public:
  explicit Writer(Exposition exposition) : exposition_(exposition) {}

  void gauge(const std::string& name, std::string_view help) { family(name, "gauge", help, name); }
  void histogram(const std::string& name, std::string_view help) { family(name, "histogram", help, name); }
  // A counter's samples end in _total; its family does too in the older format alone.
  void counter(const std::string& name, std::string_view help) {
    family(exposition_ == Exposition::Text ? name + "_total" : name, "counter", help, name + "_total");
  }
  void info(const std::string& name, std::string_view help) {
    if (exposition_ == Exposition::Text) return family(name + "_info", "gauge", help, name + "_info");
    family(name, "info", help, name + "_info");
  }

  void sample(const std::vector<Label>& labels, const std::string& value, std::string_view suffix = {}) {
    out_ += sample_;
    out_ += suffix;
    for (const auto& label : labels) {
      out_ += &label == labels.data() ? '{' : ',';
      out_ += label.name;
      out_ += "=\"" + escaped(label.value) + '"';
    }
    out_ += (labels.empty() ? " " : "} ") + value + '\n';
  }
  void sample(const std::vector<Label>& labels, std::uint64_t value, std::string_view suffix = {}) {
    sample(labels, std::to_string(value), suffix);
  }

  [[nodiscard]] std::string take() {
    if (exposition_ == Exposition::OpenMetrics) out_ += "# EOF\n";
    return std::move(out_);
  }

 private:
  void family(const std::string& name, std::string_view type, std::string_view help, const std::string& sample) {
    out_ += "# HELP " + name + " " + std::string(help) + "\n# TYPE " + name + " " + std::string(type) + "\n";
    sample_ = sample;
  }

  Exposition exposition_;
  std::string sample_;  // the name of the family's samples
  std::string out_;
};

template <class Row>
std::unordered_map<Id, const Row*> by_id(const std::vector<Row>& rows) {
  std::unordered_map<Id, const Row*> out;
  for (const auto& row : rows) out[row.id] = &row;
  return out;
}

class Metrics {
 public:
  Metrics(const Snapshot& snapshot, const MetricsOptions& options)
      : snapshot_(snapshot), options_(options), out_(options.exposition) {
    for (const auto& table : snapshot.tables) tables_[table.id] = table.name;
  }

  [[nodiscard]] std::string take() {
    daemon();
    services();
    tables();
    checks();
    if (options_.hosts) hosts();
    return out_.take();
  }

 private:
  void daemon() {
    const auto& header = snapshot_.header;
    out_.gauge("hcd_up", "Whether the daemon answers.");
    out_.sample({}, 1U);
    out_.info("hcd_build", "The daemon's version.");
    out_.sample({{"version", header.version}, {"engine", header.engine}}, 1U);
    one("hcd_config_last_reload_successful", "Whether the last reload that was asked for came in force.",
        header.vitals.reload_refused ? 0 : 1);
    one("hcd_config_last_reload_success_timestamp_seconds", "When the configuration came in force.",
        static_cast<std::uint64_t>(std::max<std::int64_t>(header.vitals.config_since_ms, 0) / 1000));
    one("hcd_config_generation", "Of the configuration in force.", header.vitals.config_generation);
    one("hcd_datapath_in_sync", "Whether the engine has what it should.", header.vitals.in_sync ? 1 : 0);
    one("hcd_states", "Connections and flows there now.", header.vitals.states);
    if (header.vitals.states_limit > 0)
      one("hcd_states_limit", "The most that there can be.", header.vitals.states_limit);
  }

  void one(const std::string& name, std::string_view help, std::uint64_t value) {
    out_.gauge(name, help);
    out_.sample({}, value);
  }

  void services() {
    out_.gauge("hcd_service_up", "Whether the service has a table in force.");
    for (const auto& service : snapshot_.services)
      out_.sample({{"service", service.name}}, service.word >= ServiceWord::Backup ? 1U : 0U);
    const auto numbers = by_id(snapshot_.numbers.services);
    const auto each = [&](const auto& write) {
      for (const auto& service : snapshot_.services)
        if (const auto found = numbers.find(service.id); found != numbers.end())
          write(service.name, found->second->traffic);
    };
    out_.counter("hcd_service_connections", "Connections and flows made.");
    each([&](const std::string& name, const Traffic& traffic) { out_.sample({{"service", name}}, traffic.sessions); });
    out_.counter("hcd_service_packets", "Packets from clients (in) and to them (out).");
    each([&](const std::string& name, const Traffic& traffic) { both(name, traffic.packets_in, traffic.packets_out); });
    out_.counter("hcd_service_bytes", "Bytes of IP packets from clients (in) and to them (out).");
    each([&](const std::string& name, const Traffic& traffic) { both(name, traffic.bytes_in, traffic.bytes_out); });
  }

  void both(const std::string& service, std::uint64_t in, std::uint64_t out) {
    out_.sample({{"service", service}, {"direction", "in"}}, in);
    out_.sample({{"service", service}, {"direction", "out"}}, out);
  }

  void tables() {
    std::map<Id, std::map<HostWord, std::uint64_t>> counts;
    for (const auto& host : snapshot_.hosts) counts[host.table][host.word]++;
    out_.gauge("hcd_table_hosts", "Hosts by state.");
    for (const auto& table : snapshot_.tables)
      for (const auto word : {HostWord::Up, HostWord::Down, HostWord::Unknown, HostWord::Disabled})
        out_.sample({{"table", table.name}, {"state", std::string(word_text(word))}}, counts[table.id][word]);
    out_.histogram("hcd_host_check_duration_seconds", "How long checks took that passed.");
    for (const auto& table : snapshot_.durations) durations(tables_[table.id], table);
  }

  // Each bucket holds what the ones before it do.
  void durations(const std::string& name, const TableDurations& table) {
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < table.counts.size(); i++) {
      so_far += table.counts[i];
      const bool last = i == TableDurations::kMostUs.size();
      out_.sample({{"table", name}, {"le", last ? "+Inf" : bound_text(TableDurations::kMostUs[i] / 1e6)}}, so_far,
                  "_bucket");
    }
    out_.sample({{"table", name}}, number_text(static_cast<double>(table.sum_us) / 1e6), "_sum");
    out_.sample({{"table", name}}, so_far, "_count");
  }

  // Since a host was last enabled; by table, that of its hosts.
  void checks() {
    std::map<Id, std::pair<std::uint64_t, std::uint64_t>> sums;
    out_.counter("hcd_host_check", "Checks by their result.");
    const auto numbers = by_id(snapshot_.numbers.hosts);
    for (const auto& host : snapshot_.hosts) {
      const auto found = numbers.find(host.id);
      const std::uint64_t up = found == numbers.end() ? host.up : found->second->up;
      const std::uint64_t total = found == numbers.end() ? host.total : found->second->total;
      sums[host.table].first += up;
      sums[host.table].second += total - up;
      if (options_.hosts) results(labels(host), up, total - up);
    }
    if (options_.hosts) return;
    for (const auto& [table, sum] : sums) results({{"table", tables_[table]}}, sum.first, sum.second);
  }

  void results(std::vector<Label> labels, std::uint64_t passed, std::uint64_t failed) {
    labels.push_back({"result", "passed"});
    out_.sample(labels, passed);
    labels.back().value = "failed";
    out_.sample(labels, failed);
  }

  void hosts() {
    out_.gauge("hcd_host_up", "Whether the host passes its checks.");
    for (const auto& host : snapshot_.hosts) out_.sample(labels(host), host.word == HostWord::Up ? 1U : 0U);
    out_.gauge("hcd_host_admin_enabled", "Whether the host is neither disabled nor drained.");
    for (const auto& host : snapshot_.hosts)
      out_.sample(labels(host), host.word != HostWord::Disabled && !host.drained ? 1U : 0U);
    out_.gauge("hcd_host_last_transition_timestamp_seconds", "When its state changed last.");
    for (const auto& host : snapshot_.hosts)
      if (host.since_ms > 0) out_.sample(labels(host), static_cast<std::uint64_t>(host.since_ms / 1000));
    out_.counter("hcd_host_flaps", "How often the host was held down because its state changed too often.");
    for (const auto& host : snapshot_.hosts) out_.sample(labels(host), host.flapped);
  }

  std::vector<Label> labels(const HostRow& host) { return {{"table", tables_[host.table]}, {"host", host.name}}; }

  const Snapshot& snapshot_;
  const MetricsOptions& options_;
  Writer out_;
  std::unordered_map<Id, std::string> tables_;
};

}  // namespace

std::string_view content_type(Exposition exposition) {
  return exposition == Exposition::OpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                               : "text/plain; version=0.0.4; charset=utf-8";
}

Exposition exposition_for(std::string_view accept) {
  return accept.find("application/openmetrics-text") == std::string_view::npos ? Exposition::Text
                                                                               : Exposition::OpenMetrics;
}

std::string metrics_text(const Snapshot& snapshot, const MetricsOptions& options) {
  return Metrics(snapshot, options).take();
}

std::string metrics_without_daemon(const MetricsOptions& options) {
  Writer out(options.exposition);
  out.gauge("hcd_up", "Whether the daemon answers.");
  out.sample({}, 0U);
  return out.take();
}

}  // namespace hcd::ctl
