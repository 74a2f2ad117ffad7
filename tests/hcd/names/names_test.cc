#include "hcd/names/names.h"

#include "tests/fake/fake_loop.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::names;
using conf::NameFault;

namespace {

class FakeDns final : public Dns {
 public:
  struct Asked {
    std::string name;
    Family family;
    Done done;
  };
  void use(const std::vector<conf::NameServer>& servers) override {
    used = servers.size();
    asked.clear();
  }
  void ask(const std::string& name, Family family, Done done) override {
    asked.push_back({name, family, std::move(done)});
  }
  std::size_t used = 0;
  std::vector<Asked> asked;
};

}  // namespace

TEST_GROUP(Names) {
  test::FakeLoop loop;
  FakeDns dns;
  std::vector<conf::NameAnswer> answers;
  Names names{loop, dns, [this](const conf::NameAnswer& answer) { answers.push_back(answer); }};
  conf::NamesBegin how{.servers = {{.address = *Address::parse("192.0.2.53")}}, .search = {}};

  template <class T>
  Status say(const T& message) {
    return names.on_parent(
        {.frame = {.type = static_cast<std::uint32_t>(T::kType), .payload = ipc::encode(message)}, .fds = {}});
  }
  void begin(const std::vector<conf::Question>& questions) {
    CHECK(say(how).has_value());
    CHECK(say(conf::NamesAsk{questions}).has_value());
  }
  // The query that is out longest ends.
  void ends(NameFault fault, const std::vector<const char*>& texts = {}, Seconds ttl = Seconds(60)) {
    CHECK(!dns.asked.empty());
    auto query = std::move(dns.asked.front());
    dns.asked.erase(dns.asked.begin());
    Found found{.fault = fault, .addresses = {}, .ttl = ttl};
    for (const auto* text : texts) found.addresses.push_back(*Address::parse(text));
    query.done(found);
  }
  [[nodiscard]] std::string out() const {
    std::string text;
    for (const auto& query : dns.asked)
      text += (text.empty() ? "" : " ") + query.name + (query.family == Family::Inet ? "/4" : "/6");
    return text;
  }
  [[nodiscard]] std::string last() const {
    std::string text = answers.back().name + " " + std::string(conf::fault_text(answers.back().fault));
    for (const auto& address : answers.back().addresses) text += " " + address.text();
    return text + (answers.back().refused > 0 ? " refused " + std::to_string(answers.back().refused) : "");
  }
};

TEST(Names, each_family_that_is_wanted_is_asked_for_at_once) {
  begin({{"a", true, true}, {"b", true, false}});
  STRCMP_EQUAL("a/4 a/6 b/4", out().c_str());
  CHECK_EQUAL(1U, dns.used);
}

TEST(Names, a_name_is_asked_for_again_when_its_time_to_live_is_over) {
  begin({{"a", true, false}});
  ends(NameFault::None, {"10.0.0.2", "10.0.0.1", "10.0.0.2"}, Seconds(7));
  STRCMP_EQUAL("a  10.0.0.1 10.0.0.2", last().c_str());
  loop.advance(Milliseconds(6999));
  STRCMP_EQUAL("", out().c_str());
  loop.advance(Milliseconds(1));
  STRCMP_EQUAL("a/4", out().c_str());
}

TEST(Names, a_time_to_live_counts_within_bounds) {
  how.ttl_least = Seconds(3);
  how.ttl_most = Seconds(100);
  begin({{"a", true, false}});
  for (const auto& [ttl, counts] : {std::pair(0, 3), std::pair(1 << 30, 100)}) {
    ends(NameFault::None, {"10.0.0.1"}, Seconds(ttl));
    loop.advance(Seconds(counts) - Milliseconds(1));
    STRCMP_EQUAL("", out().c_str());
    loop.advance(Milliseconds(1));
    STRCMP_EQUAL("a/4", out().c_str());
  }
}

TEST(Names, a_server_that_fails_is_asked_ever_later) {
  begin({{"a", true, false}});
  for (const int pause : {5, 10, 15, 15}) {
    ends(NameFault::Timeout);
    STRCMP_EQUAL("a timeout", last().c_str());
    loop.advance(Seconds(pause) - Milliseconds(1));
    STRCMP_EQUAL("", out().c_str());
    loop.advance(Milliseconds(1));
    STRCMP_EQUAL("a/4", out().c_str());
  }
  ends(NameFault::None, {"10.0.0.1"}, Seconds(9));
  loop.advance(Seconds(9));
  ends(NameFault::ServerFailed);
  loop.advance(Seconds(5));
  STRCMP_EQUAL("a/4", out().c_str());
}

