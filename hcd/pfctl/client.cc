#include "hcd/pfctl/client.h"

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "fastpath/base/text.h"
#include "hcd/ipc/pfctl_messages.h"
#include "hcd/pfctl/process_pfctl.h"

namespace hcd::pfctl {

using fastpath::pf::PfctlOutput;

Client::Client(UniqueFd socket, const Clock& clock, std::function<void(const std::string&)> lost, Milliseconds limit)
    : socket_(std::move(socket)), clock_(clock), lost_(std::move(lost)), limit_(limit) {
  fcntl(socket_.get(), F_SETFL, fcntl(socket_.get(), F_GETFL) | O_NONBLOCK);
}

Result<PfctlOutput> Client::run(const std::vector<std::string>& arguments, const std::string& input) {
  const std::string what = "pfctl " + join(arguments, " ");
  if (rest_.count() > 0 && clock_.now() < rest_until_)
    return fail(Code::System, what + ": not run: one before took too long, and the next is tried after " +
                                  std::to_string(rest_.count()) + " s");
  auto output = exchange(arguments, input);
  if (output) return output;
  if (output.error().code == Code::Protocol) lost_("the process that runs pfctl: " + output.error().text);
  return fail_in(what, output.error());
}

Result<PfctlOutput> Client::exchange(const std::vector<std::string>& arguments, const std::string& input) {
  const TimePoint end = SystemClock().now() + limit_;
  const auto frame = [this](auto message) {
    return ipc::encode_frame(static_cast<std::uint32_t>(message.kType), number_, 0, ipc::encode(message));
  };
  number_++;
  std::string bytes;
  for (std::size_t at = 0; at < input.size(); at += ipc::PfctlText::kMax)
    bytes += frame(ipc::PfctlText{.text = input.substr(at, ipc::PfctlText::kMax)});
  bytes += frame(ipc::PfctlRun{.arguments = arguments});
  if (auto done = write_all(bytes, end); !done) return std::unexpected(done.error());
  auto output = read_answer(end);
  note(output);
  return output;
}

// Backs off from a pfctl that hangs.
void Client::note(const Result<PfctlOutput>& output) {
  if (output || output.error().sys != ETIMEDOUT) {
    rest_ = Seconds(0);
    return;
  }
  rest_ = std::clamp(2 * rest_, kRestFirst, kRestLast);
  rest_until_ = clock_.now() + rest_;
}

// Whatever goes wrong on the socket is for good.
Status Client::wait(short event, TimePoint end) const {
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(end - SystemClock().now());
    pollfd one{.fd = socket_.get(), .events = event, .revents = 0};
    const int ready = left.count() > 0 ? poll(&one, 1, static_cast<int>(left.count())) : 0;
    if (ready > 0) return {};
    if (ready == 0) return fail(Code::Protocol, "it does not answer");
    if (errno != EINTR) return fail(Code::Protocol, fail_errno("poll").error().text);
  }
}

Status Client::write_all(std::string_view bytes, TimePoint end) const {
  while (!bytes.empty()) {
    const ssize_t count = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR)
      return fail(Code::Protocol, fail_errno("cannot be told").error().text);
    if (count > 0)
      bytes.remove_prefix(static_cast<std::size_t>(count));
    else if (auto done = wait(POLLOUT, end); !done)
      return done;
  }
  return {};
}

Result<ipc::Frame> Client::next_frame(TimePoint end) {
  for (;;) {
    ipc::Frame frame;
    const auto whole = reader_.next(frame);
    if (!whole) return fail(Code::Protocol, whole.error().text);
    if (*whole) return frame;
    if (auto done = wait(POLLIN, end); !done) return std::unexpected(done.error());
    std::array<char, 65536> bytes;
    const ssize_t count = recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (count == 0) return fail(Code::Protocol, "it is gone");
    if (count > 0)
      reader_.feed({bytes.data(), static_cast<std::size_t>(count)});
    else if (errno != EAGAIN && errno != EINTR)
      return fail(Code::Protocol, fail_errno("cannot be heard").error().text);
  }
}

Result<PfctlOutput> Client::read_answer(TimePoint end) {
  PfctlOutput output;
  for (;;) {
    const auto frame = next_frame(end);
    if (!frame) return std::unexpected(frame.error());
    if (frame->id != number_) return fail(Code::Protocol, "it answers what was not asked");
    if (frame->type == static_cast<std::uint32_t>(ipc::Type::PfctlText)) {
      const auto more = ipc::decode<ipc::PfctlText>(frame->payload);
      if (!more || output.out.size() + more->text.size() > ProcessPfctl::kOutputMax)
        return fail(Code::Protocol, "what it tells of pfctl's output is malformed, or too much");
      output.out += more->text;
      continue;
    }
    auto ended = ipc::decode<ipc::PfctlEnd>(frame->payload);
    if (frame->type != static_cast<std::uint32_t>(ipc::Type::PfctlEnd) || !ended)
      return fail(Code::Protocol, "what it tells of pfctl's end is malformed");
    if (!ended->failed.empty()) return std::unexpected(Error{Code::System, ended->error, std::move(ended->failed)});
    output.status = ended->status;
    output.err = std::move(ended->err);
    return output;
  }
}

}  // namespace hcd::pfctl
