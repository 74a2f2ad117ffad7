#include "hcd/parent/state_file.h"

#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fastpath/base/unique_fd.h"
#include "hcd/ipc/codec.h"

namespace hcd::parent {
namespace {

constexpr std::string_view kFirstLine = "hcd state 1\n";

std::uint64_t checksum(std::string_view bytes) {  // FNV-1a: against accidents, not against root
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const char byte : bytes) sum = (sum ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return sum;
}

Status check_owner(int fd) {
  struct stat status{};
  if (fstat(fd, &status) != 0) return fail_errno("look at it");
  if (!S_ISREG(status.st_mode)) return fail(Code::Invalid, "it is no regular file");
  if (status.st_uid != geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return fail(Code::Permission, "others than the daemon may write to it");
  if (static_cast<std::size_t>(status.st_size) > StateFile::kSizeMax) return fail(Code::Limit, "it is too large");
  return {};
}

Result<std::string> read_all(int fd) {
  std::string out;
  char bytes[65536];
  for (;;) {
    const ssize_t count = read(fd, bytes, sizeof bytes);
    if (count == 0) return out;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("read it");
    out.append(bytes, static_cast<std::size_t>(count));
    if (out.size() > StateFile::kSizeMax) return fail(Code::Limit, "it is too large");
  }
}

Result<StateFile::Entries> entries_of(std::string_view bytes) {
  if (!bytes.starts_with(kFirstLine)) return fail(Code::Invalid, "it is of another version, or not the daemon's");
  bytes.remove_prefix(kFirstLine.size());
  std::uint64_t sum = 0;
  if (bytes.size() < sizeof sum) return fail(Code::Invalid, "it is cut off");
  std::memcpy(&sum, bytes.data(), sizeof sum);
  bytes.remove_prefix(sizeof sum);
  if (checksum(bytes) != sum) return fail(Code::Invalid, "its checksum is wrong");
  Result<StateFile::Entries> out;
  ipc::Decoder decoder(bytes);
  decoder(*out);
  if (!decoder.complete()) return fail(Code::Invalid, "it is malformed");
  return out;
}

Status write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("write");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return fsync(fd) == 0 ? Status() : fail_errno("fsync");
}

}  // namespace

StateFile::StateFile(std::string directory) : directory_(std::move(directory)), path_(directory_ + "/overrides") {}

Result<StateFile::Entries> StateFile::load() const {
  const UniqueFd file(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file && errno == ENOENT) return Entries();
  Result<Entries> entries;
  if (!file) {
    entries = fail_errno("open it");
  } else if (auto sound = check_owner(file.get()); !sound) {
    entries = std::unexpected(sound.error());
  } else if (auto bytes = read_all(file.get()); !bytes) {
    entries = std::unexpected(bytes.error());
  } else {
    entries = entries_of(*bytes);
  }
  if (entries) return entries;
  const std::string aside = path_ + ".bad";
  const bool moved = rename(path_.c_str(), aside.c_str()) == 0;
  return fail(Code::Invalid,
              path_ + ": " + entries.error().text + "; " +
                  (moved ? "set aside as " + aside : "it cannot be set aside: " + std::string(std::strerror(errno))));
}

Status StateFile::save(const Entries& entries) const {
  if (entries.empty() && access(path_.c_str(), F_OK) != 0 && errno == ENOENT) return {};
  if (mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno(directory_);
  ipc::Encoder encoder;
  encoder(entries);
  const std::string payload = encoder.take();
  const std::uint64_t sum = checksum(payload);
  std::string bytes(kFirstLine);
  bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum) += payload;
  const std::string fresh = path_ + ".new";
  if (unlink(fresh.c_str()) != 0 && errno != ENOENT) return fail_errno(fresh);
  const UniqueFd file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return fail_errno(fresh);
  if (auto done = write_all(file.get(), bytes); !done) return fail_in(fresh, done.error());
  if (rename(fresh.c_str(), path_.c_str()) != 0) return fail_errno(path_);
  const UniqueFd directory(open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory && fsync(directory.get()) == 0 ? Status() : fail_errno(directory_);
}

}  // namespace hcd::parent
