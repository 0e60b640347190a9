#include "harness/sched/story.h"

#include <array>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace slotproof::sched {
namespace {

using Kind = Deed::Kind;

// What is known of each deed once all have been looked at.
struct Finding {
  bool told = false;
  std::optional<std::size_t> from = std::nullopt;   // the write that it saw, or found there
  std::optional<std::size_t> since = std::nullopt;  // its operation's own read, out of date by now
  std::optional<std::uint64_t> before = std::nullopt;  // the value that it found
};

// Finds out who saw what.
class Finder {
 public:
  explicit Finder(std::span<const Deed> deeds) : deeds_(deeds), findings_(deeds.size()) {}

  std::vector<Finding> Find() {
    for (std::size_t i = 0; i < deeds_.size(); ++i) Look(i);
    return std::move(findings_);
  }

 private:
  using Operation = std::pair<ThreadId, std::uint32_t>;
  struct Place {
    std::optional<std::size_t> written;  // by this deed
    std::vector<std::size_t> writes;     // all of them
    std::optional<std::uint64_t> value;
    std::map<ThreadId, std::size_t> read;  // by these, in their present operations
  };

  static Operation Of(const Deed& deed) { return {deed.thread, deed.operation}; }

  void Look(std::size_t i) {
    const Deed& deed = deeds_[i];
    switch (deed.kind) {
      case Kind::kBegin:
        inside_[deed.thread] = true;
        break;
      case Kind::kAnswer:
        inside_[deed.thread] = false;
        break;
      case Kind::kRead:
        See(i);
        break;
      case Kind::kUpdate:
        See(i);
        Write(i);
        break;
      case Kind::kWrite:
        Write(i);
        break;
      case Kind::kTake:
        See(i);
        break;
      case Kind::kGive:
        places_[deed.address].written = i;
        break;
      case Kind::kRace:
        FindRacing(i);
        break;
      default:
        break;
    }
  }

  // What another thread's operation left there is told; of plain memory and of locks, once for each
  // two operations.
  void See(std::size_t i) {
    const Deed& deed = deeds_[i];
    Place& place = places_[deed.address];
    Finding& finding = findings_[i];
    finding.from = place.written;
    finding.before = place.value;
    if (deed.kind != Kind::kUpdate && deed.back == 0) Refresh(&place, deed);
    if (!inside_[deed.thread]) return;
    if (deed.back != 0) return SeeOlder(i);
    if (!finding.from || deeds_[*finding.from].thread == deed.thread) {
      if (!deed.is_plain && deed.kind == Kind::kRead) place.read[deed.thread] = i;
      return;
    }
    const Deed& source = deeds_[*finding.from];
    const bool is_coarse = deed.is_plain || deed.kind == Kind::kTake;
    const std::uintptr_t where = is_coarse ? 0 : deed.address;
    const std::size_t which = is_coarse ? 0 : *finding.from;
    finding.told =
        source.operation != 0 && told_.insert({Of(deed), Of(source), where, which}).second;
    if (!deed.is_plain && deed.kind == Kind::kRead) place.read[deed.thread] = i;
  }

  // One store or more came since.
  void SeeOlder(std::size_t i) {
    const std::vector<std::size_t>& writes = places_[deeds_[i].address].writes;
    const std::uint32_t back = deeds_[i].back;
    findings_[i].from =
        back < writes.size() ? std::optional(writes[writes.size() - 1 - back]) : std::nullopt;
    findings_[i].told = true;
  }

  void Write(std::size_t i) {
    const Deed& deed = deeds_[i];
    Place& place = places_[deed.address];
    const auto mine = place.read.find(deed.thread);
    if (inside_[deed.thread] && mine != place.read.end() && place.written &&
        *place.written > mine->second && deeds_[*place.written].thread != deed.thread &&
        Of(deeds_[mine->second]) == Of(deed)) {
      NoteStale(i, mine->second, place);
    }
    place.written = i;
    if (!deed.is_plain) place.writes.push_back(i);
    Refresh(&place, deed);
  }

