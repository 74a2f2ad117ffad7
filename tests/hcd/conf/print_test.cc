#include "hcd/conf/print.h"

#include "tests/hcd/conf/generate.h"
#include "tests/hcd/conf/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::conf;

TEST_GROUP(Print) {
  Fixture fixture;
};

TEST(Print, generated_configurations_read_back_equal) {
  for (std::uint32_t seed = 1; seed <= 150; seed++) {
    const auto text = Generator(seed).text();
    const auto loaded = fixture.load(text);
    STRCMP_EQUAL_TEXT("", loaded ? "" : loaded.error().text.c_str(), text.c_str());
    const auto printed = print(loaded->config);
    const auto again = fixture.load(printed);
    STRCMP_EQUAL_TEXT("", again ? "" : again.error().text.c_str(), printed.c_str());
    CHECK_TEXT(again->config == loaded->config, (text + "\nprinted as\n" + printed).c_str());
    STRCMP_EQUAL(printed.c_str(), print(again->config).c_str());
  }
}

TEST(Print, quotes_and_backslashes_in_a_path_are_escaped) {
  Check check;
  check.type = CheckType::HttpCode;
  check.http.path = R"(/"a\b)";
  check.http.codes = {{200, 200}};
  STRCMP_EQUAL(R"(http "/\"a\\b" code 200)", check_text(check).c_str());
}

TEST(Print, a_table_declared_between_two_services_stays_between_them) {
  const auto text =
      "table a {\ncheck tcp\nhost 10.0.0.1\n}\nservice s {\nvirtual host 192.0.2.1 port 80\ntable a\n}\n"
      "table b {\ncheck tcp\nhost 10.0.0.1\n}\n";
  const auto printed = print(fixture.load(text)->config);
  CHECK(printed.find("table a {") < printed.find("service s {"));
  CHECK(printed.find("service s {") < printed.find("table b {"));
}
