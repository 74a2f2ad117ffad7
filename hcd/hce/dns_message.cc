#include "hcd/hce/dns_message.h"

#include <algorithm>
#include <span>

namespace hcd::hce::dns {
namespace {

constexpr std::size_t kHeader = 12, kLabelMax = 63, kNameMax = 255;
constexpr int kJumpsMax = 127;  // a pointer for each label that a name can have
constexpr std::uint16_t kClassIn = 1;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}
std::uint16_t word_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}
void put_word(std::string& out, std::uint16_t word) {
  out += static_cast<char>(word >> 8);
  out += static_cast<char>(word & 0xff);
}

bool put_name(std::string& out, std::string_view name) {
  const std::size_t begin = out.size();
  if (name.ends_with('.')) name.remove_suffix(1);
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > kLabelMax || label.size() + 1 == name.size()) return false;
    out += static_cast<char>(label.size());
    out += label;
    name.remove_prefix(std::min(label.size() + 1, name.size()));
  }
  out += '\0';
  return out.size() - begin <= kNameMax;
}

bool same_letter(char a, char b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return lower(a) == lower(b);
}

// Reads one message from its start to its end. A problem is remembered, and ends the reading.
class Reader {
 public:
  explicit Reader(std::string_view message) : message_(message) {}

  [[nodiscard]] std::string_view problem() const { return problem_; }
  [[nodiscard]] bool bad() const { return !problem_.empty(); }

  // Passes over a name. A pointer must lead to before the name it stands in, each one further back than the last, so no
  // chain of them is endless; what it leads to is checked, not kept: the length of the name in all is.
  void skip_name() {
    std::size_t at = at_, limit = at_, length = 0;
    int jumps = 0;
    for (;;) {
      if (at >= message_.size()) return fail("name cut short");
      const std::uint8_t size = byte_at(message_, at);
      if (size >= 0xc0) {
        if (at + 2 > message_.size()) return fail("name cut short");
        if (jumps == 0) at_ = at + 2;
        at = word_at(message_, at) & 0x3fff;
        if (at < kHeader || at >= limit || ++jumps > kJumpsMax) return fail("name pointer");
        limit = at;
        continue;
      }
      if (size > kLabelMax) return fail("name label");
      length += size + 1U;
      if (length > kNameMax) return fail("name too long");
      at += size + 1U;
      if (size == 0) break;
    }
    if (jumps == 0) at_ = at;
  }

  [[nodiscard]] std::uint16_t word() {
    const std::string_view two = bytes(2);
    return bad() ? std::uint16_t{0} : word_at(two, 0);
  }
  [[nodiscard]] std::string_view bytes(std::size_t count) {
    if (bad() || message_.size() - at_ < count) return fail("record cut short"), std::string_view();
    const std::string_view out = message_.substr(at_, count);
    at_ += count;
    return out;
  }
  void seek(std::size_t at) { at_ = at; }

 private:
  void fail(std::string_view problem) {
    if (problem_.empty()) problem_ = problem;
  }

  std::string_view message_, problem_;
  std::size_t at_ = kHeader;  // at most the message's size
};

// RFC 1035 4.1.2; the name may differ in case from the one that was sent.
bool answers_question(std::string_view message, std::string_view query) {
  if (message.size() < query.size() || word_at(message, 4) != 1) return false;
  const std::string_view sent = query.substr(kHeader), got = message.substr(kHeader, sent.size());
  const std::size_t name = sent.size() - 4;
  return std::ranges::equal(sent.substr(0, name), got.substr(0, name), same_letter) &&
         sent.substr(name) == got.substr(name);
}

bool is_address(std::string_view data, std::uint16_t type, const Address* address) {
  if (address == nullptr || type != (address->family == Family::Inet ? kTypeA : kTypeAaaa)) return false;
  return std::ranges::equal(data, std::span(address->bytes).first(address->size()), {},
                            [](char c) { return static_cast<std::uint8_t>(c); });
}

bool wrong_size(std::string_view data, std::uint16_t type) {
  return (type == kTypeA && data.size() != 4) || (type == kTypeAaaa && data.size() != 16);
}

void read_record(Reader& reader, std::uint16_t asked, const Address* address, Answer& out, std::string_view& problem) {
  reader.skip_name();
  if (reader.bad()) return;
  const std::uint16_t type = reader.word(), cls = reader.word();
  static_cast<void>(reader.bytes(4));  // TTL
  const std::string_view data = reader.bytes(reader.word());
  if (reader.bad() || cls != kClassIn) return;
  if (wrong_size(data, type)) problem = "address record";
  if (type == asked || asked == kTypeAny) out.records++;
  out.has_address |= is_address(data, type, address);
}

}  // namespace

std::optional<std::string> encode_query(std::string_view name, std::uint16_t type) {
  std::string out;
  put_word(out, 0);       // id
  put_word(out, 0x0100);  // RD
  put_word(out, 1);       // questions
  out.append(6, '\0');    // answers, authority, additional
  if (name.empty() || !(name == "." ? put_name(out, {}) : put_name(out, name))) return std::nullopt;
  put_word(out, type);
  put_word(out, kClassIn);
  return out;
}

Answer parse_answer(std::string_view message, std::string_view query, const Address* address) {
  Answer out;
  if (message.size() < kHeader || word_at(message, 0) != word_at(query, 0)) return out;
  const auto malformed = [&out](std::string_view problem) {
    out.kind = Answer::Kind::Malformed;
    out.problem = problem;
    return out;
  };
  const std::uint16_t flags = word_at(message, 2);
  if ((flags & 0x8000) == 0) return malformed("not a response");
  if ((flags & 0x7800) != 0) return malformed("opcode");
  out.rcode = flags & 0x0f;
  out.truncated = (flags & 0x0200) != 0;
  // A server that could not read the query may answer with the header alone (RFC 1035 4.1.1: format error).
  const bool bare = message.size() == kHeader && word_at(message, 4) == 0 && out.rcode != 0;
  if (!bare && !answers_question(message, query)) return out;
  out.kind = Answer::Kind::Valid;
  if (bare || out.truncated) return out;

  const std::uint16_t asked = word_at(query, query.size() - 4);
  Reader reader(message);
  reader.seek(query.size());
  const std::uint16_t answers = word_at(message, 6);
  const std::size_t rest = std::size_t{word_at(message, 8)} + word_at(message, 10);
  std::string_view problem;
  Answer beyond;  // authority and additional records are held to the rules, and not counted
  for (std::size_t i = 0; i < answers + rest && problem.empty() && !reader.bad(); i++)
    read_record(reader, asked, i < answers ? address : nullptr, i < answers ? out : beyond, problem);
  if (reader.bad()) problem = reader.problem();
  if (!problem.empty()) return malformed(problem);
  return out;
}

}  // namespace hcd::hce::dns
