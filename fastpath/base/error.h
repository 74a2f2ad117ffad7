// How anything in hcd fails: a callee returns an Error and never logs; each layer it passes through adds its context in
// front; whoever stops the propagation logs it, once.
#pragma once
#include <cerrno>
#include <cstring>
#include <expected>
#include <string>
#include <utility>

namespace hcd {

enum class Code : unsigned char {
  Invalid,      // the caller's or an operator's input is wrong
  NotFound,     // a name, id or interface that does not exist
  Exists,       // a name or address given twice
  Permission,   // a privilege is missing
  Unsupported,  // the kernel or a library cannot do it
  Limit,        // a configured or built-in bound was met
  System,       // a system call failed: see sys
  Protocol,     // a peer process or client sent what it must not
};

struct Error {
  Code code = Code::System;
  int sys = 0;       // errno, or 0
  std::string text;  // a sentence a person can read, without a final dot

  // "table webhosts: add 10.0.0.1: no space left": the same error with a layer's context in front.
  [[nodiscard]] Error in(const std::string& context) const { return {code, sys, context + ": " + text}; }
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline std::unexpected<Error> fail(Code code, std::string text) {
  return std::unexpected(Error{code, 0, std::move(text)});
}

[[nodiscard]] inline std::string errno_name(int sys) {  // "ECONNREFUSED"
  const char* name = strerrorname_np(sys);
  return name != nullptr ? name : "errno " + std::to_string(sys);
}

// A failed system call: the text is "what: strerror(errno)".
[[nodiscard]] inline std::unexpected<Error> fail_errno(const std::string& what, int sys = errno) {
  const Code code = sys == EPERM || sys == EACCES ? Code::Permission : Code::System;
  return std::unexpected(Error{code, sys, what + ": " + std::strerror(sys)});
}

// Passes an error on with this layer's context in front.
[[nodiscard]] inline std::unexpected<Error> fail_in(const std::string& context, const Error& error) {
  return std::unexpected(error.in(context));
}

}  // namespace hcd
