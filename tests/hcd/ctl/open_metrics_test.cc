#include "hcd/ctl/open_metrics.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ctl;

TEST_GROUP(OpenMetrics) {
  Snapshot snapshot{
      .header = {.version = "9",
                 .engine = "bpf (tc)",
                 .vitals = {.config_generation = 42, .config_since_ms = 1796083000500, .states = 12}},
      .services = {{.id = 1, .name = "www", .word = ServiceWord::Backup}},
      .tables = {{.id = 2, .name = "web:80"}},
      .hosts = {{.id = 3, .table = 2, .name = "10.0.0.1", .word = HostWord::Up, .since_ms = 1796083140101},
                {.id = 4,
                 .table = 2,
                 .name = "10.0.0.2",
                 .word = HostWord::Up,
                 .up = 1,
                 .total = 4,
                 .drained = true,
                 .flapped = 3}},
      .numbers = {.services = {{1, {.sessions = 5, .packets_in = 6, .packets_out = 7, .bytes_in = 8, .bytes_out = 9}}},
                  .hosts = {{.id = 3, .up = 10, .total = 12}}},
      .durations = {{.id = 2, .counts = {0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, .sum_us = 12345678}}};
};

TEST(OpenMetrics, the_older_format_names_families_as_their_samples) {
  STRCMP_EQUAL(
      "# HELP hcd_up Whether the daemon answers.\n"
      "# TYPE hcd_up gauge\n"
      "hcd_up 1\n"
      "# HELP hcd_build_info The daemon's version.\n"
      "# TYPE hcd_build_info gauge\n"
      "hcd_build_info{version=\"9\",engine=\"bpf (tc)\"} 1\n"
      "# HELP hcd_config_last_reload_successful Whether the last reload that was asked for came in force.\n"
      "# TYPE hcd_config_last_reload_successful gauge\n"
      "hcd_config_last_reload_successful 1\n"
      "# HELP hcd_config_last_reload_success_timestamp_seconds When the configuration came in force.\n"
      "# TYPE hcd_config_last_reload_success_timestamp_seconds gauge\n"
      "hcd_config_last_reload_success_timestamp_seconds 1796083000\n"
      "# HELP hcd_config_generation Of the configuration in force.\n"
      "# TYPE hcd_config_generation gauge\n"
      "hcd_config_generation 42\n"
      "# HELP hcd_datapath_in_sync Whether the engine has what it should.\n"
      "# TYPE hcd_datapath_in_sync gauge\n"
      "hcd_datapath_in_sync 1\n"
      "# HELP hcd_states Connections and flows there now.\n"
      "# TYPE hcd_states gauge\n"
      "hcd_states 12\n"
      "# HELP hcd_service_up Whether the service has a table in force.\n"
      "# TYPE hcd_service_up gauge\n"
      "hcd_service_up{service=\"www\"} 1\n"
      "# HELP hcd_service_connections_total Connections and flows made.\n"
      "# TYPE hcd_service_connections_total counter\n"
      "hcd_service_connections_total{service=\"www\"} 5\n"
      "# HELP hcd_service_packets_total Packets from clients (in) and to them (out).\n"
      "# TYPE hcd_service_packets_total counter\n"
      "hcd_service_packets_total{service=\"www\",direction=\"in\"} 6\n"
      "hcd_service_packets_total{service=\"www\",direction=\"out\"} 7\n"
      "# HELP hcd_service_bytes_total Bytes of IP packets from clients (in) and to them (out).\n"
      "# TYPE hcd_service_bytes_total counter\n"
      "hcd_service_bytes_total{service=\"www\",direction=\"in\"} 8\n"
      "hcd_service_bytes_total{service=\"www\",direction=\"out\"} 9\n"
      "# HELP hcd_table_hosts Hosts by state.\n"
      "# TYPE hcd_table_hosts gauge\n"
      "hcd_table_hosts{table=\"web:80\",state=\"up\"} 2\n"
      "hcd_table_hosts{table=\"web:80\",state=\"down\"} 0\n"
      "hcd_table_hosts{table=\"web:80\",state=\"unknown\"} 0\n"
      "hcd_table_hosts{table=\"web:80\",state=\"disabled\"} 0\n"
      "# HELP hcd_host_check_duration_seconds How long checks took that passed.\n"
      "# TYPE hcd_host_check_duration_seconds histogram\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"0.0001\"} 0\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"0.00025\"} 0\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"0.0005\"} 2\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"0.001\"} 3\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"0.0025\"} 3\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"0.005\"} 3\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"0.01\"} 3\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"0.025\"} 3\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"0.05\"} 3\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"0.1\"} 3\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"0.25\"} 3\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"0.5\"} 3\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"1.0\"} 3\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"2.5\"} 3\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"5.0\"} 3\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"10.0\"} 3\n"
      "hcd_host_check_duration_seconds_bucket{table=\"web:80\",le=\"+Inf\"} 4\n"
      "hcd_host_check_duration_seconds_sum{table=\"web:80\"} 12.345678\n"
      "hcd_host_check_duration_seconds_count{table=\"web:80\"} 4\n"
      "# HELP hcd_host_check_total Checks by their result.\n"
      "# TYPE hcd_host_check_total counter\n"
      "hcd_host_check_total{table=\"web:80\",host=\"10.0.0.1\",result=\"passed\"} 10\n"
      "hcd_host_check_total{table=\"web:80\",host=\"10.0.0.1\",result=\"failed\"} 2\n"
      "hcd_host_check_total{table=\"web:80\",host=\"10.0.0.2\",result=\"passed\"} 1\n"
      "hcd_host_check_total{table=\"web:80\",host=\"10.0.0.2\",result=\"failed\"} 3\n"
      "# HELP hcd_host_up Whether the host passes its checks.\n"
      "# TYPE hcd_host_up gauge\n"
      "hcd_host_up{table=\"web:80\",host=\"10.0.0.1\"} 1\n"
      "hcd_host_up{table=\"web:80\",host=\"10.0.0.2\"} 1\n"
      "# HELP hcd_host_admin_enabled Whether the host is neither disabled nor drained.\n"
      "# TYPE hcd_host_admin_enabled gauge\n"
      "hcd_host_admin_enabled{table=\"web:80\",host=\"10.0.0.1\"} 1\n"
      "hcd_host_admin_enabled{table=\"web:80\",host=\"10.0.0.2\"} 0\n"
      "# HELP hcd_host_last_transition_timestamp_seconds When its state changed last.\n"
      "# TYPE hcd_host_last_transition_timestamp_seconds gauge\n"
      "hcd_host_last_transition_timestamp_seconds{table=\"web:80\",host=\"10.0.0.1\"} 1796083140\n"
      "# HELP hcd_host_flaps_total How often the host was held down because its state changed too often.\n"
      "# TYPE hcd_host_flaps_total counter\n"
      "hcd_host_flaps_total{table=\"web:80\",host=\"10.0.0.1\"} 0\n"
      "hcd_host_flaps_total{table=\"web:80\",host=\"10.0.0.2\"} 3\n",
      metrics_text(snapshot, {.exposition = Exposition::Text}).c_str());
}

TEST(OpenMetrics, the_newer_one_names_counters_without_their_suffix_and_ends) {
  const std::string text = metrics_text(snapshot, {});
  STRCMP_CONTAINS("# TYPE hcd_build info\nhcd_build_info{", text.c_str());
  STRCMP_CONTAINS("# TYPE hcd_host_check counter\nhcd_host_check_total{", text.c_str());
  CHECK(text.ends_with("\n# EOF\n"));
}

TEST(OpenMetrics, a_reload_that_was_refused_is_told) {
  snapshot.header.vitals.reload_refused = true;
  STRCMP_CONTAINS("\nhcd_config_last_reload_successful 0\n", metrics_text(snapshot, {}).c_str());
}

TEST(OpenMetrics, by_table_no_host_has_a_series_of_its_own) {
  const std::string text = metrics_text(snapshot, {.hosts = false});
  CHECK(!text.contains("host="));
  STRCMP_CONTAINS(
      "hcd_host_check_total{table=\"web:80\",result=\"passed\"} 11\n"
      "hcd_host_check_total{table=\"web:80\",result=\"failed\"} 5\n",
      text.c_str());
}

TEST(OpenMetrics, a_label_cannot_end_before_its_end) {
  snapshot.services[0].name = "w\"\\\n";
  STRCMP_CONTAINS("hcd_service_up{service=\"w\\\"\\\\\\\\x0a\"} 1\n", metrics_text(snapshot, {}).c_str());
}
