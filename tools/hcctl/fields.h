// What is known of an object, field by field: a table for each kind of row, of which `-o` picks columns and which `-j`
// and `-J` print whole. The names are promises to scripts: a field is never renamed, and one without a value is null.
#pragma once
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "hcd/ctl/protocol.h"
#include "tools/hcctl/index.h"
#include "tools/hcctl/overrides.h"
#include "tools/hcctl/version.h"

namespace hcd::hcctl {

using Json = nlohmann::ordered_json;

template <class Row>
struct Field {
  std::string_view name, help;
  Json (*value)(const Row& row, const Index& index);
};

template <class Row>
[[nodiscard]] std::span<const Field<Row>> fields();
template <>
std::span<const Field<ctl::ServiceRow>> fields();
template <>
std::span<const Field<ctl::TableRow>> fields();
template <>
std::span<const Field<ctl::HostRow>> fields();
template <>
std::span<const Field<ctl::Event>> fields();
template <>
std::span<const Field<ctl::Checked>> fields();
template <>
std::span<const Field<OverrideRow>> fields();
template <>
std::span<const Field<Version>> fields();

[[nodiscard]] Json text_value(std::string_view text);  // of an empty one null
[[nodiscard]] Json milliseconds(Duration latency);     // of none null
// Wall-clock milliseconds as "2026-11-30T14:00:29.101Z"; of 0 null.
[[nodiscard]] Json time_value(std::int64_t wall_ms);
// Bytes that are no UTF-8 are replaced, never thrown about. Negative: on one line.
[[nodiscard]] std::string dump(const Json& json, int indent);
// A value as one word or phrase of a line: yes and no, and a dash for nothing; safe for a terminal.
[[nodiscard]] std::string cell(const Json& value);

}  // namespace hcd::hcctl
