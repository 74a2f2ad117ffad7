#include "ui/curses/terminal.h"

#include <array>
#include <csignal>
#include <cstdio>

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

namespace hcd::ui {
namespace {

KeyCode special(wint_t key) {
  switch (key) {
    case KEY_UP: return kKeyUp;
    case KEY_DOWN: return kKeyDown;
    case KEY_LEFT: return kKeyLeft;
    case KEY_RIGHT: return kKeyRight;
    case KEY_HOME: return kKeyHome;
    case KEY_END: return kKeyEnd;
    case KEY_PPAGE: return kKeyPageUp;
    case KEY_NPAGE: return kKeyPageDown;
    case KEY_BACKSPACE: return kKeyBackspace;
    case KEY_DC: return kKeyDelete;
    case KEY_ENTER: return kKeyEnter;
    case KEY_F(1): return kKeyF1;
    default: return kKeyIgnored;
  }
}

std::string base64(const std::string& bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3), 0);  // it writes a zero behind that
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  return out;
}

}  // namespace

Result<std::unique_ptr<Terminal>> Terminal::open() {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0)
    return fail(Code::Invalid, "standard input and output are no terminal: -b prints frames");
  std::unique_ptr<Terminal> out(new Terminal());
  SCREEN* screen = newterm(nullptr, stdout, stdin);
  if (screen == nullptr) return fail(Code::Unsupported, "the terminal's kind is not known: look at TERM");
  out->screen_ = screen;
  set_term(screen);
  // Until it has been left once, ncurses flushes at each move of the cursor, which is a packet each for a distant terminal.
  endwin();
  raw();
  noecho();
  nonl();
  set_escdelay(25);
  nodelay(stdscr, TRUE);
  keypad(stdscr, TRUE);
  curs_set(0);
  if (has_colors()) {
    start_color();
    use_default_colors();
  }
  return out;
}

Terminal::~Terminal() {
  if (screen_ == nullptr) return;
  endwin();
  delscreen(static_cast<SCREEN*>(screen_));
}

int Terminal::width() const {
  return getmaxx(stdscr);
}
int Terminal::height() const {
  return getmaxy(stdscr);
}
int Terminal::colours() const {
  return has_colors() ? COLORS : 0;
}

short Terminal::pair(const Ink& ink) {
  if (!has_colors() || (ink.front < 0 && ink.back < 0)) return 0;
  const auto next = static_cast<short>(pairs_.size() + 1);
  const auto [it, added] = pairs_.try_emplace({ink.front, ink.back}, next);
  if (added && (next >= COLOR_PAIRS || init_pair(next, ink.front, ink.back) == ERR)) it->second = 0;
  return it->second;
}

void Terminal::put(int x, int y, const Cell& cell) {
  const Ink ink = theme_.ink(cell);
  attr_t attributes = A_NORMAL;
  if (ink.bold) attributes |= A_BOLD;
  if (ink.dim) attributes |= A_DIM;
  if (ink.reverse) attributes |= A_REVERSE;
  if (ink.underline) attributes |= A_UNDERLINE;
  const std::array<wchar_t, 2> text = {static_cast<wchar_t>(cell.glyph), 0};
  cchar_t out;
  if (setcchar(&out, text.data(), attributes, pair(ink), nullptr) == OK) mvadd_wch(y, x, &out);
}

void Terminal::show(const Canvas& canvas) {
  const bool same = shown_ && shown_->width() == canvas.width() && shown_->height() == canvas.height();
  if (!same) erase();
  for (int y = 0; y < canvas.height(); y++) {
    for (int x = 0; x < canvas.width(); x++) {
      const Cell& cell = canvas.at(x, y);
      if (cell.glyph != kTail && (!same || !(shown_->at(x, y) == cell))) put(x, y, cell);
    }
  }
  shown_ = canvas;
  refresh();
}

void Terminal::repaint() {
  shown_.reset();
  clearok(stdscr, TRUE);
}

void Terminal::resize() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return;
  resizeterm(size.ws_row, size.ws_col);
  repaint();
}

// As the terminal's own driver does it: the whole job stops, and one that no shell waits for goes on at once.
void Terminal::suspend() {
  endwin();
  const auto ours = std::signal(SIGTSTP, SIG_DFL);
  kill(0, SIGTSTP);
  std::signal(SIGTSTP, ours);
  resize();
}

bool Terminal::gone() const {
  pollfd in{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return poll(&in, 1, 0) > 0 && (in.revents & POLLHUP) != 0;
}

void Terminal::mouse(bool on) {
  mouseinterval(0);  // a press is told at once; whether it is the second of two is not ncurses' to say
  mousemask(on ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, nullptr);
}

void Terminal::copy(const std::string& text) {
  const std::string sequence = "\x1b]52;c;" + base64(text) + "\x07";
  std::fwrite(sequence.data(), 1, sequence.size(), stdout);
  std::fflush(stdout);
}

KeyCode Terminal::read_mouse() {
  MEVENT event;
  if (getmouse(&event) != OK) return kKeyIgnored;
  click_ = {.x = event.x, .y = event.y};
  if ((event.bstate & BUTTON4_PRESSED) != 0) click_.wheel = -3;
  if ((event.bstate & BUTTON5_PRESSED) != 0) click_.wheel = 3;
  return kKeyMouse;
}

KeyCode Terminal::read() {
  wint_t key = 0;
  switch (get_wch(&key)) {
    case OK:
      if (key == 127 || key == 8) return kKeyBackspace;
      return key == '\r' ? kKeyEnter : static_cast<KeyCode>(key);
    case KEY_CODE_YES: return key == KEY_MOUSE ? read_mouse() : special(key);
    default: return kKeyNone;
  }
}

}  // namespace hcd::ui
