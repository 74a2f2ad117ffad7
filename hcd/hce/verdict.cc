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

}  // namespace hcd::hce
