// When a certificate ends.
#pragma once
#include <cstdint>

#include <openssl/x509.h>

namespace hcd::tls {

// In minutes since 1970, the year 9999 among them; what ended before is 1. 0: whoever made it wrote no date there.
[[nodiscard]] std::uint32_t expiry_of(const X509* certificate);

}  // namespace hcd::tls
