// What may stand in the request of an HTTP check: so that nothing in it ends a line or a field, wherever it is judged.
#pragma once
#include <string>
#include <string_view>

#include "hcd/conf/check.h"

namespace hcd::conf {

[[nodiscard]] std::string_view method_text(HttpMethod method);  // "GET"; of Auto: empty
[[nodiscard]] bool is_header_name(std::string_view name);       // RFC 9110's token
// Why "Name: value" cannot be sent; empty: it can.
[[nodiscard]] std::string header_problem(std::string_view header);
[[nodiscard]] std::string_view header_name(std::string_view header);  // of "Name: value"

}  // namespace hcd::conf
