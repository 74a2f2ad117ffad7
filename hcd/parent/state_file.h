// What outlives the daemon, in a file of its state directory: what pfe has parked. The parent does not look into it.
//
// A file is written whole beside the one that there is, brought to the disk, and takes its place by one rename: whatever
// happens meanwhile, one or the other is there. It has a version and a checksum; one that is cut off, of another version or
// not ours alone to write is set aside under another name, and not believed.
#pragma once
#include <map>
#include <string>

#include "fastpath/base/error.h"

namespace hcd::parent {

class StateFile {
 public:
  using Entries = std::map<std::string, std::string>;
  static constexpr std::size_t kSizeMax = std::size_t{64} << 20;

  explicit StateFile(std::string directory);

  // Nothing where there is no file. An error: it was set aside, and why.
  [[nodiscard]] Result<Entries> load() const;
  [[nodiscard]] Status save(const Entries& entries) const;  // makes the directory, for its owner alone

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string directory_, path_;
};

}  // namespace hcd::parent
