#include "hcd/hce/digest.h"

#include "fastpath/base/text.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;

TEST_GROUP(Digest){};

TEST(Digest, pieces_give_what_the_whole_gives_and_a_context_is_used_again) {
  Digest digest;
  const auto of_abc = [&](conf::DigestType type) {
    CHECK(digest.begin(type));
    digest.update("a");
    digest.update("");
    digest.update("bc");
    return to_hex(digest.finish());
  };
  STRCMP_EQUAL("900150983cd24fb0d6963f7d28e17f72", of_abc(conf::DigestType::Md5).c_str());
  STRCMP_EQUAL("a9993e364706816aba3e25717850c26c9cd0d89d", of_abc(conf::DigestType::Sha1).c_str());
  STRCMP_EQUAL("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
               of_abc(conf::DigestType::Sha256).c_str());
}
