// Tells pfe of results, and of certificates. What has changed something goes out at the end of this round of the loop, one system call for all
// of it; what has not is a few numbers, gathered and sent ten times a second in one message. So a steady load of checks
// costs pfe a few wake-ups and this process no allocation.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "hcd/event/loop.h"
#include "hcd/hce/subject.h"
#include "hcd/ipc/channel.h"

namespace hcd::hce {

class Teller {
 public:
  static constexpr Milliseconds kGather{100};

  explicit Teller(event::Loop& loop);
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;

  // From now on to this channel, which the caller keeps alive until it names another, or none. Whoever changes it tells
  // every subject anew.
  void use(ipc::Channel* pfe);
  // `asked`: an operator waits for this result.
  void tell(Subject& subject, std::uint32_t generation, bool asked = false);

 private:
  void tell_change(const Subject& subject, std::uint32_t generation, bool asked);
  void begin_round();
  void gather(const Subject& subject, std::uint32_t generation);
  void send_gathered();
  void end_round();

  event::Loop& loop_;
  ipc::Channel* pfe_ = nullptr;
  bool in_round_ = false;
  ipc::CheckResults gathered_;
  std::string room_;  // for the encoded message, used again and again
  std::unique_ptr<event::Timer> timer_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  // for what is deferred past our end
};

}  // namespace hcd::hce
