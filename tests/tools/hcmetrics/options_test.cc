#include "tools/hcmetrics/options.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcmetrics;

TEST_GROUP(HcmetricsOptions){};

TEST(HcmetricsOptions, it_listens_where_it_is_told_and_nowhere_else) {
  const auto options = read_options({"hcmetrics", "-l", "[::1]:9967", "-s", "/tmp/x", "-u", "nobody"});
  STRCMP_EQUAL("::1", options->address.text().c_str());
  CHECK_EQUAL(9967, options->port);
  STRCMP_EQUAL("/tmp/x", options->socket.c_str());
  STRCMP_EQUAL("nobody", options->user.c_str());
  STRCMP_EQUAL("127.0.0.1", read_options({"hcmetrics", "-l", "127.0.0.1:80"})->address.text().c_str());
  CHECK(!read_options({"hcmetrics"}));
}

TEST(HcmetricsOptions, what_is_no_address_with_a_port_is_refused) {
  for (const std::string_view bad : {"9967", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", ":80",
                                     "[]:80", "localhost:80", "127.0.0.1:80x"})
    CHECK(!read_options({"hcmetrics", "-l", bad}));
  CHECK(!read_options({"hcmetrics", "-l"}));
  CHECK(!read_options({"hcmetrics", "-l", "127.0.0.1:80", "-x", "1"}));
}
