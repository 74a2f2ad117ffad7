// A short conversation by which a check tells whether a server of some protocol serves. A profile is a machine over bytes:
// it is told what came and says what to send; this base moves the bytes over any stream, within buffers of its own that no
// server can stretch, so a check allocates nothing but the text of a failure.
//
// The outcome has three reasons a protocol: ok; malformed, when what came is not the protocol; failed, when the server
// says in its own protocol that it does not serve. After the outcome the profile takes its leave as the protocol asks
// (QUIT), so that the server does not count an aborted session; whether that arrives changes nothing.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "hcd/hce/plan.h"
#include "hcd/hce/tcp.h"
#include "hcd/hce/transfer.h"
#include "hcd/hce/verdict.h"
#include "hcd/tls/stream.h"

namespace hcd::hce {

class Profile {
 public:
  static constexpr std::size_t kHeardMax = 4096;          // of one message
  static constexpr std::size_t kSayMax = 1024;            // at once
  static constexpr std::size_t kConversationMax = 65536;  // bytes of the server's, in all

  struct Reasons {
    ipc::Reason ok, malformed, failed;
  };

  explicit Profile(Reasons reasons) : reasons_(reasons) {}
  virtual ~Profile() = default;
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;

  void begin(const Plan& plan);  // the plan outlives the conversation
  // Goes on as far as the stream lets it. After Done either `out` is the outcome or wants_tls().
  [[nodiscard]] Step run(tls::Stream& stream, Verdict& out);
  // The server agreed to TLS from here on: run() goes on over the encrypted stream.
  [[nodiscard]] bool wants_tls() const { return securing_ && !judged_; }
  [[nodiscard]] Verdict timed_out(bool encrypted) const { return failed(writer_.timed_out(encrypted)); }
  [[nodiscard]] virtual bool greets() const { return false; }  // the server speaks first
  virtual void release() {}                                    // gives back what the conversation took

 protected:
  virtual void start() = 0;  // the connection stands
  // Takes one message off the front of what was heard and returns its size; 0: it is not whole yet.
  [[nodiscard]] virtual std::size_t hear(std::string_view heard) = 0;
  virtual void secured() {}  // the connection is encrypted now, as was asked with secure()

  [[nodiscard]] const Plan& plan() const { return *plan_; }
  void say(std::string_view words);  // to be sent when hear() returns; at most kSayMax
  [[nodiscard]] bool has_room(std::size_t size) const { return size <= kSayMax - say_size_; }  // to say so much more
  void secure() { securing_ = true; }           // ... and then TLS begins
  void pass(std::string_view last_words = {});  // the outcomes; the first one counts
  void malformed(std::string_view problem);     // "greeting"
  void refused(std::uint16_t code, std::string_view text, std::string_view last_words = {});
  void unable(std::string_view lack);  // this machine's, so it says nothing about the host
  [[nodiscard]] bool judged() const { return judged_; }

 private:
  std::optional<Step> flush(tls::Stream& stream, Verdict& out);
  std::optional<Step> read(tls::Stream& stream, Verdict& out);
  void digest();
  void judge(Verdict verdict, std::string_view last_words);
  Step end(tls::Stream& stream, Verdict& out);

  const Reasons reasons_;
  const Plan* plan_ = nullptr;
  bool started_ = false, securing_ = false, judged_ = false;
  Verdict verdict_;
  std::size_t heard_size_ = 0, heard_total_ = 0, say_size_ = 0;
  RequestWriter writer_;  // of what is said
  std::array<char, kHeardMax> heard_{};
  std::array<char, kSayMax> say_{};
};

template <class P>
class ProfileProbe final : public StreamProbe<P> {
 public:
  void reset() override {
    this->exchange_.release();
    StreamProbe<P>::reset();
  }

 private:
  [[nodiscard]] Step talk(tls::Stream& stream, const Plan& plan) override {
    const Step step = StreamProbe<P>::talk(stream, plan);
    return step == Step::Done && this->exchange_.wants_tls() ? this->secure() : step;
  }
  [[nodiscard]] bool listens_first(const Plan&) const override { return this->exchange_.greets(); }
};

}  // namespace hcd::hce
