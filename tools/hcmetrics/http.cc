#include "tools/hcmetrics/http.h"

#include <csignal>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "fastpath/base/c_ptr.h"
#include "fastpath/base/log.h"

namespace hcd::hcmetrics {
namespace {

constexpr int kTimeoutSeconds = 10, kBacklog = 64;
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

void on_signal(evutil_socket_t, short, void* base) noexcept {
  event_base_loopexit(static_cast<event_base*>(base), nullptr);
}

}  // namespace

Status serve(UniqueFd socket, Exporter& exporter) {
  const CPtr<event_base, event_base_free> base(event_base_new());
  const CPtr<evhttp, evhttp_free> http(base ? evhttp_new(base.get()) : nullptr);
  if (!http) return fail(Code::System, "no HTTP server can be made");
  evhttp_set_allowed_methods(http.get(), EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
  evhttp_set_max_headers_size(http.get(), kHeadersMax);
  evhttp_set_max_body_size(http.get(), kBodyMax);
  evhttp_set_timeout(http.get(), kTimeoutSeconds);
  evhttp_set_gencb(http.get(), on_request, &exporter);
  evconnlistener* listener = evconnlistener_new(base.get(), nullptr, nullptr,
                                                LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, kBacklog, socket.get());
  if (listener == nullptr) return fail_errno("listen");
  (void)socket.release();
  evconnlistener_set_error_cb(listener, on_accept_error);
  if (evhttp_bind_listener(http.get(), listener) == nullptr) return fail(Code::System, "the HTTP server cannot listen");
  const CPtr<event, event_free> term(evsignal_new(base.get(), SIGTERM, on_signal, base.get()));
  const CPtr<event, event_free> interrupt(evsignal_new(base.get(), SIGINT, on_signal, base.get()));
  event_add(term.get(), nullptr);
  event_add(interrupt.get(), nullptr);
  return event_base_dispatch(base.get()) < 0 ? fail(Code::System, "the event loop fails") : Status();
}

}  // namespace hcd::hcmetrics
