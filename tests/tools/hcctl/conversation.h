// A command carried out against a daemon of which the test says every word beforehand.
#pragma once
#include <cstdlib>
#include <string>

#include <sys/socket.h>

#include "hcd/ipc/channel.h"
#include "tools/hcctl/run.h"

#include <CppUTest/TestHarness.h>

namespace hcd::hcctl {

struct Conversation : Utest {
  std::pair<UniqueFd, UniqueFd> ends = std::move(*ipc::socket_pair());
  ctl::Client client{std::move(ends.first), Milliseconds(0)};
  ctl::Welcome welcome{.daemon = "hcd 9"};
  Options options{.program = "hcctl"};
  SystemClock clock;
  char *out = nullptr, *error = nullptr;
  std::size_t out_size = 0, error_size = 0;

  template <class T>
  void daemon_says(const T& message, std::uint32_t request = 1) {
    const std::string frame = ipc::encode_frame(static_cast<std::uint32_t>(T::kType), request, 0, ipc::encode(message));
    CHECK_EQUAL(static_cast<ssize_t>(frame.size()), send(ends.second.get(), frame.data(), frame.size(), 0));
  }
  void daemon_shows(const ctl::Snapshot& snapshot, std::uint32_t request = 1) {
    daemon_says(ctl::Begin{snapshot.header}, request);
    daemon_says(ctl::Rows{.services = snapshot.services, .tables = snapshot.tables, .hosts = snapshot.hosts}, request);
    daemon_says(snapshot.numbers, request);
    for (const auto& event : snapshot.events) daemon_says(event, request);
    daemon_says(ctl::End(), request);
  }
  template <class T>
  std::optional<T> daemon_heard() {
    char bytes[4096];
    reader.feed({bytes, static_cast<std::size_t>(recv(ends.second.get(), bytes, sizeof bytes, 0))});
    ipc::Frame frame;
    CHECK(reader.next(frame).value_or(false));
    return ctl::read<T>(frame);
  }

  int carry_out(const Command& command) {
    std::free(out);
    std::free(error);
    const Output output{open_memstream(&out, &out_size), open_memstream(&error, &error_size)};
    const int status = hcctl::run(
        command, {.client = client, .welcome = welcome, .options = options, .output = output, .clock = clock});
    std::fclose(output.out);
    std::fclose(output.error);
    return status;
  }
  void teardown() override {
    std::free(out);
    std::free(error);
  }

  ipc::FrameReader reader{ctl::kRequestMax};
};

}  // namespace hcd::hcctl
