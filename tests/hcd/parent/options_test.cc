#include "hcd/parent/options.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::parent;

namespace {

Options parsed(const std::vector<std::string>& arguments) {
  const auto options = parse_options(arguments);
  CHECK(options.has_value());
  return *options;
}

void refused(const std::vector<std::string>& arguments, const char* why) {
  const auto options = parse_options(arguments);
  CHECK(!options.has_value());
  STRCMP_EQUAL(why, options.error().text.c_str());
}

}  // namespace

TEST_GROUP(Options){};

TEST(Options, the_name_decides_on_configuration_socket_pins_and_anchor) {
  const auto hcd = parsed({"/usr/sbin/hcd"});
  STRCMP_EQUAL("hcd", hcd.name.c_str());
  STRCMP_EQUAL("/etc/hcd/hcd.conf", hcd.config.c_str());
  STRCMP_EQUAL("/run/hcd.sock", hcd.socket.c_str());
  const auto hoststated = parsed({"/usr/sbin/hoststated"});
  STRCMP_EQUAL("hoststated", hoststated.name.c_str());
  STRCMP_EQUAL("/etc/hoststated.conf", hoststated.config.c_str());
  STRCMP_EQUAL("/run/hoststated.sock", hoststated.socket.c_str());
  STRCMP_EQUAL("/sys/fs/bpf/hoststated", hoststated.pins.c_str());
  STRCMP_EQUAL("relayd", parsed({"relayd"}).name.c_str());
  STRCMP_EQUAL("hcd", parsed({"./build/debug/bin/renamed"}).name.c_str());
}

TEST(Options, a_child_is_known_by_the_name_in_front_of_its_role) {
  const auto child = parsed({"hoststated: pfe", "-P", "pfe", "-C", "/empty"});
  STRCMP_EQUAL("hoststated", child.name.c_str());
  CHECK(child.role == proc::Role::Pfe);
  STRCMP_EQUAL("/empty", child.empty_directory.c_str());
}

TEST(Options, letters_may_stand_together_and_a_value_may_follow_at_once) {
  const auto options = parsed({"hcd", "-dnvv", "-f/a", "-vs", "/b.sock", "-p", "/c"});
  CHECK(options.foreground && options.check_only && !options.unload);
  CHECK_EQUAL(3U, options.verbose);
  STRCMP_EQUAL("/a", options.config.c_str());
  STRCMP_EQUAL("/b.sock", options.socket.c_str());
  STRCMP_EQUAL("/c", options.pins.c_str());
}

TEST(Options, macros_add_up) {
  const auto options = parsed({"hcd", "-D", "a=1", "-Db=2 3"});
  STRCMP_EQUAL("1", options.macros.at("a").c_str());
  STRCMP_EQUAL("2 3", options.macros.at("b").c_str());
}

TEST(Options, what_is_not_understood_is_named) {
  refused({"hcd", "-dx"}, "unknown option -x");
  refused({"hcd", "-f"}, "option -f needs a value");
  refused({"hcd", "start"}, "unexpected argument 'start'");
  refused({"hcd", "-"}, "unexpected argument '-'");
  refused({"hcd", "-P", "parent"}, "-P parent: no such process");
  CHECK(!parse_options({"hcd", "-D", "novalue"}).has_value());
}

TEST(Options, the_read_only_socket_stands_beside_the_other) {
  STRCMP_EQUAL("/run/hcd-ro.sock", read_only_socket("/run/hcd.sock").c_str());
  STRCMP_EQUAL("/tmp/control-ro", read_only_socket("/tmp/control").c_str());
}
