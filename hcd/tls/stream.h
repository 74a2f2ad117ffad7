// A connected byte stream that never blocks: plain TCP or TLS behind one face, so that what speaks over it is written
// once and tested with a scripted one (tests/fake/scripted_stream.h).
#pragma once
#include <cerrno>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <sys/socket.h>

namespace hcd::tls {

struct Io {
  enum class What : std::uint8_t {
    Done,       // bytes were moved (at least one), or the handshake is complete
    WantRead,   // try again when the descriptor is readable
    WantWrite,  // ... writable
    Closed,     // the peer ended its side
    Failed,     // see error()
  };
  What what;
  std::size_t bytes = 0;
};

class Stream {
 public:
  virtual ~Stream() = default;
  [[nodiscard]] virtual Io handshake() = 0;
  [[nodiscard]] virtual Io read(std::span<char> out) = 0;
  [[nodiscard]] virtual Io write(std::string_view bytes) = 0;
  [[nodiscard]] virtual bool encrypted() const = 0;
  [[nodiscard]] virtual std::string error() const = 0;  // of the call that Failed: "ECONNRESET", "wrong version number"
  [[nodiscard]] virtual int error_number() const { return 0; }  // its errno; 0: it was not a system call that failed
};

class PlainStream final : public Stream {
 public:
  void attach(int fd) { fd_ = fd; }  // borrowed
  [[nodiscard]] Io handshake() override { return {Io::What::Done}; }
  [[nodiscard]] Io read(std::span<char> out) override {
    return told(recv(fd_, out.data(), out.size(), 0), Io::What::WantRead);
  }
  [[nodiscard]] Io write(std::string_view bytes) override {
    return told(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), Io::What::WantWrite);
  }
  [[nodiscard]] bool encrypted() const override { return false; }
  [[nodiscard]] std::string error() const override;
  [[nodiscard]] int error_number() const override { return error_; }

 private:
  Io told(ssize_t count, Io::What want) {
    if (count > 0) return {Io::What::Done, static_cast<std::size_t>(count)};
    if (count == 0) return {Io::What::Closed};
    if (errno == EAGAIN || errno == EINTR) return {want};
    error_ = errno;
    return {Io::What::Failed};
  }

  int fd_ = -1, error_ = 0;
};

}  // namespace hcd::tls
