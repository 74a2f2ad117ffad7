#include "hcd/hce/dns.h"

#include <set>

#include "tests/fake/dns_server.h"
#include "tests/fake/scripted_stream.h"
#include "tests/hcd/hce/checking.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace std::string_literals;
using namespace std::chrono_literals;
using test::dns_answer;
using test::dns_record;
using test::kDnsAnswered;
using test::kDnsTruncated;
using What = tls::Io::What;

namespace {

const std::string kA = dns_record(1, "\xc0\x00\x02\x01"s);

conf::Check asks(bool tcp = false) {
  conf::Check out;
  out.type = conf::CheckType::Dns;
  out.peer.name = "example.org";
  out.peer.query = 1;
  out.peer.tcp = tcp;
  return out;
}
conf::Check expects(const char* address) {
  auto out = asks();
  out.peer.address = *Address::parse(address);
  return out;
}
conf::Check expects_code(std::uint16_t rcode) {
  auto out = asks();
  out.peer.rcode = rcode;
  return out;
}

std::string framed(const std::string& message) {
  return test::dns_word(static_cast<unsigned>(message.size())) + message;
}

}  // namespace

TEST_GROUP(Dns) {
  test::Checking checking;

  std::string told(const conf::Check& check, test::DnsServer::Udp udp, test::DnsServer::Tcp tcp = {}) {
    test::DnsServer server(checking.loop, std::move(udp), std::move(tcp));
    CHECK(server.bound);
    return checking.told(check, "127.0.0.1", server.port());
  }
};

TEST(Dns, a_record_of_the_type_is_ok) {
  STRCMP_EQUAL("dns ok",
               told(asks(), [](const auto& q) { return std::vector{dns_answer(q, kDnsAnswered, {kA})}; }).c_str());
}

TEST(Dns, an_answer_is_judged_by_its_code_records_and_address) {
  const auto with = [](unsigned flags, std::vector<std::string> records) {
    return [flags, records](const std::string& q) { return std::vector{dns_answer(q, flags, records)}; };
  };
  STRCMP_EQUAL("dns mismatch (NXDOMAIN)", told(asks(), with(0x8183, {})).c_str());
  STRCMP_EQUAL("dns mismatch (SERVFAIL)", told(asks(), with(0x8182, {})).c_str());
  STRCMP_EQUAL("dns mismatch (no A record)", told(asks(), with(kDnsAnswered, {})).c_str());
  STRCMP_EQUAL("dns ok", told(expects_code(3), with(0x8183, {})).c_str());
  STRCMP_EQUAL("dns ok", told(expects_code(0), with(kDnsAnswered, {})).c_str());
  STRCMP_EQUAL("dns mismatch (NOERROR)", told(expects_code(3), with(kDnsAnswered, {kA})).c_str());
  STRCMP_EQUAL("dns ok", told(expects("192.0.2.1"), with(kDnsAnswered, {kA})).c_str());
  STRCMP_EQUAL("dns mismatch (no 192.0.2.9)", told(expects("192.0.2.9"), with(kDnsAnswered, {kA})).c_str());
  STRCMP_EQUAL("dns malformed (address record)", told(asks(), with(kDnsAnswered, {dns_record(1, "abc")})).c_str());
}

TEST(Dns, answers_to_other_queries_are_passed_over) {
  const auto forged = [](const std::string& q) {
    std::string other = dns_answer(q, 0x8182);
    other[0] = static_cast<char>(other[0] + 1);
    return std::vector<std::string>{other, "garbage", "", dns_answer(q, kDnsAnswered, {kA})};
  };
  STRCMP_EQUAL("dns ok", told(asks(), forged).c_str());
  const auto only_forged = [&](const std::string& q) {
    auto all = forged(q);
    all.pop_back();
    return all;
  };
  STRCMP_EQUAL("dns timeout (only answers to other queries)", told(asks(), only_forged).c_str());
}

