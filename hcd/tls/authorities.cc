#include "hcd/tls/authorities.h"

#include "fastpath/base/pem.h"

namespace hcd::tls {

std::shared_ptr<const Authorities> Authorities::parse(std::string pem) {
  auto made = std::make_shared<Authorities>();
  made->pem_ = std::move(pem);
  made->store_.reset(X509_STORE_new());
  if (!made->store_) return nullptr;
  std::size_t count = 0;
  each_certificate(made->pem_, [&](X509& one) { count += X509_STORE_add_cert(made->store_.get(), &one) == 1 ? 1 : 0; });
  ERR_clear_error();  // of one that is there twice
  return count > 0 ? made : nullptr;
}

}  // namespace hcd::tls
