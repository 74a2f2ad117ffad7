#include "fastpath/pf/allowed.h"

#include "fastpath/base/text.h"
#include "fastpath/pf/pf_engine.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;
using namespace hcd::fastpath::pf;

namespace {

Status check(const std::string& words, const std::string& input = "") {
  Command command{{}, input};
  for (const auto word : split(words, ' ')) command.arguments.emplace_back(word);
  return check_allowed(command, "hcd");
}

void allowed(const std::string& words, const std::string& input = "") {
  const auto done = check(words, input);
  if (!done) FAIL(done.error().text.c_str());
}

void refused(const std::string& words, const std::string& input = "") {
  if (check(words, input)) FAIL(("allowed: pfctl " + words + ": " + input).c_str());
}

constexpr const char* kLoad = "-q -a hcd/www -f -";

}  // namespace

TEST_GROUP(PfAllowed){};

TEST(PfAllowed, every_command_that_the_engine_makes) {
  const Rule www{.interface = "em0",
                 .to = *Address::parse("192.0.2.80"),
                 .port = 80,
                 .label = "hcd:www",
                 .tag = "HCD",
                 .established = Seconds(600),
                 .limits = {.max = 100},
                 .table = "www",
                 .target_port = 8080,
                 .sticky = true};
  Rule plain = www, udp6{.proto = Proto::Udp, .to = *Address::parse("2001:db8::53"), .port = 53, .table = "dns6"};
  plain.limits = {};
  Rule networks = udp6;
  networks.port = 54;
  networks.from.networks = {{*Address::parse("2001:db8:1::"), 48}};
  const auto table = [](const char* name, std::vector<TableEntry> entries) {
    return *make_table(name, std::move(entries));
  };
  for (const auto dialect : {Dialect::New, Dialect::Old}) {
    const std::uint16_t weight = dialect == Dialect::New ? 3 : 1;
    const std::vector<Rule> rules = {dialect == Dialect::New ? www : plain, udp6, networks};
    const std::vector<Change> changes = {
        TableSet{"hcd/www", table("www", {{*Address::parse("10.0.0.1"), weight}, {*Address::parse("10.0.0.2")}})},
        TableSet{"hcd/www", table("dns6", {{*Address::parse("2001:db8::1")}})},
        TableSet{"hcd/www", table("bad", {{.address = *Address::parse("10.1.0.0"), .length = 16, .negated = true}})},
        RulesSet{"hcd/www"},
        TableSet{"hcd/www", table("www", {})},
        TableRemoved{"hcd/www", "old"},
        AnchorRemoved{"hcd/gone"}};
    const auto commands = commands_for(changes, {}, [&](const std::string&) { return rules; }, dialect);
    if (!commands) FAIL(commands.error().text.c_str());
    CHECK(commands->size() >= 7);
    for (const auto& command : *commands)
      if (const auto done = check_allowed(command, "hcd"); !done) FAIL(done.error().text.c_str());
  }
  allowed("-n -f -", std::string(kProbeNew));
  allowed("-n -f -", std::string(kProbeOld));
  allowed("-a hcd -s Anchors");
  for (const char* what : {"Tables", "nat", "rules", "labels"}) allowed(std::string("-a hcd/www -s ") + what);
  allowed("-a hcd/www -t www -vv -T show");
  allowed("-s states");
  allowed("-k 0.0.0.0/0 -k 10.0.0.1");
  allowed("-k ::/0 -k 2001:db8::1");
  allowed("-k label -k hcd:www");
}

TEST(PfAllowed, no_other_command) {
  for (const char* words : {"", "-d", "-F all", "-f /etc/pf.conf", "-f -", "-n -f /etc/shadow", "-q -f -", "-a hcd/www",
                            "-q -a hcd/www -f - -d", "-D x=y -q -a hcd/www -f -", "-a hcd/www -F states",
                            "-q -a hcd/www -t www -T replace -f /etc/shadow", "-p /dev/mem -s states", "-k 10.0.0.1",
                            "-k 0.0.0.0/0 -k 10.0.0.0/8", "-k 0.0.0.0/0 -k name", "-k label -k other:www", "-s labels"})
    refused(words);
}

TEST(PfAllowed, no_other_anchor) {
  for (const char* anchor :
       {"", "hcd", "*", "hcd/", "hcd/*", "hcd/www/more", "hcd/a b", "other/www", "hcdx/www", "/hcd/www"}) {
    CHECK(!check_allowed({{"-q", "-a", anchor, "-f", "-"}, ""}, "hcd"));
    CHECK(!check_allowed({{"-q", "-a", anchor, "-F", "rules"}, ""}, "hcd"));
    CHECK(!check_allowed({{"-a", anchor, "-s", "labels"}, ""}, "hcd"));
  }
  refused("-a other -s Anchors");
  CHECK(!check_allowed({{"-q", "-a", "hcd/www", "-t", "a b", "-T", "kill"}, ""}, "hcd"));
}

TEST(PfAllowed, no_input_but_what_the_command_reads) {
  refused("-s states", "pass\n");
  refused("-n -f -", "include \"/etc/shadow\"\n");
  for (const char* line :
       {"include \"/etc/shadow\"", "table <t> persist file \"/etc/shadow\"", "set skip on lo",
        "load anchor x from \"/etc/pf.conf\"",
        "anchor \"x\" { pass in quick inet proto tcp from any to "
        "192.0.2.80 port = 80 flags S/SA rdr-to <t> port 80 round-robin }",
        "anchor \"/other\" all", "block all", "pass all",
        "pass in quick inet proto tcp from any to "
        "name.example port = 80 rdr-to <t>",
        "nonsense", "table <t> { name.example }",
        "pass in quick inet proto tcp from any to <t> port = 80 flags S/SA keep state label \"hcd:www\""})
    refused(kLoad, "table <t> persist\n" + std::string(line) + "\n");
  refused(kLoad, "table <t> persist \\\n");
  refused(kLoad, std::string("table <t> persist\n\0", 19));
  for (const char* line : {"name.example", "10.0.0.1 10.0.0.2", "10.0.0.1 weight 3", "-f", "@x", ""})
    refused("-q -a hcd/www -t www -T replace -f -", std::string("10.0.0.1\n") + line + "\n");
}

TEST(PfAllowed, a_filter_rule_of_the_older_dialect_belongs_to_one_of_the_translations) {
  const std::string text =
      "table <www> persist\n"
      "rdr on em0 inet proto tcp from any to 192.0.2.80 port = 80 tag HCD -> <www> port 8080 round-robin\n";
  const std::string filter = "pass in quick on em0 inet proto tcp from any to <www> port = 8080 flags S/SA keep state ";
  allowed(kLoad, text + filter + "(tcp.established 600) label \"hcd:www\" tagged HCD\n");
  allowed(kLoad, text + filter + "label \"hcd:www\" tagged HCD\n");
  refused(kLoad, text + filter + "label \"hcd:www\"\n");
  refused(kLoad, text + filter + "label \"hcd:www\" tagged OTHER\n");
  refused(kLoad, text +
                     "pass in quick on em1 inet proto tcp from any to <www> port = 8080 flags S/SA keep state label "
                     "\"hcd:www\" tagged HCD\n");
}
