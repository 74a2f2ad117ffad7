#include "hcd/metrics/http.h"

#include <cstring>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "fastpath/base/log.h"

namespace hcd::metrics {
namespace {

constexpr int kTimeoutSeconds = 10, kListensAlready = 0;
constexpr ev_ssize_t kHeadersMax = 8192, kBodyMax = 0;
constexpr timeval kPause{.tv_sec = 1, .tv_usec = 0};

void on_request(evhttp_request* request, void* argument) noexcept {
  auto& exporter = *static_cast<Exporter*>(argument);
  const char* target = evhttp_request_get_uri(request);
  const char* accept = evhttp_find_header(evhttp_request_get_input_headers(request), "Accept");
  const Page page = exporter.answer(target != nullptr ? target : "", accept != nullptr ? accept : "");
  evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", page.type.c_str());
  const CPtr<evbuffer, evbuffer_free> body(evbuffer_new());
  evbuffer_add(body.get(), page.body.data(), page.body.size());
  evhttp_send_reply(request, page.status, nullptr, body.get());
}

// Without this, a listener that cannot accept would be asked again at once, and for ever.
void on_accept_error(evconnlistener* listener, void*) noexcept {
  log::warning(std::string("accept: ") + std::strerror(errno));
  evconnlistener_disable(listener);
  const auto again = [](evutil_socket_t, short, void* paused) {
    evconnlistener_enable(static_cast<evconnlistener*>(paused));
  };
  event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, again, listener, &kPause);
}

}  // namespace

Result<HttpServer> serve(event::LibeventLoop& loop, UniqueFd socket, Exporter& exporter) {
  HttpServer http(evhttp_new(loop.base()));
  if (!http) return fail(Code::System, "no HTTP server can be made");
  evhttp_set_allowed_methods(http.get(), EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
  evhttp_set_max_headers_size(http.get(), kHeadersMax);
  evhttp_set_max_body_size(http.get(), kBodyMax);
  evhttp_set_timeout(http.get(), kTimeoutSeconds);
  evhttp_set_gencb(http.get(), on_request, &exporter);
  constexpr unsigned kOptions = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
  evconnlistener* listener = evconnlistener_new(loop.base(), nullptr, nullptr, kOptions, kListensAlready, socket.get());
  if (listener == nullptr) return fail(Code::System, "the socket cannot be listened to");
  (void)socket.release();
  evconnlistener_set_error_cb(listener, on_accept_error);
  if (evhttp_bind_listener(http.get(), listener) == nullptr) return fail(Code::System, "the HTTP server cannot listen");
  return http;
}

}  // namespace hcd::metrics
