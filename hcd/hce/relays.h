// The channels to relays, which tell how sessions with hosts went. A relay reads what strangers send: one that sends
// anything but a PassiveResult is heard no more, and nothing else happens.
#pragma once
#include <functional>
#include <list>
#include <memory>

#include "hcd/ipc/channel.h"
#include "hcd/ipc/messages.h"

namespace hcd::hce {

class Relays {
 public:
  using Told = std::function<void(const ipc::PassiveResult&)>;
  Relays(event::Loop& loop, Told told) : loop_(loop), told_(std::move(told)) {}

  void add(UniqueFd socket);
  [[nodiscard]] std::size_t count() const { return channels_.size(); }

 private:
  void on_message(const ipc::Channel* from, const ipc::Message& message);
  void drop(const ipc::Channel* channel, const std::string& why);

  event::Loop& loop_;
  Told told_;
  std::list<std::unique_ptr<ipc::Channel>> channels_;
};

}  // namespace hcd::hce
