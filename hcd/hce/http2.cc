#include "hcd/hce/http2.h"

#include <array>
#include <utility>

namespace hcd::hce {
namespace {

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv field(std::string_view name, std::string_view value) {  // nghttp2 takes copies, though it says otherwise
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {.name = bytes(name),
          .value = bytes(value),
          .namelen = name.size(),
          .valuelen = value.size(),
          .flags = NGHTTP2_NV_FLAG_NONE};
}

// "ENHANCE_YOUR_CALM too_many_pings"
std::string why(std::uint32_t code, std::string_view text = {}) {
  std::string out(nghttp2_http2_strerror(code));
  return text.empty() ? out : out + " " + std::string(text);
}

}  // namespace

struct Http2Events {  // nghttp2's callbacks, for the call that each belongs to
  static Http2Call& call(void* user) { return *static_cast<Http2Call*>(user); }

  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) noexcept {
    if (!call(user).count_header(name_size + value_size)) return NGHTTP2_ERR_CALLBACK_FAILURE;
    if (frame->hd.stream_id == call(user).stream_)
      call(user).answer_->on_header(view(name, name_size), view(value, value_size));
    return 0;
  }
  static int invalid_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*, std::size_t name_size,
                            const std::uint8_t*, std::size_t value_size, std::uint8_t, void* user) noexcept {
    return call(user).count_header(name_size + value_size) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
  }
  static int data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes, std::size_t size,
                  void* user) noexcept {
    if (stream == call(user).stream_) call(user).answer_->on_body(view(bytes, size));
    return 0;
  }
  static int received(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    if (frame->hd.type == NGHTTP2_GOAWAY) on_goaway(call(user), frame->goaway);
    if (frame->hd.stream_id != call(user).stream_) return 0;
    if (frame->hd.type == NGHTTP2_RST_STREAM)
      call(user).settle(Http2Call::State::Refused, "RST_STREAM " + why(frame->rst_stream.error_code));
    if (frame->hd.type == NGHTTP2_HEADERS) call(user).answer_->on_headers_end();
    const bool carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!carries || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    call(user).settle(Http2Call::State::Ended);
    call(user).answer_->on_end();
    return 0;
  }
  // A server that is to stop may still answer what it names as taken.
  static void on_goaway(Http2Call& which, const nghttp2_goaway& goaway) {
    if (goaway.error_code == NGHTTP2_NO_ERROR && goaway.last_stream_id >= which.stream_) return;
    which.settle(Http2Call::State::Refused,
                 "GOAWAY " + why(goaway.error_code, view(goaway.opaque_data, goaway.opaque_data_len)));
  }
  // We give up neither the connection nor the request: nghttp2 does where the server breaks the protocol.
  static int before_send(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    if (frame->hd.type == NGHTTP2_RST_STREAM && frame->hd.stream_id == call(user).stream_)
      call(user).settle(Http2Call::State::Broken, why(frame->rst_stream.error_code));
    if (frame->hd.type == NGHTTP2_GOAWAY)
      call(user).settle(Http2Call::State::Broken,
                        why(frame->goaway.error_code, view(frame->goaway.opaque_data, frame->goaway.opaque_data_len)));
    return 0;
  }
  static int error(nghttp2_session*, int code, const char*, std::size_t, void* user) noexcept {
    if (code == NGHTTP2_ERR_SETTINGS_EXPECTED) call(user).settle(Http2Call::State::Broken, "not HTTP/2");
    return 0;
  }
  static ssize_t body(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t size, std::uint32_t* flags,
                      nghttp2_data_source*, void* user) noexcept {
    std::string_view& left = call(user).body_;
    const std::size_t count = left.copy(reinterpret_cast<char*>(out), size);
    left.remove_prefix(count);
    if (left.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }
};

namespace {

// Made once: a session copies them. Null: no memory.
struct Setup {
  CPtr<nghttp2_session_callbacks, nghttp2_session_callbacks_del> callbacks;
  CPtr<nghttp2_option, nghttp2_option_del> options;

  Setup() {
    nghttp2_session_callbacks* made = nullptr;
    nghttp2_option* option = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) return;
    callbacks.reset(made);
    if (nghttp2_option_new(&option) != 0) return;
    options.reset(option);
    nghttp2_session_callbacks_set_on_header_callback(made, Http2Events::header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(made, Http2Events::invalid_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, Http2Events::data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, Http2Events::received);
    nghttp2_session_callbacks_set_before_frame_send_callback(made, Http2Events::before_send);
    nghttp2_session_callbacks_set_error_callback2(made, Http2Events::error);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);
    nghttp2_option_set_max_reserved_remote_streams(option, 0);
    nghttp2_option_set_max_outbound_ack(option, Http2Call::kAcksMax);
  }
};

}  // namespace

bool Http2Call::is_authority(std::string_view text) {
  return nghttp2_check_authority(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()) != 0;
}

void Http2Call::begin(const Request& request, Answer& answer) {
  static const Setup setup;
  answer_ = &answer;
  body_ = request.body;
  headers_ = 0;
  state_ = State::Open;
  problem_.clear();
  nghttp2_session* made = nullptr;
  if (!setup.options || nghttp2_session_client_new2(&made, setup.callbacks.get(), this, setup.options.get()) != 0)
    return settle(State::NoMemory);
  session_.reset(made);
  constexpr std::array<nghttp2_settings_entry, 2> kSettings = {
      {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kHeadersMax}}};
  const std::array<nghttp2_nv, 7> fields = {field(":method", "POST"),
                                            field(":scheme", request.scheme),
                                            field(":path", request.path),
                                            field(":authority", request.authority),
                                            field("te", "trailers"),
                                            field("content-type", request.content_type),
                                            field("user-agent", "hcd/" HCD_VERSION)};
  const nghttp2_data_provider provider{.source = {.ptr = nullptr}, .read_callback = Http2Events::body};
  if (nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, kSettings.data(), kSettings.size()) != 0)
    return settle(State::NoMemory);
  stream_ = nghttp2_submit_request(made, nullptr, fields.data(), fields.size(), &provider, nullptr);
  if (stream_ < 0) settle(State::NoMemory);
}

void Http2Call::feed(std::string_view bytes) {
  if (!session_ || state_ == State::NoMemory) return;
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (const ssize_t taken = nghttp2_session_mem_recv(session_.get(), data, bytes.size()); taken < 0)
    failed(static_cast<int>(taken));
}

std::string_view Http2Call::next() {
  if (!session_ || state_ == State::NoMemory) return {};
  const std::uint8_t* bytes = nullptr;
  const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
  if (size < 0) failed(static_cast<int>(size));
  return size > 0 ? view(bytes, static_cast<std::size_t>(size)) : std::string_view();
}

void Http2Call::settle(State state, std::string problem) {  // the first that is told counts
  if (state_ != State::Open) return;
  state_ = state;
  problem_ = std::move(problem);
}

void Http2Call::failed(int error) {
  if (error == NGHTTP2_ERR_NOMEM) return settle(State::NoMemory);
  settle(State::Broken, error == NGHTTP2_ERR_FLOODED ? "flood" : nghttp2_strerror(error));
}

bool Http2Call::count_header(std::size_t size) {
  constexpr std::size_t kOverhead = 32;
  headers_ += size + kOverhead;
  if (headers_ > kHeadersMax) settle(State::Broken, "headers too long");
  return headers_ <= kHeadersMax;
}

}  // namespace hcd::hce
