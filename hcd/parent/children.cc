#include "hcd/parent/children.h"

#include "fastpath/base/log.h"
#include "hcd/ipc/messages.h"

namespace hcd::parent {
namespace {

std::string name_of(proc::Role role) {
  return std::string(proc::info(role).name);
}

}  // namespace

Children::Children(event::Loop& loop, Spawner& spawner, Handler handler)
    : loop_(loop), spawner_(spawner), handler_(std::move(handler)) {
  for (const auto& info : proc::children()) {
    Slot& slot = slots_[info.role];
    slot.role = info.role;
    slot.needed = info.always;
    slot.timer = loop_.timer([this, &slot] { on_timer(slot); });
  }
}

Children::~Children() {
  for (auto& [role, slot] : slots_)
    if (slot.live) spawner_.kill(slot.live->child);
}

void Children::start() {
  for (auto& [role, slot] : slots_)
    if (slot.needed && !slot.live) spawn(slot);
}

// One that is on its way out when it is needed again is started again when it is gone.
void Children::need(proc::Role role, bool need) {
  Slot& slot = slots_.at(role);
  if (shut_down_ || std::exchange(slot.needed, need) == need) return;
  if (!slot.live) return need ? spawn(slot) : slot.timer->cancel();
  if (!need) finish(slot, false);
}

ipc::Channel* Children::channel(proc::Role role) {
  const auto found = slots_.find(role);
  if (found == slots_.end() || !found->second.live || !found->second.live->ready || found->second.live->condemned)
    return nullptr;
  return found->second.live->channel.get();
}

void Children::spawn(Slot& slot) {
  auto child = spawner_.spawn(slot.role);
  if (!child) return ended(slot, child.error().text);
  slot.live = std::make_unique<Live>();
  Live& live = *slot.live;
  live.child = std::move(*child);
  live.since = loop_.now();
  // Deferred: what a watcher or a channel reports destroys it.
  live.exit = loop_.watch(live.child.pidfd.get(), [this, &slot, &live](event::Ready) {
    live.exit->want({});
    loop_.defer([this, &slot] { on_exit(slot); });
  });
  live.exit->want({.read = true});
  live.channel = std::make_unique<ipc::Channel>(
      loop_, std::move(live.child.channel),
      ipc::Channel::Handler{.message = [this, &slot](ipc::Message m) { on_message(slot, std::move(m)); },
                            .lost = [this, &slot](const Error& e) { on_lost(slot, e); }});
  if (auto errors = spawner_.take_errors())
    live.errors = std::make_unique<LineLog>(loop_, std::move(errors), name_of(slot.role));
  slot.timer->after(kReadyLimit);
}

void Children::on_message(Slot& slot, ipc::Message message) {
  const auto type = static_cast<ipc::Type>(message.frame.type);
  if (slot.live->condemned) return;
  if (slot.live->ready != (type != ipc::Type::Ready)) return end(slot.role, "it spoke out of turn");
  if (!message.fds.empty()) return end(slot.role, "it sent a descriptor");
  if (type == ipc::Type::Ready) {
    if (!ipc::decode<ipc::Ready>(message.frame.payload)) return end(slot.role, "its Ready message is malformed");
    return on_ready(slot);
  }
  if (auto done = handler_.message(slot.role, std::move(message)); !done) end(slot.role, done.error().text);
}

// A channel that closes is how most ends are first seen: what ended the child is said when it is reaped.
void Children::on_lost(Slot& slot, const Error& error) {
  if (error.code != Code::System) return end(slot.role, "on its channel: " + error.text);
  slot.live->condemned = true;
  spawner_.kill(slot.live->child);
}

void Children::on_ready(Slot& slot) {
  slot.live->ready = true;
  slot.timer->cancel();
  if (shut_down_) return end(slot.role, "it came too late");
  if (!slot.needed) return finish(slot, false);
  handler_.ready(slot.role);
  link(slot.role);
}

void Children::link(proc::Role role) {
  for (const auto& [one, other] : proc::links()) {
    if (one != role && other != role) continue;
    ipc::Channel *a = channel(one), *b = channel(other);
    if (a == nullptr || b == nullptr) continue;  // the later one links
    auto pair = ipc::socket_pair();
    if (!pair) return end(role, pair.error().text);
    std::vector<UniqueFd> for_a, for_b;
    for_a.push_back(std::move(pair->first));
    for_b.push_back(std::move(pair->second));
    a->send(ipc::PeerChannel{static_cast<std::uint8_t>(other)}, 0, std::move(for_a));
    b->send(ipc::PeerChannel{static_cast<std::uint8_t>(one)}, 0, std::move(for_b));
  }
}

void Children::end(proc::Role role, const std::string& why) {
  Slot& slot = slots_.at(role);
  if (!slot.live || slot.live->condemned) return;
  if (!shut_down_) log::warning(name_of(role) + " is ended: " + why);
  spawner_.kill(slot.live->child);
  slot.live->condemned = true;  // on_exit follows
}

void Children::on_timer(Slot& slot) {
  if (!slot.live) return spawn(slot);
  end(slot.role, slot.live->finishing ? "it does not end by itself" : "it is not ready in time");
}

void Children::on_exit(Slot& slot) {
  const auto ending = spawner_.reap(slot.live->child);
  const Duration lived = loop_.now() - slot.live->since;
  const pid_t pid = slot.live->child.pid;
  const bool finishing = slot.live->finishing || shut_down_;
  slot.live.reset();
  slot.timer->cancel();
  if (!finishing) log::error(name_of(slot.role) + " (pid " + std::to_string(pid) + ") has ended: " + ending.text);
  slot.lived = lived;
  ended(slot, ending.text);
}

void Children::ended(Slot& slot, const std::string& how) {
  if (!shut_down_) {
    if (slot.needed) slot.timer->after(slot.backoff.after(slot.lived));
    return handler_.ended(slot.role, how);
  }
  for (const auto& [role, other] : slots_)
    if (other.live) return;
  shut_down_();
}

void Children::shut_down(bool unload, std::function<void()> done) {
  if (shut_down_) return;
  shut_down_ = std::move(done);
  bool any = false;
  for (auto& [role, slot] : slots_) {
    slot.timer->cancel();
    if (!slot.live) continue;
    any = true;
    finish(slot, unload);
  }
  if (!any) loop_.defer([this] { shut_down_(); });
}

void Children::finish(Slot& slot, bool unload) {
  slot.live->finishing = true;
  auto* to = channel(slot.role);
  if (to == nullptr) return spawner_.kill(slot.live->child);
  to->send(ipc::Shutdown{unload});
  slot.timer->after(kExitLimit);
}

}  // namespace hcd::parent
