// The redis check: PING, after AUTH where a password is given. "+PONG" is ok. An error ("-LOADING ...", "-NOAUTH ...") is
// failed with its text; the check may be told to take -NOAUTH for an answer, as a server that asks for a password
// serves.
#pragma once
#include <string>

#include "hcd/hce/profile.h"

namespace hcd::hce {

// AUTH and PING as one pipeline, ready to send.
[[nodiscard]] std::string redis_request(const conf::Check& check);

class Redis final : public Profile {
 public:
  Redis();

 private:
  void start() override;
  [[nodiscard]] std::size_t hear(std::string_view heard) override;
  void on_reply(std::string_view line);

  bool authenticating_ = false;
};

}  // namespace hcd::hce
