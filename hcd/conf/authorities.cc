#include "hcd/conf/authorities.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "fastpath/base/c_ptr.h"

namespace hcd::conf {

Result<std::string> read_authorities(const Files& files, const std::string& path) {
  auto pem = files.read(path.empty() ? std::string(kSystemAuthorities) : path, kAuthoritiesMax);
  if (!pem) return std::unexpected(pem.error());
  const CPtr<BIO, BIO_free_all> text(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())));
  std::size_t count = 0;
  while (text) {
    const CPtr<X509, X509_free> one(PEM_read_bio_X509_AUX(text.get(), nullptr, nullptr, nullptr));
    if (!one) break;
    count++;
  }
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (count == 0) return fail(Code::Invalid, "holds no certificate");
  if (!ended) return fail(Code::Invalid, "holds something that is no certificate after " + std::to_string(count));
  return pem;
}

}  // namespace hcd::conf
