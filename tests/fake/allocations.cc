#include "tests/fake/allocations.h"

namespace {

thread_local bool counting = false;
thread_local std::size_t counted = 0;

void note() {
  if (counting) counted++;
}

}  // namespace

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif

#ifdef SANITIZED

// A sanitizer has these names for itself, and tells of each call.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, std::size_t),
                                                         void (*)(const volatile void*)) __attribute__((weak));
namespace {
void install() {
  static const bool once = __sanitizer_install_malloc_and_free_hooks != nullptr &&
                           __sanitizer_install_malloc_and_free_hooks([](auto, auto) { note(); }, [](auto) {}) != 0;
  (void)once;
}
}  // namespace

#else

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);

void* malloc(std::size_t size) {
  note();
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  note();
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  note();
  return __libc_realloc(old, size);
}
}
namespace {
void install() {}
}  // namespace

#endif

namespace hcd::test {

void count_allocations() {
  install();
  counted = 0;
  counting = true;
}

std::size_t counted_allocations() {
  counting = false;
  return counted;
}

}  // namespace hcd::test
