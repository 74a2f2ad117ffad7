// The files of CA certificates that checks verify by. They are read with the configuration, so that the process that
// verifies needs none, and judged there, so that what cannot be used is refused at its line.
#pragma once
#include <string>
#include <string_view>

#include "fastpath/base/error.h"
#include "fastpath/base/source.h"

namespace hcd::conf {

inline constexpr std::size_t kAuthoritiesMax = 4U << 20;   // bytes of a file
inline constexpr std::size_t kAuthoritiesSum = 16U << 20;  // of all files of a configuration, which one send must hold
inline constexpr std::string_view kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

// The file's text; of an empty path the system's. The error does not repeat the path.
[[nodiscard]] Result<std::string> read_authorities(const Files& files, const std::string& path);

}  // namespace hcd::conf
