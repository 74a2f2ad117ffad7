// Collects everything that is wrong with a configuration, so that one run tells it all. Each entry prints as
//   hcd.conf:4:7: the sentence
//       <the line>
//       <a caret below the place>
// in the order of the files, whichever pass found it.
#pragma once
#include <string>
#include <vector>

#include "fastpath/base/source.h"
#include "fastpath/base/token.h"

namespace hcd {

class Diagnostics {
 public:
  static constexpr std::size_t kMax = 50;  // errors, and as many warnings

  explicit Diagnostics(const Sources& sources) : sources_(sources) {}

  void error(Position at, std::string message);
  void warning(Position at, std::string message);
  [[nodiscard]] bool failed() const { return !errors_.empty(); }
  [[nodiscard]] bool full() const { return over_; }         // more than kMax errors: the rest is not worth reading
  [[nodiscard]] std::string errors() const;                 // all of them, without a final newline
  [[nodiscard]] std::vector<std::string> warnings() const;  // each as above, its sentence after "warning: "

 private:
  struct Entry {
    Position at;
    std::string message;
  };

  [[nodiscard]] std::string show(const Entry& entry, std::string_view prefix) const;

  const Sources& sources_;
  std::vector<Entry> errors_, warnings_;
  bool over_ = false;
};

}  // namespace hcd
