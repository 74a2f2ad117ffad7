#include "hcd/parent/reload.h"

#include "fastpath/base/log.h"
#include "hcd/conf/diff.h"
#include "hcd/conf/names.h"

namespace hcd::parent {
namespace {

constexpr Seconds kAgain{1};  // until what could not be taken back is tried again

}  // namespace

Reload::Reload(event::Loop& loop, Steps steps) : loop_(loop), steps_(std::move(steps)) {
  limit_ = loop_.timer([this] {
    steps_.distrust_pfe("it does not answer a configuration");
    on_pfe_lost();
  });
  trial_ = loop_.timer([this] { take_back({}); });
}

Status Reload::begin(conf::Loaded first) {
  if (auto done = steps_.prepare(first.config); !done) return done;
  auto next = resolved(std::move(first.config));
  written_ = std::move(next.written);
  running_ = std::move(next.config);
  generation_ = last_given_ = 1;
  return {};
}

void Reload::request(const std::string& path, Reply reply, Seconds confirm_within) {
  if (before_) return reply(false, "the last reload waits to be confirmed");
  if (waiting_ || (pending_ && pending_->reload)) return reply(false, "another reload is under way");
  if (pending_) {
    waiting_ = Waiting{path, std::move(reply), confirm_within};
    return;
  }
  const auto done = swap(path, reply, confirm_within);
  if (done) return;
  if (steps_.abandoned) steps_.abandoned();
  reply(false, done.error().text);
}

void Reload::confirm(bool keep, Reply reply) {
  if (!before_) return reply(false, "no reload waits to be confirmed");
  if (!keep) return take_back(std::move(reply));
  trial_->cancel();
  before_.reset();
  steps_.trial(Duration(0));
  reply(true, "the configuration is kept");
}

// Whoever asked for it, or nobody, when the time is over. Until it is in force it is tried again.
void Reload::take_back(Reply reply) {
  trial_->after(kAgain);
  if (pending_) {
    if (reply) reply(false, "another configuration is on its way; it is taken back after that");
    return;
  }
  const auto told = [this, reply](bool ok, const std::string& text) {
    if (ok) {
      trial_->cancel();
      before_.reset();
      steps_.trial(Duration(0));
      steps_.taken_back(text);
    } else {
      log::error("the reload that was not confirmed cannot be taken back yet: " + text);
      trial_->after(kAgain);
    }
    if (reply) reply(ok, text);
  };
  conf::Config config = *before_;
  if (auto done = steps_.prepare(config); !done) return told(false, done.error().text);
  auto next = resolved(std::move(config));
  next.changes = conf::diff_text(running_, next.config);
  next.generation = ++last_given_;
  next.reply = told;
  if (auto done = swap_in(std::move(next)); !done) return told(false, done.error().text);
  trial_->cancel();
}

Status Reload::swap(const std::string& path, Reply& reply, Seconds confirm_within) {
  auto fresh = steps_.load(path);
  if (!fresh) return std::unexpected(fresh.error());
  if (auto done = steps_.prepare(fresh->config); !done) return done;
  auto next = resolved(std::move(fresh->config));
  for (const auto& warning : fresh->warnings) next.changes += warning + "\n";
  next.changes += conf::diff_text(running_, next.config);
  next.generation = ++last_given_;
  next.reply = reply;  // who asked is told of an error by the caller
  next.confirm_within = confirm_within;
  return swap_in(std::move(next));
}

Reload::Pending Reload::resolved(conf::Config written) {
  Pending next{.written = {}, .config = steps_.resolve(written, running_), .generation = 0, .changes = {}, .reply = {}};
  if (!conf::questions(written).empty()) next.written = std::move(written);
  return next;
}

void Reload::renew() {
  stale_ = true;
  if (pending_) return;
  auto config = steps_.resolve(written(), running_);
  if (config == running_) {
    stale_ = false;
    return;
  }
  const auto changes = conf::diff(running_, config);
  const auto told = [changes](bool ok, const std::string& text) {
    if (!ok) return log::error("names: new addresses are refused: " + text);
    for (const auto& change : changes) log::notice("names: " + change);
  };
  const auto done = swap_in({.written = {},
                             .config = std::move(config),
                             .reload = false,
                             .generation = ++last_given_,
                             .changes = {},
                             .reply = told});
  if (!done) log::warning("names: " + done.error().text);
}

// Nothing is pending; after an error neither.
Status Reload::swap_in(Pending next) {
  if (auto done = steps_.to_pfe(next.config, next.generation); !done) return done;
  stale_ = false;
  pending_ = std::make_unique<Pending>(std::move(next));
  limit_->after(kLimit);
  return {};
}

Status Reload::on_applied(std::uint32_t generation, const std::string& error) {
  if (!pending_ || generation != pending_->generation) {
    if (generation != generation_) return fail(Code::Protocol, "it answers for a configuration that it was not sent");
    if (stale_) renew();  // a restarted pfe has what is in force
    return {};
  }
  if (!error.empty()) {
    if (!pending_->reload) return finish(false, error), Status();
    stale_ = true;  // what was refused had the newest addresses
    if (auto back = steps_.prepare(running_); !back) return finish(false, error + "; " + back.error().text), Status();
    finish(false, error);
    return {};
  }
  if (pending_->confirm_within.count() > 0) {
    before_ = written();
    trial_->after(pending_->confirm_within);
    steps_.trial(pending_->confirm_within);
    pending_->changes +=
        "\ntaken back in " + std::to_string(pending_->confirm_within.count()) + " seconds, unless it is confirmed";
  }
  running_ = std::move(pending_->config);
  generation_ = generation;
  if (pending_->reload) written_ = std::move(pending_->written);
  const auto done = steps_.to_hce(running_, generation_);
  if (pending_->reload) steps_.in_force(written());
  finish(done.has_value(), done ? std::string(pending_->changes)
                                : "in force, but the checks' process has the old one: " + done.error().text);
  return {};
}

void Reload::on_pfe_lost() {
  if (!pending_) return;
  stale_ = true;
  finish(false, "the packet filter engine's process ended while it took the configuration");
}

void Reload::finish(bool ok, const std::string& text) {
  limit_->cancel();
  const auto done = std::move(pending_);
  if (!ok && steps_.abandoned) steps_.abandoned();
  done->reply(ok, text);
  go_on();
}

void Reload::go_on() {
  if (auto next = std::exchange(waiting_, {})) return request(next->path, std::move(next->reply), next->confirm_within);
  if (stale_) renew();
}

}  // namespace hcd::parent
