#include "tests/ui/stage.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <CppUTest/TestHarness.h>

namespace hcd::test {
namespace {

using ctl::HostWord;
using ctl::ServiceWord;
using ctl::TableWord;

constexpr std::int64_t kMinute = 60'000, kHour = 60 * kMinute, kDay = 24 * kHour;

ctl::ServiceRow service(conf::Id id, const char* name, const char* address, std::uint16_t port, ServiceWord word,
                        conf::Id table) {
  return {.id = id,
          .generation = 1,
          .name = name,
          .word = word,
          .virtuals = {{.address = *Address::parse(address), .port = port}},
          .table = table,
          .in_use = word == ServiceWord::Active ? std::optional(table) : std::nullopt};
}

ctl::TableRow table(conf::Id id, const char* name, TableWord word, std::uint32_t up, std::uint32_t hosts) {
  return {.id = id,
          .generation = 1,
          .name = name,
          .word = word,
          .up = up,
          .hosts = hosts,
          .port = 80,
          .check = conf::CheckType::HttpCode,
          .interval = Milliseconds(10'000),
          .timeout = Milliseconds(200)};
}

ctl::HostRow up(conf::Id id, conf::Id table, const char* address, std::int64_t age_ms) {
  return {.id = id,
          .table = table,
          .generation = 1,
          .name = address,
          .address = Address::parse(address).value_or(*Address::parse("192.0.2.61")),
          .word = HostWord::Up,
          .reason = ipc::Reason::HttpCodeOk,
          .detail = "200",
          .latency = Milliseconds(1),
          .up = 10'000,
          .total = 10'000,
          .since_ms = kNow - age_ms};
}

ctl::HostRow down(conf::Id id, conf::Id table, const char* address, std::int64_t age_ms) {
  auto row = up(id, table, address, age_ms);
  row.word = HostWord::Down;
  row.reason = ipc::Reason::TcpConnectFailed;
  row.detail = "ECONNREFUSED";
  row.up = 9'120;
  return row;
}

}  // namespace

Stage::Stage() {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  setenv("TZ", "UTC", 1);
  tzset();
  rows.services = {service(1, "www", "192.0.2.10", 80, ServiceWord::Active, 1),
                   service(2, "dns", "192.0.2.53", 53, ServiceWord::Active, 3),
                   service(3, "api", "192.0.2.20", 8443, ServiceWord::Backup, 4),
                   service(4, "smtp", "192.0.2.25", 25, ServiceWord::Down, 6)};
  rows.services[0].sessions = {.total = 123'456,
                               .last_minute = 610,
                               .last_hour = 31'000,
                               .last_day = 700'000,
                               .mean_minute = 590,
                               .mean_hour = 30'000,
                               .mean_day = 690'000};
  rows.services[1].mode = fastpath::Method::SourceHash;
  rows.services[2].backups = {5};
  rows.services[2].in_use = 5;
  rows.tables = {table(1, "web:80", TableWord::Active, 2, 5), table(3, "dns:53", TableWord::Active, 1, 1),
                 table(4, "api:8443", TableWord::Empty, 0, 1), table(5, "sorry:80", TableWord::Active, 1, 1),
                 table(6, "mx:25", TableWord::Empty, 0, 2)};
  rows.hosts = {up(11, 1, "10.0.0.11", 12 * kDay),
                down(12, 1, "10.0.0.12", 2 * kMinute + 2000),
                up(13, 1, "10.0.0.13", kHour),
                up(14, 1, "10.0.0.14", 3 * kDay),
                up(15, 1, "10.0.0.15", 5 * kDay),
                up(31, 3, "10.0.3.53", 40 * kMinute),
                down(41, 4, "10.0.1.21", 11'000),
                up(51, 5, "127.0.0.1", 12 * kDay),
                down(61, 6, "mx1.example.org", 3 * kMinute),
                down(62, 6, "mx2.example.org", 0)};
}

Stage::~Stage() {
  std::setlocale(LC_CTYPE, "C");
}

ctl::HostRow& Stage::host(const std::string& name) {
  return *std::ranges::find(rows.hosts, name, &ctl::HostRow::name);
}

void Stage::tell_site() {
  host("10.0.0.13").drained = true;
  host("10.0.0.13").override = ctl::Override{.drained = ctl::Wish<bool>{.value = true,
                                                                        .note = {.by = "alice (uid 1000, pid 4411)",
                                                                                 .reason = "kernel 6.18",
                                                                                 .since_ms = kNow - kHour,
                                                                                 .until_ms = kNow + kHour}}};
  host("10.0.0.15").word = HostWord::Disabled;
  host("10.0.1.21").flaps = 4;
  host("10.0.0.14").weight = 3;
  auto& nameless = host("mx2.example.org");
  nameless.word = HostWord::Unknown;
  nameless.address = {};
  nameless.lookup = "timeout, no answer yet";
  nameless.up = nameless.total = 0;
  nameless.since_ms = 0;
  ctl::Header header{.version = "0.9.0",
                     .hostname = "lb1",
                     .pid = 812,
                     .anchor = "hcd",
                     .engine = "bpf (tc)",
                     .started_ms = kNow - 12 * kDay - 4 * kHour - 11 * kMinute};
  header.vitals.config_generation = 42;
  tell(ctl::Begin{.header = header});
  tell(rows);
  tell(ctl::End{});
  tell_numbers(header.vitals);
  checks("10.0.0.11", ".--..---...-..--..--....-.");
  checks("10.0.0.12", "..-..--..-.--..x--xxxxxxxxx");
  checks("10.0.0.13", "..........");
  checks("10.0.0.14", "-.-.-..-.---.....");
  checks("10.0.3.53", "..........");
  checks("10.0.1.21", ".-x..x.-x..x...x.x");
  checks("127.0.0.1", "....................................................................");
  checks("mx1.example.org", "xxxxxxxxxxxxxxxxxxxx");
  event(191, ctl::EventKind::Config, "#41->#42", "+1 host, by root, 14 ms");
  event(180, ctl::EventKind::Host, "mx:25/mx1.example.org", "up -> down, tcp connect failed (ECONNREFUSED)");
  event(161, ctl::EventKind::Admin, "web:80/10.0.0.13", "drained by alice (uid 1000, pid 4411): kernel 6.18");
  event(122, ctl::EventKind::Host, "web:80/10.0.0.12", "up -> down, tcp connect failed (ECONNREFUSED)");
  event(11, ctl::EventKind::Host, "api:8443/10.0.1.21", "up -> down, http code mismatch (503)");
  desk.link = {.state = ui::Link::State::Live, .heard_ms = kNow, .retry_ms = 0, .error = {}};
  desk.events_read = 2;
}

// A minute of traffic that comes and goes.
void Stage::tell_numbers(ctl::Vitals vitals) {
  vitals.states_limit = 1'000'000;
  vitals.checks_per_s = 46;
  for (std::uint32_t i = 0; i < 60; i++) {
    const std::uint32_t wave = i % 20 < 10 ? i % 20 : 20 - i % 20;
    vitals.states = 91'000 + 40 * i;
    vitals.traffic = {.sessions_per_s = 900 + 60 * wave,
                      .packets_per_s = 400'000 + 1'200 * wave,
                      .bytes_per_s = 300'000'000 + 9'000'000 * wave};
    tell(vitals);
  }
  const auto traffic = [](std::uint32_t states, std::uint32_t per_s) {
    return ctl::Traffic{
        .states = states, .sessions_per_s = per_s, .packets_per_s = 40 * per_s, .bytes_per_s = 30'000 * per_s};
  };
  ctl::Numbers numbers{.wall_ms = now};
  numbers.services = {{1, traffic(3'112, 610)}, {2, traffic(88'000, 540)}, {3, traffic(420, 58)}, {4, traffic(0, 0)}};
  numbers.tables = {
      {1, traffic(3'112, 610), 1'200, 2'400}, {3, traffic(88'000, 540), 300, 500}, {5, traffic(420, 58), 900, 1'100}};
  for (const auto& row : rows.hosts) {
    if (row.word != HostWord::Up) continue;
    const std::uint32_t part = row.drained ? 5 : 100;
    numbers.hosts.push_back({.id = row.id,
                             .traffic = traffic(14 * part, 3 * part),
                             .up = row.up,
                             .total = row.total,
                             .latency_us = 1'200,
                             .availability = {.hour = 10'000, .day = 9'993}});
  }
  tell(numbers);
}

void Stage::checks(const std::string& name, std::string_view results) {
  ctl::Beats beats{.wall_ms = now};
  for (const char result : results)
    beats.beats.push_back({.host = host(name).id,
                           .latency_us = result == '-' ? 9'000U : 1'000U,
                           .reason = result == 'x' ? ipc::Reason::TcpConnectFailed : ipc::Reason::HttpCodeOk});
  tell(beats);
}

void Stage::event(std::int64_t seconds_ago, ctl::EventKind kind, std::string subject, std::string text) {
  tell(ctl::Event{.wall_ms = now - seconds_ago * 1000,
                  .kind = kind,
                  .subject = std::move(subject),
                  .text = std::move(text),
                  .number = ++events});
}

std::string Stage::frame(int width, int height, ui::Symbols symbols) {
  return draw(desk, width, height, ui::glyphs(symbols), now).text();
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = "tests/ui/golden/" + name + ".txt";
  if (std::getenv("HCD_UPDATE") != nullptr) std::ofstream(path) << text;
  std::ostringstream expected;
  expected << std::ifstream(path).rdbuf();
  STRCMP_EQUAL_TEXT(expected.str().c_str(), text.c_str(), path.c_str());
}

}  // namespace hcd::test
