#include "ui/app/app.h"

#include <algorithm>
#include <csignal>
#include <ctime>
#include <utility>

#include <unistd.h>

namespace hcd::ui {
namespace {

// Between two frames that nobody pressed a key for: what drawing costs stays below a part of kShare.
constexpr Duration kLeastGap = Milliseconds(200), kMostGap = Milliseconds(1000);
constexpr int kShare = 300;
constexpr Duration kTwice = Milliseconds(400);  // between two clicks that are one
constexpr unsigned kInspectEvery = 2;           // ticks, while the detail is open

}  // namespace

App::App(event::Loop& loop, Terminal& terminal, const Options& options, const Look& look, Desk& desk)
    : loop_(loop),
      terminal_(terminal),
      options_(options),
      glyphs_(glyphs(look.symbols)),
      desk_(desk),
      controller_(desk, *this),
      feed_(loop, {.sockets = options.sockets, .read_only = options.read_only}, desk, [this] { on_changed(); }),
      keys_(loop.watch(STDIN_FILENO, [this](event::Ready) { on_keys(); })),
      tick_(loop.timer([this] { on_tick(); })),
      draw_(loop.timer([this] { draw_now(); })),
      play_(loop.timer([this] { play(); })) {
  keys_->want({.read = true});
  for (const int number : {SIGTERM, SIGHUP, SIGINT}) signals_.push_back(loop.signal(number, [this] { quit(); }));
  signals_.push_back(loop.signal(SIGWINCH, [this] {
    terminal_.resize();
    draw_now();
  }));
  signals_.push_back(loop.signal(SIGCONT, [this] {  // whoever stopped us may have used the terminal
    terminal_.resize();
    draw_now();
  }));
  terminal_.dress(Theme(look.palette, look.many_colours));
  desk_.interval_ms = options.tenths * 100;
}

void App::run() {
  feed_.start();
  on_tick();
  loop_.run();
}

void App::run(std::vector<Moment> recording) {
  recording_ = std::move(recording);
  desk_.link.replayed = true;
  if (!recording_.empty()) behind_ms_ = recording_.front().wall_ms - loop_.wall_ms();
  play();
  on_tick();
  loop_.run();
}

void App::play() {
  for (; played_ < recording_.size(); played_++) {
    const auto& next = recording_[played_];
    if (next.wall_ms > now_ms()) return play_->after(Milliseconds(next.wall_ms - now_ms()));
    desk_.live.apply(next.update, next.wall_ms);
    draw_soon();
  }
}

void App::on_keys() {
  for (;;) {
    const KeyCode key = terminal_.read();
    if (key == kKeyNone) break;
    if (key != kKeyMouse) {
      controller_.press(key, now_ms());
      continue;
    }
    on_mouse(terminal_.click());
  }
  if (terminal_.gone()) return quit();
  draw_now();
}

void App::on_mouse(const Terminal::Click& click) {
  if (click.wheel != 0) return controller_.wheel(click.wheel);
  if (click.y < layout_.body.y || click.y >= layout_.body.y + layout_.body.height) return;
  const bool twice = click.y == clicked_y_ && loop_.now() - clicked_ < kTwice;
  clicked_y_ = twice ? -1 : click.y;  // a third begins anew
  clicked_ = loop_.now();
  controller_.click(desk_.top + click.y - layout_.body.y, twice);
}

void App::on_tick() {
  constexpr std::int64_t kSecond = 1000;
  tick_->after(Milliseconds(kSecond - now_ms() % kSecond));
  const Line* line = desk_.line();
  if (desk_.detail && line != nullptr && ticks_++ % kInspectEvery == 0) inspect(line->key);
  if (!desk_.held) draw_soon();
}

// A daemon that has come or gone is seen at once.
void App::on_changed() {
  if (std::exchange(state_, desk_.link.state) == desk_.link.state)
    draw_soon();
  else
    draw_now();
}

void App::draw_soon() {
  if (draw_->armed()) return;
  draw_->after(
      std::max(Duration::zero(), drawn_ + std::clamp<Duration>(kShare * cost_, kLeastGap, kMostGap) - loop_.now()));
}

void App::draw_now() {
  draw_->cancel();
  drawn_ = loop_.now();
  layout_ = layout_of(terminal_.width(), terminal_.height(), desk_);
  terminal_.show(draw(desk_, terminal_.width(), terminal_.height(), glyphs_, now_ms()));
  cost_ = loop_.now() - drawn_;
}

void App::suspend() {
  terminal_.suspend();
}

void App::redraw() {
  terminal_.repaint();
}

void App::refresh() {
  if (desk_.link.replayed) return;
  desk_.say("asking the daemon for everything again");
  feed_.again();
}

void App::interval() {
  feed_.pace();
}

void App::inspect(const Key& key) {
  if (key.kind != ctl::Kind::Host) return;  // of what is above it all is known here
  const ctl::Checks request{.target = std::to_string(key.id)};
  const auto told = std::make_shared<Inspection>(Inspection{.of = mark_of(key)});
  feed_.ask(request, {.answer =
                          [this, told](const ctl::Answer& answer) {
                            if (answer.verdict != ctl::Verdict::Done) return;
                            desk_.inspection = std::move(*told);
                            draw_soon();
                          },
                      .evidence =
                          [told](const ctl::Evidence& part) {
                            told->hosts.insert(told->hosts.end(), part.hosts.begin(), part.hosts.end());
                          }});
}

// The daemon takes one such request at a time.
void App::check_now(const std::vector<Key>& keys) {
  if (!to_check_.empty()) return desk_.say("checks that were asked for before have not ended", true);
  for (const auto& key : keys) {
    if (key.kind == ctl::Kind::Host) to_check_.push_back(std::to_string(key.id));
    if (key.kind == ctl::Kind::Table) to_check_.push_back(name_of(desk_.live, key));
  }
  checked_ = 0;
  if (to_check_.empty()) return desk_.say("hosts and tables are checked", true);
  desk_.say("checking " + std::to_string(to_check_.size()));
  check_next();
}

void App::check_next() {
  if (checked_ == to_check_.size()) {
    to_check_.clear();
    return draw_soon();
  }
  const bool sent = feed_.ask(
      ctl::CheckNow{.target = to_check_[checked_++]}, {.answer = [this](const ctl::Answer& answer) {
        desk_.say(answer.verdict == ctl::Verdict::Done ? "checked" : answer.text, answer.verdict != ctl::Verdict::Done);
        check_next();
      }});
  if (sent) return;
  to_check_.clear();
  desk_.say("the daemon cannot be asked now", true);
}

bool App::change(const ctl::Change& change, std::function<void(const ctl::Answer&, const ctl::Outcome&)> ended) {
  const auto outcome = std::make_shared<std::optional<ctl::Outcome>>();
  return feed_.ask(change, {.answer =
                                [this, outcome, ended = std::move(ended)](const ctl::Answer& answer) {
                                  ended(answer, outcome->value_or(ctl::Outcome()));
                                  draw_soon();
                                },
                            .outcome = [outcome](const ctl::Outcome& part) { ctl::add(*outcome, part); }});
}

void App::command(const std::string& text) {
  auto words = words_of(text);
  if (!words) return desk_.say(words.error().text, true);
  if (words->empty()) return;
  const bool may = !desk_.link.read_only || words->front().starts_with("sh");
  if (!may) return desk_.say("read-only: show is all that may be asked", true);
  std::vector<std::string> all = {hcctl_path()};
  if (options_.sockets.size() == 1) all.insert(all.end(), {"-s", options_.sockets.front()});
  all.insert(all.end(), words->begin(), words->end());
  desk_.page = {.title = "hcctl " + text, .lines = {}};
  desk_.mode = Mode::Output;
  auto started = Command::start(loop_, all,
                                {.line =
                                     [this](std::string line) {
                                       desk_.page.lines.push_back(std::move(line));
                                       draw_soon();
                                     },
                                 .ended = [this, text](int status) { on_command_end(text, status); }});
  if (started)
    command_ = std::move(*started);
  else
    desk_.say(started.error().text, true);
}

void App::on_command_end(const std::string& text, int status) {
  desk_.page.title = "hcctl " + text + (status == 0 ? "" : " (exit status " + std::to_string(status) + ")");
  end_command();
  draw_soon();
}

void App::end_command() {
  if (command_) loop_.defer([old = std::shared_ptr<Command>(std::move(command_))] {});
}

Result<std::string> App::write(const std::string& text) {
  const std::time_t now = now_ms() / 1000;
  std::tm local{};
  localtime_r(&now, &local);
  char name[64];
  std::strftime(name, sizeof name, "hctop-%Y%m%d-%H%M%S.txt", &local);
  const CPtr<std::FILE, std::fclose> file(std::fopen(name, "wxe"));
  if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() || std::fflush(file.get()) != 0)
    return fail_errno(name);
  return std::string(name);
}

}  // namespace hcd::ui
