// A server in the same thread, over a socketpair: both handshakes take their steps in turn.
#include "hcd/tls/client.h"

#include <optional>

#include <fcntl.h>
#include <sys/socket.h>

#include "fastpath/base/unique_fd.h"
#include "tests/fake/certificates.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::tls;
using test::Identity;
using test::make_identity;

TEST_GROUP(TlsClient) {
  Identity ca = make_identity("a CA", {.authority = true});
  Identity other_ca = make_identity("another CA", {.authority = true});
  std::string alpn;        // what the server agrees to
  std::string asked;       // the name it was asked for
  bool resumed = false;    // the last session
  std::uint32_t expires = 0;  // the certificate, as the client has it

  ClientContext context(const std::string& wanted = {}) {
    return ClientContext({.verify_by = Authorities::parse(ca.pem()), .alpn = wanted});
  }
  static int choose(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned in_size,
                    void* agreed) {
    const std::string& alpn = *static_cast<const std::string*>(agreed);
    const std::string_view offered(reinterpret_cast<const char*>(in), in_size);
    const auto at = offered.find(alpn);
    if (alpn.empty() || at == std::string_view::npos) return SSL_TLSEXT_ERR_NOACK;
    *out = in + at;
    *size = static_cast<unsigned char>(alpn.size());
    return SSL_TLSEXT_ERR_OK;
  }
  // The client's error; empty: the handshake is complete.
  std::string meet(const ClientContext& with, const Identity& identity, const std::string& name,
                   const std::string& sni = {}) {
    int ends[2];
    CHECK_EQUAL(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends));
    const UniqueFd near(ends[0]), far(ends[1]);
    const CPtr<SSL_CTX, SSL_CTX_free> server(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(server.get(), identity.certificate.get());
    SSL_CTX_use_PrivateKey(server.get(), identity.key.get());
    SSL_CTX_set_alpn_select_cb(server.get(), choose, &alpn);
    const CPtr<SSL, SSL_free> ssl(SSL_new(server.get()));
    SSL_set_fd(ssl.get(), far.get());
    ClientStream client;
    if (!client.open(with, near.get(), sni, name)) return "not opened";
    for (int step = 0; step < 100; step++) {
      const Io io = client.handshake();
      SSL_accept(ssl.get());
      expires = client.expires();
      if (io.what == Io::What::Failed || io.what == Io::What::Closed) return client.error();
      if (io.what != Io::What::Done) continue;
      if (const char* got = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name)) asked = got;
      resumed = SSL_session_reused(ssl.get()) == 1;
      return {};
    }
    return "no end";
  }
};

TEST(TlsClient, a_certificate_of_the_authority_for_the_name_passes) {
  const auto identity =
      make_identity("www", {.issuer = &ca, .names = "DNS:www.example.org,DNS:*.example.net,IP:10.0.0.1"});
  for (const char* name : {"www.example.org", "WWW.example.org", "any.example.net", "10.0.0.1"})
    STRCMP_EQUAL("", meet(context(), identity, name).c_str());
  for (const char* name : {"example.org", "a.b.example.net", "10.0.0.2", "www.example.org.evil"})
    STRCMP_EQUAL((std::string("certificate is not for ") + name).c_str(), meet(context(), identity, name).c_str());
}

TEST(TlsClient, without_a_name_to_expect_nothing_is_verified_by_chance) {
  const auto identity = make_identity("www", {.issuer = &ca, .names = "DNS:www.example.org"});
  STRCMP_EQUAL("not opened", meet(context(), identity, "").c_str());
}

TEST(TlsClient, what_is_wrong_with_a_certificate_is_named) {
  const std::string names = "DNS:www.example.org", name = "www.example.org";
  const auto says = [&](const char* words, const test::IdentityOptions& options) {
    STRCMP_EQUAL(words, meet(context(), make_identity("www", options), name).c_str());
  };
  says("certificate has expired", {.issuer = &ca, .names = names, .to = -60});
  says("certificate is not valid yet", {.issuer = &ca, .names = names, .from = 600});
  says("certificate is self-signed", {.names = names});
  says("certificate is of an unknown CA", {.issuer = &other_ca, .names = names});
  says("certificate is not for www.example.org", {.issuer = &ca, .names = "DNS:another.example.org"});
}

