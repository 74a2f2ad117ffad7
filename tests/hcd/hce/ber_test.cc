#include "hcd/hce/ber.h"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace hcd::hce::ber;
using namespace std::string_view_literals;

TEST_GROUP(Ber) {
  Header header;
};

TEST(Ber, lengths_of_one_to_five_bytes) {
  CHECK(read_header("\x30\x7f"sv, header) == HeaderIs::Whole);
  CHECK_EQUAL(2, header.size);
  CHECK_EQUAL(127, header.length);
  CHECK(read_header("\x30\x81\x80"sv, header) == HeaderIs::Whole);
  CHECK_EQUAL(3, header.size);
  CHECK_EQUAL(128, header.length);
  CHECK(read_header("\x30\x84\xff\xff\xff\xff"sv, header) == HeaderIs::Whole);
  CHECK_EQUAL(6, header.size);
  CHECK_EQUAL(0xffffffff, header.length);
}

TEST(Ber, a_header_that_is_not_there_yet_is_short) {
  for (const auto bytes : {""sv, "\x30"sv, "\x30\x81"sv, "\x30\x84\xff\xff\xff"sv})
    CHECK(read_header(bytes, header) == HeaderIs::Short);
}

TEST(Ber, what_ldap_forbids_is_bad) {
  for (const auto bytes : {"\x1f\x01"sv, "\x30\x80"sv, "\x30\x85\x01\x01\x01\x01\x01"sv, "\x30\xff"sv})
    CHECK(read_header(bytes, header) == HeaderIs::Bad);
}

TEST(Ber, a_reader_takes_elements_of_the_tag_that_is_wanted) {
  Reader reader("\x02\x01\x05\x04\x02hi\x0a\x02\x01\x00"sv);
  CHECK_EQUAL(kInteger, reader.next_tag());
  CHECK(!reader.take(kOctets));
  CHECK_EQUAL(5, *reader.number(kInteger));
  CHECK(*reader.take(kOctets) == "hi");
  CHECK_EQUAL(256, *reader.number(kEnumerated));
  CHECK_EQUAL(0, reader.next_tag());
  CHECK(!reader.take(kOctets));
}

TEST(Ber, an_element_longer_than_what_is_there_is_none) {
  CHECK(!Reader("\x04\x03hi"sv).take(kOctets));
  CHECK(!Reader("\x04\x84\xff\xff\xff\xffhi"sv).take(kOctets));
}

TEST(Ber, a_number_is_at_most_31_bits_and_not_negative) {
  CHECK_EQUAL(0x7fffffff, *Reader("\x02\x04\x7f\xff\xff\xff"sv).number(kInteger));
  for (const auto bytes :
       {"\x02\x00"sv, "\x02\x01\xff"sv, "\x02\x04\x80\x00\x00\x00"sv, "\x02\x05\x00\x00\x00\x00\x01"sv})
    CHECK(!Reader(bytes).number(kInteger));
}
