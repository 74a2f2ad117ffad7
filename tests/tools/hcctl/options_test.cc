#include "tools/hcctl/options.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcctl;

TEST_GROUP(HcctlOptions){};

TEST(HcctlOptions, the_programs_name_decides_whose_daemon_it_is_and_the_columns) {
  STRCMP_EQUAL("/run/hcd.sock", read_options({"/usr/bin/hcctl"})->sockets[0].c_str());
  STRCMP_EQUAL("/run/hoststated.sock", read_options({"hoststatectl"})->sockets[0].c_str());
  const auto relayctl = read_options({"bin/relayctl"});
  STRCMP_EQUAL("/run/relayd.sock", relayctl->sockets[0].c_str());
  STRCMP_EQUAL("/run/relayd-ro.sock", relayctl->sockets[1].c_str());
  CHECK(relayctl->style.columns == Columns::IdFirst);
}

TEST(HcctlOptions, a_socket_that_is_named_is_the_only_one) {
  const auto options = read_options({"hcctl", "-s", "/tmp/x", "-t5", "show", "--", "-t"});
  CHECK(options->sockets == std::vector<std::string>{"/tmp/x"});
  CHECK(options->limit == Seconds(5));
  CHECK(options->words == (std::vector<std::string_view>{"show", "-t"}));
}

TEST(HcctlOptions, options_may_stand_between_the_words_and_letters_may_be_put_together) {
  const auto options = read_options({"hcctl", "host", "-jH", "--reason=kernel 6.18", "drain", "-o", "name,state", "a"});
  CHECK(options->words == (std::vector<std::string_view>{"host", "drain", "a"}));
  CHECK(options->style.format == Format::Document && !options->style.header);
  CHECK(options->style.fields == (std::vector<std::string>{"name", "state"}));
  STRCMP_EQUAL("kernel 6.18", options->wish.reason.c_str());
  CHECK(read_options({"hcctl", "-Ht5"})->limit == Seconds(5));
  CHECK(read_options({"hcctl", "--if-gen", "42"})->wish.generation == 42);
  CHECK(read_options({"hcctl", "--for=30m"})->wish.lasting == Seconds(1800));
  CHECK(read_options({"hcctl", "--dry-run"})->wish.dry_run);
}

TEST(HcctlOptions, some_are_answered_without_a_daemon) {
  CHECK(read_options({"hcctl", "-h"})->instead == Instead::Help);
  CHECK(read_options({"hcctl", "show", "hosts", "-o", "help"})->instead == Instead::ListFields);
  CHECK(read_options({"hcctl", "--grammar"})->instead == Instead::Grammar);
  STRCMP_CONTAINS("-\t-s <SOCKET>\tthe daemon's control socket\n", option_lines().c_str());
  STRCMP_CONTAINS("-\t-j\tone document of JSON\n", option_lines().c_str());
}

TEST(HcctlOptions, what_is_unknown_incomplete_or_out_of_range_is_refused) {
  for (const std::vector<std::string_view>& bad : {std::vector<std::string_view>{"hcctl", "-x"},
                                                   {"hcctl", "-"},
                                                   {"hcctl", "-s"},
                                                   {"hcctl", "--reason"},
                                                   {"hcctl", "--reason="},
                                                   {"hcctl", "--reasons", "x"},
                                                   {"hcctl", "--grammar=x"},
                                                   {"hcctl", "--if-gen", "-1"},
                                                   {"hcctl", "--for", "0"},
                                                   {"hcctl", "--for", "400d"},
                                                   {"hcctl", "--for", "soon"},
                                                   {"hcctl", "--dry-run=yes"},
                                                   {"hcctl", "-o", "name,name"},
                                                   {"hcctl", "-jx"},
                                                   {"hcctl", "-t", "0"},
                                                   {"hcctl", "-t", "3601"},
                                                   {"hcctl", "-t", "1s"}})
    CHECK(!read_options(bad));
}
