#include "hcd/hce/verdict.h"

#include <cerrno>
#include <cstring>

namespace hcd::hce {
namespace {

bool is_want(int sys) {
  switch (sys) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EAGAIN:         // connect: no free port
    case EADDRNOTAVAIL:  // the same, told otherwise
    case ENETDOWN:       // our own interface is down: a peer's cannot be told from here
    case EAFNOSUPPORT:   // this kernel, or its administrator, has no such family
    case EPROTONOSUPPORT:
    case EPERM:   // a rule of our own firewall, or our own confinement
    case EACCES:
      return true;
    default: return false;
  }
}

}  // namespace

Verdict failed_call(ipc::Reason reason, int sys) {
  const char* name = strerrorname_np(sys);
  std::string detail = name != nullptr ? name : "errno " + std::to_string(sys);
  return is_want(sys) ? unrun(std::move(detail)) : failed(reason, std::move(detail));
}

Verdict failed_io(ipc::Reason reason, const tls::Stream& stream) {
  if (is_want(stream.error_number())) return failed_call(reason, stream.error_number());
  return failed(reason, stream.error());
}

}  // namespace hcd::hce
