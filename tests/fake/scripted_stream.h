// A Stream that follows a script: each call must be the expected step, and gets its result.
#pragma once
#include <deque>
#include <string>

#include "hcd/tls/stream.h"

namespace hcd::test {

class ScriptedStream final : public tls::Stream {
 public:
  using What = tls::Io::What;

  explicit ScriptedStream(bool encrypted = false) : encrypted_(encrypted) {}

  ScriptedStream& handshakes(What what) { return add({'h', what, {}, 0}); }
  ScriptedStream& accepts(std::size_t bytes) { return add({'w', What::Done, {}, bytes}); }  // of what is written
  ScriptedStream& write_gives(What what) { return add({'w', what, {}, 0}); }
  ScriptedStream& brings(std::string bytes) { return add({'r', What::Done, std::move(bytes), 0}); }
  ScriptedStream& read_gives(What what) { return add({'r', what, {}, 0}); }

  tls::Io handshake() override { return {next('h').what}; }
  tls::Io read(std::span<char> out) override {
    const Expected step = next('r');
    const std::size_t size = step.bytes.copy(out.data(), out.size());
    return {step.what, size};
  }
  tls::Io write(std::string_view bytes) override {
    const Expected step = next('w');
    const std::string_view taken = bytes.substr(0, step.what == What::Done ? step.count : 0);
    written += taken;
    return {step.what, taken.size()};
  }
  [[nodiscard]] bool encrypted() const override { return encrypted_; }
  [[nodiscard]] std::string error() const override { return "ECONNRESET"; }

  [[nodiscard]] int error_number() const override { return number; }

  int number = ECONNRESET;  // of a call that Failed
  [[nodiscard]] bool followed() const { return right_ && script_.empty(); }  // to its end, and nothing else
  std::string written;

 private:
  struct Expected {
    char call;
    What what;
    std::string bytes;
    std::size_t count;
  };
  ScriptedStream& add(Expected step) {
    script_.push_back(std::move(step));
    return *this;
  }
  Expected next(char call) {
    if (script_.empty() || script_.front().call != call) {
      right_ = false;
      return {call, What::Failed, {}, 0};
    }
    Expected step = std::move(script_.front());
    script_.pop_front();
    return step;
  }

  bool encrypted_, right_ = true;
  std::deque<Expected> script_;
};

}  // namespace hcd::test
