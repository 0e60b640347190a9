#include "harness/night/inbox.h"

#include <filesystem>

namespace slotproof {

InboxKind KindOfInboxFile(std::string_view path) {
  const std::string name = std::filesystem::path(path).filename().string();
  if (name.ends_with(".trace")) return InboxKind::kTrace;
  if (name.starts_with("crash-")) return InboxKind::kCrash;
  if (name.starts_with("leak-")) return InboxKind::kLeak;
  if (name.starts_with("timeout-")) return InboxKind::kTimeout;
  if (name.starts_with("oom-")) return InboxKind::kOom;
  return InboxKind::kOther;
}

std::string_view InboxKindName(InboxKind kind) {
  switch (kind) {
    case InboxKind::kTrace:
      return "trace";
    case InboxKind::kCrash:
      return "crash";
    case InboxKind::kLeak:
      return "leak";
    case InboxKind::kTimeout:
      return "timeout";
    case InboxKind::kOom:
      return "oom";
    case InboxKind::kOther:
      break;
  }
  return "other";
}

bool InboxQueue::Add(const std::string& path) {
  if (!seen_.insert(path).second) return false;
  waiting_.push_back(path);
  return true;
}

std::optional<std::string> InboxQueue::Take() {
  if (waiting_.empty()) return std::nullopt;
  std::string path = waiting_.front();
  waiting_.pop_front();
  return path;
}

}  // namespace slotproof
