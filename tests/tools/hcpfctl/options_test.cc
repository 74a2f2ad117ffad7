#include "tools/hcpfctl/options.h"

#include "tests/tools/hcpfctl/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcpfctl;

TEST_GROUP(HcpfctlOptions) {
  MemoryFiles files;

  Options read(std::initializer_list<const char*> words) {
    const auto options = parse(words, files);
    if (!options) FAIL(options.error().text.c_str());
    return *options;
  }
  void refuses(const char* error, std::initializer_list<const char*> words) {
    const auto options = parse(words, files);
    CHECK(!options.has_value());
    STRCMP_EQUAL(error, options.error().text.c_str());
  }
};

TEST(HcpfctlOptions, words_may_be_short_while_they_stay_unique) {
  CHECK(read({"-F", "s"}).flush == Flush::States);
  CHECK(read({"-F", "a"}).flush == Flush::All);
  CHECK(read({"-s", "i"}).show == Show::Info);
  CHECK(read({"-t", "x", "-T", "r", "10.0.0.1"}).command == TableCommand::Replace);
  refuses("-F x: unknown modifier", {"-F", "x"});
  refuses("-T none: unknown modifier", {"-t", "x", "-T", "none"});
}

TEST(HcpfctlOptions, a_file_names_addresses_with_comments_weights_and_exceptions) {
  files.files["bad"] = "# those\n10.0.0.1 weight 3\t!10.0.0.0/8 # that\n\n2001:db8::/32\n";
  const auto options = read({"-t", "x", "-T", "add", "-f", "bad", "192.0.2.1"});
  LONGS_EQUAL(4, options.entries.size());
  STRCMP_EQUAL("192.0.2.1", options.entries[0].text().c_str());
  LONGS_EQUAL(3, options.entries[1].weight);
  STRCMP_EQUAL("!10.0.0.0/8", options.entries[2].text().c_str());
  STRCMP_EQUAL("2001:db8::/32", options.entries[3].text().c_str());
  refuses("missing: cannot open: No such file or directory", {"-t", "x", "-T", "add", "-f", "missing"});
}

TEST(HcpfctlOptions, replace_may_be_by_nothing_and_add_may_not) {
  LONGS_EQUAL(0, read({"-t", "x", "-T", "replace"}).entries.size());
  refuses("-T needs an address", {"-t", "x", "-T", "add"});
  refuses("-T needs an address", {"-t", "x", "-T", "delete"});
}

TEST(HcpfctlOptions, a_table_name_too_long_is_refused) {
  refuses("table a2345678901234567890123456789012: the name is longer than 31 characters",
          {"-t", "a2345678901234567890123456789012", "-T", "add", "10.0.0.1"});
}

TEST(HcpfctlOptions, what_does_not_go_together_is_refused) {
  refuses("one of -d, -e, -F, -f, -K, -k, -s, -T and -z is needed", {});
  refuses("-e and -d exclude each other", {"-e", "-d"});
  refuses("-T stands alone", {"-t", "x", "-T", "flush", "-F", "all"});
  refuses("-s stands alone", {"-s", "info", "-F", "all"});
  refuses("-k and -K stand alone", {"-k", "10.0.0.1", "-F", "all"});
  refuses("-k and -K stand alone", {"-k", "10.0.0.1", "-f", "pf.conf"});
  refuses("-F: name the anchor with -a, or all with -a '*'", {"-F", "rules"});
  refuses("-f is for one anchor: -a without '*'", {"-a", "x/*", "-f", "pf.conf"});
  refuses("-n is for -f and -T", {"-n", "-F", "all"});
  for (const char* one : {"-e", "-d", "-z"}) refuses("-n is for -f and -T", {"-n", "-f", "pf.conf", one});
  refuses("-n is for -f and -T", {"-n", "-f", "pf.conf", "-F", "all"});
  refuses("-D is for -f", {"-D", "a=b", "-s", "rules"});
  refuses("-D a is not macro=value", {"-D", "a", "-f", "pf.conf"});
  refuses("-i is for -e", {"-i", "em0", "-F", "all"});
  refuses("-m fast: the mode is auto, xdp or tc", {"-e", "-m", "fast"});
  refuses("-t needs a command, given by -T", {"-t", "x", "-e"});
  refuses("-F is given twice", {"-F", "states", "-F", "info"});
  refuses("-T expire needs a number of seconds", {"-t", "x", "-T", "expire"});
  refuses("x: addresses are for -T test, add, delete, replace and zero", {"-t", "t", "-T", "flush", "x"});
}

TEST(HcpfctlOptions, what_happens_may_be_followed_for_a_while_of_some_hosts) {
  const auto events = read({"-s", "e", "-c", "10", "-w", "5", "-l", "1000", "192.0.2.1", "2001:db8::/32"});
  CHECK(events.show == Show::Events && events.follows());
  LONGS_EQUAL(10, events.count);
  LONGS_EQUAL(5, events.wait->count());
  LONGS_EQUAL(1000, events.one_in);
  STRCMP_EQUAL("2001:db8::/32", events.only[1].text().c_str());
  CHECK(read({"-s", "p"}).show == Show::Packets);
  CHECK(read({"-s", "d"}).follows());
  CHECK(!read({"-s", "all"}).follows());
  for (const char* option : {"-c", "-l", "-w"}) {
    refuses("-c, -l and -w are for -s events, packets and drops", {"-s", "states", option, "1"});
    for (const char* wrong : {"0", "-1", "x", "2147483648"}) {
      const std::string sentence = std::string(option) + " " + wrong + " is not a number from 1 on";
      refuses(sentence.c_str(), {"-s", "events", option, wrong});
    }
  }
  refuses("-s stands alone", {"-s", "events", "-F", "all"});
  refuses("'nobody' is neither an address nor a network", {"-s", "events", "nobody"});
}

TEST(HcpfctlOptions, an_anchor_may_be_named_with_all_below_it) {
  const auto all = read({"-a", "*", "-F", "rules"});
  CHECK(all.anchored && all.recurse && all.anchor.empty());
  const auto below = read({"-a", "hcd/*", "-s", "rules"});
  CHECK(below.recurse);
  STRCMP_EQUAL("hcd", below.anchor.c_str());
  const auto one = read({"-a", "/hcd/www", "-s", "rules"});
  CHECK(!one.recurse);
  STRCMP_EQUAL("hcd/www", one.anchor.c_str());
}
