// Values to bytes and back. A message is a struct with `void fields(auto& f) { f(a, b, c); }`; the same list of fields
// writes it (Encoder), and reads it with every length checked against what is there (Decoder).
//
// Integers and enums are fixed-width in host order (both ends are one machine); a string is a u32 length and bytes; a
// sequence or a map is a u32 count and its elements, an array its bytes; an optional a bool and a value. Sequences are
// bounded by the bytes left, so a lying count costs nothing.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "fastpath/base/address.h"

namespace hcd::ipc {

class Encoder {
 public:
  Encoder() = default;
  explicit Encoder(std::string room) : bytes_(std::move(room)) { bytes_.clear(); }  // writes into memory it has already
  template <class... Ts>
  void operator()(const Ts&... values) {
    (put(values), ...);
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  template <class T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void put(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put(const std::string& text) {
    put(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  void put(const Address& address) {
    put(address.family);
    bytes_.append(reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size());
  }
  template <class Rep, class Period>
  void put(std::chrono::duration<Rep, Period> duration) {
    put(static_cast<std::int64_t>(duration.count()));
  }
  template <class T>
  void put(const std::vector<T>& items) {
    put(static_cast<std::uint32_t>(items.size()));
    for (const auto& item : items) put(item);
  }
  template <class T, std::size_t N>
    requires std::is_integral_v<T>
  void put(const std::array<T, N>& numbers) {
    bytes_.append(reinterpret_cast<const char*>(numbers.data()), sizeof numbers);
  }
  template <class Key, class T>
  void put(const std::map<Key, T>& items) {
    put(static_cast<std::uint32_t>(items.size()));
    for (const auto& [key, item] : items) {
      put(key);
      put(item);
    }
  }
  template <class T>
  void put(const std::optional<T>& item) {
    put(item.has_value());
    if (item) put(*item);
  }
  template <class T>
    requires requires(T item, Encoder& f) { item.fields(f); }
  void put(const T& item) {
    const_cast<T&>(item).fields(*this);  // fields() only names members; an Encoder only reads them
  }

  std::string bytes_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : left_(bytes) {}

  template <class... Ts>
  void operator()(Ts&... values) {
    (get(values), ...);
  }
  // True when every field was there, every enum-like value made sense to its reader, and nothing is left over.
  [[nodiscard]] bool complete() const { return ok_ && left_.empty(); }
  void refuse() { ok_ = false; }

 private:
  bool take(void* out, std::size_t size) {
    if (!ok_ || left_.size() < size) return ok_ = false;
    std::memcpy(out, left_.data(), size);
    left_.remove_prefix(size);
    return true;
  }
  template <class T>
    requires std::is_integral_v<T> || std::is_floating_point_v<T>
  void get(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t byte = 0;
      if (take(&byte, 1) && byte > 1) refuse();
      value = byte == 1;
    } else {
      take(&value, sizeof value);
    }
  }
  // An enum declares its last enumerator with `constexpr E last_of(E)`, found by argument-dependent look-up.
  template <class T>
    requires std::is_enum_v<T>
  void get(T& value) {
    std::underlying_type_t<T> raw{};
    if (take(&raw, sizeof raw) && (raw < 0 || raw > static_cast<std::underlying_type_t<T>>(last_of(T{}))))
      return refuse();
    value = static_cast<T>(raw);
  }
  void get(std::string& text) {
    std::uint32_t size = 0;
    if (!take(&size, sizeof size)) return;
    if (left_.size() < size) return refuse();
    text = left_.substr(0, size);
    left_.remove_prefix(size);
  }
  void get(Address& address) {
    std::uint8_t family = 0;
    if (!take(&family, 1) || !take(address.bytes.data(), address.bytes.size())) return;
    if (family != 0 && family != 4 && family != 6) return refuse();
    address.family = static_cast<Family>(family);
  }
  template <class Rep, class Period>
  void get(std::chrono::duration<Rep, Period>& duration) {
    std::int64_t count = 0;
    if (take(&count, sizeof count)) duration = std::chrono::duration<Rep, Period>(count);
  }
  template <class T>
  void get(std::vector<T>& items) {
    std::uint32_t count = 0;
    if (!take(&count, sizeof count)) return;
    if (count > left_.size()) return refuse();  // every element takes at least a byte
    items.clear();
    while (ok_ && items.size() < count) get(items.emplace_back());
  }
  template <class T, std::size_t N>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  void get(std::array<T, N>& numbers) {
    take(numbers.data(), sizeof numbers);
  }
  template <class Key, class T>
  void get(std::map<Key, T>& items) {
    std::uint32_t count = 0;
    if (!take(&count, sizeof count)) return;
    items.clear();
    for (; ok_ && count > 0; count--) {
      Key key{};
      get(key);
      if (!ok_ || items.contains(key)) return refuse();
      get(items[key]);
    }
  }
  template <class T>
  void get(std::optional<T>& item) {
    bool present = false;
    get(present);
    if (!ok_ || !present) return item.reset();
    get(item.emplace());
  }
  template <class T>
    requires requires(T item, Decoder& f) { item.fields(f); }
  void get(T& item) {
    item.fields(*this);
  }

  std::string_view left_;
  bool ok_ = true;
};

template <class T>
[[nodiscard]] std::string encode(const T& message) {
  Encoder encoder;
  encoder(message);
  return encoder.take();
}

template <class T>
[[nodiscard]] std::optional<T> decode(std::string_view bytes) {
  T message{};
  Decoder decoder(bytes);
  decoder(message);
  if (!decoder.complete()) return std::nullopt;
  return message;
}

}  // namespace hcd::ipc
