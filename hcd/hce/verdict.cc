#include "hcd/hce/verdict.h"

#include <cerrno>

#include "fastpath/base/error.h"

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
    case EPERM:  // a rule of our own firewall, or our own confinement
    case EACCES: return true;
    default: return false;
  }
}

}  // namespace

Verdict failed_call(ipc::Reason reason, int sys) {
  return is_want(sys) ? unrun(errno_name(sys)) : failed(reason, errno_name(sys));
}

Verdict failed_io(ipc::Reason reason, const tls::Stream& stream) {
  if (is_want(stream.error_number())) return failed_call(reason, stream.error_number());
  return failed(reason, stream.error());
}

}  // namespace hcd::hce
