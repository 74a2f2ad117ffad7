#include "hcd/tls/stream.h"

#include "fastpath/base/error.h"

namespace hcd::tls {

std::string PlainStream::error() const {
  return errno_name(error_);
}

}  // namespace hcd::tls
