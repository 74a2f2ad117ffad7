#include "ui/record/record.h"

#include <cstring>

#include "fastpath/base/source.h"

namespace hcd::ui {

std::string recording_begin() {
  return "hctop recording of protocol " + std::to_string(ctl::kVersion) + "\n";
}

std::string recorded(const Moment& moment) {
  std::string out(reinterpret_cast<const char*>(&moment.wall_ms), sizeof moment.wall_ms);
  return out + ctl::frame_of(moment.update);
}

Result<std::vector<Moment>> replay(std::string_view bytes) {
  const std::string begin = recording_begin();
  if (!bytes.starts_with(begin))
    return fail(Code::Invalid, "it does not begin with \"" + begin.substr(0, begin.size() - 1) + "\"");
  const std::size_t whole = bytes.size();
  bytes.remove_prefix(begin.size());
  std::vector<Moment> out;
  for (;;) {
    std::int64_t wall_ms = 0;
    ipc::FrameHeader header;
    if (bytes.size() < sizeof wall_ms + sizeof header) return out;
    std::memcpy(&wall_ms, bytes.data(), sizeof wall_ms);
    std::memcpy(&header, bytes.data() + sizeof wall_ms, sizeof header);
    const std::string at = "byte " + std::to_string(whole - bytes.size()) + ": ";
    if (header.length < sizeof header || header.length > ctl::kReplyMax)
      return fail(Code::Invalid, at + "a frame of " + std::to_string(header.length) + " bytes");
    if (wall_ms < 0 || (!out.empty() && wall_ms < out.back().wall_ms))
      return fail(Code::Invalid, at + "time goes back");
    bytes.remove_prefix(sizeof wall_ms);
    if (bytes.size() < header.length) return out;
    const ipc::Frame frame{.type = header.type,
                           .payload = std::string(bytes.substr(sizeof header, header.length - sizeof header))};
    auto update = ctl::update_of(frame);
    if (!update)
      return fail(Code::Invalid, at + "a message of type " + std::to_string(header.type) + " that is not understood");
    out.push_back({wall_ms, std::move(*update)});
    bytes.remove_prefix(header.length);
  }
}

Result<std::vector<Moment>> replay_file(const std::string& path) {
  const auto bytes = SystemFiles().read(path, Recorder::kSizeMax);
  if (!bytes) return fail_in(path, bytes.error());
  auto out = replay(*bytes);
  if (!out) return fail_in(path, out.error());
  return out;
}

Result<Recorder> Recorder::open(const std::string& path) {
  File file(std::fopen(path.c_str(), "wxe"));
  if (!file) return fail_errno(path);
  Recorder out(std::move(file));
  const std::string begin = recording_begin();
  out.size_ = begin.size();
  if (std::fwrite(begin.data(), 1, begin.size(), out.file_.get()) != begin.size()) return fail_errno(path);
  return out;
}

Status Recorder::add(const Moment& moment) {
  const std::string bytes = recorded(moment);
  if (size_ + bytes.size() > kSizeMax) return fail(Code::Limit, "the recording is full");
  size_ += bytes.size();
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size() || std::fflush(file_.get()) != 0)
    return fail_errno("the recording");
  return {};
}

}  // namespace hcd::ui
