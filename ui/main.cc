// hctop: the dashboard. It reads its options, chooses how to look, and then shows a daemon or a recording: on the terminal,
// or as text.
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <langinfo.h>

#include "fastpath/base/text.h"
#include "hcd/event/libevent_loop.h"
#include "ui/app/app.h"
#include "ui/app/batch.h"
#include "ui/app/options.h"

namespace {

using namespace hcd;

constexpr int kFailed = 1, kUsage = 2;

int complain(const std::string& text, int status) {
  std::fprintf(stderr, "hctop: %s\n", printable(text, text.size()).c_str());
  return status;
}

// What of the first sight can be chosen on the command line.
Status choose(const ui::Options& options, ui::Choice& out) {
  const auto one_of = [](std::string_view word, auto last, auto text) {
    decltype(last) i{};
    while (i != last && !text(i).starts_with(word)) i = static_cast<decltype(last)>(static_cast<int>(i) + 1);
    return i;
  };
  auto filter = ui::Filter::parse(options.filter);
  if (!filter) return fail_in("-f", filter.error());
  out.filter = std::move(*filter);
  out.problems = options.problems;
  const auto no_view = static_cast<ui::View>(ui::kViews);
  const auto no_sort = static_cast<ui::Sort>(ui::kSorts);
  if (!options.view.empty()) out.view = one_of(options.view, no_view, ui::view_text);
  if (!options.sort.empty()) out.sort = one_of(options.sort, no_sort, ui::sort_text);
  if (out.view == no_view) return fail(Code::Invalid, "-v: there is no view \"" + options.view + "\"");
  if (out.sort == no_sort) return fail(Code::Invalid, "-o: there is no sort \"" + options.sort + "\"");
  return {};
}

ui::Wish wish_of(const ui::Options& options, int colours) {
  const char* no_color = std::getenv("NO_COLOR");
  return {.palette = options.theme,
          .symbols = options.symbols,
          .no_colour = options.no_colour || (no_color != nullptr && *no_color != 0),
          .ascii = options.ascii,
          .utf8 = std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
          .colours = colours};
}

Result<std::vector<ui::Moment>> recording_of(const ui::Options& options) {
  if (options.replay.empty()) return std::vector<ui::Moment>();
  return ui::replay_file(options.replay);
}

int run_terminal(const ui::Options& options, ui::Desk& desk, std::vector<ui::Moment> recording) {
  auto terminal = ui::Terminal::open();
  if (!terminal) return complain(terminal.error().text, kFailed);
  const auto look = ui::look_of(wish_of(options, (*terminal)->colours()));
  if (!look) return kUsage;
  hcd::event::LibeventLoop loop;  // libevent has an event too
  ui::App app(loop, **terminal, options, *look, desk);
  if (!options.record.empty()) {
    auto recorder = ui::Recorder::open(options.record);
    if (!recorder) return terminal->reset(), complain(recorder.error().text, kFailed);
    app.feed().record(std::move(*recorder));
  }
  if (options.replay.empty())
    app.run();
  else
    app.run(std::move(recording));
  return 0;
}

int run(const ui::Options& options) {
  ui::Desk desk;
  if (const auto status = choose(options, desk.choice); !status) return complain(status.error().text, kUsage);
  const auto look = ui::look_of(wish_of(options, 256));
  if (!look) return complain("there is no theme or set of symbols of that name", kUsage);
  auto recording = recording_of(options);
  if (!recording) return complain(recording.error().text, kFailed);
  if (options.frame) {
    const auto [width, height] = *options.frame;
    std::fputs(ui::frame_of(desk, *recording, width, height, *look, options.colours).c_str(), stdout);
    return 0;
  }
  if (!options.batch) return run_terminal(options, desk, std::move(*recording));
  hcd::event::LibeventLoop loop;  // libevent has an event too
  const int status = ui::run_batch(loop, options, *look, desk, stdout);
  return status == 0 ? 0 : complain(desk.link.error, status);
}

}  // namespace

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "");
  const auto options = ui::read_options({argv, argv + argc});
  if (!options) {
    complain(options.error().text, kUsage);
    std::fputs(ui::usage().c_str(), stderr);
    return kUsage;
  }
  if (options->help) return std::fputs(ui::usage().c_str(), stdout) < 0;
  if (options->version) return std::puts("hctop " HCD_VERSION) < 0;
  return run(*options);
}
