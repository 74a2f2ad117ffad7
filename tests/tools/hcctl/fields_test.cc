#include "tools/hcctl/fields.h"

#include <set>

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcctl;

TEST_GROUP(HcctlFields){template <class Row> static void have_their_names_once(){std::set<std::string_view> names;
for (const auto& field : fields<Row>()) {
  CHECK(!field.help.empty());
  CHECK(names.insert(field.name).second);
}
}
}
;

TEST(HcctlFields, no_row_has_two_of_a_name) {
  have_their_names_once<ctl::ServiceRow>();
  have_their_names_once<ctl::TableRow>();
  have_their_names_once<ctl::HostRow>();
  have_their_names_once<ctl::Event>();
  have_their_names_once<ctl::Checked>();
  have_their_names_once<OverrideRow>();
  have_their_names_once<Version>();
}

TEST(HcctlFields, a_cell_is_one_safe_word_or_phrase) {
  STRCMP_EQUAL("-", cell(Json()).c_str());
  STRCMP_EQUAL("-", cell(Json("")).c_str());
  STRCMP_EQUAL("-", cell(Json::array()).c_str());
  STRCMP_EQUAL("yes", cell(Json(true)).c_str());
  STRCMP_EQUAL("0.31", cell(Json(0.31)).c_str());
  STRCMP_EQUAL("a\\x09b,-,7", cell(Json::array({"a\tb", nullptr, 7})).c_str());
}

TEST(HcctlFields, a_time_is_utcs_and_none_is_null) {
  STRCMP_EQUAL("2026-11-30T23:59:00.101Z", time_value(1796083140101).get<std::string>().c_str());
  CHECK(time_value(0).is_null());
}

TEST(HcctlFields, bytes_that_are_no_text_are_replaced) {
  STRCMP_EQUAL("\"\xef\xbf\xbd\"\n", dump(Json("\xff"), -1).c_str());
}
