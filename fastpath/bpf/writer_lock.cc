#include "fastpath/bpf/writer_lock.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include "fastpath/bpf/map_fds.h"

namespace hcd::fastpath {

WriterLock::Hold::~Hold() {
  if (fd_ >= 0) flock(fd_, LOCK_UN);
}

Result<UniqueFd> WriterLock::open(const std::string& pin_directory) {
  const std::string path = pin_directory + "/" + kMaps[kGlobals].name;
  // The kernel lets a pinned array with type information be read as a text file.
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return fail_errno(path);
  return fd;
}

Result<WriterLock::Hold> WriterLock::take(Milliseconds patience) const {
  if (!fd_) return Hold();
  constexpr timespec kPause{.tv_sec = 0, .tv_nsec = 1'000'000};
  for (auto left = patience;; left -= Milliseconds(1)) {
    if (flock(fd_.get(), LOCK_EX | LOCK_NB) == 0) return Hold(fd_.get());
    if (errno != EWOULDBLOCK && errno != EINTR) return fail_errno("the lock of the rules");
    if (left <= Milliseconds(0)) return fail(Code::Limit, "another program is changing the rules");
    nanosleep(&kPause, nullptr);
  }
}

}  // namespace hcd::fastpath
