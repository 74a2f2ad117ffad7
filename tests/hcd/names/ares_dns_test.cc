// c-ares on our loop, against a server in the same loop.
#include "hcd/names/ares_dns.h"

#include "hcd/event/libevent_loop.h"
#include "tests/fake/dns_server.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::names;
using namespace std::string_literals;
using conf::NameFault;
using test::dns_answer;
using test::dns_record;
using test::kDnsAnswered;

TEST_GROUP(AresDns) {
  hcd::event::LibeventLoop loop;
  std::unique_ptr<AresDns> dns;
  std::unique_ptr<hcd::event::Timer> limit;
  std::optional<Found> found;

  void setup() override {
    auto made = AresDns::make();
    CHECK(made.has_value());
    dns = std::move(*made);
    dns->attach(loop);
    limit = loop.timer([this] { loop.stop(); });
  }
  void use(std::uint16_t port) {
    dns->use({{.address = *Address::parse("127.0.0.1"), .port = port}});
  }
  void ask(Family family = Family::Inet) {
    dns->ask("web.example.org", family, [this](const Found& f) {
      found = f;
      loop.stop();
    });
  }
  // What becomes of a query that is answered so.
  std::string told(const test::DnsServer::Udp& udp, const test::DnsServer::Tcp& tcp = {},
                   Family family = Family::Inet) {
    test::DnsServer server(loop, udp, tcp);
    CHECK(server.bound);
    use(server.port());
    ask(family);
    limit->after(Seconds(20));
    loop.run();
    return text();
  }
  [[nodiscard]] std::string text() const {
    if (!found) return "nothing";
    std::string out(conf::fault_text(found->fault));
    for (const auto& address : found->addresses) out += " " + address.text();
    return out;
  }
};

TEST(AresDns, addresses_come_with_the_least_time_to_live) {
  const auto alias = test::dns_record(5,
                                      "\x01"
                                      "a\xc0\x10"s);
  auto address = dns_record(1, "\x0a\x00\x00\x01"s,
                            "\x01"
                            "a\xc0\x10"s);
  address[address.size() - 7] = 5;  // the low byte of its time to live
  STRCMP_EQUAL(" 10.0.0.1", told([&](const std::string& query) {
                              return std::vector{dns_answer(query, kDnsAnswered, {alias, address})};
                            }).c_str());
  CHECK(found->ttl == Seconds(5));
}

TEST(AresDns, the_other_family_is_asked_for_by_its_own_type) {
  STRCMP_EQUAL(" 2001:db8::1",
               told(
                   [](const std::string& query) {
                     CHECK_EQUAL(28, query[query.size() - 3]);
                     return std::vector{dns_answer(
                         query, kDnsAnswered, {dns_record(28, "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01")})};
                   },
                   {}, Family::Inet6)
                   .c_str());
}

TEST(AresDns, what_does_not_fit_a_datagram_is_asked_for_by_tcp) {
  STRCMP_EQUAL(
      " 10.0.0.1",
      told([](const std::string& query) { return std::vector{dns_answer(query, kDnsAnswered | test::kDnsTruncated)}; },
           [](const std::string& query) {
             const auto answer = dns_answer(query, kDnsAnswered, {dns_record(1, "\x0a\x00\x00\x01"s)});
             return test::dns_word(static_cast<unsigned>(answer.size())) + answer;
           })
          .c_str());
}

TEST(AresDns, each_failure_has_its_word) {
  const auto code = [](unsigned rcode) {
    return [rcode](const std::string& query) { return std::vector{dns_answer(query, kDnsAnswered | rcode)}; };
  };
  STRCMP_EQUAL("no such name", told(code(3)).c_str());
  STRCMP_EQUAL("no address", told(code(0)).c_str());
  STRCMP_EQUAL("no name server would answer", told(code(2)).c_str());
  STRCMP_EQUAL("no name server would answer", told(code(5)).c_str());
}

TEST(AresDns, an_answer_to_another_question_is_none) {
  STRCMP_EQUAL(" 10.0.0.1", told([](const std::string& query) {
                              auto other = dns_answer(query, kDnsAnswered, {dns_record(1, "\x0a\x00\x00\x09"s)});
                              other[0] = static_cast<char>(~other[0]);
                              return std::vector{other,
                                                 dns_answer(query, kDnsAnswered, {dns_record(1, "\x0a\x00\x00\x01"s)})};
                            }).c_str());
}

TEST(AresDns, a_port_where_nobody_listens_is_told_at_once) {
  std::uint16_t port = 0;
  {
    test::DnsServer server(loop, {}, {});
    port = server.port();
  }
  use(port);
  ask();
  limit->after(Seconds(20));
  loop.run();
  STRCMP_EQUAL("no name server would answer", text().c_str());
}

TEST(AresDns, other_servers_forget_what_the_old_ones_were_asked) {
  test::DnsServer silent(loop, [](const std::string&) { return std::vector<std::string>(); });
  use(silent.port());
  bool answered = false;
  dns->ask("old.example.org", Family::Inet, [&answered](const Found&) { answered = true; });
  STRCMP_EQUAL(" 10.0.0.1", told([](const std::string& query) {
                              return std::vector{dns_answer(query, kDnsAnswered, {dns_record(1, "\x0a\x00\x00\x01"s)})};
                            }).c_str());
  CHECK(!answered);
}

TEST(AresDns, what_is_out_when_it_ends_is_forgotten) {
  test::DnsServer silent(loop, [](const std::string&) { return std::vector<std::string>(); });
  use(silent.port());
  ask();
  dns.reset();
  STRCMP_EQUAL("nothing", text().c_str());
}
