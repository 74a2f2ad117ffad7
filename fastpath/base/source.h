// The files a configuration was read from, kept while it is parsed so that an error can show its line. Hostile input
// is bounded here: all files together hold no more than kTotalMax bytes.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "fastpath/base/error.h"
#include "fastpath/base/token.h"

namespace hcd {

// Where files come from: the file system, or a test's memory.
class Files {
 public:
  virtual ~Files() = default;
  // The whole of a regular file of at most `limit` bytes; the error text does not repeat the path.
  [[nodiscard]] virtual Result<std::string> read(const std::string& path, std::size_t limit) const = 0;
  // The paths that match a pattern of glob(7), sorted; none is no error.
  [[nodiscard]] virtual std::vector<std::string> match(const std::string& pattern) const = 0;
  // A regular file that somebody may execute; the error text does not repeat the path.
  [[nodiscard]] virtual Status executable(const std::string& path) const = 0;
  // The same, which none but root can change, or put another in the place of: nor a directory on the way there, but for
  // one that is sticky. Code::NotFound: there is none.
  [[nodiscard]] virtual Status only_root_changes(const std::string&) const {
    return fail(Code::NotFound, "cannot be run");
  }
};

class SystemFiles final : public Files {
 public:
  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit) const override;
  [[nodiscard]] std::vector<std::string> match(const std::string& pattern) const override;
  [[nodiscard]] Status executable(const std::string& path) const override;
  [[nodiscard]] Status only_root_changes(const std::string& path) const override;
};

class Sources {
 public:
  static constexpr std::size_t kFilesMax = 1024;
  static constexpr std::size_t kTotalMax = 8 << 20;

  explicit Sources(const Files& files) : files_(files) {}

  [[nodiscard]] Result<std::uint32_t> load(const std::string& path);
  [[nodiscard]] const Files& files() const { return files_; }
  [[nodiscard]] const std::string& path(std::uint32_t file) const { return loaded_[file].path; }
  [[nodiscard]] std::string_view text(std::uint32_t file) const { return loaded_[file].text; }
  // Without its newline; empty for a place that is not in a file.
  [[nodiscard]] std::string_view line(Position at) const;

 private:
  struct File {
    std::string path, text;
    std::vector<std::size_t> lines;  // where each begins
  };

  const Files& files_;
  std::deque<File> loaded_;  // a deque: views of a text stay good while more files are loaded
  std::size_t total_ = 0;
};

}  // namespace hcd
