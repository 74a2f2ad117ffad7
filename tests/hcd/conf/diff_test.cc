#include "hcd/conf/diff.h"

#include "tests/hcd/conf/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::conf;

namespace {

const std::string kBase = R"(table webhosts {
    real port 80
    check tcp
    host 10.0.0.1
    host 10.0.0.2
}
table spare {
    check icmp
    host 10.0.0.9
}
service www {
    virtual host 192.0.2.1 port 80
    table webhosts
    backup table spare
}
)";

}  // namespace

TEST_GROUP(Diff) {
  Fixture fixture;

  // What changes when `old` in the base becomes `now`.
  std::string change(const std::string& old, const std::string& now) {
    auto text = kBase;
    CHECK(text.contains(old));
    text.replace(text.find(old), old.size(), now);
    const auto before = fixture.load(kBase);
    const auto after = fixture.load(text);
    STRCMP_EQUAL("", after ? "" : after.error().text.c_str());
    return diff_text(before->config, after->config);
  }
};

TEST(Diff, the_same_file_has_no_changes) {
  STRCMP_EQUAL("no changes", change("check", "check").c_str());
}

TEST(Diff, a_host_that_came) {
  STRCMP_EQUAL("+1 host 10.0.0.3 in table webhosts", change("host 10.0.0.2", "host 10.0.0.2\nhost 10.0.0.3").c_str());
}

TEST(Diff, a_host_that_went) {
  STRCMP_EQUAL("-1 host 10.0.0.2 in table webhosts", change("host 10.0.0.2", "").c_str());
}

TEST(Diff, a_host_that_changed_names_what) {
  STRCMP_EQUAL("~ host 10.0.0.2 in table webhosts: retry, weight",
               change("host 10.0.0.2", "host 10.0.0.2 retry 1 weight 5").c_str());
}

TEST(Diff, a_table_that_changed_names_what) {
  STRCMP_EQUAL("~ table webhosts: check, timeout", change("check tcp", "check icmp\ntimeout 100").c_str());
}

TEST(Diff, an_order_of_hosts_is_no_change) {
  STRCMP_EQUAL("no changes", change("host 10.0.0.1\n    host 10.0.0.2", "host 10.0.0.2\nhost 10.0.0.1").c_str());
}

TEST(Diff, a_service_that_changed_names_what) {
  STRCMP_EQUAL("~ service www: tag, mode, session timeout",
               change("backup", "tag A\nmode source-hash\nsession timeout 5\nbackup").c_str());
}

TEST(Diff, a_backup_that_went_takes_its_instance_with_it) {
  STRCMP_EQUAL("-1 table spare:80 (1 host)\n~ service www: backup table", change("backup table spare", "").c_str());
}

TEST(Diff, a_service_and_its_table_that_came) {
  STRCMP_EQUAL(
      "+1 table spare:81 (1 host)\n+1 service new",
      change("service www", "service new {\nvirtual host 192.0.2.1 port 81\ntable spare\n}\nservice www").c_str());
}

TEST(Diff, a_service_renamed_went_and_came) {
  STRCMP_EQUAL("-1 service www\n+1 service web", change("service www", "service web").c_str());
}

TEST(Diff, global_options_that_changed) {
  STRCMP_EQUAL("~ global: interval, log\n~ table webhosts: interval\n~ table spare:80: interval",
               change("table webhosts", "interval 20\nlog all\ntable webhosts").c_str());
}
