#include "hcd/conf/check.h"
#include "hcd/conf/print.h"
#include "tests/fake/certificates.h"
#include "tests/hcd/conf/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::conf;

TEST_GROUP(TlsCheck) {
  Fixture fixture;
  std::string pem = test::make_identity("a CA", {.authority = true}).pem();

  void setup() override {
    fixture.files.files["/ca.pem"] = pem;
    fixture.files.files["/empty.pem"] = "nothing\n";
    fixture.files.files["/broken.pem"] = pem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  }
  static std::string file(const std::string& check) {
    return "table t {\ncheck " + check + "\nhost 10.0.0.1\n}\n";
  }
  std::string said(const std::string& check) {
    const auto text = fixture.errors(file(check));
    return text.substr(0, text.find('\n'));
  }
  Config load(const std::string& check) {
    const auto loaded = fixture.load(file(check));
    STRCMP_EQUAL("", loaded ? "" : loaded.error().text.c_str());
    return loaded ? loaded->config : Config();
  }
};

TEST(TlsCheck, what_is_asked_of_the_certificate_reads_and_prints) {
  for (const char* how :
       {"tls", "https \"/\" code 200", "https \"/\" digest \"2f0fd1e89b8de1d57292742ec380ea47\"",
        "send \"a\" expect \"b\" tls", "binary send \"61\" expect \"62\" tls", "redis password \"x\" noauth tls",
        "mysql user \"me\" tls", "postgres user \"me\" database \"shop\" tls", "smtp tls", "smtp starttls",
        "smtp \"mx.example.org\" starttls", "ldap tls", "ldap starttls"}) {
    const std::string line =
        std::string(how) +
        " verify ca \"/ca.pem\" name \"www.example.org\" sni \"sni.example.org\" alpn \"http/1.1\" expiry 30d";
    const auto config = load(line);
    const auto& check = config.templates.at(0).check;
    CHECK(check.tls->verify && check.tls->ca == "/ca.pem" && check.tls->name == "www.example.org");
    CHECK(check.tls->sni == "sni.example.org" && check.tls->alpn == "http/1.1");
    CHECK(check.tls->expiry == std::chrono::days(30));
    STRCMP_EQUAL(line.c_str(), check_text(check).c_str());
    CHECK_EQUAL(1U, config.authorities.size());
    CHECK(config.authorities[0] == (Authorities{.path = "/ca.pem", .pem = pem}));
  }
}

TEST(TlsCheck, what_a_conversation_asks_of_the_certificate_may_stand_among_its_own_words) {
  for (const char* line : {"redis tls ca /ca.pem password x", "mysql tls ca /ca.pem user x", "ldap starttls ca /ca.pem",
                           "postgres database x tls ca /ca.pem user y", "smtp tls ca /ca.pem"}) {
    const auto config = load(line);
    CHECK(config.templates.at(0).check.tls->verify);
    CHECK_EQUAL(1U, config.authorities.size());
  }
}

TEST(TlsCheck, how_soon_a_certificate_ends_that_is_warned_of) {
  using std::chrono::days;
  const auto limit = [this](const char* check) { return expiry_limit(load(check).templates.at(0).check.tls); };
  CHECK(limit("tls") == days(14));
  CHECK(limit("redis tls expiry 1d") == days(1));
  CHECK(limit("ldap starttls expiry 3650d") == days(3650));
  CHECK(limit("https / code 200 expiry off") == std::nullopt);
  CHECK(limit("http / code 200") == std::nullopt);
  CHECK(!load("tls expiry 9d").templates.at(0).check.tls->verify);
  for (const char* wrong :
       {"tls expiry 23h", "tls expiry 3651d", "tls expiry 0", "tls expiry never", "tls expiry 1.5d"})
    STRCMP_CONTAINS("expiry is a time from 1d to 3650d, in seconds or with a unit", said(wrong).c_str());
  STRCMP_CONTAINS("'expiry' is given twice", said("tls expiry off expiry 9d").c_str());
  STRCMP_CONTAINS("expected a time for 'expiry'", said("smtp tls expiry").c_str());
}

