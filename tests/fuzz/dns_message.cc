// Any bytes for the answer to a DNS query: as they are, and with the id and question that it must give back.
#include "hcd/hce/dns_message.h"

#include <cstdlib>

using namespace hcd;
using hce::dns::Answer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string query = *hce::dns::encode_query("www.example.org", hce::dns::kTypeA);
  static const Address address = *Address::parse("192.0.2.1");
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(hce::dns::parse_answer(bytes, query, &address));
  if (bytes.size() < 10) return 0;
  // flags and counts of the fuzzer's, one question, and the rest after it
  std::string answer =
      query.substr(0, 2) + bytes.substr(0, 2) + query.substr(4, 2) + bytes.substr(2, 6) + query.substr(12);
  answer += bytes.substr(8);
  const auto got = hce::dns::parse_answer(answer, query, &address);
  if (got.kind == Answer::Kind::Valid && got.has_address && got.records == 0) abort();
  if (got.kind == Answer::Kind::Malformed && got.problem.empty()) abort();
  return 0;
}
