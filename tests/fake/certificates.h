// Certificates made on the spot: an authority, and what it signs.
#pragma once
#include <string>

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "fastpath/base/c_ptr.h"

namespace hcd::test {

struct Identity {
  CPtr<EVP_PKEY, EVP_PKEY_free> key;
  CPtr<X509, X509_free> certificate;

  [[nodiscard]] std::string pem() const {
    const CPtr<BIO, BIO_free_all> out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), certificate.get());
    char* text = nullptr;
    const auto size = BIO_ctrl(out.get(), BIO_CTRL_INFO, 0, &text);
    return {text, static_cast<std::size_t>(size)};
  }
};

struct IdentityOptions {
  const Identity* issuer = nullptr;  // none: signed by itself
  std::string names;                 // "DNS:www.example.org,IP:10.0.0.1"; empty: none
  long from = -3600, to = 3600;      // seconds from now
  bool authority = false;
};

inline Identity make_identity(const std::string& subject, const IdentityOptions& options) {
  Identity made{.key = CPtr<EVP_PKEY, EVP_PKEY_free>(EVP_EC_gen("P-256")),
                .certificate = CPtr<X509, X509_free>(X509_new())};
  X509* x = made.certificate.get();
  const Identity& issuer = options.issuer != nullptr ? *options.issuer : made;
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), options.authority ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(x), options.from);
  X509_gmtime_adj(X509_getm_notAfter(x), options.to);
  X509_set_pubkey(x, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(subject.c_str()), -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(issuer.certificate.get()));
  const auto extend = [x](int nid, const std::string& value) {
    const CPtr<X509_EXTENSION, X509_EXTENSION_free> one(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
    X509_add_ext(x, one.get(), -1);
  };
  extend(NID_basic_constraints, options.authority ? "critical,CA:TRUE" : "CA:FALSE");
  if (!options.names.empty()) extend(NID_subject_alt_name, options.names);
  X509_sign(x, issuer.key.get(), EVP_sha256());
  return made;
}

}  // namespace hcd::test
