#include "hcd/tls/expiry.h"

#include <algorithm>
#include <ctime>
#include <limits>

namespace hcd::tls {

std::uint32_t expiry_of(const X509* certificate) {
  const ASN1_TIME* end = certificate != nullptr ? X509_get0_notAfter(certificate) : nullptr;
  std::tm parts{};
  if (end == nullptr || ASN1_TIME_to_tm(end, &parts) != 1) return 0;
  const std::int64_t minutes = timegm(&parts) / 60;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(minutes, 1, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace hcd::tls
