#include "fastpath/bpf/map_fds.h"

#include <bpf/bpf.h>

namespace hcd::fastpath {

std::vector<int> MapFds::raw() const {
  std::vector<int> out;
  out.reserve(fd.size());
  for (const UniqueFd& one : fd) out.push_back(one.get());
  return out;
}

Result<MapFds> MapFds::from(std::vector<UniqueFd> fds) {
  if (fds.size() != kMapCount) {
    return fail(Code::Protocol, std::to_string(fds.size()) + " map descriptors came instead of " +
                                    std::to_string(static_cast<int>(kMapCount)));
  }
  MapFds out;
  for (std::size_t i = 0; i < fds.size(); i++) out.fd[i] = std::move(fds[i]);
  return out;
}

Result<MapFds> MapFds::open(const std::string& directory) {
  MapFds out;
  for (std::size_t i = 0; i < kMapCount; i++) {
    const std::string path = directory + "/" + kMaps[i].name;
    out.fd[i].reset(bpf_obj_get(path.c_str()));
    if (out.fd[i]) continue;
    if (errno == ENOENT && i == 0) return fail(Code::NotFound, directory + ": no hcd rules are loaded");
    if (errno == ENOENT) return fail(Code::Unsupported, path + " is missing: another version pinned the others");
    return fail_errno(path);
  }
  return out;
}

}  // namespace hcd::fastpath
