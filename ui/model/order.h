// Which of two objects stands first. What is equal by the operator's choice stands by name, then by id, so the order never
// depends on the way it was come to.
#pragma once
#include "ui/model/outline.h"

namespace hcd::ui {

[[nodiscard]] bool host_before(const Host& a, const Host& b, Sort sort, bool reverse);
[[nodiscard]] bool table_before(const Table& a, const Table& b, Sort sort, bool reverse);
[[nodiscard]] bool service_before(const Mirror& mirror, const Service& a, const Service& b, Sort sort, bool reverse);

}  // namespace hcd::ui
