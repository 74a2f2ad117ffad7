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
  CHECK(relayctl->columns == Columns::IdFirst);
}

TEST(HcctlOptions, a_socket_that_is_named_is_the_only_one) {
  const auto options = read_options({"hcctl", "-s", "/tmp/x", "-t5", "show", "-t"});
  CHECK(options->sockets == std::vector<std::string>{"/tmp/x"});
  CHECK(options->limit == Seconds(5));
  CHECK(options->words == (std::vector<std::string_view>{"show", "-t"}));
}

TEST(HcctlOptions, what_is_unknown_incomplete_or_out_of_range_is_refused) {
  for (const std::vector<std::string_view>& bad : {std::vector<std::string_view>{"hcctl", "-x"},
                                                   {"hcctl", "-"},
                                                   {"hcctl", "-s"},
                                                   {"hcctl", "-t", "0"},
                                                   {"hcctl", "-t", "3601"},
                                                   {"hcctl", "-t", "1s"}})
    CHECK(!read_options(bad));
}
