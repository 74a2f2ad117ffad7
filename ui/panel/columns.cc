#include "ui/panel/columns.h"

#include <algorithm>
#include <span>

namespace hcd::ui {
namespace {

struct Plan {
  Column column;
  std::string_view title;
  int width;  // at least
  int most;   // where there is room
  bool right;
  int rank;  // the highest is the first to go; 0 stays
};

constexpr int kGap = 1;

constexpr Plan kName{Column::Name, "NAME", 19, 36, false, 0};
constexpr Plan kAdmin{Column::Admin, "ADM", 3, 3, false, 0};
constexpr Plan kState{Column::State, "STATE", 8, 8, false, 0};
constexpr Plan kAvailable{Column::Available, "AVAIL%", 6, 6, true, 3};
constexpr Plan kAvailableHour{Column::AvailableHour, "1H%", 5, 5, true, 8};
constexpr Plan kAvailableDay{Column::AvailableDay, "24H%", 5, 5, true, 9};
constexpr Plan kLatency{Column::Latency, "LAT", 5, 5, true, 2};
constexpr Plan kP50{Column::P50, "P50", 5, 5, true, 10};
constexpr Plan kP99{Column::P99, "P99", 5, 5, true, 11};
constexpr Plan kTrail{Column::Trail, "CHECKS", 10, 60, false, 6};
constexpr Plan kAge{Column::Age, "AGE", 4, 4, true, 1};
constexpr Plan kSessions{Column::Sessions, "SESS", 5, 5, true, 4};
constexpr Plan kRate{Column::Rate, "CPS", 5, 5, true, 7};
constexpr Plan kWeight{Column::Weight, "W", 2, 5, true, 5};
constexpr Plan kMode{Column::Mode, "MODE", 6, 12, false, 5};
constexpr Plan kTable{Column::Table, "TABLE", 10, 20, false, 4};
constexpr Plan kAddress{Column::Address, "ADDRESS", 15, 24, false, 3};
constexpr Plan kTotal{Column::Total, "TOTAL", 7, 9, true, 0};
constexpr Plan kMinute{Column::Minute, "LAST MIN", 8, 8, true, 1};
constexpr Plan kHour{Column::Hour, "LAST HOUR", 9, 9, true, 2};
constexpr Plan kDay{Column::Day, "LAST DAY", 8, 8, true, 3};
constexpr Plan kMean{Column::Mean, "MEAN/MIN", 8, 8, true, 4};

constexpr Plan kTree[] = {kName, kAdmin, kState, kAvailable, kAvailableHour, kAvailableDay, kLatency, kP50,
                          kP99,  kTrail, kAge,   kSessions,  kRate,          kWeight,       kMode};
constexpr Plan kHosts[] = {kName, kTable, kAdmin, kState, kAvailable, kAvailableHour, kAvailableDay, kLatency,
                           kP50,  kP99,   kTrail, kAge,   kSessions,  kRate,          kWeight};
constexpr Plan kServices[] = {kName, kAdmin, kState, kAddress, kTable, kAge, kSessions, kRate, kMode};
constexpr Plan kTables[] = {kName, kAdmin, kState, kP50, kP99, kAge, kSessions, kRate, kMode};
constexpr Plan kSessionsView[] = {kName, kState, kSessions, kRate, kTotal, kMinute, kHour, kDay, kMean};

std::span<const Plan> plan_of(View view) {
  switch (view) {
    case View::Hosts: return kHosts;
    case View::Services: return kServices;
    case View::Tables: return kTables;
    case View::Sessions: return kSessionsView;
    case View::Tree:
    case View::Relays:
    case View::Events: break;
  }
  return kTree;
}

int least(const std::vector<Plan>& plans) {
  int out = -kGap;
  for (const auto& plan : plans) out += plan.width + kGap;
  return out;
}

}  // namespace

std::vector<Cut> columns_of(View view, int width) {
  const auto all = plan_of(view);
  std::vector<Plan> plans(all.begin(), all.end());
  while (least(plans) > width) {
    const auto first = std::ranges::max_element(plans, {}, &Plan::rank);
    if (first->rank == 0) break;
    plans.erase(first);
  }
  int spare = std::max(0, width - least(plans));
  const auto widen = [&](Plan& plan, int most) {
    const int by = std::clamp(most - plan.width, 0, spare);
    plan.width += by;
    spare -= by;
  };
  widen(plans.front(), 24);
  for (auto& plan : plans)
    if (plan.column != Column::Name && plan.column != Column::Trail) widen(plan, plan.most);
  for (auto& plan : plans)
    if (plan.column == Column::Trail) widen(plan, 20);
  widen(plans.front(), plans.front().most);
  for (auto& plan : plans)
    if (plan.column == Column::Trail) widen(plan, plan.most);
  std::vector<Cut> out;
  int x = 0;
  for (const auto& plan : plans) {
    out.push_back({plan.column, plan.title, x, plan.width, plan.right});
    x += plan.width + kGap;
  }
  return out;
}

}  // namespace hcd::ui
