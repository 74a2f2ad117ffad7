// imsg framing: a 16-byte header, then the payload. Used between the daemon's processes (with descriptors) and on the
// control sockets (without).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "fastpath/base/error.h"

namespace hcd::ipc {

inline constexpr std::size_t kFrameMax = 65536;  // header and payload

struct FrameHeader {
  std::uint32_t type = 0;
  std::uint32_t length = 0;  // header and payload
  std::uint32_t id = 0;      // the sender's: a request's number, an object's id
  std::uint32_t fds = 0;     // descriptors sent along
};
static_assert(sizeof(FrameHeader) == 16);

struct Frame {
  std::uint32_t type = 0, id = 0, fds = 0;
  std::string payload;
};

[[nodiscard]] std::string encode_frame(std::uint32_t type, std::uint32_t id, std::uint32_t fds,
                                       std::string_view payload);

// Cuts a byte stream into frames, however the bytes arrive. After an error the stream is lost.
class FrameReader {
 public:
  explicit FrameReader(std::size_t max = kFrameMax) : max_(max) {}

  void feed(std::string_view bytes) { bytes_ += bytes; }
  // True and a frame, or false when more bytes are needed, or "frame of N bytes: more than M allowed".
  [[nodiscard]] Result<bool> next(Frame& out);
  [[nodiscard]] std::size_t buffered() const { return bytes_.size() - start_; }

 private:
  std::size_t max_;
  std::string bytes_;
  std::size_t start_ = 0;
};

}  // namespace hcd::ipc
