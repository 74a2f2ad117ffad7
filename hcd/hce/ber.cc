#include "hcd/hce/ber.h"

namespace hcd::hce::ber {

HeaderIs read_header(std::string_view bytes, Header& out) {
  const auto at = [bytes](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  if (bytes.empty()) return HeaderIs::Short;
  out.tag = at(0);
  if ((out.tag & 0x1f) == 0x1f) return HeaderIs::Bad;
  if (bytes.size() < 2) return HeaderIs::Short;
  const std::uint8_t first = at(1);
  const std::size_t count = first < 0x80 ? 0 : first & 0x7fU;
  if (first == 0x80 || count > 4) return HeaderIs::Bad;
  out.size = 2 + count;
  if (bytes.size() < out.size) return HeaderIs::Short;
  out.length = count == 0 ? first : 0;
  for (std::size_t i = 0; i < count; i++) out.length = out.length << 8 | at(2 + i);
  return HeaderIs::Whole;
}

std::optional<std::string_view> Reader::take(std::uint8_t tag) {
  Header header;
  if (read_header(left_, header) != HeaderIs::Whole || header.tag != tag) return std::nullopt;
  if (header.length > left_.size() - header.size) return std::nullopt;
  const std::string_view contents = left_.substr(header.size, header.length);
  left_.remove_prefix(header.size + header.length);
  return contents;
}

std::optional<std::uint32_t> Reader::number(std::uint8_t tag) {
  const auto contents = take(tag);
  if (!contents || contents->empty() || contents->size() > 4 || ((*contents)[0] & 0x80) != 0) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : *contents) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

}  // namespace hcd::hce::ber
