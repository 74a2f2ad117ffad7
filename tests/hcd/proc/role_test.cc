#include "hcd/proc/role.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::proc;

TEST_GROUP(Role){};

TEST(Role, every_child_is_found_by_its_name_and_has_a_user_of_its_own_unless_it_runs_what_needs_root) {
  for (const auto& child : children()) {
    CHECK(role_named(child.name) == child.role);
    CHECK(&info(child.role) == &child);
    for (const auto& other : children()) CHECK(&other == &child || other.user != child.user);
    CHECK_EQUAL(child.runs_programs, child.user.empty());
  }
}

TEST(Role, a_name_that_is_no_role_finds_none) {
  CHECK(!role_named("").has_value());
  CHECK(!role_named("root").has_value());
}

TEST(Role, only_the_process_that_checks_hosts_makes_sockets_and_only_the_one_that_steers_touches_maps) {
  CHECK(info(Role::Pfe).sockets.empty());
  CHECK(info(Role::Pfe).bpf_elements);
  CHECK(!info(Role::Hce).bpf_elements);
}
