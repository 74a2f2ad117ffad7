#include "hcd/tls/authorities.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace hcd::tls {

std::shared_ptr<const Authorities> Authorities::parse(std::string pem) {
  auto made = std::make_shared<Authorities>();
  made->pem_ = std::move(pem);
  made->store_.reset(X509_STORE_new());
  const CPtr<BIO, BIO_free_all> text(BIO_new_mem_buf(made->pem_.data(), static_cast<int>(made->pem_.size())));
  std::size_t count = 0;
  while (text && made->store_) {
    const CPtr<X509, X509_free> one(PEM_read_bio_X509_AUX(text.get(), nullptr, nullptr, nullptr));
    if (!one) break;
    count += X509_STORE_add_cert(made->store_.get(), one.get()) == 1 ? 1 : 0;
  }
  ERR_clear_error();
  return count > 0 ? made : nullptr;
}

}  // namespace hcd::tls
