#include "subjects/scheduled_heap/scheduled_heap_vocabulary.h"

#include <array>
#include <string_view>

namespace slotproof {
namespace {

constexpr std::array<std::string_view, 8> kObjectsNames = {"1", "0", "2", "3", "4", "5", "6", "7"};
constexpr std::array<std::uint32_t, 8> kObjects = {1, 0, 2, 3, 4, 5, 6, 7};
constexpr std::array<std::string_view, 2> kThreadsNames = {"4", "2"};

enum Field : std::size_t { kStart, kPoints, kMemory, kThreads };

constexpr std::array<FieldSpec, 4> kFields = {{
    {.name = "objects",
     .width = 1,
     .choices = kObjectsNames,
     .help = "how many there are at the start, from g0 on"},
    schedule_words::kPoints,
    schedule_words::kMemory,
    {.name = "threads",
     .width = 1,
     .choices = kThreadsNames,
     .help = "that use the heap: of two, t0 has the steps of t2, too, and t1 those of t3; each "
             "collects"},
}};

using schedule_words::kThread;
constexpr Operand kRegister = {
    .kind = OperandKind::kHandle, .shift = 8, .limit = kHeapRegisters, .prefix = "r"};
constexpr Operand kFrom = At(9, kRegister);
constexpr Operand kGlobal = {
    .kind = OperandKind::kHandle, .shift = 9, .limit = kHeapGlobals, .prefix = "g"};

constexpr Operand kCount = {.kind = OperandKind::kCount, .shift = 8, .limit = 4};

constexpr std::array<OpSpec, kScheduledHeapOpCount> kOps = {{
    {"load_global",
     {kRegister, kGlobal, kThread},
     "the thread's register gets what the global has"},
    {"store_global",
     {kGlobal, kRegister, kThread},
     "the global gets what the thread's register has"},
    {"load", {kRegister, kFrom, kThread}, "the first register gets the next of the second"},
    {"store", {kRegister, kFrom, kThread}, "the first register's next becomes the second"},
    {"exchange",
     {kRegister, kFrom, kThread},
     "the same by compare-and-swap with what it was read as just before"},
    {"detach",
     {kRegister, kFrom, kThread},
     "takes the next out behind the second register, into the first"},
    {"drop", {kRegister, kThread}, "the thread forgets what its register has"},
    {"new", {kRegister, kThread}, "the thread's register gets a new object"},
    {"wait", {kThread}, "the thread parks, as if it waited for something, and comes back"},
    {"mark", {kThread}, "the thread helps to mark one object"},
    {"collect", {kThread}, "the thread collects: marks, and leaves the rest to be swept"},
    {"sweep", {kThread}, "the thread sweeps what is left to sweep"},
    {"stay",
     {kThread},
     "parks until as many collections, sweeps and scavenges have ended as stand before this"},
    schedule_words::kSwitch,
    schedule_words::kRun,
    schedule_words::kExplore,
    schedule_words::kStale,
    {"scavenge", {kThread}, "the thread gives all idle pages back to the system"},
    {"map_put", {kRegister, kFrom, kThread}, "map[the first register's object] = the second's"},
    {"map_get", {kRegister, kFrom, kThread}, "the first register gets map[the second's object]"},
    {"map_delete", {kRegister, kThread}, "delete(map, the register's object)"},
    {"map_take",
     {kRegister, kThread},
     "the register gets the element of the map's first entry, which is deleted"},
    {"map_fill",
     {kCount, kThread},
     "so many new objects become keys of the map, with new elements"},
    {"map_clear",
     {kRegister, kThread},
     "the register gets the element of the map's first entry, and the map is cleared"},
    {"map_next",
     {kRegister, kThread},
     "the register gets the element that the thread's iteration over the map yields next, or nil "
     "behind the last, when it begins anew"},
}};

constexpr Vocabulary kVocabulary = {
    .name = "scheduled_heap",
    .version = 4,
    .oldest_version = 1,
    .fields = kFields,
    .ops = kOps,
};

// load_global, store_global, load, store, exchange, detach, drop, new, wait, mark, collect, sweep,
// stay, switch, run, explore, stale; scavenge; map_put, map_get, map_delete, map_take, map_fill,
// map_clear; map_next. A profile without the last ones draws the traces that it drew before there
// were any.
template <std::size_t kCount>
using Weights = std::array<std::uint16_t, kCount>;
constexpr Weights<17> kMixed = {5, 5, 10, 10, 10, 15, 5, 5, 5, 5, 8, 4, 8, 0, 0, 8, 0};
constexpr Weights<17> kWritten = {4, 6, 8, 8, 3, 12, 4, 5, 3, 4, 6, 1, 6, 24, 5, 0, 12};
constexpr Weights<17> kExchanged = {0, 1, 12, 0, 10, 0, 1, 2, 0, 0, 5, 0, 8, 0, 0, 4, 0};
constexpr Weights<17> kDetached = {0, 2, 4, 0, 0, 16, 12, 0, 0, 0, 5, 5, 8, 0, 0, 5, 0};
constexpr Weights<18> kScavenged = {3, 4, 2, 2, 0, 6, 8, 12, 0, 0, 6, 8, 8, 0, 0, 6, 0, 8};
constexpr Weights<24> kMapped = {2, 2, 3, 2, 0, 2, 5, 3, 0, 1, 6,  3,
                                 3, 0, 0, 5, 0, 0, 5, 5, 3, 8, 10, 3};
constexpr Weights<24> kCleared = {2, 2, 2, 2, 0, 0, 4, 2, 0, 1, 10, 3,
                                  3, 0, 0, 8, 0, 0, 5, 5, 2, 4, 8,  12};
// A first phase without a map leaves a small heap, so memory runs out while others mark.
constexpr Weights<24> kCrowded = {2, 2, 2, 6, 0, 0, 0,  10, 0, 2, 12, 0,
                                  0, 0, 0, 6, 0, 0, 16, 2,  0, 0, 10, 0};
constexpr Weights<kScheduledHeapOpCount> kWalked = {0, 2, 2, 0, 0, 0, 4, 2, 0, 0, 8, 4, 3,
                                                    0, 0, 5, 0, 0, 4, 2, 2, 2, 8, 1, 16};
constexpr std::array<std::uint32_t, 2> kTwoThreads = {kThreads, 1};
constexpr std::array<std::uint32_t, 4> kFiveObjects = {kThreads, 1, kStart, 5};
constexpr std::array<Profile, 11> kProfiles = {{
    {.name = "mixed", .weight = 3, .ops = kMixed},
    {.name = "two threads", .weight = 2, .ops = kMixed, .pins = kTwoThreads},
    {.name = "five objects", .weight = 4, .ops = kMixed, .pins = kFiveObjects},
    {.name = "exchanged", .weight = 2, .ops = kExchanged, .pins = kFiveObjects},
    {.name = "detached", .weight = 2, .ops = kDetached, .pins = kFiveObjects},
    {.name = "written", .weight = 1, .ops = kWritten},
    {.name = "scavenged", .weight = 2, .ops = kScavenged, .pins = kFiveObjects},
    {.name = "mapped", .weight = 3, .ops = kMapped, .pins = kFiveObjects},
    {.name = "cleared", .weight = 1, .ops = kCleared, .pins = kFiveObjects},
    {.name = "crowded", .weight = 2, .ops = kCrowded, .pins = kFiveObjects},
    {.name = "walked", .weight = 2, .ops = kWalked, .pins = kFiveObjects},
}};

}  // namespace

ScheduledHeapHeader ScheduledHeapHeader::From(const Header& header) {
  return {.objects = kObjects[header.field[kStart]],
          .volume = VolumeOf(header.field[kPoints]),
          .memory = MemoryOf(header.field[kMemory]),
          .threads = header.field[kThreads] == 0 ? kScheduledThreads : 2};
}

bool IsHeapStep(const Op& op) {
  return op.code < kFirstHeapSteps || op.code >= kFirstHeapSteps + kScheduleOps;
}

HeapStep StepOf(const Op& op) {
  const std::size_t step = op.code < kFirstHeapSteps ? op.code : op.code - kScheduleOps;
  const auto kind = static_cast<HeapStepKind>(step);
  if (kind == HeapStepKind::kMapFill) {
    return {.kind = kind, .b = static_cast<std::uint8_t>(OperandValue(op, kCount) + 1)};
  }
  return {.kind = kind,
          .a = static_cast<std::uint8_t>(OperandValue(op, kRegister)),
          .b = static_cast<std::uint8_t>(OperandValue(op, kFrom))};
}

const Vocabulary& ScheduledHeapVocabulary() { return kVocabulary; }

std::span<const Profile> ScheduledHeapProfiles() { return kProfiles; }

}  // namespace slotproof
