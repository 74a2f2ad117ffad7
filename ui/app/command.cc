#include "ui/app/command.h"

#include <csignal>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace hcd::ui {

Result<std::vector<std::string>> words_of(std::string_view text) {
  std::vector<std::string> out;
  bool within = false;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        out.back() += c;
    } else if (c == ' ' || c == '\t') {
      within = false;
    } else {
      if (!std::exchange(within, true)) out.emplace_back();
      if (c == '\'' || c == '"')
        quote = c;
      else
        out.back() += c;
    }
  }
  if (quote != 0) return fail(Code::Invalid, "a quote is not closed");
  return out;
}

std::string hcctl_path() {
  char self[4096];
  const ssize_t size = readlink("/proc/self/exe", self, sizeof self);
  if (size > 0 && static_cast<std::size_t>(size) < sizeof self) {
    std::string path(self, static_cast<std::size_t>(size));
    path.resize(path.rfind('/') + 1);
    path += "hcctl";
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return "hcctl";
}

Result<std::unique_ptr<Command>> Command::start(event::Loop& loop, const std::vector<std::string>& words,
                                                Handler handler) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail_errno("pipe");
  UniqueFd ours(ends[0]), theirs(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDERR_FILENO);
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));  // posix_spawn only reads them
  arguments.push_back(nullptr);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail_errno(words.front(), error);
  fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  return std::unique_ptr<Command>(new Command(loop, std::move(ours), pid, std::move(handler)));
}

Command::Command(event::Loop& loop, UniqueFd output, pid_t pid, Handler handler)
    : loop_(loop), output_(std::move(output)), pid_(pid), handler_(std::move(handler)) {
  watcher_ = loop_.watch(output_.get(), [this](event::Ready) { on_ready(); });
  watcher_->want({.read = true});
}

Command::~Command() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  reap(0);
}

void Command::reap(int options) {
  int status = 0;
  if (waitpid(pid_, &status, options) != pid_) return;
  pid_ = -1;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void Command::on_ready() {
  char bytes[16384];
  const ssize_t count = read(output_.get(), bytes, sizeof bytes);
  if (count > 0) return take({bytes, static_cast<std::size_t>(count)});
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  end();
}

void Command::take(std::string_view bytes) {
  for (const char c : bytes) {
    if (c != '\n') {
      if (partial_.size() < kLineMax) c == '\t' ? partial_.append(8 - partial_.size() % 8, ' ') : partial_.append(1, c);
      continue;
    }
    if (lines_++ < kLinesMax) handler_.line(std::move(partial_));
    partial_.clear();
  }
}

// It has closed its output; nearly always it has ended by then, and if it has not, it is made to.
void Command::end() {
  watcher_->want({});
  if (!partial_.empty()) handler_.line(std::move(partial_));
  reap(WNOHANG);
  for (int tries = 0; pid_ > 0 && tries < 50; tries++) {
    usleep(2000);
    reap(WNOHANG);
  }
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    reap(0);
  }
  handler_.ended(status_);
}

}  // namespace hcd::ui
