#include "hcd/parent/reload.h"

#include "hcd/conf/diff.h"
#include "hcd/conf/ids.h"

namespace hcd::parent {

Reload::Reload(event::Loop& loop, Steps steps) : loop_(loop), steps_(std::move(steps)) {
  limit_ = loop_.timer([this] {
    steps_.distrust_pfe("it does not answer a configuration");
    on_pfe_lost();
  });
}

Status Reload::begin(conf::Loaded first) {
  if (auto done = steps_.prepare(first.config); !done) return done;
  running_ = std::move(first.config);
  generation_ = last_given_ = 1;
  return {};
}

void Reload::request(const std::string& path, Reply reply) {
  if (pending_) return reply(false, "another reload is under way");
  if (auto done = swap(path, reply); !done) reply(false, done.error().text);
}

Status Reload::swap(const std::string& path, Reply& reply) {
  auto fresh = steps_.load(path);
  if (!fresh) return std::unexpected(fresh.error());
  conf::keep_ids(fresh->config, running_);
  if (auto done = steps_.prepare(fresh->config); !done) return done;
  std::string changes;
  for (const auto& warning : fresh->warnings) changes += warning + "\n";
  changes += conf::diff_text(running_, fresh->config);
  const std::uint32_t generation = ++last_given_;
  if (auto done = steps_.to_pfe(fresh->config, generation); !done) return done;
  pending_ =
      std::make_unique<Pending>(Pending{std::move(fresh->config), generation, std::move(changes), std::move(reply)});
  limit_->after(kLimit);
  return {};
}

Status Reload::on_applied(std::uint32_t generation, const std::string& error) {
  if (!pending_ || generation != pending_->generation) {
    if (generation != generation_) return fail(Code::Protocol, "it answers for a configuration that it was not sent");
    return {};  // a restarted pfe has what is in force
  }
  if (!error.empty()) {
    if (auto back = steps_.prepare(running_); !back) return finish(false, error + "; " + back.error().text), Status();
    finish(false, error);
    return {};
  }
  running_ = pending_->config;
  generation_ = generation;
  if (auto done = steps_.to_hce(running_, generation_); !done) {
    finish(false, "in force, but the checks' process has the old one: " + done.error().text);
    return {};
  }
  finish(true, std::string(pending_->changes));
  return {};
}

void Reload::on_pfe_lost() {
  if (pending_) finish(false, "the packet filter engine's process ended while it took the configuration");
}

void Reload::finish(bool ok, const std::string& text) {
  limit_->cancel();
  const auto done = std::move(pending_);
  done->reply(ok, text);
}

}  // namespace hcd::parent
