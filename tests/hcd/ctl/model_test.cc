#include "hcd/ctl/model.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ctl;

TEST_GROUP(Model) {
  static constexpr std::int64_t kMinute = 60'000;
  static constexpr std::uint32_t kEnd = 30'023'999;  // 2027-01-31 23:59

  std::string seen(std::int64_t before) {  // so many minutes before the end
    return certificate_text(kEnd, (kEnd - before) * kMinute);
  }
};

TEST(Model, when_a_certificate_ends_is_told_in_days) {
  STRCMP_EQUAL("certificate expires 2027-01-31 (in 62 days)", seen(62 * 1440 + 3).c_str());
  STRCMP_EQUAL("certificate expires 2027-01-31 (in 1 day)", seen(1440).c_str());
  STRCMP_EQUAL("certificate expires 2027-01-31 (in less than a day)", seen(1).c_str());
  STRCMP_EQUAL("certificate expired 2027-01-31 (less than a day ago)", seen(0).c_str());
  STRCMP_EQUAL("certificate expired 2027-01-31 (1 day ago)", seen(-1440).c_str());
  STRCMP_EQUAL("certificate expired 2027-01-31 (300 days ago)", seen(-300 * 1440).c_str());
}

TEST(Model, an_end_beyond_all_times_is_a_date_too) {
  STRCMP_EQUAL("certificate expires 10136-02-16 (in 2982616 days)", certificate_text(UINT32_MAX, 0).c_str());
  STRCMP_EQUAL("certificate expired 1970-01-01 (less than a day ago)", certificate_text(1, kMinute).c_str());
}
