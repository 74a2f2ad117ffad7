// The kernel's maps, open for changes to rules and tables: the lock is held, and an engine has read what is in force.
#pragma once
#include <memory>
#include <string>

#include "fastpath/bpf/bpf_engine.h"
#include "fastpath/bpf/writer_lock.h"

namespace hcd::hcpfctl {

// What a change works on; a test brings its own.
struct Kernel {
  fastpath::Maps& maps;
  fastpath::BpfEngine& engine;
  const Clock& clock;
};

class Writer {
 public:
  // NotFound: nothing is loaded.
  [[nodiscard]] static Result<std::unique_ptr<Writer>> open(const std::string& pin_directory, const Clock& clock);
  ~Writer() { engine_.tend(); }  // whoever writes next finds nothing that a packet still uses
  [[nodiscard]] Kernel kernel() { return {maps_, engine_, clock_}; }

 private:
  Writer(fastpath::WriterLock lock, fastpath::WriterLock::Hold hold, std::unique_ptr<fastpath::Maps> maps,
         const Clock& clock);

  fastpath::WriterLock lock_;
  fastpath::WriterLock::Hold hold_;
  fastpath::Maps& maps_;  // the engine's
  fastpath::BpfEngine engine_;
  const Clock& clock_;
};

}  // namespace hcd::hcpfctl
