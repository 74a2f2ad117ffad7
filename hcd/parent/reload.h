// Which configuration is in force, and how another takes its place: read, validate, diff, prepare, swap. Until the packet
// filter engine has confirmed the new one, the running one stays the truth; whatever fails before that changes nothing,
// and its whole text goes back to whoever asked.
//
// The swap: pfe gets the new configuration first and answers; only then hce does, so that no check runs for hosts of a
// configuration that was refused.
//
// A reload may be on trial: unless it is confirmed in time the file's configuration of before comes back by the same way, and
// is tried again until it is in force. No other reload is taken meanwhile.
//
// When the addresses of names have changed the same is done with the file's configuration as it was read last. Nobody waits
// for that, and it makes nobody wait but for its turn: one that was asked for meanwhile comes next.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "hcd/conf/load.h"
#include "hcd/event/loop.h"

namespace hcd::parent {

class Reload {
 public:
  struct Steps {
    std::function<Result<conf::Loaded>(const std::string& path)> load;  // empty path: the daemon's file
    std::function<Status(conf::Config&)> prepare;                       // interfaces: asks the kernel, attaches
    // The file's configuration with the addresses that names have now.
    std::function<conf::Config(const conf::Config& written, const conf::Config& running)> resolve;
    std::function<Status(const conf::Config&, std::uint32_t generation)> to_pfe, to_hce;
    std::function<void(const std::string& why)> distrust_pfe;   // it does not answer
    std::function<void(const conf::Config& written)> in_force;  // another file's
    std::function<void()> abandoned = {};                       // what was prepared last will not be
    std::function<void(Duration left)> trial = {};              // one has begun; 0: it is over
    std::function<void(const std::string& changes)> taken_back = {};
  };
  using Reply = std::function<void(bool ok, const std::string& text)>;
  static constexpr Duration kLimit = Seconds(20);

  Reload(event::Loop& loop, Steps steps);

  // The first one. An error is final.
  [[nodiscard]] Status begin(conf::Loaded first);
  void request(const std::string& path, Reply reply, Seconds confirm_within = Seconds(0));
  void confirm(bool keep, Reply reply);  // the one on trial, or takes it back now
  void renew();                          // names have other addresses
  [[nodiscard]] Status on_applied(std::uint32_t generation,
                                  const std::string& error);  // an error: nobody asked for that
  void on_pfe_lost();

  [[nodiscard]] const conf::Config& running() const { return running_; }
  // As in the file.
  [[nodiscard]] const conf::Config& written() const { return written_ ? *written_ : running_; }
  [[nodiscard]] std::uint32_t generation() const { return generation_; }

 private:
  struct Pending {
    std::optional<conf::Config> written;
    conf::Config config;
    bool reload = true;  // else it is the one that there is, with other addresses
    std::uint32_t generation;
    std::string changes;
    Reply reply;
    Seconds confirm_within{0};
  };
  struct Waiting {
    std::string path;
    Reply reply;
    Seconds confirm_within{0};
  };

  Status swap(const std::string& path, Reply& reply, Seconds confirm_within);
  void take_back(Reply reply);
  Status swap_in(Pending next);
  [[nodiscard]] Pending resolved(conf::Config written);
  void finish(bool ok, const std::string& text);  // not the pending one's own: that goes first
  void go_on();

  event::Loop& loop_;
  Steps steps_;
  conf::Config running_;
  std::optional<conf::Config> written_;  // where it is another one: it has hosts by name
  std::uint32_t generation_ = 0;
  std::uint32_t last_given_ = 0;  // a refused generation's number is not given again
  std::unique_ptr<Pending> pending_;
  std::optional<Waiting> waiting_;      // for a renewal to be done
  bool stale_ = false;                  // names have other addresses than what is running
  std::optional<conf::Config> before_;  // the file's, which comes back unless what is on trial is confirmed
  std::unique_ptr<event::Timer> limit_, trial_;
};

}  // namespace hcd::parent
