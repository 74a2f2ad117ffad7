#include "hcd/pfctl/process_pfctl.h"

#include <array>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "hcd/proc/launch.h"

namespace hcd::pfctl {
namespace {

using fastpath::pf::PfctlOutput;

constexpr Milliseconds kGrace{1000};  // for a program that was killed to be gone

struct Pipe {
  UniqueFd read, write;
};
Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail_errno("make a pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

int left_of(TimePoint end) {
  const auto left = std::chrono::ceil<Milliseconds>(end - SystemClock().now());
  return static_cast<int>(std::max<Milliseconds::rep>(left.count(), 0));
}

// Our ends of its three pipes.
class Talk {
 public:
  Talk(UniqueFd in, UniqueFd out, UniqueFd err, const std::string& input)
      : in_(std::move(in)), out_(std::move(out)), err_(std::move(err)), left_(input) {
    for (const int fd : {in_.get(), out_.get(), err_.get()}) fcntl(fd, F_SETFL, O_NONBLOCK);
    if (left_.empty()) in_.reset();
  }

  // Until it, and whatever it has left behind, has closed what it writes to.
  Status until(TimePoint end, PfctlOutput& output) {
    while (out_ || err_) {
      std::array<pollfd, 3> fds = {{{in_.get(), POLLOUT, 0}, {out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}}};
      const int ready = poll(fds.data(), fds.size(), left_of(end));
      if (ready < 0 && errno != EINTR) return fail_errno("poll");
      if (ready == 0) return std::unexpected(Error{Code::System, ETIMEDOUT, "it took too long, and was killed"});
      if (ready < 0) continue;
      if (fds[0].revents != 0) write_some();
      if (fds[1].revents != 0) read_some(out_, output.out);
      if (fds[2].revents != 0) read_some(err_, output.err);
      if (output.out.size() + output.err.size() > ProcessPfctl::kOutputMax)
        return fail(Code::Limit,
                    "it printed more than " + std::to_string(ProcessPfctl::kOutputMax) + " bytes, and was killed");
    }
    return {};
  }

 private:
  void write_some() {
    const ssize_t count = write(in_.get(), left_.data(), left_.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    left_.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : left_.size());  // it need not read all
    if (left_.empty()) in_.reset();
  }
  static void read_some(UniqueFd& from, std::string& to) {
    std::array<char, 65536> bytes;
    const ssize_t count = read(from.get(), bytes.data(), bytes.size());
    if (count > 0) to.append(bytes.data(), static_cast<std::size_t>(count));
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) from.reset();
  }

  UniqueFd in_, out_, err_;
  std::string_view left_;
};

void kill(const proc::Launched& program) {
  proc::end(program);
  pollfd gone{program.pidfd.get(), POLLIN, 0};
  if (poll(&gone, 1, static_cast<int>(kGrace.count())) > 0) static_cast<void>(proc::finish(program));
}

Status check(const proc::Outcome& outcome, PfctlOutput& output) {
  switch (outcome.how) {
    case proc::Outcome::How::Exited: output.status = outcome.value; return {};
    case proc::Outcome::How::Killed:
      return fail(Code::System, "it was killed by signal " + std::to_string(outcome.value));
    case proc::Outcome::How::NotRun: return fail_errno("it cannot be run", outcome.value);
  }
  return {};
}

}  // namespace

Result<PfctlOutput> ProcessPfctl::run(const std::vector<std::string>& arguments, const std::string& input) {
  const TimePoint limit = SystemClock().now() + limit_;
  auto in = make_pipe(), out = make_pipe(), err = make_pipe();
  for (const auto* pipe : {&in, &out, &err})
    if (!*pipe) return fail_in(path_, pipe->error());
  const auto program = proc::launch({.path = path_,
                                     .arguments = arguments,
                                     .environment = {},
                                     .user = {},
                                     .cpu = std::chrono::ceil<Seconds>(limit_) + Seconds(1),
                                     .descriptors = {{in->read.get(), out->write.get(), err->write.get()}}});
  if (!program) return std::unexpected(program.error());
  in->read.reset();
  out->write.reset();
  err->write.reset();
  Talk talk(std::move(in->write), std::move(out->read), std::move(err->read), input);
  PfctlOutput output;
  if (const auto done = talk.until(limit, output); !done) {
    kill(*program);
    return fail_in(path_, done.error());
  }
  if (const auto done = check(proc::finish(*program), output); !done) return fail_in(path_, done.error());
  return output;
}

}  // namespace hcd::pfctl
