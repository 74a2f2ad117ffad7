#include "hcd/hce/verdict.h"

#include <cerrno>

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;

TEST_GROUP(Verdict){};

TEST(Verdict, what_this_machine_lacks_is_no_failure_of_the_host) {
  for (const int sys : {EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL, ENETDOWN, EAFNOSUPPORT, EPERM}) {
    const Verdict verdict = failed_call(ipc::Reason::TcpConnectFailed, sys);
    CHECK(verdict.outcome == Outcome::Unrun && verdict.reason == ipc::Reason::NoResources);
  }
}

TEST(Verdict, what_the_network_says_is) {
  const Verdict verdict = failed_call(ipc::Reason::TcpConnectFailed, EHOSTUNREACH);
  CHECK(verdict.outcome == Outcome::Failed && verdict.reason == ipc::Reason::TcpConnectFailed);
  STRCMP_EQUAL("EHOSTUNREACH", verdict.detail.c_str());
}
