// One owner for an object of a C library: CPtr<SSL, SSL_free>.
#pragma once
#include <memory>

namespace hcd {

template <auto Free>
struct CDelete {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

template <class T, auto Free>
using CPtr = std::unique_ptr<T, CDelete<Free>>;

}  // namespace hcd
