#ifndef SLOTPROOF_HARNESS_NIGHT_INBOX_H_
#define SLOTPROOF_HARNESS_NIGHT_INBOX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace slotproof {

// What a file in a worker's inbox is, by its name.
enum class InboxKind : std::uint8_t {
  kTrace,  // a .trace that a worker saved, and lived
  kCrash,  // libFuzzer's last words: the input that ended the worker
  kLeak,
  kTimeout,
  kOom,
  kOther,  // a slow unit, a file being written: none of ours
};

InboxKind KindOfInboxFile(std::string_view path);

// "crash", for a signature of what cannot be reproduced.
std::string_view InboxKindName(InboxKind kind);

// Files that wait to be looked at, each once, in the order of their arrival.
class InboxQueue {
 public:
  // False for a file that was taken before.
  bool Add(const std::string& path);
  std::optional<std::string> Take();
  std::size_t size() const { return waiting_.size(); }
  bool empty() const { return waiting_.empty(); }

  // Takes the file again later: it could not be dealt with now.
  void Forget(const std::string& path) { seen_.erase(path); }

 private:
  std::deque<std::string> waiting_;
  std::set<std::string> seen_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_INBOX_H_
