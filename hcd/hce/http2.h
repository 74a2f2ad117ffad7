// One request over a connection of HTTP/2 (RFC 9113) and its answer, by nghttp2: a machine over bytes that makes no system
// call. It is told what came and says what to send. What a server can make it keep or do is bounded: its headers, its
// settings, the CONTINUATIONs of a block, the acknowledgements that it asks for; nothing may be pushed, and no window grows,
// so whoever feeds it bounds the rest by how much that is.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include <nghttp2/nghttp2.h>

#include "fastpath/base/c_ptr.h"

namespace hcd::hce {

class Http2Call {
 public:
  static constexpr std::size_t kHeadersMax =
      16384;                                   // of all that come, each 32 bytes longer than it is (RFC 9113 6.5.2)
  static constexpr std::size_t kAcksMax = 32;  // asked for at once

  class Answer {  // is told of it as it comes
   public:
    virtual ~Answer() = default;
    virtual void on_header(std::string_view name, std::string_view value) = 0;
    virtual void on_headers_end() = 0;  // of one block: an interim answer's, the answer's, the trailers
    virtual void on_body(std::string_view bytes) = 0;
    virtual void on_end() = 0;
  };
  struct Request {  // a POST
    std::string_view scheme, authority, path, content_type, body;
  };
  enum class State : std::uint8_t {
    Open,
    Ended,     // the answer is whole
    Refused,   // the server gave the request or the connection up: problem()
    Broken,    // what came is not the protocol: problem()
    NoMemory,  // here
  };

  [[nodiscard]] static bool is_authority(std::string_view text);  // it may stand in a Request; so may nothing
  void begin(const Request& request, Answer& answer);             // the body and the answer outlive the call
  void feed(std::string_view bytes);
  [[nodiscard]] std::string_view
  next();                           // to be sent, whole frames, until the next call of any of these; empty: no more
  void end() { session_.reset(); }  // gives its memory back

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  friend struct Http2Events;
  void settle(State state, std::string problem = {});
  void failed(int error);
  [[nodiscard]] bool count_header(std::size_t size);

  CPtr<nghttp2_session, nghttp2_session_del> session_;
  Answer* answer_ = nullptr;
  std::string_view body_;
  std::int32_t stream_ = 0;
  std::size_t headers_ = 0;
  State state_ = State::Open;
  std::string problem_;
};

}  // namespace hcd::hce
