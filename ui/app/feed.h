// The stream of a daemon, for as long as it is wanted: connects, subscribes, tells the desk what comes, and when the daemon is
// lost tries again, at first soon, then every five seconds. The socket that may be changed through is tried first.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hcd/ctl/subscriber.h"
#include "ui/model/desk.h"
#include "ui/record/record.h"

namespace hcd::ui {

class Feed {
 public:
  struct Options {
    std::vector<std::string> sockets;
    bool read_only = false;  // asked for: nothing is changed, whatever the socket allows
  };
  static constexpr Milliseconds kFirstRetry{100}, kLastRetry{5000}, kGreeting{3000};
  static constexpr Milliseconds kGather{100};  // less than lies between two frames

  Feed(event::Loop& loop, Options options, Desk& desk, std::function<void()> changed);
  void start() { connect(); }
  void again();  // a new connection, and all that it tells
  void pace();   // desk.interval_ms has changed
  void record(Recorder recorder) { recorder_ = std::move(recorder); }
  template <class T>  // false: not now
  bool ask(const T& request, ctl::Subscriber::Reply reply) {
    return subscriber_ && desk_.link.state == Link::State::Live && subscriber_->ask(request, std::move(reply));
  }

 private:
  [[nodiscard]] ctl::Subscribe wanted() const;
  void connect();
  void on_welcome(const ctl::Welcome& welcome);
  void on_update(const ctl::Update& update);
  void on_lost(const Error& error);

  event::Loop& loop_;
  Options options_;
  Desk& desk_;
  std::function<void()> changed_;
  std::optional<Recorder> recorder_;
  std::unique_ptr<ctl::Subscriber> subscriber_;
  std::unique_ptr<event::Timer> retry_, greeting_;
  Milliseconds delay_ = kFirstRetry;
};

}  // namespace hcd::ui
