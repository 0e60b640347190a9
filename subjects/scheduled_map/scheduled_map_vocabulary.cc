#include "subjects/scheduled_map/scheduled_map_vocabulary.h"

#include <array>
#include <string_view>

namespace slotproof {
namespace {

constexpr std::array<std::string_view, 4> kUniverseNames = {"2", "4", "8", "16"};
constexpr std::array<std::string_view, 2> kPointsNames = {"synchronisation", "all"};
constexpr std::array<std::string_view, 2> kMemoryNames = {"sequential", "stale"};
constexpr std::array<std::string_view, 4> kExploringNames = {"walk", "pos", "pct2", "pct3"};

enum Field : std::size_t { kUniverse, kPoints, kSeed, kMemory };

constexpr std::array<FieldSpec, 4> kFields = {{
    {.name = "universe", .width = 1, .choices = kUniverseNames, .help = "number of keys"},
    {.name = "points",
     .width = 1,
     .choices = kPointsNames,
     .help = "where threads may switch: at locks and atomics, or at each access to memory"},
    {.name = "seed", .width = 4, .help = "of the map's random source"},
    {.name = "memory",
     .width = 1,
     .choices = kMemoryNames,
     .help = "what a load of an atomic sees: the last store, or also older ones that C++ allows"},
}};

constexpr Operand kKey = {.kind = OperandKind::kKey, .shift = 8, .limit = kScheduledMapKeys};
constexpr Operand kThread = {.kind = OperandKind::kThread, .limit = kScheduledThreads};
constexpr Operand kTo = {.kind = OperandKind::kThread, .shift = 2, .limit = kScheduledThreads};
constexpr Operand kPoint = {.kind = OperandKind::kNumber, .shift = 8, .limit = kMostPoints};
constexpr Operand kBack = {.kind = OperandKind::kNumber, .shift = 2, .limit = 8};
constexpr Operand kHow = {.kind = OperandKind::kChoice,
                          .limit = 4,
                          .choices = kExploringNames,
                          .noun = "a way to draw schedules"};
constexpr Operand kScheduleSeed = {.kind = OperandKind::kNumber, .shift = 8, .limit = 1U << 16};

constexpr std::array<OpSpec, kScheduledMapOpCount> kOps = {{
    {"insert", {kKey, kThread}, "the thread inserts the key, or assigns to it"},
    {"find", {kKey, kThread}, "the thread looks the key up"},
    {"delete", {kKey, kThread}, "the thread deletes the key"},
    {"load_or_store", {kKey, kThread}, "the thread finds the key's value, or inserts one"},
    {"get_and_delete", {kKey, kThread}, "the thread deletes the key and says what it had"},
    {"compare_and_swap", {kKey, kThread}, "the thread replaces the value that it last saw there"},
    {"switch",
     {kThread, kTo, kPoint},
     "at this point of its operation before this, the first thread stops and the second goes on"},
    {"run", {}, "the threads do what they were given, by the switches that are written"},
    {"explore",
     {kHow, kScheduleSeed},
     "the threads do what they were given, by switches drawn in this way from this seed",
     kBurst},
    {"swap", {kKey, kThread}, "the thread inserts the key, or assigns, and says what it had"},
    {"compare_and_delete", {kKey, kThread}, "the thread deletes the value that it last saw there"},
    {"range", {kThread}, "the thread visits all keys, each at some time of its own meanwhile"},
    {"stale",
     {kThread, kPoint, kBack},
     "at this point of its operation before this, the thread loads an older store: so many back"},
}};

constexpr Vocabulary kVocabulary = {
    .name = "scheduled_map",
    .version = 1,
    .fields = kFields,
    .ops = kOps,
    .universe = Universe{.field = kUniverse, .least = 2},
};

constexpr std::array<std::uint16_t, kScheduledMapOpCount> kMixed = {10, 10, 8, 6, 6, 6, 0,
                                                                    1,  6,  4, 4, 2, 0};
constexpr std::array<std::uint16_t, kScheduledMapOpCount> kWritten = {10, 10, 8, 6, 6, 6, 24,
                                                                      4,  0,  4, 4, 2, 12};
constexpr std::array<std::uint16_t, kScheduledMapOpCount> kFewKinds = {10, 10, 10, 0, 0, 0, 0,
                                                                       1,  4,  0,  0, 0, 0};
constexpr std::array<std::uint32_t, 2> kTwoKeys = {kUniverse, 0};
constexpr std::array<Profile, 4> kProfiles = {{
    {.name = "mixed", .weight = 4, .ops = kMixed},
    {.name = "few keys", .weight = 4, .ops = kMixed, .pins = kTwoKeys},
    {.name = "few kinds", .weight = 4, .ops = kFewKinds, .pins = kTwoKeys},
    {.name = "written", .weight = 1, .ops = kWritten},
}};

}  // namespace

ScheduledMapHeader ScheduledMapHeader::From(const Header& header) {
  return {
      .seed = header.field[kSeed],
      .universe = UniverseSize(*kVocabulary.universe, header),
      .volume = header.field[kPoints] == 0 ? sched::Volume::kSync : sched::Volume::kAll,
      .memory = header.field[kMemory] == 0 ? sched::Memory::kSequential : sched::Memory::kStale};
}

std::uint32_t KeyOf(const Op& op) { return OperandValue(op, kKey); }
std::uint32_t ThreadOf(const Op& op) { return OperandValue(op, kThread); }
std::uint32_t ToThreadOf(const Op& op) { return OperandValue(op, kTo); }
std::uint32_t PointOf(const Op& op) { return OperandValue(op, kPoint); }
std::uint32_t BackOf(const Op& op) { return OperandValue(op, kBack); }
Exploring ExploringOf(const Op& op) { return static_cast<Exploring>(OperandValue(op, kHow)); }
std::uint32_t ScheduleSeedOf(const Op& op) { return OperandValue(op, kScheduleSeed); }

Op SwitchOp(std::uint32_t from, std::uint32_t to, std::uint32_t point) {
  Op op = {.code = static_cast<std::uint8_t>(ScheduledMapOp::kSwitch)};
  SetOperandValue(&op, kThread, from);
  SetOperandValue(&op, kTo, to);
  SetOperandValue(&op, kPoint, point);
  return op;
}

Op StaleOp(std::uint32_t thread, std::uint32_t point, std::uint32_t back) {
  Op op = {.code = static_cast<std::uint8_t>(ScheduledMapOp::kStale)};
  SetOperandValue(&op, kThread, thread);
  SetOperandValue(&op, kPoint, point);
  SetOperandValue(&op, kBack, back);
  return op;
}

Op RunOp() { return {.code = static_cast<std::uint8_t>(ScheduledMapOp::kRun)}; }

const Vocabulary& ScheduledMapVocabulary() { return kVocabulary; }

std::span<const Profile> ScheduledMapProfiles() { return kProfiles; }

}  // namespace slotproof
