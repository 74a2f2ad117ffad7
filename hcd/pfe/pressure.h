// What is told of floods and of full tables, once when one begins and once when it has ended.
#pragma once
#include <string>
#include <vector>

#include "fastpath/guard.h"

namespace hcd::pfe {

class PressureWatch {
 public:
  struct News {
    std::string text;
    bool begins = false;
  };
  // `now` as the engine tells it, from time to time.
  [[nodiscard]] std::vector<News> look(const fastpath::Pressure& now);

 private:
  fastpath::Pressure last_;
  fastpath::Pressure flood_began_, full_began_;
};

}  // namespace hcd::pfe
