#include "hcd/hce/http_response.h"

#include <algorithm>
#include <cstring>

#include "fastpath/base/text.h"

namespace hcd::hce {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

void HttpResponse::begin(BodySink* sink, HeaderSink* headers, std::span<char> room) {
  sink_ = sink;
  headers_ = headers;
  line_ = room.size() > little_.size() ? room : std::span<char>(little_);
  part_ = Part::StatusLine;
  chunked_ = has_length_ = false;
  code_ = 0;
  left_ = head_ = body_ = line_size_ = 0;
  problem_ = {};
}

HttpResponse::State HttpResponse::feed(std::string_view bytes) {
  while (!bytes.empty() && state() == State::More) {
    if (in_lines()) {
      bytes = take_line(bytes);
    } else {
      const std::size_t size = part_ == Part::ToClose ? bytes.size() : std::min<std::uint64_t>(bytes.size(), left_);
      take_body(bytes.substr(0, size));
      bytes.remove_prefix(size);
    }
  }
  return state();
}

HttpResponse::State HttpResponse::closed() {
  if (part_ == Part::ToClose) {
    part_ = Part::End;
  } else if (state() == State::More) {
    bad(head_ == 0 ? "empty answer" : "truncated");
  }
  return state();
}

bool HttpResponse::in_lines() const {
  return part_ != Part::ToLength && part_ != Part::ToClose && part_ != Part::Chunk;
}

HttpResponse::State HttpResponse::state() const {
  return part_ == Part::End ? State::Complete : part_ == Part::Bad ? State::Malformed : State::More;
}

void HttpResponse::bad(std::string_view problem) {
  part_ = Part::Bad;
  problem_ = problem;
}

// Consumes up to the end of the line, and returns the rest.
std::string_view HttpResponse::take_line(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  const std::size_t size = end == std::string_view::npos ? bytes.size() : end + 1;
  head_ += size;
  if (line_size_ < line_.size())
    std::memcpy(line_.data() + line_size_, bytes.data(), std::min(size, line_.size() - line_size_));
  line_size_ += size;
  if (head_ > kHeadMax) {
    bad("endless head");
  } else if (end != std::string_view::npos) {
    end_line();
  } else if (part_ == Part::StatusLine) {  // garbage is told at once, not when its line ends
    constexpr std::string_view kStart = "HTTP/1.";
    if (const auto n = std::min(line_size_, kStart.size()); std::string_view(line_.data(), n) != kStart.substr(0, n))
      bad("status line");
  }
  return bytes.substr(size);
}

void HttpResponse::end_line() {
  std::string_view line(line_.data(), std::min(line_size_, line_.size()));
  if (line_size_ <= line_.size()) line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
  line_size_ = 0;
  switch (part_) {
    case Part::StatusLine: return on_status_line(line);
    case Part::Headers: return line.empty() ? on_head_end() : on_header(line);
    case Part::ChunkSize: return on_chunk_size(line);
    case Part::ChunkEnd: return line.empty() ? static_cast<void>(part_ = Part::ChunkSize) : bad("chunk end");
    case Part::Trailers:
      if (line.empty()) part_ = Part::End;
      return;
    default: return;
  }
}

// "HTTP/1.1 200 OK" or "HTTP/1.0 200": the reason phrase may be anything.
void HttpResponse::on_status_line(std::string_view line) {
  const bool version = line.starts_with("HTTP/1.0 ") || line.starts_with("HTTP/1.1 ");
  if (!version || line.size() < 12 || (line.size() > 12 && line[12] != ' ')) return bad("status line");
  const auto code = parse_number<std::uint16_t>(line.substr(9, 3), 100, 599);
  if (!code || !is_digit(line[9])) return bad("status code");
  code_ = *code;
  part_ = Part::Headers;
}

void HttpResponse::on_header(std::string_view line) {
  if (line[0] == ' ' || line[0] == '\t') return;  // folded
  const std::size_t colon = line.find(':');
  if (colon == 0 || (colon == std::string_view::npos && line.size() < line_.size())) return bad("header");
  if (sink_ == nullptr && headers_ == nullptr) return;  // no body to find the end of
  const std::string_view name = trim(line.substr(0, colon));
  if (headers_ != nullptr && colon != std::string_view::npos && !is_interim())
    headers_->header(name, trim(line.substr(colon + 1)));
  if (sink_ == nullptr) return;
  if (same_name(name, "content-length")) return on_length(trim(line.substr(colon + 1)));
  if (!same_name(name, "transfer-encoding")) return;
  if (!same_name(trim(line.substr(colon + 1)), "chunked")) return bad("transfer encoding");
  chunked_ = true;
}

void HttpResponse::on_length(std::string_view value) {
  const auto length = parse_number<std::uint64_t>(value, 0, ~0ULL);
  if (!length || (has_length_ && *length != left_)) return bad("content length");
  has_length_ = true;
  left_ = *length;
}

void HttpResponse::on_head_end() {
  if (chunked_ && has_length_) return bad("both a length and chunks");
  if (is_interim()) {
    part_ = Part::StatusLine;
  } else if (sink_ == nullptr || code_ < 200 || code_ == 204 || code_ == 304) {
    part_ = Part::End;
  } else if (chunked_) {
    part_ = Part::ChunkSize;
  } else if (has_length_) {
    part_ = left_ == 0 ? Part::End : Part::ToLength;
    if (left_ > kBodyMax) bad("body too long");
  } else {
    part_ = Part::ToClose;
  }
}

void HttpResponse::take_body(std::string_view bytes) {
  body_ += bytes.size();
  if (body_ > kBodyMax) return bad("body too long");
  sink_->body(bytes);
  if (part_ == Part::ToClose) return;
  left_ -= bytes.size();
  if (left_ == 0) part_ = part_ == Part::Chunk ? Part::ChunkEnd : Part::End;
}

// "1a2b" or "1a2b;name=value": extensions mean nothing here.
void HttpResponse::on_chunk_size(std::string_view line) {
  const auto size = parse_number<std::uint64_t>(trim(line.substr(0, line.find(';'))), 0, kBodyMax, 16);
  if (!size) return bad("chunk size");
  left_ = *size;
  part_ = left_ == 0 ? Part::Trailers : Part::Chunk;
}

}  // namespace hcd::hce
