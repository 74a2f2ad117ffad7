#include "ui/app/batch.h"

#include "ui/panel/screen.h"

namespace hcd::ui {
namespace {

constexpr Milliseconds kPatience{5000};  // for the first word of a daemon

std::string shown(const Canvas& canvas, const Look& look, bool colours) {
  return colours ? coloured(canvas, Theme(look.palette, look.many_colours)) : canvas.text();
}

class Batch {
 public:
  Batch(event::Loop& loop, const Options& options, const Look& look, Desk& desk, std::FILE* out)
      : loop_(loop), options_(options), look_(look), desk_(desk), out_(out), next_(loop.timer([this] { print(); })) {}

  int run() {
    Feed feed(loop_, {.sockets = options_.sockets, .read_only = true}, desk_, [this] { on_changed(); });
    const auto patience = loop_.timer([this] { end(3); });
    patience->after(kPatience);
    patience_ = patience.get();
    feed.start();
    loop_.run();
    return status_;
  }

 private:
  void on_changed() {
    if (desk_.link.state == Link::State::Lost && printed_ == 0) return end(3);
    if (desk_.link.state != Link::State::Live || printed_ > 0) return;
    patience_->cancel();
    print();
  }

  void print() {
    const std::int64_t now = loop_.wall_ms();
    const int rows = rows_of(now);
    const std::string text =
        shown(draw(desk_, options_.width, rows, glyphs(look_.symbols), now), look_, options_.colours);
    const bool written = std::fwrite(text.data(), 1, text.size(), out_) == text.size() && std::fflush(out_) == 0;
    if (!written) return end(1);  // nobody reads any more
    if (++printed_ == options_.frames) return end(0);
    std::fputc('\n', out_);
    next_->after(Milliseconds(options_.tenths * 100));
  }

  // As many as there are, below the head and the titles.
  int rows_of(std::int64_t now) {
    desk_.settle(0, now);
    return std::max(20, static_cast<int>(desk_.outline.lines().size()) + 4);
  }

  void end(int status) {
    status_ = status;
    loop_.stop();
  }

  event::Loop& loop_;
  const Options& options_;
  const Look& look_;
  Desk& desk_;
  std::FILE* out_;
  std::unique_ptr<event::Timer> next_;
  event::Timer* patience_ = nullptr;
  unsigned printed_ = 0;
  int status_ = 0;
};

}  // namespace

std::string frame_of(Desk& desk, const std::vector<Moment>& moments, int width, int height, const Look& look,
                     bool colours) {
  desk.link.replayed = true;
  for (const auto& moment : moments) desk.live.apply(moment.update, moment.wall_ms);
  const std::int64_t now = moments.empty() ? 0 : moments.back().wall_ms;
  return shown(draw(desk, width, height, glyphs(look.symbols), now), look, colours);
}

int run_batch(event::Loop& loop, const Options& options, const Look& look, Desk& desk, std::FILE* out) {
  desk.batch = true;
  desk.interval_ms = options.tenths * 100;
  return Batch(loop, options, look, desk, out).run();
}

}  // namespace hcd::ui
