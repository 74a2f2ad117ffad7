#include "hcd/tls/expiry.h"

#include "tests/fake/certificates.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::tls;

TEST_GROUP(Expiry){
    // Of a certificate in whose end just this is written.
    static std::uint32_t of(int type, const std::string& written){const CPtr<X509, X509_free> certificate(X509_new());
ASN1_TIME* end = X509_getm_notAfter(certificate.get());
ASN1_STRING_set(end, written.data(), static_cast<int>(written.size()));
end->type = type;
return expiry_of(certificate.get());
}
}
;

TEST(Expiry, both_forms_of_a_date_are_read) {
  CHECK_EQUAL(30'023'999U, of(V_ASN1_UTCTIME, "270131235959Z"));
  CHECK_EQUAL(30'023'999U, of(V_ASN1_GENERALIZEDTIME, "20270131235959Z"));
  CHECK_EQUAL(2'932'896U * 1440 + 1439, of(V_ASN1_GENERALIZEDTIME, "99991231235959Z"));  // RFC 5280: it never ends
}

TEST(Expiry, what_ended_long_ago_has_ended) {
  CHECK_EQUAL(1U, of(V_ASN1_GENERALIZEDTIME, "00010101000000Z"));
  CHECK_EQUAL(1U, of(V_ASN1_UTCTIME, "500101000000Z"));
}

TEST(Expiry, what_is_no_date_is_none) {
  for (const char* written : {"", "Z", "never", "20271331235959Z", "20270132235959Z", "20270131246060Z",
                              "2027013123595", "2027013123595\xff", "99999999999999999999999999999Z"}) {
    CHECK_EQUAL(0U, of(V_ASN1_GENERALIZEDTIME, written));
    CHECK_EQUAL(0U, of(V_ASN1_UTCTIME, written));
  }
  CHECK_EQUAL(0U, of(V_ASN1_GENERALIZEDTIME, "2027" + std::string(1, '\0') + "0131235959Z"));
  CHECK_EQUAL(0U, of(V_ASN1_OCTET_STRING, "20270131235959Z"));
  CHECK_EQUAL(0U, expiry_of(nullptr));
}
