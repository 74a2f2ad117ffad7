#include "hcd/hce/digest.h"

#include <openssl/err.h>

namespace hcd::hce {

bool Digest::begin(conf::DigestType type) {
  if (!context_) context_.reset(EVP_MD_CTX_new());
  const EVP_MD* md = type == conf::DigestType::Md5    ? EVP_md5()
                     : type == conf::DigestType::Sha1 ? EVP_sha1()
                                                      : EVP_sha256();
  const bool ready = context_ && EVP_DigestInit_ex(context_.get(), md, nullptr) == 1;
  if (!ready) ERR_clear_error();
  return ready;
}

void Digest::update(std::string_view bytes) {
  EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

std::string Digest::finish() {
  unsigned char raw[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_DigestFinal_ex(context_.get(), raw, &size);
  return {reinterpret_cast<const char*>(raw), size};
}

}  // namespace hcd::hce