TEST(Dns, silence_and_a_closed_port_are_told_apart) {
  STRCMP_EQUAL("dns timeout", told(asks(), [](const auto&) { return std::vector<std::string>{}; }).c_str());
  std::uint16_t closed = 0;
  {
    closed = test::DnsServer(checking.loop, {}).port();
  }
  STRCMP_EQUAL("dns failed (ECONNREFUSED)", checking.told(asks(), "127.0.0.1", closed).c_str());
}

TEST(Dns, an_answer_that_did_not_fit_is_asked_for_over_tcp) {
  const auto truncated = [](const std::string& q) { return std::vector{dns_answer(q, kDnsAnswered | kDnsTruncated)}; };
  const std::vector<std::string> many(2000, kA);  // 32 KB
  STRCMP_EQUAL("dns ok", told(asks(), truncated, [&](const std::string& q) {
                           return framed(dns_answer(q, kDnsAnswered, many));
                         }).c_str());
  STRCMP_EQUAL("dns malformed (truncated over TCP)", told(asks(), truncated, [&](const std::string& q) {
                                                       return framed(dns_answer(q, kDnsAnswered | kDnsTruncated));
                                                     }).c_str());
  STRCMP_EQUAL("dns malformed (empty answer)", told(asks(), truncated).c_str());
}

TEST(Dns, over_tcp_alone_no_datagram_is_sent) {
  test::DnsServer server(
      checking.loop, [](const auto&) { return std::vector<std::string>{}; },
      [](const std::string& q) { return framed(dns_answer(q, kDnsAnswered, {kA})); });
  STRCMP_EQUAL("dns ok", checking.told(asks(true), "127.0.0.1", server.port()).c_str());
  CHECK(server.seen.empty());
  CHECK_EQUAL(1, server.connections());
}

TEST(Dns, a_probe_that_ended_on_tcp_begins_anew_on_udp) {
  int asked = 0;
  test::DnsServer server(
      checking.loop,
      [&](const std::string& q) {
        return std::vector{dns_answer(q, kDnsAnswered | (asked++ % 2 == 0 ? kDnsTruncated : 0), {kA})};
      },
      [](const std::string& q) { return framed(dns_answer(q, kDnsAnswered, {kA})); });
  Plan plan;
  plan.port = server.port();
  plan.check = asks();
  CHECK(prepare_dns(plan.check, plan).has_value());
  const Address address = *Address::parse("127.0.0.1");
  DnsProbe probe;
  for (int i = 0; i < 6; i++) {
    Step step = probe.start(address, plan);
    CHECK(probe.fd() >= 0);
    for (int round = 0; round < 1000 && step != Step::Done; round++) {
      const auto pause = checking.loop.timer([this] { checking.loop.stop(); });
      pause->after(Milliseconds(1));
      checking.loop.run();
      step = probe.ready();
    }
    CHECK(step == Step::Done);
    CHECK(probe.verdict().reason == ipc::Reason::DnsOk);
    probe.reset();
    CHECK_EQUAL(-1, probe.fd());
    CHECK(!probe.watched);
  }
  CHECK_EQUAL(3, server.connections());
}

TEST(Dns, a_datagram_longer_than_udp_allows_is_malformed) {
  STRCMP_EQUAL("dns malformed (longer than UDP allows)",
               told(asks(), [](const std::string& q) {
                 return std::vector{dns_answer(q, kDnsAnswered, std::vector<std::string>(40, kA))};
               }).c_str());
}

TEST(Dns, ids_and_ports_follow_no_order) {
  test::DnsServer server(checking.loop,
                         [](const std::string& q) { return std::vector{dns_answer(q, kDnsAnswered, {kA})}; });
  constexpr int kTimes = 24;
  for (int i = 0; i < kTimes; i++) STRCMP_EQUAL("dns ok", checking.told(asks(), "127.0.0.1", server.port()).c_str());
  std::set<std::string> ids;
  std::set<std::uint16_t> ports;
  int near = 0;
  for (std::size_t i = 0; i < server.seen.size(); i++) {
    ids.insert(server.seen[i].query.substr(0, 2));
    ports.insert(server.seen[i].port);
    near += i > 0 && std::abs(server.seen[i].port - server.seen[i - 1].port) <= 2 ? 1 : 0;
  }
  CHECK(ids.size() >= kTimes - 2);
  CHECK(ports.size() >= kTimes - 2);
  CHECK(near <= 2);
}

