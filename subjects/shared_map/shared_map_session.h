#ifndef SLOTPROOF_SUBJECTS_SHARED_MAP_SHARED_MAP_SESSION_H_
#define SLOTPROOF_SUBJECTS_SHARED_MAP_SHARED_MAP_SESSION_H_

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/map/hash_map.h"
#include "harness/subject/session.h"
#include "subjects/shared_map/shared_map_vocabulary.h"

namespace slotproof {

// What each thread does to the map is done under a lock, or not; or under a lock by a thread that
// forgets every fiftieth insertion, which the checks must notice.
enum class Guard : std::uint8_t { kMutex, kNone, kForgetfulMutex };

// One map and real threads. Step() hands an operation to its thread; Finish() runs all threads from
// a common start and then holds the map's final contents against what the threads did:
//
//   contents    a key's final value is the last thing some thread did to it: the value it last
//               inserted, or absence if it last deleted it, or if nobody wrote it
//   balance     for each key, insertions that found it absent less deletions that found it present
//               are 1 if it is there at the end and 0 if not
//   find        a value that was found was inserted by somebody
//   invariants  those of the map
//
// Without the lock the map's own misuse flags may stop it; its message is then the verdict.
// ThreadSanitizer, where it is built in, reports the race itself.
class SharedMapSession final : public Session {
 public:
  explicit SharedMapSession(Guard guard) : guard_(guard) {}

  void Reset(const Header& header) override;
  StepResult Step(const Op& op) override;
  bool CheckFull() override { return true; }  // nothing runs before Finish()
  bool Finish() override;
  void Abandon() override;
  std::string Draw() const override;
  std::string Annotate(const Op&) const override { return ""; }
  void StructuralState(std::span<std::uint8_t> features) const override;

 private:
  using Value = std::uint64_t;

  struct Policy : core::DefaultMapPolicy<std::uint64_t> {
    static constexpr bool kAssertions = false;  // they would stop a racing map before its flags do
    [[noreturn]] static void Fatal(core::FailureKind kind, std::string_view message);
  };
  using Map = core::HashMap<std::uint64_t, Value, Policy>;

  // What one thread did to one key, as far as the checks need it.
  struct Deeds {
    std::optional<Value> last;  // 0 after a deletion; nothing when it never wrote the key
    std::int64_t balance = 0;
  };
  struct Thread {
    std::vector<Op> ops;
    std::array<Deeds, kSharedMapKeys> deeds;
    Value writes = 0;
    std::uint64_t results = 0;
    std::string bad_find;
    std::string fatal;  // the message with which the map stopped
  };

  void RunThread(std::uint32_t number);
  void RunOp(std::uint32_t number, const Op& op);
  template <class Body>
  void Guarded(Body body);
  void Insert(std::uint32_t number, std::uint32_t key);
  void Find(std::uint32_t number, std::uint32_t key);
  void Delete(std::uint32_t number, std::uint32_t key);
  void Iterate(Thread& thread);

  bool CheckThreads();
  bool CheckContents();

  Guard guard_;
  SharedMapHeader header_{};
  std::unique_ptr<Map> map_;
  std::mutex mutex_;
  std::array<Thread, kThreads> threads_;
};

// A map behind a lock: every trace passes.
const Target& LockedMapTarget();
// The same without the lock: a data race.
const Target& UnguardedMapTarget();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SHARED_MAP_SHARED_MAP_SESSION_H_
