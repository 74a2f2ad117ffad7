// What the daemon has told so far: its rows, its events, and beside them what only a watcher has, the trails of checks. Pure:
// updates come in, the time is an argument. A new snapshot replaces what was there without forgetting the trails.
//
// Objects stay where they are as long as they live, so that orders of them can be kept as pointers.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "hcd/ctl/updates.h"
#include "ui/model/series.h"
#include "ui/model/trail.h"

namespace hcd::ui {

using conf::Id;

// What of the traffic is shown.
struct Load {
  bool known = false;
  std::uint32_t states = 0, sessions_per_s = 0;
  std::uint64_t packets_per_s = 0, bytes_per_s = 0;
};

struct Host {
  ctl::HostRow row;
  Load load;
  ctl::Availability lately;
  Trail trail;
  std::int64_t since_ms = 0;   // wall clock of the last change of word; 0: before anybody watched
  bool dirty = false;          // has changed since clean()
  bool fresh = false;          // told of since the snapshot began
  mutable bool shown = false;  // by the filter, as judged for that version of the choice (Outline)
  mutable std::uint32_t judged = 0;
};

struct Table {
  ctl::TableRow row;
  Load load;
  std::uint32_t p50_us = 0, p99_us = 0;  // of the last minutes; 0: not known
  std::vector<Host*> hosts;
  std::vector<Id> services;   // that use it
  std::int64_t since_ms = 0;  // of the last change of word
  bool fresh = false;
};

struct Service {
  ctl::ServiceRow row;
  Load load;
  std::int64_t since_ms = 0;
  bool fresh = false;
};

struct Counts {
  std::uint32_t all = 0, up = 0, down = 0, unknown = 0, off = 0, drained = 0;
};

class Mirror {
 public:
  static constexpr std::size_t kEventsMax = 1000;

  Mirror() = default;
  Mirror& operator=(const Mirror&) = delete;
  [[nodiscard]] std::unique_ptr<Mirror> copy() const;  // as it is now

  void apply(const ctl::Update& update, std::int64_t now_ms);

  [[nodiscard]] const ctl::Header& header() const { return header_; }
  [[nodiscard]] const ctl::Vitals& vitals() const { return header_.vitals; }
  [[nodiscard]] const Series& sessions_per_s() const { return sessions_per_s_; }
  [[nodiscard]] const Series& bits_per_s() const { return bits_per_s_; }
  [[nodiscard]] bool whole() const { return whole_; }      // all rows have come, once at least
  [[nodiscard]] bool current() const { return current_; }  // no snapshot is amid its rows
  [[nodiscard]] const std::map<Id, Service>& services() const { return services_; }
  [[nodiscard]] const std::map<Id, Table>& tables() const { return tables_; }
  [[nodiscard]] const std::map<Id, Host>& hosts() const { return hosts_; }
  [[nodiscard]] const Service* service(Id id) const;
  [[nodiscard]] const Table* table(Id id) const;
  [[nodiscard]] const Host* host(Id id) const;
  [[nodiscard]] const std::deque<ctl::Event>& events() const { return events_; }  // the oldest first
  [[nodiscard]] std::uint64_t last_event() const { return events_.empty() ? 0 : events_.back().number; }
  [[nodiscard]] const Counts& hosts_counted() const { return counts_; }

  // What has changed since the last clean(): some hosts, or more than that.
  [[nodiscard]] const std::vector<Host*>& dirty() const { return dirty_; }
  [[nodiscard]] bool reshaped() const { return reshaped_; }  // objects came or went
  void clean();

 private:
  Mirror(const Mirror&) = default;
  void on(const ctl::Begin& begin, std::int64_t now_ms);
  void on(const ctl::Rows& rows, std::int64_t now_ms);
  void on(const ctl::Gone& gone, std::int64_t now_ms);
  void on(const ctl::End& end, std::int64_t now_ms);
  void complete();
  void on(const ctl::Event& event, std::int64_t now_ms);
  void on(const ctl::Numbers& numbers, std::int64_t now_ms);
  void on(const ctl::Beats& beats, std::int64_t now_ms);
  void on(const ctl::Vitals& vitals, std::int64_t now_ms);
  void on(const ctl::Evidence& evidence, std::int64_t now_ms);
  void on(const ctl::Durations&, std::int64_t) {}  // not asked for
  void take(const ctl::ServiceRow& row, std::int64_t now_ms);
  void take(const ctl::TableRow& row, std::int64_t now_ms);
  void take(const ctl::HostRow& row, std::int64_t now_ms);
  void drop_host(std::map<Id, Host>::iterator it);
  void count(const ctl::HostRow& row, bool in);
  void link_services();
  void soil(Host& host);

  ctl::Header header_;
  bool whole_ = false, current_ = false, reshaped_ = true;
  bool unlinked_ = false;  // tables do not know yet which services use them
  std::map<Id, Service> services_;
  std::map<Id, Table> tables_;
  std::map<Id, Host> hosts_;
  std::deque<ctl::Event> events_;
  Series sessions_per_s_, bits_per_s_;
  Counts counts_;
  std::vector<Host*> dirty_;
};

}  // namespace hcd::ui
