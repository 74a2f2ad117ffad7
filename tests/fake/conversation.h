// The server's side of a conversation: a Stream on which each answer comes when the client has said what it is the answer
// to, in pieces of whatever size. What follows runs a Profile over it, as its probe would, and tells how that ended.
#pragma once
#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "hcd/hce/profile.h"

namespace hcd::test {

struct Turn {
  std::string client;  // what the client says first; nothing where the server begins
  std::string server;  // what comes then
};

class Conversation final : public tls::Stream {
 public:
  using What = tls::Io::What;

  Conversation(std::initializer_list<Turn> turns) : turns_(turns) {}
  explicit Conversation(std::vector<Turn> turns) : turns_(std::move(turns)) {}

  // At most so many bytes a call; below 1000 every other call moves none.
  Conversation& in_pieces_of(std::size_t bytes) {
    piece_ = bytes;
    return *this;
  }
  Conversation& then(What what) {  // when all was said: the default is silence
    then_ = what;
    return *this;
  }
  Conversation& cut_after(std::size_t bytes) {  // of the server's
    left_ = bytes;
    return *this;
  }
  Conversation& over_tls(bool encrypted = true) {
    encrypted_ = encrypted;
    return *this;
  }

  tls::Io handshake() override { return {What::Done}; }
  tls::Io read(std::span<char> out) override {
    if (rest()) return {What::WantRead};
    while (coming_.empty() && turn_ < turns_.size() && expected_ == turns_[turn_].client) {
      coming_ = turns_[turn_++].server;
      expected_.clear();
    }
    if (left_ == 0 || (coming_.empty() && turn_ == turns_.size())) return {then_};
    if (coming_.empty()) return {What::WantRead};
    const std::size_t size = std::min({out.size(), piece_, left_, coming_.size()});
    coming_.copy(out.data(), size);
    coming_.erase(0, size);
    left_ -= size;
    moved += size;
    return {What::Done, size};
  }
  tls::Io write(std::string_view bytes) override {
    if (rest()) return {What::WantWrite};
    const std::string_view taken = bytes.substr(0, piece_);
    expected_ += taken;
    said += taken;
    moved += taken.size();
    return {What::Done, taken.size()};
  }
  [[nodiscard]] bool encrypted() const override { return encrypted_; }
  [[nodiscard]] std::string error() const override { return "ECONNRESET"; }

  [[nodiscard]] std::size_t size() const {
    std::size_t total = 0;
    for (const auto& turn : turns_) total += turn.server.size();
    return total;
  }
  std::string said;       // by the client, in all
  std::size_t moved = 0;  // bytes, to both sides

 private:
  bool rest() { return piece_ < 1000 && (resting_ = !resting_); }

  std::vector<Turn> turns_;
  std::size_t turn_ = 0, piece_ = 100000, left_ = std::string::npos;
  std::string coming_, expected_;
  What then_ = What::WantRead;
  bool encrypted_ = false, resting_ = false;
};

struct Ended {
  bool done = false, wants_tls = false;
  hce::Verdict verdict;  // of its time out, where the server fell silent
};

// Goes on with a conversation that was begun, until its outcome, TLS, or silence.
inline Ended go_on(hce::Profile& profile, Conversation& stream) {
  Ended out;
  std::size_t moved = 0;
  for (int idle = 0; idle < 4;) {
    const hce::Step step = profile.run(stream, out.verdict);
    if (step == hce::Step::Done) {
      out.done = true;
      out.wants_tls = profile.wants_tls();
      return out;
    }
    idle = step == hce::Step::Again || stream.moved != moved ? 0 : idle + 1;
    moved = stream.moved;
  }
  out.verdict = profile.timed_out(stream.encrypted());
  return out;
}

inline Ended converse(hce::Profile& profile, const hce::Plan& plan, Conversation stream) {
  profile.begin(plan);
  return go_on(profile, stream);
}

// How it ended in one line: "redis failed,0,LOADING Redis is loading the dataset in memory".
inline std::string told(const Ended& ended) {
  return std::string(ended.wants_tls ? "tls" : ipc::reason_text(ended.verdict.reason)) + "," +
         std::to_string(ended.verdict.code) + "," + ended.verdict.detail;
}

// Where whole pieces end as `whole` says, so must pieces of one byte and of three. A close at any point before the end is
// "malformed" ("empty answer" at the very beginning), and a reset a failure to read; nothing else, and never a pass.
inline std::string faults_of_pieces(hce::Profile& profile, const hce::Plan& plan, const std::vector<Turn>& turns,
                                    const std::string& whole, std::string_view malformed) {
  for (const std::size_t piece : {std::size_t{100000}, std::size_t{1}, std::size_t{3}, std::size_t{999}})
    if (const auto got = told(converse(profile, plan, Conversation(turns).in_pieces_of(piece))); got != whole)
      return "in pieces of " + std::to_string(piece) + ": " + got;
  for (std::size_t cut = 0; cut < Conversation(turns).size(); cut++) {
    const auto closed = Conversation(turns).cut_after(cut).then(tls::Io::What::Closed);
    const std::string wanted = std::string(malformed) + ",0," + (cut == 0 ? "empty answer" : "truncated");
    if (const auto got = told(converse(profile, plan, closed)); got != wanted)
      return "closed after " + std::to_string(cut) + ": " + got;
    const auto reset = Conversation(turns).cut_after(cut).then(tls::Io::What::Failed);
    if (const auto got = told(converse(profile, plan, reset)); got != "tcp read failed,0,ECONNRESET")
      return "reset after " + std::to_string(cut) + ": " + got;
    const auto silent = Conversation(turns).cut_after(cut);
    if (const auto got = told(converse(profile, plan, silent)); got != "tcp read timeout,0,")
      return "silent after " + std::to_string(cut) + ": " + got;
  }
  return {};
}

}  // namespace hcd::test
