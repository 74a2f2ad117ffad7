// DNS by c-ares, over its own sockets on our event loop. Made before the process is confined, for c-ares draws what makes
// its query numbers hard to guess from a file; from then on it reads none.
#pragma once
#include <map>
#include <memory>

#include <ares.h>

#include "fastpath/base/c_ptr.h"
#include "fastpath/base/error.h"
#include "hcd/event/loop.h"
#include "hcd/names/dns.h"

namespace hcd::names {

class AresDns final : public Dns {
 public:
  [[nodiscard]] static Result<std::unique_ptr<AresDns>> make();
  ~AresDns() override;
  AresDns(const AresDns&) = delete;
  AresDns& operator=(const AresDns&) = delete;

  void attach(event::Loop& loop);  // before anything is asked
  void use(const std::vector<conf::NameServer>& servers) override;
  void ask(const std::string& name, Family family, Done done) override;

 private:
  struct Query {  // c-ares's until it answers, which it does once
    AresDns& dns;
    Done done;
  };

  AresDns();
  static void on_socket(void* self, ares_socket_t fd, int read, int write) noexcept;
  static void on_answer(void* query, int status, int timeouts, ares_addrinfo* found) noexcept;
  void watch(ares_socket_t fd, event::Ready ready);
  void process(ares_socket_t read, ares_socket_t write);
  void arm();

  event::Loop* loop_ = nullptr;
  std::unique_ptr<event::Timer> timer_;
  std::map<ares_socket_t, std::unique_ptr<event::Watcher>> watchers_;
  bool forgetting_ = false;
  ares_channel channel_ = nullptr;
  std::shared_ptr<const bool> asked_ = std::make_shared<const bool>(true);  // gone: what was asked is forgotten
};

}  // namespace hcd::names
