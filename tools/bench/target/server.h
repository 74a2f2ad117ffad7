// A server that costs as little as may be: one port on all addresses of its namespace, an answer that is ready, and a
// connection that is looked at only when its request is there. For an address that is dead it answers 503.
#pragma once
#include <map>

#include "fastpath/base/address.h"
#include "fastpath/base/clock.h"
#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"

namespace hcd::bench {

class Server {
 public:
  [[nodiscard]] static Result<Server> open(std::uint16_t port);

  [[nodiscard]] int fd() const { return epoll_.get(); }  // readable: there is something to serve
  void serve();

  void die(const Address& host) { dead_.emplace(host, TimePoint()); }
  void revive() { dead_.clear(), refused_ = 0; }
  // Of those that are dead: how many were refused, and when first.
  [[nodiscard]] std::size_t refused() const { return refused_; }
  [[nodiscard]] const std::map<Address, TimePoint>& refusals() const { return dead_; }

 private:
  Status listen(int family, std::uint16_t port);
  void accept(int listener);
  void answer(int connection);
  [[nodiscard]] bool refuses(int connection);

  UniqueFd epoll_, v4_, v6_;
  std::map<Address, TimePoint> dead_;
  std::size_t refused_ = 0;
};

}  // namespace hcd::bench
