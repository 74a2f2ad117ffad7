#include "hcd/conf/load.h"

#include "tests/hcd/conf/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::conf;

namespace {

const std::string kTalk = R"(public_addr=81.81.81.81
webhost1=10.1.1.100
webhost2=10.1.1.101
table webhosts {
    real port http
    check http "/" code 200
    host $webhost1
    host $webhost2
}
service www {
    virtual host $public_addr port http interface trunk0
    table webhosts
}
)";

}  // namespace

TEST_GROUP(Load) {
  Fixture fixture;
};

TEST(Load, the_talks_example_means_what_the_talk_says) {
  const auto loaded = fixture.load(kTalk);
  if (!loaded) STRCMP_EQUAL("", loaded.error().text.c_str());
  const auto& config = loaded->config;
  CHECK_EQUAL(1U, config.tables.size());
  const auto& table = config.tables[0];
  STRCMP_EQUAL("webhosts", table.name.c_str());
  CHECK_EQUAL(80, table.port);
  CHECK(table.check.type == CheckType::HttpCode);
  CHECK(table.check.http.codes == (std::vector<CodeRange>{{200, 200}}));
  STRCMP_EQUAL("/", table.check.http.path.c_str());
  CHECK_EQUAL(2U, table.hosts.size());
  STRCMP_EQUAL("10.1.1.101", table.hosts[1].address.text().c_str());
  CHECK_EQUAL(1U, table.hosts[1].id);
  CHECK_EQUAL(1U, config.services.size());
  const auto& service = config.services[0];
  CHECK_EQUAL(1U, service.virtuals.size());
  STRCMP_EQUAL("81.81.81.81", service.virtuals[0].address.text().c_str());
  STRCMP_EQUAL("trunk0", service.virtuals[0].interface.c_str());
  CHECK_EQUAL(table.id, service.table);
  CHECK(service.backups.empty());
}

TEST(Load, a_missing_file_is_named_with_the_systems_reason) {
  STRCMP_EQUAL("absent.conf: cannot open: No such file or directory",
               conf::load({"absent.conf", {}, fixture.files, fixture.resolver}).error().text.c_str());
}

TEST(Load, a_macro_definition_needs_a_name_and_an_equals_sign) {
  Macros macros;
  CHECK(define_macro(macros, "a=b=c").has_value());
  STRCMP_EQUAL("b=c", macros["a"].c_str());
  for (const char* bad : {"ab", "=b", "a-b=c"})
    STRCMP_EQUAL(("'" + std::string(bad) + "' is not name=value with a name of letters, digits and '_'").c_str(),
                 define_macro(macros, bad).error().text.c_str());
}
