// Hostile frames: the parser must stay within them, and what it calls sound must be in there.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "kmod/icmp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hcd::abi;
  if (size == 0) return 0;
  const std::vector<std::uint8_t> frame(data, data + size);  // exact, so that the sanitizer guards its end
  for (const int large : {0, 1}) {
    hcd_packet packet{};
    const __u8* end = frame.data() + frame.size();
    const int kind = hcd_parse(frame.data(), end, static_cast<__u32>(size), large, &packet);
    if (kind == HCD_OTHER || packet.flaw) continue;
    const __u32 headers = packet.offset - HCD_ETHER;
    if (packet.l4 > end || packet.l4 != frame.data() + packet.offset) std::abort();
    if (packet.bytes < headers || packet.bytes > size - HCD_ETHER) std::abort();
    if (kind == HCD_PIECE && packet.at + (packet.bytes - headers) > 0xffff) std::abort();
    if (kind == HCD_ERROR) {
      hcd_packet quoted{};
      if (hcd_parse_quote(packet.l4, end, packet.six, &quoted) &&
          (quoted.l4 < packet.l4 + HCD_ICMP || quoted.l4 + 4 > end))
        std::abort();
      continue;
    }
    if (kind == HCD_PIECE && (packet.at || packet.proto == HCD_PROTO_NONE)) continue;
    const __u32 header = packet.proto == HCD_PROTO_TCP ? __u32{HCD_TCP} : __u32{HCD_UDP};
    if (packet.l4 + header > end) std::abort();
    if (kind == HCD_WHOLE && packet.bytes < headers + header) std::abort();
    if (kind == HCD_WHOLE) (void)hcd_csum_is_partial(&packet);
  }
  return 0;
}
