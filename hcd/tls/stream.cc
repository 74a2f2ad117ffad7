#include "hcd/tls/stream.h"

#include <cstring>

namespace hcd::tls {

std::string PlainStream::error() const {
  const char* name = strerrorname_np(error_);
  return name != nullptr ? name : "errno " + std::to_string(error_);
}

}  // namespace hcd::tls
