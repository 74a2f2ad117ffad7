// What a check asks of the server's certificate, whatever it speaks over TLS: each kind, with a real handshake.
#include "fastpath/base/text.h"
#include "tests/fake/tls_server.h"
#include "tests/hcd/hce/checking.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace std::chrono_literals;
using conf::CheckType;
using test::Identity;
using test::make_identity;

TEST_GROUP(Verify) {
  Identity ca = make_identity("a CA", {.authority = true});
  Identity other_ca = make_identity("another CA", {.authority = true});
  std::string names = "DNS:www.example.org", before_tls;
  test::Checking checking;

  conf::Check check(CheckType type) {
    conf::Check out;
    out.type = type;
    out.tls = conf::TlsCheck{.verify = true, .ca = "/ca.pem", .name = "www.example.org", .sni = {}, .alpn = {}};
    return out;
  }
  // How the check of a server ends that has this certificate and gives this answer.
  std::string says(const conf::Check& check, const std::string& answer, const Identity& identity) {
    const test::TlsServer server({.answer = answer, .before_tls = before_tls, .identity = &identity});
    return checking.told(check, "127.0.0.1", server.port(), 4s, tls::Authorities::parse(ca.pem()));
  }
  // A server that is as it should be passes; each fault of a certificate is told in the same words by every kind.
  void judges(const conf::Check& check, const std::string& answer, const char* ok) {
    const auto is = [&](const char* words, const test::IdentityOptions& options) {
      STRCMP_EQUAL(words, says(check, answer, make_identity("www", options)).c_str());
      const long seconds = static_cast<long>(checking.certificate) * 60 - time(nullptr);
      CHECK(std::abs(seconds - options.to) <= 120);  // whatever becomes of it, it is known when it ends
    };
    is(ok, {.issuer = &ca, .names = names});
    is("tls connect error (certificate has expired)", {.issuer = &ca, .names = names, .to = -60});
    is("tls connect error (certificate is not valid yet)", {.issuer = &ca, .names = names, .from = 600});
    is("tls connect error (certificate is self-signed)", {.names = names});
    is("tls connect error (certificate is of an unknown CA)", {.issuer = &other_ca, .names = names});
    is("tls connect error (certificate is not for www.example.org)", {.issuer = &ca, .names = "DNS:a.example.org"});
  }
};

TEST(Verify, the_handshake_alone) {
  judges(check(CheckType::Tls), "", "tls connect ok");
}

TEST(Verify, a_conversation_over_tls) {
  judges(check(CheckType::Redis), "+PONG\r\n", "redis ok");
}

TEST(Verify, a_conversation_that_begins_in_plain_text) {
  auto how = check(CheckType::Postgres);
  how.peer.starttls = true;
  before_tls = "S";
  judges(how, std::string("R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I", 15), "postgres ok");
}

TEST(Verify, what_is_sent_and_expected) {
  auto how = check(CheckType::SendExpect);
  how.exchange.send = "hello";
  how.exchange.expect = "2*";
  judges(how, "220 ready\r\n", "send/expect ok");
}

TEST(Verify, a_digest_of_what_https_brings) {
  auto how = check(CheckType::HttpDigest);
  how.http.path = "/";
  how.http.digest_type = conf::DigestType::Sha1;
  how.http.digest = *from_hex("2aae6c35c94fcfb415dbe95f408b9ce91ee846ed");
  judges(how, "HTTP/1.0 200 OK\r\n\r\nhello world", "http digest ok");
}

TEST(Verify, a_protocol_that_is_not_agreed_upon_fails_a_conversation) {
  auto how = check(CheckType::Ldap);
  how.tls->alpn = "ldap";
  STRCMP_EQUAL("tls connect error (ALPN: the server does not agree to ldap)",
               says(how, "", make_identity("www", {.issuer = &ca, .names = names})).c_str());
}
