// Names to addresses and ports while a configuration is read.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fastpath/base/address.h"
#include "fastpath/base/error.h"

namespace hcd::conf {

class Resolver {
 public:
  virtual ~Resolver() = default;
  // Every address of a DNS name, ascending and none twice, so that a server's rotation changes nothing; never empty.
  [[nodiscard]] virtual Result<std::vector<Address>> addresses(const std::string& name) const = 0;
  // A port by its name in services(5).
  [[nodiscard]] virtual std::optional<std::uint16_t> port(const std::string& service) const = 0;
};

class SystemResolver final : public Resolver {
 public:
  [[nodiscard]] Result<std::vector<Address>> addresses(const std::string& name) const override;
  [[nodiscard]] std::optional<std::uint16_t> port(const std::string& service) const override;
};

}  // namespace hcd::conf
