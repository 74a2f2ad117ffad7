// The parts of print() that speak of services, redirects and what they say of tables.
#pragma once
#include <string>
#include <vector>

#include "hcd/conf/config.h"

namespace hcd::conf {

// The name in the file: an instance goes by that of the template or list it was made of.
[[nodiscard]] std::string_view declared_name(const Table& table);
// Made of a list, as relayd has it: whoever uses it says its options.
[[nodiscard]] bool is_of_list(const Config& config, const Table& table);

// "check tcp", "timeout 500": lines of hoststated's table, words of relayd's forward.
[[nodiscard]] std::vector<std::string> option_texts(const Table& table, const Global& global);

// As a redirect where it uses a list, else as a service.
void print_service(std::string& out, const Service& service, const Config& config);

}  // namespace hcd::conf
