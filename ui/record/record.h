// A stream of updates kept in a file, each with the time it came at, to be looked at later: what an operator saw, a test's
// fixed scene. The file begins with a line that names the protocol's version; then come a time and a frame, again and again.
#pragma once
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fastpath/base/c_ptr.h"
#include "fastpath/base/error.h"
#include "hcd/ctl/updates.h"

namespace hcd::ui {

struct Moment {
  std::int64_t wall_ms = 0;
  ctl::Update update;
};

[[nodiscard]] std::string recording_begin();
[[nodiscard]] std::string recorded(const Moment& moment);

// Every byte of it is judged; an end in the middle of a frame is where the recorder was killed, and no error.
[[nodiscard]] Result<std::vector<Moment>> replay(std::string_view bytes);
[[nodiscard]] Result<std::vector<Moment>> replay_file(const std::string& path);

class Recorder {
 public:
  static constexpr std::size_t kSizeMax = std::size_t{256} << 20;  // of a file

  [[nodiscard]] static Result<Recorder> open(const std::string& path);
  [[nodiscard]] Status add(const Moment& moment);

 private:
  using File = CPtr<std::FILE, std::fclose>;
  explicit Recorder(File file) : file_(std::move(file)) {}
  File file_;
  std::size_t size_ = 0;
};

}  // namespace hcd::ui
