// A tool's end of a control connection on the event loop: it greets, subscribes, hands on what comes, and carries requests
// beside it. Nothing here waits.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "hcd/ctl/updates.h"
#include "hcd/ipc/channel.h"

namespace hcd::ctl {

class Subscriber {
 public:
  struct Handler {
    std::function<void(const Welcome&)> welcome;  // then the subscription has been asked for
    std::function<void(const Update&)> update;
    std::function<void(const Error&)> lost;  // once; destroy the Subscriber after the current callbacks
  };
  struct Reply {
    std::function<void(const Answer&)> answer;      // once, unless the connection is lost before
    std::function<void(const Evidence&)> evidence;  // before it
    std::function<void(const Outcome&)> outcome;    // the same
  };
  static constexpr std::size_t kWaitingMax = 64;  // requests without an answer; more are not sent

  Subscriber(event::Loop& loop, UniqueFd socket, const std::string& name, Handler handler, Subscribe wanted = {});

  void subscribe(const Subscribe& wanted);  // otherwise than before: a new Begin comes
  // How long what has come may lie unread while no answer is awaited: many updates then cost one wakeup. Zero: not at all.
  void gather(Milliseconds time) { gather_ = time; }

  template <
      class T>  // Change, Checks, CheckNow, Reload; false: too much is asked already, or it is too long to be sent
  bool ask(const T& request, Reply reply) {
    return ask(static_cast<std::uint32_t>(T::kType), ipc::encode(request), std::move(reply));
  }

 private:
  bool ask(std::uint32_t type, const std::string& payload, Reply reply);
  void on_frame(const ipc::Frame& frame);
  void on_greeting(const ipc::Frame& frame);
  void on_reply(const ipc::Frame& frame, Reply& reply);
  void lose(const Error& error);
  void rest();

  Handler handler_;
  Subscribe wanted_;
  bool greeted_ = false, lost_ = false;
  std::uint32_t last_ = 0;  // number given to a request
  std::map<std::uint32_t, Reply> waiting_;
  ipc::Channel channel_;
  Milliseconds gather_{0};
  std::unique_ptr<event::Timer> rested_;
};

}  // namespace hcd::ctl