  // The operation read there, and another thread wrote since.
  void NoteStale(std::size_t i, std::size_t read, const Place& place) {
    const bool is_update = deeds_[i].kind == Kind::kUpdate;
    if (is_update && (!place.value || place.value != deeds_[read].value)) return;
    findings_[i].since = read;
    findings_[i].from = place.written;
    findings_[i].told = true;
    findings_[read].told = true;
  }

  static void Refresh(Place* place, const Deed& deed) {
    if (deed.value) place->value = deed.value;
  }

  // The last access of the other one to that memory.
  void FindRacing(std::size_t i) {
    findings_[i].told = true;
    for (std::size_t at = i; at-- > 0;) {
      const Deed& deed = deeds_[at];
      const bool is_access =
          deed.kind == Kind::kRead || deed.kind == Kind::kWrite || deed.kind == Kind::kUpdate;
      if (is_access && deed.thread == deeds_[i].other && deed.address == deeds_[i].address) {
        findings_[i].from = at;
        return;
      }
    }
  }

  std::span<const Deed> deeds_;
  std::vector<Finding> findings_;
  std::map<std::uintptr_t, Place> places_;
  std::array<bool, kMaxThreads> inside_{};  // an operation
  std::set<std::tuple<Operation, Operation, std::uintptr_t, std::size_t>> told_;
};

// Makes sentences.
class Narrator {
 public:
  Narrator(std::span<const Deed> deeds, const Teller& teller) : deeds_(deeds), teller_(teller) {
    for (const Deed& deed : deeds) {
      if (deed.kind != Kind::kBegin) continue;
      labels_[{deed.thread, deed.operation}] = teller.operation(deed);
      has_operations_[deed.thread] = true;
    }
  }

  // Who goes on after a switch: through threads that have no operations and only wait, as who
  // starts the others does.
  ThreadId NextOf(std::size_t i) const {
    ThreadId next = deeds_[i].to;
    while (++i < deeds_.size() && next != kNoThread && !has_operations_[next]) {
      if (deeds_[i].kind == Kind::kSwitch && deeds_[i].thread == next) next = deeds_[i].to;
    }
    return next;
  }

  // Empty when there is nothing to say.
  std::string Say(std::size_t i, const Finding& finding) {
    const Deed& deed = deeds_[i];
    switch (deed.kind) {
      case Kind::kBegin:
        return labels_[{deed.thread, deed.operation}];
      case Kind::kAnswer:
        return "  " + teller_.answer(deed);
      case Kind::kRead:
        return finding.told ? At(deed) + SayRead(deed, finding) : "";
      case Kind::kWrite:
      case Kind::kUpdate:
        return finding.told ? At(deed) + SayWrite(deed, finding) : "";
      case Kind::kTake:
        return finding.told ? At(deed) + "takes lock " + PlaceName(deed) + Of(deed, finding) : "";
      case Kind::kSignal:
        if (deed.other == kNoThread && !teller_.tells_idle_signals) return "";
        return At(deed) + (deed.other == kNoThread ? "signals, and nobody waits"
                                                   : "wakes " + teller_.name(deed.other));
      case Kind::kSwitch:
        return SaySwitch(deed, NextOf(i));
      case Kind::kRace:
        return At(deed) + "data race with " + Whose(*finding.from);
      case Kind::kFailure:
        return teller_.failure.empty() ? "" : At(deed) + teller_.failure;
      default:
        return "";
    }
  }

 private:
  static std::string At(const Deed& deed) { return "  point " + std::to_string(deed.point) + ": "; }

  // "t1's insert k0 v1"
  std::string Whose(std::size_t deed) {
    const Deed& whose = deeds_[deed];
    const auto label = labels_.find({whose.thread, whose.operation});
    const std::string name = teller_.name(whose.thread);
    return label == labels_.end() ? name : name + "'s " + label->second;
  }
  // Of what another thread's operation wrote.
  std::string Of(const Deed& deed, const Finding& finding) {
    if (!finding.from) return "";
    const Deed& source = deeds_[*finding.from];
    const bool is_news = source.thread != deed.thread && source.operation != 0;
    return is_news ? " of " + Whose(*finding.from) : "";
  }

