#include "fastpath/bpf/kernel_check.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

TEST_GROUP(KernelCheck){};

TEST(KernelCheck, each_missing_helper_has_its_sentence_and_the_version_that_brought_it) {
  const auto without_redirect = check_features(
      [](bpf_prog_type, bpf_func_id helper, const void*) { return helper == BPF_FUNC_redirect_neigh ? 0 : 1; });
  CHECK(!without_redirect && without_redirect.error().code == Code::Unsupported);
  STRCMP_EQUAL("this kernel lacks bpf_redirect_neigh, which came with Linux 5.10",
               without_redirect.error().text.c_str());
  const auto without_route = check_features([](bpf_prog_type type, bpf_func_id helper, const void*) {
    return type == BPF_PROG_TYPE_XDP && helper == BPF_FUNC_fib_lookup ? 0 : 1;
  });
  STRCMP_EQUAL("this kernel lacks bpf_fib_lookup for XDP, which came with Linux 4.18",
               without_route.error().text.c_str());
}

TEST(KernelCheck, what_cannot_be_probed_is_left_for_loading_to_tell) {
  CHECK(check_features([](bpf_prog_type, bpf_func_id, const void*) { return -1; }).has_value());
}

TEST(KernelCheck, a_pin_directory_that_cannot_be_is_refused) {
  for (const char* directory : {"", "pins", "/pins", "/sys/fs/bpf/"})
    CHECK(prepare_pin_directory(directory).error().code == Code::Invalid);
}
