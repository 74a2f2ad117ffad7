// Times work again and again, and prints a line of it: name, then milliseconds: the median, that of CPU time, the worst.
#pragma once
#include <algorithm>
#include <cstdio>
#include <vector>

#include <time.h>

namespace hcd::bench {

class Watch {
 public:
  template <class Work>
  void time(const Work& work) {
    const double begun = read(CLOCK_MONOTONIC), cpu = read(CLOCK_PROCESS_CPUTIME_ID);
    work();
    times_.push_back(read(CLOCK_MONOTONIC) - begun);
    cpu_.push_back(read(CLOCK_PROCESS_CPUTIME_ID) - cpu);
  }
  void print(const char* name) {
    std::ranges::sort(times_);
    std::ranges::sort(cpu_);
    std::printf("%s\t%.3f\t%.3f\t%.3f\n", name, times_[times_.size() / 2], cpu_[cpu_.size() / 2], times_.back());
    std::fflush(stdout);
  }

 private:
  static double read(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
  }
  std::vector<double> times_, cpu_;
};

}  // namespace hcd::bench
