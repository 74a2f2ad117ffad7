#include "fastpath/base/source.h"

#include <filesystem>

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fastpath/base/unique_fd.h"

namespace hcd {
namespace {

std::vector<std::size_t> line_starts(std::string_view text) {
  std::vector<std::size_t> starts = {0};
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1))
    starts.push_back(end + 1);
  return starts;
}

// A file, and each directory that leads to it.
Status check_way(const std::filesystem::path& path) {
  std::filesystem::path at;
  for (const auto& part : path) {
    at /= part;
    struct stat status{};
    if (::lstat(at.c_str(), &status) != 0) return fail_errno("cannot be run");
    const std::string who = at == path ? "" : "(by " + at.string() + ") ";
    if (status.st_uid != 0) return fail(Code::Permission, who + "does not belong to root");
    const bool sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
    if (!S_ISLNK(status.st_mode) && !sticky && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
      return fail(Code::Permission, who + "can be changed by others than root");
  }
  return {};
}

}  // namespace

Result<std::string> SystemFiles::read(const std::string& path, std::size_t limit) const {
  // O_NONBLOCK: a FIFO is refused below, it must not hold the daemon up before.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return fail_errno("cannot open");
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("cannot examine");
  if (!S_ISREG(status.st_mode)) return fail(Code::Invalid, "not a regular file");
  std::string text;
  for (;;) {
    char buffer[16384];
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("cannot read");
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > limit) return fail(Code::Limit, "larger than " + std::to_string(limit) + " bytes");
  }
}

Status SystemFiles::executable(const std::string& path) const {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return fail_errno("cannot be run");
  if (!S_ISREG(status.st_mode)) return fail(Code::Invalid, "is not a regular file");
  if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0) return fail(Code::Permission, "is not executable");
  return {};
}

Status SystemFiles::only_root_changes(const std::string& path) const {
  std::error_code error;
  const auto real = std::filesystem::canonical(path, error);
  if (error == std::errc::no_such_file_or_directory)
    return std::unexpected(Error{Code::NotFound, ENOENT, fail_errno("cannot be run", ENOENT).error().text});
  if (error) return fail_errno("cannot be run", error.value());
  if (auto safe = check_way(path); !safe) return safe;
  if (auto safe = check_way(real); !safe) return safe;
  return executable(path);
}

std::vector<std::string> SystemFiles::match(const std::string& pattern) const {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

Result<std::uint32_t> Sources::load(const std::string& path) {
  if (loaded_.size() == kFilesMax) return fail(Code::Limit, "more than " + std::to_string(kFilesMax) + " files");
  auto text = files_.read(path, kTotalMax);
  if (!text) return std::unexpected(text.error());
  if (text->size() > kTotalMax - total_)
    return fail(Code::Limit, "all files together are larger than " + std::to_string(kTotalMax) + " bytes");
  auto lines = line_starts(*text);
  total_ += text->size();
  loaded_.push_back({path, std::move(*text), std::move(lines)});
  return static_cast<std::uint32_t>(loaded_.size() - 1);
}

std::string_view Sources::line(Position at) const {
  if (at.file >= loaded_.size()) return {};
  const auto& file = loaded_[at.file];
  if (at.line == 0 || at.line > file.lines.size()) return {};
  const std::size_t begin = file.lines[at.line - 1];
  return std::string_view(file.text).substr(begin, file.text.find('\n', begin) - begin);
}

}  // namespace hcd
