// Whatever a server sends, and however it is cut: the parser stays within its bounds, ends the same way, and gives the
// sinks the same headers and bytes as when all comes at once.
#include "hcd/hce/http_response.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>

using namespace hcd::hce;

namespace {

struct Collect final : BodySink, HeaderSink {
  std::string bytes, headers;
  void body(std::string_view more) override { bytes += more; }
  void header(std::string_view name, std::string_view value) override { (((headers += name) += '=') += value) += '\n'; }
};

struct Outcome {
  HttpResponse::State state;
  std::string body, headers;
  std::uint16_t code;
  bool operator==(const Outcome&) const = default;
};

Outcome run(std::string_view bytes, std::size_t step) {
  Collect sink;
  HttpResponse response;
  std::string room(256, '\0');
  response.begin(step % 2 == 0 ? nullptr : &sink, &sink, room);
  auto state = HttpResponse::State::More;
  while (!bytes.empty() && state == HttpResponse::State::More) {
    const std::size_t size = std::min(step, bytes.size());
    state = response.feed(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  if (state == HttpResponse::State::More) state = response.closed();
  return {state, std::move(sink.bytes), std::move(sink.headers), response.code()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = run(bytes, size | 1);
  if (whole.state == HttpResponse::State::More || whole.body.size() > HttpResponse::kBodyMax) std::abort();
  for (const std::size_t step : {1UL, 7UL, 129UL})
    if (run(bytes, step).state != whole.state ||
        (whole.state == HttpResponse::State::Complete && !(run(bytes, step) == whole)))
      std::abort();
  if (run(bytes, 2).state != run(bytes, 130).state || run(bytes, 2).headers != run(bytes, 130).headers) std::abort();
  return 0;
}
