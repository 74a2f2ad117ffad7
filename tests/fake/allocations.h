// Counts what the calling thread allocates, by whatever of malloc's names, operator new among them.
#pragma once
#include <cstddef>

namespace hcd::test {

void count_allocations();                         // from now on, from 0
[[nodiscard]] std::size_t counted_allocations();  // until now; ends the count

}  // namespace hcd::test
