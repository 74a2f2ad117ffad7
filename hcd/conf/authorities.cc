#include "hcd/conf/authorities.h"

#include "fastpath/base/pem.h"

namespace hcd::conf {

Result<std::string> read_authorities(const Files& files, const std::string& path) {
  auto pem = files.read(path.empty() ? std::string(kSystemAuthorities) : path, kAuthoritiesMax);
  if (!pem) return std::unexpected(pem.error());
  std::size_t count = 0;
  const bool ended = each_certificate(*pem, [&](X509&) { count++; });
  if (count == 0) return fail(Code::Invalid, "holds no certificate");
  if (!ended) return fail(Code::Invalid, "holds something that is no certificate after " + std::to_string(count));
  return pem;
}

}  // namespace hcd::conf