TEST(Names, only_so_many_queries_are_out_at_a_time) {
  std::vector<conf::Question> questions;
  for (std::size_t i = 0; i < Names::kAtOnce + 2; i++) questions.push_back({"n" + std::to_string(i), true, false});
  begin(questions);
  CHECK_EQUAL(Names::kAtOnce, dns.asked.size());
  ends(NameFault::None, {"10.0.0.1"});
  CHECK_EQUAL(Names::kAtOnce, dns.asked.size());
  ends(NameFault::Timeout);
  CHECK_EQUAL(Names::kAtOnce, dns.asked.size());
  ends(NameFault::Timeout);
  CHECK_EQUAL(Names::kAtOnce - 1, dns.asked.size());
}

TEST(Names, what_no_host_can_have_is_refused_and_counted) {
  begin({{"a", true, true}});
  ends(NameFault::None, {"10.0.0.1", "0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "0.1.2.3"});
  STRCMP_EQUAL("a  10.0.0.1 refused 5", last().c_str());
  CHECK_EQUAL(4U, answers.back().examples.size());
  ends(NameFault::None, {"::", "::1", "ff02::1", "fe80::1", "::ffff:10.0.0.1"});
  STRCMP_EQUAL("a no usable address refused 5", last().c_str());
}

TEST(Names, too_many_addresses_are_cut_off_always_the_same_way) {
  begin({{"a", true, false}});
  std::vector<std::string> texts;
  for (int i = 200; i > 0; i--) texts.push_back("10.0.0." + std::to_string(i));
  std::vector<const char*> list;
  for (const auto& text : texts) list.push_back(text.c_str());
  ends(NameFault::None, list);
  CHECK_EQUAL(conf::kAddressesMax, answers.back().addresses.size());
  STRCMP_EQUAL("10.0.0.1", answers.back().addresses.front().text().c_str());
  CHECK_EQUAL(200 - conf::kAddressesMax, answers.back().refused);
}

TEST(Names, a_short_name_is_looked_for_in_the_domains_first_and_another_last) {
  how.search = {"one.test", "two.test"};
  begin({{"a", true, false}});
  STRCMP_EQUAL("a.one.test/4", out().c_str());
  ends(NameFault::NoSuchName);
  STRCMP_EQUAL("a.two.test/4", out().c_str());
  ends(NameFault::NoAddress);
  STRCMP_EQUAL("a/4", out().c_str());
  ends(NameFault::NoSuchName);
  STRCMP_EQUAL("a no address", last().c_str());
  CHECK_EQUAL(1U, answers.size());
  begin({{"a.b", true, false}, {"c.", true, false}});
  STRCMP_EQUAL("a.b/4 c./4", out().c_str());
  ends(NameFault::NoSuchName);
  STRCMP_EQUAL("c./4 a.b.one.test/4", out().c_str());
  ends(NameFault::NoSuchName);
  STRCMP_EQUAL("c. no such name", last().c_str());
}

TEST(Names, a_server_that_fails_ends_the_search) {
  how.search = {"one.test"};
  begin({{"a", true, false}});
  ends(NameFault::ServerFailed);
  STRCMP_EQUAL("a the name server failed", last().c_str());
  STRCMP_EQUAL("", out().c_str());
}

TEST(Names, a_new_list_forgets_the_old_one) {
  begin({{"a", true, false}});
  begin({{"b", true, false}});
  STRCMP_EQUAL("b/4", out().c_str());
  ends(NameFault::None, {"10.0.0.1"});
  loop.advance(Seconds(60));
  STRCMP_EQUAL("b/4", out().c_str());
}

TEST(Names, what_the_parent_would_not_say_is_an_error) {
  CHECK(say(how).has_value());
  CHECK(!say(conf::NamesAsk{{{"a b", true, false}}}).has_value());
  CHECK(!names.on_parent(
      {.frame = {.type = static_cast<std::uint32_t>(ipc::Type::NamesAsk), .payload = "x"}, .fds = {}}));
  CHECK(!names.on_parent({.frame = {.type = static_cast<std::uint32_t>(ipc::Type::ConfigBegin)}, .fds = {}}));
  how.ttl_least = Seconds(0);
  CHECK(!say(how).has_value());
  how.ttl_least = Seconds(9);
  how.ttl_most = Seconds(8);
  CHECK(!say(how).has_value());
}
