// The CA certificates that peers' certificates are verified by; shared by all who verify by the same ones.
#pragma once
#include <memory>
#include <string>

#include <openssl/x509_vfy.h>

#include "fastpath/base/c_ptr.h"

namespace hcd::tls {

class Authorities {
 public:
  // Of a text that holds certificates in PEM; null: it holds none, or there is no memory.
  [[nodiscard]] static std::shared_ptr<const Authorities> parse(std::string pem);

  [[nodiscard]] const std::string& pem() const { return pem_; }
  [[nodiscard]] X509_STORE* store() const { return store_.get(); }

 private:
  std::string pem_;
  CPtr<X509_STORE, X509_STORE_free> store_;
};

}  // namespace hcd::tls
