#include "hcd/conf/http_words.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <strings.h>

#include "fastpath/base/text.h"

namespace hcd::conf {
namespace {

// They say where the request ends or whom it is for, and are the check's own.
constexpr std::array<std::string_view, 5> kOwn = {"Host", "Connection", "Content-Length", "Transfer-Encoding",
                                                  "Upgrade"};

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string_view method_text(HttpMethod method) {
  switch (method) {
    case HttpMethod::Auto: return {};
    case HttpMethod::Get: return "GET";
    case HttpMethod::Head: return "HEAD";
    case HttpMethod::Post: return "POST";
    case HttpMethod::Options: return "OPTIONS";
  }
  return {};
}

bool is_header_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || std::string_view("!#$%&'*+-.^_`|~").contains(static_cast<char>(c)));
  });
}

std::string_view header_name(std::string_view header) {
  return header.substr(0, header.find(':'));
}

std::string header_problem(std::string_view header) {
  const auto name = header_name(header);
  if (name.size() == header.size()) return "a header is written as \"Name: value\"";
  if (!is_header_name(name)) return "'" + printable(name, 64) + "' cannot be a header's name";
  const bool plain = std::ranges::all_of(header, [](unsigned char c) { return c == '\t' || (c >= ' ' && c != 0x7f); });
  if (!plain) return "a header holds no control characters";
  for (const auto own : kOwn)
    if (same(name, own))
      return "the check writes the header " + std::string(own) + (own == "Host" ? " itself: use 'host'" : " itself");
  return {};
}

}  // namespace hcd::conf
