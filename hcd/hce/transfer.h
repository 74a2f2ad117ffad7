// What every check that speaks does with a stream: writes a request, however little of it the stream takes at a time, and
// reads, a bounded number of times before others are served. A want of this machine's own is no failure of the host.
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "hcd/hce/probe.h"
#include "hcd/tls/stream.h"

namespace hcd::hce {

inline constexpr int kReadsPerStep = 4;

// Reads once. Nothing: `io` is Done, with what came, or Closed. Else what to wait for, or Done and why not.
[[nodiscard]] inline std::optional<Step> read_once(tls::Stream& stream, std::span<char> room, tls::Io& io,
                                                   Verdict& out) {
  io = stream.read(room);
  switch (io.what) {
    case tls::Io::What::WantRead: return Step::WaitRead;
    case tls::Io::What::WantWrite: return Step::WaitWrite;
    case tls::Io::What::Failed:
      out = failed_io(stream.encrypted() ? ipc::Reason::TlsReadError : ipc::Reason::TcpReadFailed, stream);
      return Step::Done;
    case tls::Io::What::Done:
    case tls::Io::What::Closed: break;
  }
  return std::nullopt;
}

class RequestWriter {
 public:
  void begin(std::string_view request) { left_ = request; }  // outlives the writer's work
  [[nodiscard]] bool ended() const { return left_.empty(); }

  // Nothing: all is written. Else what to wait for, or Done and why not.
  std::optional<Step> run(tls::Stream& stream, Verdict& out) {
    while (!left_.empty()) {
      const tls::Io io = stream.write(left_);
      switch (io.what) {
        case tls::Io::What::Done: left_.remove_prefix(io.bytes); break;
        case tls::Io::What::WantRead: return Step::WaitRead;
        case tls::Io::What::WantWrite: return Step::WaitWrite;
        case tls::Io::What::Closed: out = failed(lost_by(stream), "closed"); return Step::Done;
        case tls::Io::What::Failed: out = failed_io(lost_by(stream), stream); return Step::Done;
      }
    }
    return std::nullopt;
  }

  // Of a check whose time is up, while it writes or after.
  [[nodiscard]] ipc::Reason timed_out(bool encrypted) const {
    if (!ended()) return encrypted ? ipc::Reason::TlsWriteTimeout : ipc::Reason::TcpWriteTimeout;
    return encrypted ? ipc::Reason::TlsReadTimeout : ipc::Reason::TcpReadTimeout;
  }

 private:
  static ipc::Reason lost_by(const tls::Stream& stream) {
    return stream.encrypted() ? ipc::Reason::TlsWriteError : ipc::Reason::TcpWriteFailed;
  }

  std::string_view left_;
};

}  // namespace hcd::hce
