#include "hcd/ipc/frame.h"

#include <cstring>

namespace hcd::ipc {

std::string encode_frame(std::uint32_t type, std::uint32_t id, std::uint32_t fds, std::string_view payload) {
  const FrameHeader header{type, static_cast<std::uint32_t>(sizeof(FrameHeader) + payload.size()), id, fds};
  std::string out(reinterpret_cast<const char*>(&header), sizeof header);
  return out.append(payload);
}

Result<bool> FrameReader::next(Frame& out) {
  if (buffered() < sizeof(FrameHeader)) return false;
  FrameHeader header;
  std::memcpy(&header, bytes_.data() + start_, sizeof header);
  if (header.length < sizeof header || header.length > max_)
    return fail(Code::Protocol, "frame of " + std::to_string(header.length) + " bytes: " +
                                    std::to_string(sizeof header) + " to " + std::to_string(max_) + " allowed");
  if (buffered() < header.length) return false;
  out = {header.type, header.id, header.fds, bytes_.substr(start_ + sizeof header, header.length - sizeof header)};
  start_ += header.length;
  if (start_ == bytes_.size() || start_ > max_) {  // drop what was consumed, not byte by byte
    bytes_.erase(0, start_);
    start_ = 0;
  }
  return true;
}

}  // namespace hcd::ipc