TEST(TlsClient, who_does_not_verify_takes_any_certificate) {
  const auto identity = make_identity("www", {.to = -60});
  STRCMP_EQUAL("", meet(ClientContext(), identity, "").c_str());
}

TEST(TlsClient, when_the_certificate_ends_is_known_of_each_that_is_shown) {
  const auto good = make_identity("www", {.issuer = &ca, .names = "DNS:www.example.org"});
  const auto expired = make_identity("www", {.issuer = &ca, .names = "DNS:www.example.org", .to = -7200});
  const auto in = [](std::uint32_t minutes, long seconds) {
    return static_cast<long>(minutes) - (time(nullptr) + seconds) / 60;
  };
  STRCMP_EQUAL("", meet(context(), good, "www.example.org").c_str());
  CHECK(std::abs(in(expires, 3600)) <= 1);
  STRCMP_EQUAL("", meet(ClientContext(), good, "").c_str());
  CHECK(std::abs(in(expires, 3600)) <= 1);
  STRCMP_EQUAL("certificate has expired", meet(context(), expired, "www.example.org").c_str());
  CHECK(std::abs(in(expires, -7200)) <= 1);
  STRCMP_EQUAL("", meet(ClientContext(), expired, "").c_str());
  CHECK(std::abs(in(expires, -7200)) <= 1);
}

TEST(TlsClient, a_common_name_is_no_name_where_there_are_others) {
  const auto identity = make_identity("www.example.org", {.issuer = &ca, .names = "DNS:another.example.org"});
  STRCMP_EQUAL("certificate is not for www.example.org", meet(context(), identity, "www.example.org").c_str());
}

TEST(TlsClient, the_protocol_is_agreed_upon_or_it_fails) {
  const auto identity = make_identity("www", {.issuer = &ca, .names = "DNS:www.example.org"});
  alpn = "h2";
  STRCMP_EQUAL("", meet(context("h2"), identity, "www.example.org").c_str());
  STRCMP_EQUAL("ALPN: the server does not agree to http/1.1",
               meet(context("http/1.1"), identity, "www.example.org").c_str());
  alpn.clear();
  STRCMP_EQUAL("ALPN: the server does not agree to h2", meet(context("h2"), identity, "www.example.org").c_str());
}

TEST(TlsClient, the_name_is_sent_and_an_address_is_not) {
  const auto identity = make_identity("www", {.issuer = &ca, .names = "DNS:www.example.org"});
  STRCMP_EQUAL("", meet(context(), identity, "www.example.org", "sni.example.org").c_str());
  STRCMP_EQUAL("sni.example.org", asked.c_str());
  asked.clear();
  STRCMP_EQUAL("", meet(context(), identity, "www.example.org", "10.0.0.1").c_str());
  STRCMP_EQUAL("", asked.c_str());
}

TEST(TlsClient, no_session_is_resumed_so_that_each_handshake_verifies) {
  const auto good = make_identity("www", {.issuer = &ca, .names = "DNS:www.example.org"});
  const auto bad = make_identity("www", {.issuer = &other_ca, .names = "DNS:www.example.org"});
  const auto with = context();
  for (int i = 0; i < 3; i++) {
    STRCMP_EQUAL("", meet(with, good, "www.example.org").c_str());
    CHECK(!resumed);
  }
  STRCMP_EQUAL("certificate is of an unknown CA", meet(with, bad, "www.example.org").c_str());
}

TEST(TlsClient, authorities_are_all_that_their_text_holds) {
  const auto both = Authorities::parse("# two\n" + ca.pem() + "\n" + other_ca.pem());
  CHECK(both != nullptr);
  const ClientContext with({.verify_by = both, .alpn = {}});
  STRCMP_EQUAL("", meet(with, make_identity("w", {.issuer = &ca, .names = "DNS:w"}), "w").c_str());
  STRCMP_EQUAL("", meet(with, make_identity("w", {.issuer = &other_ca, .names = "DNS:w"}), "w").c_str());
  CHECK(Authorities::parse("") == nullptr && Authorities::parse("nothing") == nullptr);
}
