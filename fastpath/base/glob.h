// Shell patterns as fnmatch(3) without flags has them, over bytes: `*` any number of them, line ends and slashes too, `?`
// one, `[a-z]`, `[!a-z]` and `[[:digit:]]` one of a set, a backslash before what is meant as it is. A '[' that no ']'
// closes is meant as it is. Bytes mean what they do in the C locale.
//
// The bytes may come a piece at a time. A pattern is a set of positions in it that move on with each byte, so the work is
// bounded by the pattern's length times that of the text, whatever both are, and no byte is kept.
#pragma once
#include <array>
#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

#include "fastpath/base/error.h"

namespace hcd {

class Glob {
 public:
  static constexpr std::size_t kSizeMax = 1024;  // bytes of a pattern

  // Refused: a backslash at the end, a class that does not exist, [= and [., a pattern too long.
  [[nodiscard]] static Result<Glob> compile(std::string_view pattern);

  [[nodiscard]] bool matches(std::string_view text) const;  // the whole of it

 private:
  friend class GlobRun;
  using Word = std::uint64_t;
  static constexpr std::size_t kWordsMax = kSizeMax / 64 + 1;
  using Places = std::array<Word, kWordsMax>;  // bit n: the pattern's first n elements have matched

  using ByteSet = std::bitset<256>;
  void add(const ByteSet& set);
  void add_star();
  void finish();
  void step(Places& places, unsigned char byte) const;
  [[nodiscard]] bool complete(const Places& places) const;
  [[nodiscard]] bool hopeless(const Places& places) const;

  struct Parse;
  std::vector<ByteSet> elements_;
  std::vector<bool> star_before_;  // by element, and at the end
  std::size_t words_ = 1;
  std::vector<Word> accepts_;  // by byte, then word: the elements that take it
  Places stays_{};             // places that a star holds
};

// Whether some beginning of what comes is matched by the pattern: told at the earliest byte.
class GlobRun {
 public:
  enum class State : std::uint8_t { Open, Matched, Hopeless };  // Hopeless: whatever comes, it will not match

  void begin(const Glob& glob);  // outlives the run
  State feed(std::string_view bytes);
  [[nodiscard]] State state() const { return state_; }

 private:
  const Glob* glob_ = nullptr;
  State state_ = State::Open;
  Glob::Places places_{};
};

}  // namespace hcd
