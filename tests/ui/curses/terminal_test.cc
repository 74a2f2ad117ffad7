// The real ncurses on a pseudo-terminal: what is written to it, and what becomes of the bytes that keys are.
#include "ui/curses/terminal.h"

#include <csignal>
#include <cstdlib>
#include <functional>
#include <locale>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "fastpath/base/unique_fd.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ui;

namespace {

// A child process on a terminal of its own. What it tells us comes by a pipe, what it shows by the terminal.
class Stage {
 public:
  using Play = std::function<void(Terminal&, const std::function<void(const std::string&)>& tell)>;

  Stage(const char* kind, const Play& play) : terminal_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
    grantpt(terminal_.get());
    unlockpt(terminal_.get());
    resize(80, 24);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
    told_.reset(ends[0]);
    const UniqueFd tell(ends[1]);
    pid_ = fork();
    if (pid_ == 0) act(kind, play, tell.get());
  }
  ~Stage() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  void resize(unsigned short width, unsigned short height) {
    const winsize size{.ws_row = height, .ws_col = width};
    ioctl(terminal_.get(), TIOCSWINSZ, &size);
  }
  void press(std::string_view bytes) {
    CHECK_EQUAL(static_cast<ssize_t>(bytes.size()), write(terminal_.get(), bytes.data(), bytes.size()));
  }
  // The next line that it tells; "ended" when it tells no more.
  std::string told() {
    for (;;) {
      if (const auto end = lines_.find('\n'); end != std::string::npos) {
        std::string line = lines_.substr(0, end);
        lines_.erase(0, end + 1);
        return line;
      }
      pollfd both[2] = {{told_.get(), POLLIN, 0}, {terminal_.get(), POLLIN, 0}};
      poll(both, 2, -1);
      read_terminal();
      char bytes[512];
      if ((both[0].revents & (POLLIN | POLLHUP)) == 0) continue;
      const ssize_t count = read(told_.get(), bytes, sizeof bytes);
      if (count <= 0) return "ended";
      lines_.append(bytes, static_cast<std::size_t>(count));
    }
  }
  // All that the terminal was written, once that is in it; the kernel hands it over in its own time.
  const std::string& shows(std::string_view until) {
    for (int waits = 0; read_terminal(), !shown_.contains(until); waits++) {
      pollfd in{terminal_.get(), POLLIN, 0};
      if (waits == 1000 || poll(&in, 1, 20'000) <= 0) FAIL(("not shown: " + std::string(until)).c_str());
    }
    return shown_;
  }
  void hang_up() { terminal_.reset(); }

 private:
  [[noreturn]] void act(const char* kind, const Play& play, int tell) {
    setsid();
    const UniqueFd slave(open(ptsname(terminal_.get()), O_RDWR));
    for (const int place : {STDIN_FILENO, STDOUT_FILENO}) dup2(slave.get(), place);
    terminal_.reset();
    setenv("TERM", kind, 1);
    setlocale(LC_CTYPE, "C.UTF-8");
    auto opened = Terminal::open();
    if (!opened) _exit(1);
    play(**opened, [tell](const std::string& line) {
      const std::string out = line + "\n";
      if (write(tell, out.data(), out.size()) < 0) _exit(1);
    });
    opened->reset();
    _exit(0);
  }
  void read_terminal() {
    char bytes[4096];
    for (ssize_t count; (count = read(terminal_.get(), bytes, sizeof bytes)) > 0;)
      shown_.append(bytes, static_cast<std::size_t>(count));
  }

  UniqueFd terminal_, told_;
  pid_t pid_ = -1;
  std::string lines_, shown_;
};

// Tells each key; a mouse's, with its place and wheel. 'q' ends.
void tell_keys(Terminal& terminal, const std::function<void(const std::string&)>& tell) {
  tell("ready");
  for (;;) {
    pollfd in{STDIN_FILENO, POLLIN, 0};
    poll(&in, 1, -1);
    for (KeyCode key; (key = terminal.read()) != kKeyNone;) {
      if (key == U'q') return;
      const auto& click = terminal.click();
      tell(key != kKeyMouse ? std::to_string(key)
                            : "mouse " + std::to_string(click.x) + " " + std::to_string(click.y) + " " +
                                  std::to_string(click.wheel));
    }
  }
}

}  // namespace

TEST_GROUP(Terminal){};

TEST(Terminal, keys_are_what_they_are_called) {
  Stage stage("xterm-256color", tell_keys);
  STRCMP_EQUAL("ready", stage.told().c_str());
  stage.press("j\r\x7f\t\xc3\xa9");
  for (const KeyCode key : {KeyCode{U'j'}, kKeyEnter, KeyCode{kKeyBackspace}, kKeyTab, KeyCode{U'é'}})
    STRCMP_EQUAL(std::to_string(key).c_str(), stage.told().c_str());
  for (const auto& [bytes, key] :
       {std::pair("\x1bOA", kKeyUp), std::pair("\x1bOB", kKeyDown), std::pair("\x1bOC", kKeyRight),
        std::pair("\x1bOD", kKeyLeft), std::pair("\x1bOH", kKeyHome), std::pair("\x1bOF", kKeyEnd),
        std::pair("\x1b[5~", kKeyPageUp), std::pair("\x1b[6~", kKeyPageDown), std::pair("\x1b[3~", kKeyDelete),
        std::pair("\x1bOP", kKeyF1), std::pair("\x1bOQ", kKeyIgnored)}) {
    stage.press(bytes);
    STRCMP_EQUAL(std::to_string(key).c_str(), stage.told().c_str());
  }
  stage.press("q");
  STRCMP_EQUAL("ended", stage.told().c_str());
}

TEST(Terminal, the_mouse_is_asked_for_only_while_it_is_wanted_and_tells_where) {
  for (const char* kind : {"xterm-256color", "screen-256color"}) {
    const bool sgr = std::string_view(kind).starts_with("xterm");
    Stage stage(kind, [](Terminal& terminal, const auto& tell) {
      terminal.mouse(true);
      terminal.show(Canvas(80, 24));
      tell_keys(terminal, tell);
      terminal.mouse(false);
      tell("off");
    });
    STRCMP_EQUAL("ready", stage.told().c_str());
    stage.shows("1000h");
    stage.press(sgr ? "\x1b[<0;10;5M\x1b[<0;10;5m" : "\x1b[M *%\x1b[M#*%");
    STRCMP_EQUAL("mouse 9 4 0", stage.told().c_str());
    stage.press(sgr ? "\x1b[<64;1;2M" : "\x1b[M`!\"");
    STRCMP_EQUAL("mouse 0 1 -3", stage.told().c_str());
    stage.press(sgr ? "\x1b[<65;1;2M" : "\x1b[Ma!\"");
    STRCMP_EQUAL("mouse 0 1 3", stage.told().c_str());
    stage.press("q");
    STRCMP_EQUAL("off", stage.told().c_str());
    stage.shows("1000l");
    STRCMP_EQUAL("ended", stage.told().c_str());
  }
}

TEST(Terminal, what_is_copied_goes_to_the_terminals_clipboard) {
  Stage stage("xterm-256color", [](Terminal& terminal, const auto& tell) {
    for (const char* text : {"", "a", "ab", "web:80/10.0.0.1"}) terminal.copy(text);
    tell("copied");
  });
  STRCMP_EQUAL("copied", stage.told().c_str());
  for (const char* sequence :
       {"\x1b]52;c;\x07", "\x1b]52;c;YQ==\x07", "\x1b]52;c;YWI=\x07", "\x1b]52;c;d2ViOjgwLzEwLjAuMC4x\x07"})
    stage.shows(sequence);
}

TEST(Terminal, only_what_has_changed_is_written) {
  Stage stage("xterm-256color", [](Terminal& terminal, const auto& tell) {
    const auto mark = [](std::string_view text) {
      if (write(STDOUT_FILENO, text.data(), text.size()) < 0) _exit(1);
    };
    Canvas canvas(80, 24);
    canvas.put(0, 0, "first", Role::Text);
    terminal.show(canvas);
    mark("<1>");
    terminal.show(canvas);
    mark("<2>");
    canvas.put(0, 1, "second", Role::Text);
    terminal.show(canvas);
    mark("<3>");
    terminal.repaint();
    terminal.show(canvas);
    mark("<4>");
    tell("shown");
  });
  STRCMP_EQUAL("shown", stage.told().c_str());
  const std::string all = stage.shows("<4>");
  const auto between = [&](std::string_view from, std::string_view to) {
    const auto begin = all.find(from) + from.size();
    return all.substr(begin, all.find(to) - begin);
  };
  CHECK(all.substr(0, all.find("<1>")).contains("first"));
  STRCMP_EQUAL("", between("<1>", "<2>").c_str());
  CHECK(between("<2>", "<3>").contains("second") && !between("<2>", "<3>").contains("first"));
  CHECK(between("<3>", "<4>").contains("first"));
}

TEST(Terminal, its_size_is_that_of_the_terminal_also_when_that_changes) {
  Stage stage("xterm-256color", [](Terminal& terminal, const auto& tell) {
    const auto size = [&] { tell(std::to_string(terminal.width()) + "x" + std::to_string(terminal.height())); };
    size();
    char key = 0;
    if (read(STDIN_FILENO, &key, 1) != 1) return;
    terminal.resize();
    size();
  });
  STRCMP_EQUAL("80x24", stage.told().c_str());
  stage.resize(160, 50);
  stage.press("x");
  STRCMP_EQUAL("160x50", stage.told().c_str());
}

TEST(Terminal, it_is_left_as_it_was_found) {
  Stage stage("xterm-256color", [](Terminal& terminal, const auto& tell) {
    terminal.show(Canvas(80, 24));
    tell("shown");
  });
  STRCMP_EQUAL("shown", stage.told().c_str());
  stage.shows("\x1b[?1049h");
  STRCMP_EQUAL("ended", stage.told().c_str());
  stage.shows("\x1b[?1049l");
}

TEST(Terminal, one_whose_other_end_is_closed_says_so) {
  Stage stage("xterm-256color", [](Terminal& terminal, const auto& tell) {
    std::signal(SIGHUP, SIG_IGN);
    tell(terminal.gone() ? "gone" : "there");
    pollfd in{STDIN_FILENO, POLLIN, 0};
    poll(&in, 1, -1);
    tell(terminal.read() == kKeyNone && terminal.gone() ? "gone" : "there");
  });
  STRCMP_EQUAL("there", stage.told().c_str());
  stage.hang_up();
  STRCMP_EQUAL("gone", stage.told().c_str());
}
