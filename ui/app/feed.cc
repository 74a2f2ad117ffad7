#include "ui/app/feed.h"

#include "hcd/ctl/client.h"

namespace hcd::ui {

Feed::Feed(event::Loop& loop, Options options, Desk& desk, std::function<void()> changed)
    : loop_(loop),
      options_(std::move(options)),
      desk_(desk),
      changed_(std::move(changed)),
      retry_(loop.timer([this] { connect(); })),
      greeting_(loop.timer([this] { on_lost({Code::System, ETIMEDOUT, "the daemon does not answer"}); })) {}

ctl::Subscribe Feed::wanted() const {
  constexpr std::uint16_t kEvents = 500;
  return {.scope = {.numbers = true, .checks = ctl::Scope::kChecksMax, .events = kEvents},
          .beats = true,
          .interval_ms = static_cast<std::uint32_t>(desk_.interval_ms)};
}

void Feed::pace() {
  if (subscriber_) subscriber_->subscribe(wanted());
}

void Feed::connect() {
  Error first;
  for (const auto& path : options_.sockets) {
    auto socket = ctl::dial(path);
    if (!socket) {
      if (&path == &options_.sockets.front()) first = socket.error();
      if (socket.error().code == Code::Permission) continue;
      break;
    }
    subscriber_ = std::make_unique<ctl::Subscriber>(
        loop_, std::move(*socket), "hctop " HCD_VERSION,
        ctl::Subscriber::Handler{.welcome = [this](const ctl::Welcome& welcome) { on_welcome(welcome); },
                                 .update = [this](const ctl::Update& update) { on_update(update); },
                                 .lost = [this](const Error& error) { on_lost(error); }},
        wanted());
    greeting_->after(kGreeting);
    return;
  }
  on_lost(first);
}

void Feed::again() {
  loop_.defer([this, old = std::shared_ptr<ctl::Subscriber>(std::move(subscriber_))] { connect(); });
}

void Feed::on_welcome(const ctl::Welcome& welcome) {
  desk_.link.read_only = welcome.read_only || options_.read_only;
}

void Feed::on_update(const ctl::Update& update) {
  const std::int64_t now = loop_.wall_ms();
  desk_.live.apply(update, now);
  desk_.link.heard_ms = now;
  if (recorder_) {
    if (auto kept = recorder_->add({now, update}); !kept) {
      desk_.say(kept.error().text, true);
      recorder_.reset();
    }
  }
  if (std::holds_alternative<ctl::Begin>(update)) subscriber_->gather(Milliseconds(0));  // a snapshot is wanted at once
  if (std::holds_alternative<ctl::End>(update)) {
    subscriber_->gather(kGather);
    if (desk_.events_read == 0) desk_.events_read = desk_.live.last_event();  // what was before us is no news
  }
  if (desk_.live.current() && desk_.link.state != Link::State::Live) {
    greeting_->cancel();
    delay_ = kFirstRetry;
    desk_.link.state = Link::State::Live;
    desk_.link.error.clear();
  }
  if (desk_.link.state == Link::State::Live) changed_();
}

void Feed::on_lost(const Error& error) {
  greeting_->cancel();
  desk_.link.state = Link::State::Lost;
  desk_.link.error = error.sys == ECONNREFUSED ? "connection refused" : error.sys == ENOENT ? "no socket" : error.text;
  desk_.link.retry_ms = loop_.wall_ms() + delay_.count();
  retry_->after(delay_);
  delay_ = std::min(2 * delay_, kLastRetry);
  if (subscriber_) loop_.defer([old = std::shared_ptr<ctl::Subscriber>(std::move(subscriber_))] {});
  changed_();
}

}  // namespace hcd::ui
