#include "tests/hcd/pfe/director_fixture.h"

using namespace hcd;
using namespace hcd::pfe;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t kDay = 24 * 60;  // minutes

}  // namespace

TEST_GROUP_BASE(DirectorCertificates, test::DirectorFixture){
    pfe::Incoming over_tls(std::uint32_t generation,
                           std::optional<Seconds> expiry = std::nullopt){auto out = test::sample(generation);
out.tables[0].check.type = conf::CheckType::Tls;
out.tables[0].check.tls = conf::TlsCheck{.ca = {}, .name = {}, .sni = {}, .alpn = {}, .expiry = expiry};
return out;
}
void setup() override {
  test::DirectorFixture::setup();
  CHECK(director->configure(over_tls(2)).has_value());
  loop.run();
  events.clear();
}
void shows(conf::Id id, std::uint32_t ends) {
  director->record(ipc::HostCertificate{.host = id, .expires = ends});
  loop.run();
}
std::string said() {
  std::string out;
  for (const auto& event : std::exchange(events, {}))
    if (event.contains("certificate")) out += (out.empty() ? "" : "; ") + event;
  return out;
}
std::uint32_t now() {
  return static_cast<std::uint32_t>(std::chrono::floor<std::chrono::minutes>(loop.wall().time_since_epoch()).count());
}
ctl::HostRow row(std::size_t n) {
  return director->snapshot().hosts.at(n);
}
}
;

TEST(DirectorCertificates, each_host_shows_when_its_own_ends) {
  shows(0, now() + 62 * kDay);
  CHECK_EQUAL(now() + 62 * kDay, row(0).certificate);
  CHECK(!row(0).expiring);
  CHECK_EQUAL(0U, row(1).certificate);
  const auto evidence = director->checks({.target = "10.1.1.100"});
  CHECK_EQUAL(now() + 62 * kDay, evidence->hosts.at(0).certificate);
  STRCMP_EQUAL("", said().c_str());
}

TEST(DirectorCertificates, one_that_ends_soon_is_warned_of_once_a_day_and_its_successor_told_of) {
  const std::uint32_t end = now() + 3 * kDay;
  shows(0, end);
  CHECK(row(0).expiring);
  STRCMP_EQUAL("webhosts/10.1.1.100: certificate expires 1970-01-04 (in 3 days)", said().c_str());
  for (int i = 0; i < 23; i++) {
    loop.advance(1h);
    shows(0, end);
  }
  STRCMP_EQUAL("", said().c_str());
  loop.advance(1h);
  STRCMP_EQUAL("webhosts/10.1.1.100: certificate expires 1970-01-04 (in 2 days)", said().c_str());
  shows(0, now() + 100 * kDay);
  CHECK(!row(0).expiring);
  STRCMP_EQUAL("webhosts/10.1.1.100: another certificate expires 1970-04-12 (in 100 days)", said().c_str());
}

TEST(DirectorCertificates, an_end_that_comes_near_is_noticed_though_nothing_else_happens) {
  shows(1, now() + 15 * kDay);
  STRCMP_EQUAL("", said().c_str());
  rows.clear();
  loop.advance(24h);
  STRCMP_EQUAL("webhosts/10.1.1.101: certificate expires 1970-01-16 (in 14 days)", said().c_str());
  CHECK(row(1).expiring);
  CHECK(rows.size() == 1 && rows[0].hosts.size() == 1 && rows[0].hosts[0].expiring);
}

TEST(DirectorCertificates, the_check_says_how_soon_or_never) {
  CHECK(director->configure(over_tls(3, Seconds(0))).has_value());
  shows(0, now() + 1);
  STRCMP_EQUAL("", said().c_str());
  CHECK_EQUAL(now() + 1, row(0).certificate);
  CHECK(director->configure(over_tls(4, 24h * 90)).has_value());
  STRCMP_EQUAL("webhosts/10.1.1.100: certificate expires 1970-01-01 (in less than a day)", said().c_str());
  shows(1, now() + 89 * kDay);
  STRCMP_EQUAL("webhosts/10.1.1.101: certificate expires 1970-03-31 (in 89 days)", said().c_str());
}

TEST(DirectorCertificates, a_reload_neither_forgets_nor_repeats) {
  shows(0, now() + kDay);
  said();
  CHECK(director->configure(over_tls(3)).has_value());
  shows(0, now() + kDay);
  CHECK_EQUAL(now() + kDay, row(0).certificate);
  CHECK(row(0).expiring);
  STRCMP_EQUAL("", said().c_str());
}

TEST(DirectorCertificates, another_address_a_check_without_tls_or_a_host_switched_off_has_none) {
  shows(0, now() + 100 * kDay);
  shows(1, now() + 100 * kDay);
  auto moved = over_tls(3);
  moved.tables[0].hosts[0].address = test::address("10.1.1.102");
  CHECK(director->configure(moved).has_value());
  CHECK_EQUAL(0U, row(0).certificate);
  CHECK_EQUAL(now() + 100 * kDay, row(1).certificate);
  disable(ctl::Kind::Host, "webhosts/10.1.1.101");
  shows(1, now() + 100 * kDay);  // of a check that was in flight
  CHECK_EQUAL(0U, row(1).certificate);
  enable(ctl::Kind::Host, "webhosts/10.1.1.101");
  shows(1, now() + 99 * kDay);
  CHECK_EQUAL(now() + 99 * kDay, row(1).certificate);
  CHECK(director->configure(test::sample(4)).has_value());
  CHECK_EQUAL(0U, row(1).certificate);
  shows(1, now() + 99 * kDay);
  CHECK_EQUAL(0U, row(1).certificate);
}

TEST(DirectorCertificates, what_comes_before_the_first_configuration_is_kept_for_it) {
  start(std::make_unique<fastpath::MemoryEngine>());
  shows(1, now() + kDay);
  shows(4711, now() + kDay);
  STRCMP_EQUAL("", said().c_str());
  CHECK(director->configure(over_tls(1)).has_value());
  loop.run();
  CHECK_EQUAL(now() + kDay, row(1).certificate);
  STRCMP_EQUAL("webhosts/10.1.1.101: certificate expires 1970-01-02 (in 1 day)", said().c_str());
}
