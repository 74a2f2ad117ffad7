#include "hcd/hce/grpc_message.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::hce::grpc;
using namespace std::string_literals;

TEST_GROUP(GrpcMessage){
    // "1", or what is wrong.
    static std::string parsed(const std::string& message){const auto status = parse_response(message);
return status ? std::to_string(*status) : std::string(status.error());
}
static std::string heard(std::initializer_list<std::string> pieces) {
  Body body;
  body.begin();
  for (const auto& piece : pieces) body.feed(piece);
  const auto message = body.message();
  return message ? "\"" + std::string(*message) + "\"" : std::string(message.error());
}
}
;

TEST(GrpcMessage, a_request_names_the_service_or_none) {
  CHECK(encode_request("") == "\0\0\0\0\0"s);
  CHECK(encode_request("shop.v1.Cart") == "\0\0\0\0\x0e\x0a\x0cshop.v1.Cart"s);
  CHECK(encode_request(std::string(127, 'x')) == "\0\0\0\0\x81\x0a\x7f"s + std::string(127, 'x'));
  CHECK(encode_request(std::string(253, 'x')) == "\0\0\0\x01\0\x0a\xfd\x01"s + std::string(253, 'x'));
}

TEST(GrpcMessage, a_response_holds_a_status) {
  STRCMP_EQUAL("1", parsed("\x08\x01").c_str());
  STRCMP_EQUAL("2", parsed("\x08\x02").c_str());
  STRCMP_EQUAL("300", parsed("\x08\xac\x02").c_str());
  STRCMP_EQUAL("0", parsed("").c_str());
  STRCMP_EQUAL("1", parsed("\x08\x02\x08\x01").c_str());
  STRCMP_EQUAL("1", parsed("\x08\x81\x80\x80\x80\x80\x80\x80\x80\x80\0"s).c_str());
}

TEST(GrpcMessage, further_fields_are_passed_over) {
  STRCMP_EQUAL("1", parsed("\x10\x07\x08\x01\x1a\x02xy\x21"
                           "12345678\x2d"
                           "1234"s)
                        .c_str());
  STRCMP_EQUAL("0", parsed("\x10\x07").c_str());
}

TEST(GrpcMessage, what_is_no_protobuf_is_told) {
  for (const auto& message :
       {"\x08"s, "\x08\x80"s, "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"s, "\0\x01"s, "\x0a\x01x"s,
        "\x0d"
        "1234"s,
        "\x1a\x05xy"s, "\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,
        "\x21"
        "1234567"s,
        "\x2d"
        "123"s,
        "\x13\x14"s, "\x16"s, "\x80"s, "\x08\x01\x10"s})
    STRCMP_EQUAL("response is no protobuf", parsed(message).c_str());
}

TEST(GrpcMessage, a_body_is_one_message_in_whatever_pieces) {
  STRCMP_EQUAL("\"\"", heard({"\0\0\0\0\0"s}).c_str());
  STRCMP_EQUAL("\"ab\"", heard({"\0\0\0\0\2ab"s}).c_str());
  STRCMP_EQUAL("\"ab\"", heard({"\0"s, "\0\0"s, "\0\2"s, "a", "", "b"}).c_str());
  CHECK(heard({"\0\0\0\4\0"s, std::string(1024, 'x')}) == "\"" + std::string(1024, 'x') + "\"");
}

TEST(GrpcMessage, a_body_that_is_not_is_told) {
  STRCMP_EQUAL("no message", heard({}).c_str());
  STRCMP_EQUAL("message cut short", heard({"\0\0\0\0"s}).c_str());
  STRCMP_EQUAL("message cut short", heard({"\0\0\0\0\2a"s}).c_str());
  STRCMP_EQUAL("more than one message", heard({"\0\0\0\0\1ab"s}).c_str());
  STRCMP_EQUAL("message too long", heard({"\0\0\0\4\1"s}).c_str());
  STRCMP_EQUAL("message too long", heard({"\0\xff\xff\xff\xff"s, std::string(4000, 'x')}).c_str());
  STRCMP_EQUAL("more than one message", heard({"\0\0\0\4\0"s, std::string(1025, 'x')}).c_str());
  STRCMP_EQUAL("compressed message", heard({"\1"s}).c_str());
  STRCMP_EQUAL("flag of a message", heard({"<html>"}).c_str());
}

TEST(GrpcMessage, numbers_have_names) {
  STRCMP_EQUAL("SERVICE_UNKNOWN", serving_text(3).c_str());
  STRCMP_EQUAL("status 4", serving_text(4).c_str());
  STRCMP_EQUAL("UNIMPLEMENTED", status_text(12).c_str());
  STRCMP_EQUAL("UNAUTHENTICATED", status_text(16).c_str());
  STRCMP_EQUAL("status 17", status_text(17).c_str());
}
