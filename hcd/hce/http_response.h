// Reads an HTTP/1 response however its bytes arrive, within bounds that no server can stretch: it keeps the start of one
// line and a few numbers, whatever is sent. Whoever wants more of a header's line brings the room for it.
//
// Strict where laxness would misread (the status line, lengths that contradict each other), lenient where servers differ
// and nothing depends on it (a bare LF as a line's end, folded lines). Interim answers (1xx) are skipped. RFC 9112.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace hcd::hce {

class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual void body(std::string_view bytes) = 0;  // decoded, in order
};

[[nodiscard]] bool same_name(std::string_view a, std::string_view b);  // of headers: letters' case is nothing

class HeaderSink {
 public:
  virtual ~HeaderSink() = default;
  virtual void header(std::string_view name, std::string_view value) = 0;  // the start of it, if it is long
};

class HttpResponse {
 public:
  static constexpr std::uint64_t kHeadMax = 64 << 10;  // status lines, headers, chunk lines and trailers, in all
  static constexpr std::uint64_t kBodyMax = 16 << 20;

  enum class State : std::uint8_t { More, Complete, Malformed };

  HttpResponse() = default;
  HttpResponse(const HttpResponse&) = delete;  // it may point into itself
  HttpResponse& operator=(const HttpResponse&) = delete;

  // Without a sink the response ends with its head, as the answer to HEAD does.
  void begin(BodySink* sink) { begin(sink, nullptr, {}); }
  // Tells each header of the answer, interim ones left out; of a line, what goes into `room`.
  void begin(BodySink* sink, HeaderSink* headers, std::span<char> room);
  State feed(std::string_view bytes);  // bytes after the end are ignored
  State closed();                      // the server closed its side

  [[nodiscard]] std::uint16_t code() const { return code_; }           // once the status line was read
  [[nodiscard]] std::string_view problem() const { return problem_; }  // of a malformed one: "chunk size"

 private:
  enum class Part : std::uint8_t {
    StatusLine,
    Headers,
    ToLength,
    ToClose,
    ChunkSize,
    Chunk,
    ChunkEnd,
    Trailers,
    End,
    Bad
  };

  std::string_view take_line(std::string_view bytes);
  void take_body(std::string_view bytes);
  void end_line();
  void on_status_line(std::string_view line);
  void on_header(std::string_view line);
  void on_length(std::string_view value);
  void on_head_end();
  void on_chunk_size(std::string_view line);
  void bad(std::string_view problem);
  [[nodiscard]] bool in_lines() const;
  [[nodiscard]] bool is_interim() const { return code_ < 200 && code_ != 101; }  // another answer follows
  [[nodiscard]] State state() const;

  BodySink* sink_ = nullptr;
  HeaderSink* headers_ = nullptr;
  Part part_ = Part::StatusLine;
  bool chunked_ = false, has_length_ = false;
  std::uint16_t code_ = 0;
  std::uint64_t left_ = 0;             // of the body, or of this chunk
  std::uint64_t head_ = 0, body_ = 0;  // bytes so far
  std::string_view problem_;
  std::size_t line_size_ = 0;       // of the line so far, kept or not
  std::array<char, 128> little_{};  // no line that matters to the parser is longer
  std::span<char> line_ = little_;  // the line's start
};

}  // namespace hcd::hce
