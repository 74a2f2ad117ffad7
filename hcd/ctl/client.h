// A tool's end of a control connection: small and blocking, with a time limit on each call.
//
// Errors: Code::NotFound when there is no daemon, Code::Permission when the socket may not be opened, sys ETIMEDOUT
// when the daemon did not answer in time, Code::Protocol when it sent what it must not.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "fastpath/base/clock.h"
#include "fastpath/base/unique_fd.h"
#include "hcd/ctl/updates.h"

namespace hcd::ctl {

// A connected, non-blocking socket; sys EAGAIN when the queue of those who want to connect is full.
[[nodiscard]] Result<UniqueFd> dial(const std::string& path);

class Client {
 public:
  Client(UniqueFd socket, Milliseconds limit);  // a connected, non-blocking stream socket
  [[nodiscard]] static Result<Client> connect(const std::string& path, Milliseconds limit);

  [[nodiscard]] Result<Welcome> hello(const std::string& name);
  template <class T>  // Reload, Confirm, Log, Stop
  [[nodiscard]] Result<Answer> ask(const T& request) {
    return ask(static_cast<std::uint32_t>(T::kType), ipc::encode(request));
  }
  // Where it is done, or would be, `outcome` is what came, or would come, of it.
  [[nodiscard]] Result<Answer> change(const Change& change, Outcome& outcome);
  [[nodiscard]] Result<Snapshot> show(const Scope& scope = {});
  // What comes before the answer is handed on as it comes.
  [[nodiscard]] Result<Answer> checks(const std::string& target, const std::function<void(const Evidence&)>& each);
  [[nodiscard]] Result<Answer> check_now(const std::string& target, const std::function<void(const Checked&)>& each);
  // From then on next() gives what changes.
  [[nodiscard]] Status subscribe(const Subscribe& subscribe = {});
  [[nodiscard]] Result<Update> next();  // without a time limit

 private:
  [[nodiscard]] Result<Answer> ask(std::uint32_t type, const std::string& payload);
  template <class Part, class Request>
  [[nodiscard]] Result<Answer> ask(const Request& request, const std::function<void(const Part&)>& each);
  [[nodiscard]] Status send(std::uint32_t type, const std::string& payload);
  [[nodiscard]] Result<ipc::Frame> receive(bool limited);
  [[nodiscard]] Status wait(short events, bool limited) const;

  UniqueFd socket_;
  Milliseconds limit_;
  TimePoint deadline_;  // of the current call
  std::uint32_t request_ = 0;
  ipc::FrameReader reader_{kReplyMax};
};

}  // namespace hcd::ctl