TEST_GROUP(DnsExchange) {
  Plan plan;
  dns::Exchange exchange;
  Verdict verdict;
  std::string query;

  void setup() {
    plan.check = asks(true);
    CHECK(prepare_dns(plan.check, plan).has_value());
  }
  // The answer is made of the query, and comes in pieces of that size.
  std::string told(const std::function<std::string(const std::string&)>& answer, std::size_t piece, What end) {
    exchange.begin(plan);
    test::ScriptedStream asking;
    asking.accepts(3).accepts(100).read_gives(What::WantRead);
    CHECK(exchange.run(asking, verdict) == Step::WaitRead);
    query = asking.written.substr(2);
    CHECK_EQUAL(asking.written.size() - 2, static_cast<unsigned char>(asking.written[1]));
    test::ScriptedStream answering;
    const std::string bytes = answer(query);
    for (std::size_t at = 0; at < bytes.size(); at += piece) answering.brings(bytes.substr(at, piece));
    answering.read_gives(end);
    Step step = Step::Again;
    while (step == Step::Again) step = exchange.run(answering, verdict);
    if (step != Step::Done) return "waits";
    return std::string(ipc::reason_text(verdict.reason)) + (verdict.detail.empty() ? "" : " (" + verdict.detail + ")");
  }
};

TEST(DnsExchange, pieces_of_any_size_are_the_same) {
  for (const std::size_t piece : {1U, 2U, 3U, 1000U})
    STRCMP_EQUAL(
        "dns ok",
        told([](const auto& q) { return framed(dns_answer(q, kDnsAnswered, {kA})); }, piece, What::Failed).c_str());
}

TEST(DnsExchange, a_cut_a_reset_and_a_silence_are_told_at_every_byte) {
  const std::size_t whole = framed(dns_answer(plan.request, kDnsAnswered, {kA})).size();
  for (std::size_t size = 0; size < whole; size++) {
    const auto cut = [size](const auto& q) { return framed(dns_answer(q, kDnsAnswered, {kA})).substr(0, size); };
    STRCMP_EQUAL(size == 0 ? "dns malformed (empty answer)" : "dns malformed (truncated)",
                 told(cut, 7, What::Closed).c_str());
    STRCMP_EQUAL("tcp read failed (ECONNRESET)", told(cut, 7, What::Failed).c_str());
    STRCMP_EQUAL("waits", told(cut, 7, What::WantRead).c_str());
  }
}

TEST(DnsExchange, what_is_no_answer_to_it_is_malformed) {
  STRCMP_EQUAL("dns malformed (answer to another query)",
               told([](const auto&) { return "\0\0"s; }, 9, What::WantRead).c_str());
  STRCMP_EQUAL("dns malformed (answer to another query)",
               told([](const auto&) { return framed(std::string(30, 'x')); }, 9, What::WantRead).c_str());
}

TEST(DnsExchange, a_server_that_sends_without_end_lets_others_be_served) {
  exchange.begin(plan);
  test::ScriptedStream stream;
  stream.accepts(100).brings("\xff\xff").brings("x").brings("x").brings("x");
  CHECK(exchange.run(stream, verdict) == Step::Again);
  CHECK(stream.followed());
}

TEST(DnsExchange, what_no_configuration_holds_is_refused) {
  auto check = asks();
  check.peer.name = "a..b";
  CHECK(!prepare_dns(check, plan));
  check = asks();
  check.peer.query = 0;
  CHECK(!prepare_dns(check, plan));
}
