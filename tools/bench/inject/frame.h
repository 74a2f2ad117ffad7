/* The one packet this benchmark sends: Ethernet, IPv4, TCP without payload, from a client of its own for each flow. Pure C,
 * shared by the BPF program that writes live frames and by the program that writes socket buffers, so that both send the
 * same bytes. Clients are of 198.18.0.0/15, which RFC 2544 sets aside for benchmarks: receivers know them by it. */
#pragma once
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/types.h>

enum {
  INJECT_CLIENTS = 0xc6120000,
  INJECT_CLIENTS_MASK = 0xfffe0000,
  INJECT_CLIENT_BITS = 17,
  INJECT_FIRST_PORT = 1024
};
enum { INJECT_SYN = 0x02, INJECT_ACK = 0x10 };

struct inject_frame {
  struct ethhdr ether;
  struct iphdr ip;
  struct tcphdr tcp;
} __attribute__((packed));

/* The frame of every flow but for the client; sums are of what is constant, unfolded, in network order as stored. */
struct inject_template {
  struct inject_frame frame;
  __u32 ip_sum;
  __u32 tcp_sum;
};

static inline __u16 inject_swap16(__u32 value) {
  return __builtin_bswap16(value & 0xffff);
}

static inline __u16 inject_fold(__u32 sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/* Writes every byte: a live frame comes back with whatever its last journey made of it. */
static inline void inject_write(struct inject_frame* out, const struct inject_template* like, __u32 flow) {
  const __u32 client = INJECT_CLIENTS | (flow & ~INJECT_CLIENTS_MASK);
  const __u32 client_sum = inject_swap16(client >> 16) + inject_swap16(client);
  const __u16 port = inject_swap16(INJECT_FIRST_PORT + (flow >> INJECT_CLIENT_BITS));
  *out = like->frame;
  out->ip.saddr = __builtin_bswap32(client);
  out->ip.check = inject_fold(like->ip_sum + client_sum);
  out->tcp.source = port;
  out->tcp.check = inject_fold(like->tcp_sum + client_sum + port);
}
