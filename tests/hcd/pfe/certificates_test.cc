#include "hcd/pfe/certificates.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::pfe;
using namespace std::chrono_literals;
using Word = Certificates::Word;

namespace {

constexpr std::uint32_t kDay = 24 * 60;  // minutes
constexpr std::uint32_t kNow = 20000 * kDay;

}  // namespace

TEST_GROUP(Certificates) {
  Certificates certificates;
  TimePoint now = TimePoint(1000h);
  std::int64_t wall = kNow;

  Word review(std::optional<Seconds> limit = 24h * 14) {
    return certificates.review(1, limit, now, wall);
  }
  Word shows(std::uint32_t ends) {
    certificates.show(1, ends);
    return review();
  }
  void pass(std::chrono::minutes time) {
    now += time;
    wall += time.count();
  }
};

TEST(Certificates, one_that_lasts_is_known_and_not_spoken_of) {
  CHECK(review() == Word::None);
  CHECK_EQUAL(0U, certificates.ends(1));
  CHECK(shows(kNow + 15 * kDay) == Word::None);
  CHECK_EQUAL(kNow + 15 * kDay, certificates.ends(1));
  CHECK(!certificates.ends_soon(1));
}

TEST(Certificates, one_that_comes_within_the_limit_is_warned_of_once_and_again_after_a_day) {
  CHECK(shows(kNow + 15 * kDay) == Word::None);
  pass(24h);
  CHECK(review() == Word::Warning);
  CHECK(certificates.ends_soon(1));
  CHECK(review() == Word::None);
  pass(23h + 59min);
  CHECK(shows(kNow + 15 * kDay) == Word::None);
  pass(1min);
  CHECK(review() == Word::Warning);
}

TEST(Certificates, one_that_has_ended_is_warned_of) {
  CHECK(shows(kNow - 1) == Word::Warning);
  certificates.show(2, 1);
  CHECK(certificates.review(2, 24h, now, wall) == Word::Warning);
}

TEST(Certificates, the_one_that_takes_its_place_is_told_of_once) {
  CHECK(shows(kNow + kDay) == Word::Warning);
  CHECK(shows(kNow + 90 * kDay) == Word::Replaced);
  CHECK(review() == Word::None);
  CHECK(!certificates.ends_soon(1));
  CHECK(shows(kNow + 91 * kDay) == Word::None);
}

TEST(Certificates, a_host_that_shows_now_one_now_another_fills_no_log) {
  CHECK(shows(kNow + kDay) == Word::Warning);
  CHECK(shows(kNow + 90 * kDay) == Word::Replaced);
  for (int i = 0; i < 100; i++) {
    CHECK(shows(kNow + kDay - static_cast<std::uint32_t>(i)) == Word::None);
    CHECK(certificates.ends_soon(1));
    CHECK(shows(kNow + 90 * kDay) == Word::None);
  }
}

TEST(Certificates, another_limit_is_no_other_certificate) {
  CHECK(shows(kNow + 10 * kDay) == Word::Warning);
  CHECK(review(24h) == Word::None);
  CHECK(review() == Word::None);
  pass(24h);
  CHECK(review() == Word::Warning);
  CHECK(review(std::nullopt) == Word::None);
  CHECK(!certificates.ends_soon(1));
}

TEST(Certificates, what_is_not_kept_is_forgotten) {
  CHECK(shows(kNow + kDay) == Word::Warning);
  certificates.show(2, kNow);
  certificates.prune([](conf::Id host) { return host == 2; });
  CHECK_EQUAL(1U, certificates.size());
  CHECK_EQUAL(0U, certificates.ends(1));
  certificates.forget(2);
  CHECK_EQUAL(0U, certificates.size());
}