TEST(TlsCheck, a_file_or_a_name_asks_for_it_to_be_verified) {
  CHECK(load("tls ca /ca.pem").templates.at(0).check.tls->verify);
  CHECK(load("tls ca /ca.pem name www").templates.at(0).check.tls->verify);
  CHECK(!load("tls sni www alpn h2").templates.at(0).check.tls->verify);
  CHECK(load("tls sni www alpn h2").authorities.empty());
}

TEST(TlsCheck, without_a_file_the_systems_is_read) {
  for (const char* how :
       {"tls", "redis tls", "mysql tls", "postgres tls", "smtp starttls", "ldap tls", "send a expect b tls"})
    STRCMP_EQUAL(
        "hcd.conf:2:7: the system's file of certificates cannot open: No such file or directory: name one with 'ca'",
        said(how + std::string(" verify")).c_str());
  fixture.files.files["/etc/ssl/certs/ca-certificates.crt"] = pem;
  CHECK(load("tls verify").authorities == (std::vector<Authorities>{{.path = "", .pem = pem}}));
}

TEST(TlsCheck, what_cannot_be_verified_by_is_refused_where_it_stands) {
  STRCMP_EQUAL("hcd.conf:2:14: file \"/empty.pem\" holds no certificate", said("tls ca \"/empty.pem\"").c_str());
  STRCMP_EQUAL("hcd.conf:2:14: file \"/broken.pem\" holds something that is no certificate after 1",
               said("tls ca \"/broken.pem\"").c_str());
  STRCMP_EQUAL("hcd.conf:2:14: file \"/none.pem\" cannot open: No such file or directory",
               said("tls ca \"/none.pem\"").c_str());
  STRCMP_CONTAINS("hcd.conf:2:14: a file of certificates is given by its whole path",
                  said("tls ca \"ca.pem\"").c_str());
}

TEST(TlsCheck, files_that_are_too_much_together_are_refused_where_the_last_stands) {
  std::string text;
  for (int i = 0; i < 5; i++) {
    const std::string path = "/large" + std::to_string(i);
    fixture.files.files[path] = std::string(3500000, '\n') + pem;
    text += "table t" + std::to_string(i) + " {\ncheck tls ca \"" + path + "\"\nhost 10.0.0.1\n}\n";
  }
  STRCMP_EQUAL("hcd.conf:18:14: file \"/large4\" is too much: all such files may have 16777216 bytes",
               fixture.errors(text).substr(0, fixture.errors(text).find('\n')).c_str());
}

TEST(TlsCheck, each_word_stands_once_and_over_tls_alone) {
  STRCMP_CONTAINS("hcd.conf:2:24: 'ca' is given twice", said("tls ca \"/ca.pem\" ca \"/ca.pem\"").c_str());
  STRCMP_CONTAINS("'sni' is given twice", said("tls sni a sni b").c_str());
  STRCMP_CONTAINS("'alpn' is given twice", said("tls alpn a alpn b").c_str());
  STRCMP_CONTAINS("'name' is given twice", said("tls name a name b").c_str());
  for (const char* words : {"verify", "ca /ca.pem", "name a", "sni a", "alpn h2", "expiry 9d"})
    for (const char* how : {"http \"/\" code 200 ", "redis ", "mysql ", "postgres "})
      STRCMP_CONTAINS("is for a check over TLS", said(how + std::string(words)).c_str());
  STRCMP_CONTAINS("SNI holds a name, not an address", said("tls sni 10.0.0.1").c_str());
  STRCMP_CONTAINS("is no server's name", said("tls name \"a b\"").c_str());
  STRCMP_CONTAINS("is no protocol's name", said("tls alpn \"a b\"").c_str());
  STRCMP_CONTAINS("is not a word of this check (verify, ca, name, sni, alpn, expiry)", said("tls code 200").c_str());
}
