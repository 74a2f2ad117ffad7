// The certificates in a text in PEM.
#pragma once
#include <string_view>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "fastpath/base/c_ptr.h"

namespace hcd {

// Visits each, up to the end or what is none. True: it was the end.
template <class Visit>
bool each_certificate(std::string_view pem, Visit visit) {
  const CPtr<BIO, BIO_free_all> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (text) {
    const CPtr<X509, X509_free> one(PEM_read_bio_X509_AUX(text.get(), nullptr, nullptr, nullptr));
    if (!one) break;
    visit(*one);
  }
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return ended;
}

}  // namespace hcd
