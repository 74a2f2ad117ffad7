#include "hcd/metrics/exporter.h"

#include "fastpath/base/log.h"
#include "hcd/ctl/open_metrics.h"

namespace hcd::metrics {
namespace {

constexpr Seconds kFresh{1};

Page plain(int status, std::string text) {
  return {.status = status, .type = "text/plain; charset=utf-8", .body = std::move(text)};
}

}  // namespace

Page Exporter::answer(std::string_view target, std::string_view accept) {
  const auto mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  const std::string_view query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  if (path == "/") return plain(200, "The metrics of hcd are at /metrics; /metrics?level=table sums hosts up.\n");
  if (path != "/metrics") return plain(404, "The metrics of hcd are at /metrics.\n");
  if (!query.empty() && query != "level=table" && query != "level=host")
    return plain(400, "The query may be level=table or level=host.\n");
  look();
  const ctl::MetricsOptions options{.exposition = ctl::exposition_for(accept), .hosts = query != "level=table"};
  return {.status = 200,
          .type = std::string(ctl::content_type(options.exposition)),
          .body = snapshot_ ? ctl::metrics_text(*snapshot_, options) : ctl::metrics_without_daemon(options)};
}

void Exporter::look() {
  if (looked_ && clock_.now() - *looked_ < kFresh) return;
  const bool first = !looked_;
  auto snapshot = fetch_();
  looked_ = clock_.now();
  if (!snapshot && (first || snapshot_)) log::warning(snapshot.error().text);
  if (snapshot)
    snapshot_ = std::move(*snapshot);
  else
    snapshot_.reset();
}

}  // namespace hcd::metrics
