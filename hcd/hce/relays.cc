#include "hcd/hce/relays.h"

#include <algorithm>

#include "fastpath/base/log.h"

namespace hcd::hce {

void Relays::add(UniqueFd socket) {
  auto& place = channels_.emplace_back();
  place = std::make_unique<ipc::Channel>(
      loop_, std::move(socket),
      ipc::Channel::Handler{.message = [this, &place](const ipc::Message& m) { on_message(place.get(), m); },
                            .lost = [this, &place](const Error& error) { drop(place.get(), error.text); }},
      ipc::Channel::Limits{.received = 4096, .fds = false});
}

void Relays::on_message(const ipc::Channel* from, const ipc::Message& message) {
  if (from == nullptr) return;
  const bool right = message.frame.type == static_cast<std::uint32_t>(ipc::PassiveResult::kType);
  const auto result = right ? ipc::decode<ipc::PassiveResult>(message.frame.payload) : std::nullopt;
  if (result) return told_(*result);
  drop(from, "a message of type " + std::to_string(message.frame.type) + " that is none of a relay's");
}

void Relays::drop(const ipc::Channel* channel, const std::string& why) {
  const auto found = std::ranges::find(channels_, channel, &std::unique_ptr<ipc::Channel>::get);
  if (channel == nullptr || found == channels_.end()) return;
  log::warning("relay: " + why);
  // It is within its own callback, and what else it has read is not heard: its place is empty by then.
  loop_.defer([this, dying = std::shared_ptr<ipc::Channel>(std::move(*found))] {
    std::erase_if(channels_, [](const auto& place) { return place == nullptr; });
  });
}

}  // namespace hcd::hce
