// Which columns a list has, for the width there is. As it shrinks the least important go first: P99, P50, the availability of
// a day and of an hour, sessions a second, then the length of the graph, then the graph, and so on; the name and the two states stay to the last.
#pragma once
#include <string_view>
#include <vector>

#include "ui/model/outline.h"

namespace hcd::ui {

enum class Column : std::uint8_t {
  Name,
  Admin,
  State,
  Available,
  AvailableHour,
  AvailableDay,
  Latency,
  P50,
  P99,
  Trail,
  Age,
  Sessions,
  Rate,
  Weight,
  Mode,
  Total,
  Minute,
  Hour,
  Day,
  Mean,
  Address,
  Table,
};

struct Cut {  // a column in its place
  Column column{};
  std::string_view title;
  int x = 0, width = 0;
  bool right = false;  // aligned
};

[[nodiscard]] std::vector<Cut> columns_of(View view, int width);

}  // namespace hcd::ui
