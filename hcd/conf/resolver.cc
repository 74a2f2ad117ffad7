#include "hcd/conf/resolver.h"

#include <algorithm>

#include <netdb.h>

#include "fastpath/base/c_ptr.h"
#include "fastpath/base/services.h"

namespace hcd::conf {

Result<std::vector<Address>> SystemResolver::addresses(const std::string& name) const {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int status = ::getaddrinfo(name.c_str(), nullptr, &hints, &list);
  if (status == EAI_SYSTEM) return fail_errno("cannot resolve '" + name + "'");
  if (status != 0) return fail(Code::NotFound, "cannot resolve '" + name + "': " + ::gai_strerror(status));
  const CPtr<addrinfo, ::freeaddrinfo> owned(list);
  std::vector<Address> found;
  for (const auto* entry = list; entry != nullptr; entry = entry->ai_next)
    if (const auto address = Address::from(entry->ai_addr)) found.push_back(*address);
  std::ranges::sort(found);
  found.erase(std::ranges::unique(found).begin(), found.end());
  if (found.empty()) return fail(Code::NotFound, "'" + name + "' has no IPv4 or IPv6 address");
  return found;
}

std::optional<std::uint16_t> SystemResolver::port(const std::string& service) const {
  return service_port(service);
}

}  // namespace hcd::conf
