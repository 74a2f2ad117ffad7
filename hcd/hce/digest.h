// An incremental message digest; the context is kept from check to check.
#pragma once
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "fastpath/base/c_ptr.h"
#include "hcd/conf/config.h"

namespace hcd::hce {

class Digest {
 public:
  // False: no memory, or the library refuses the algorithm.
  [[nodiscard]] bool begin(conf::DigestType type);
  void update(std::string_view bytes);
  [[nodiscard]] std::string finish();  // raw bytes

 private:
  CPtr<EVP_MD_CTX, EVP_MD_CTX_free> context_;
};

}  // namespace hcd::hce