  // By its place in the order in which they are told.
  std::string PlaceName(const Deed& deed) {
    const std::size_t number = places_.emplace(deed.address, places_.size()).first->second;
    std::string name(1, static_cast<char>('A' + number % 26));
    if (number >= 26) name += std::to_string(number / 26);
    return name;
  }
  std::string ValueName(std::uint64_t value) {
    if (value < std::uint64_t{1} << 32) return std::to_string(value);
    return "#" + std::to_string(values_.emplace(value, values_.size() + 1).first->second);
  }

  std::string SayRead(const Deed& deed, const Finding& finding) {
    if (deed.is_plain) return "reads what " + Whose(*finding.from) + " wrote";
    const std::string value = deed.value ? " = " + ValueName(*deed.value) : "";
    const std::string age =
        deed.back == 0 ? "" : ", " + std::to_string(deed.back) + " before the last store";
    return "reads " + PlaceName(deed) + value + Of(deed, finding) + age;
  }

  std::string SayWrite(const Deed& deed, const Finding& finding) {
    const bool is_update = deed.kind == Kind::kUpdate;
    std::string text = (is_update ? "swaps " : "writes ") + PlaceName(deed);
    const std::string was = finding.before ? ValueName(*finding.before) : "";
    if (is_update && !finding.since) {
      if (!was.empty()) text += " = " + was;
      text += Of(deed, finding);
    }
    if (deed.value) text += (is_update ? " for " : " = ") + ValueName(*deed.value);
    if (!finding.since) return text;
    const std::string then = "point " + std::to_string(deeds_[*finding.since].point);
    if (is_update) {
      return text + ": it is " + was + " again, as at " + then + ", by " + Whose(*finding.from);
    }
    return text + " over " + Whose(*finding.from) + ", which came after " + then;
  }

  std::string SaySwitch(const Deed& deed, ThreadId next) {
    const bool for_ever = deed.to == kNoThread;
    if (for_ever && deed.waits == EventKind::kJoin) return "";
    const bool is_seen = next != kNoThread && has_operations_[deed.thread] && has_operations_[next];
    if (!for_ever && !deed.is_chosen && !is_seen) return "";
    std::string to = " for ever";
    if (!for_ever) to = (deed.is_chosen ? ": by choice to " : ": to ") + teller_.name(next);
    switch (deed.why) {
      case Why::kCould:
        return At(deed) + "to " + teller_.name(next);
      case Why::kEnded:
        return "  ends" + to;
      case Why::kYields:
        return At(deed) + "lets others go first" + to;
      case Why::kWaits:
        break;
    }
    return At(deed) + "waits for " + SayWhatItWaitsFor(deed) + to;
  }

  std::string SayWhatItWaitsFor(const Deed& deed) {
    const std::string other = deed.other == kNoThread ? "" : teller_.name(deed.other);
    switch (deed.waits) {
      case EventKind::kLock:
      case EventKind::kLockShared:
        return deed.other == deed.thread ? "a lock of its own" : "a lock of " + other;
      case EventKind::kJoin:
        return "the end of " + other;
      case EventKind::kSemaphore:
        return "a semaphore";
      case EventKind::kBarrier:
        return "a barrier";
      default:
        return "a signal";
    }
  }

  std::span<const Deed> deeds_;
  const Teller& teller_;
  std::map<std::pair<ThreadId, std::uint32_t>, std::string> labels_;
  std::array<bool, kMaxThreads> has_operations_{};
  std::map<std::uintptr_t, std::size_t> places_;
  std::map<std::uint64_t, std::size_t> values_;
};

}  // namespace

std::vector<Scene> TellStory(const Trail& trail, const Teller& teller) {
  const std::span<const Deed> deeds = trail.deeds();
  const std::vector<Finding> findings = Finder(deeds).Find();
  Narrator narrator(deeds, teller);
  std::vector<Scene> story;
  for (std::size_t i = 0; i < deeds.size(); ++i) {
    std::string text = narrator.Say(i, findings[i]);
    if (text.empty()) continue;
    story.push_back({.deed = i,
                     .thread = deeds[i].thread,
                     .text = std::move(text),
                     .from = findings[i].told ? findings[i].from : std::nullopt,
                     .to = deeds[i].kind == Kind::kSwitch ? narrator.NextOf(i) : kNoThread});
  }
  return story;
}

}  // namespace slotproof::sched
