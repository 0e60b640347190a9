#include "subjects/scheduled_map/scheduled_map_vocabulary.h"

#include <array>
#include <string_view>

namespace slotproof {
namespace {

constexpr std::array<std::string_view, 4> kUniverseNames = {"2", "4", "8", "16"};

enum Field : std::size_t { kUniverse, kPoints, kSeed, kMemory };

constexpr std::array<FieldSpec, 4> kFields = {{
    {.name = "universe", .width = 1, .choices = kUniverseNames, .help = "number of keys"},
    schedule_words::kPoints,
    {.name = "seed", .width = 4, .help = "of the map's random source"},
    schedule_words::kMemory,
}};

constexpr Operand kKey = {.kind = OperandKind::kKey, .shift = 8, .limit = kScheduledMapKeys};
using schedule_words::kThread;

constexpr std::array<OpSpec, kScheduledMapOpCount> kOps = {{
    {"insert", {kKey, kThread}, "the thread inserts the key, or assigns to it"},
    {"find", {kKey, kThread}, "the thread looks the key up"},
    {"delete", {kKey, kThread}, "the thread deletes the key"},
    {"load_or_store", {kKey, kThread}, "the thread finds the key's value, or inserts one"},
    {"get_and_delete", {kKey, kThread}, "the thread deletes the key and says what it had"},
    {"compare_and_swap", {kKey, kThread}, "the thread replaces the value that it last saw there"},
    schedule_words::kSwitch,
    schedule_words::kRun,
    schedule_words::kExplore,
    {"swap", {kKey, kThread}, "the thread inserts the key, or assigns, and says what it had"},
    {"compare_and_delete", {kKey, kThread}, "the thread deletes the value that it last saw there"},
    {"range", {kThread}, "the thread visits all keys, each at some time of its own meanwhile"},
    schedule_words::kStale,
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
  return {.seed = header.field[kSeed],
          .universe = UniverseSize(*kVocabulary.universe, header),
          .volume = VolumeOf(header.field[kPoints]),
          .memory = MemoryOf(header.field[kMemory])};
}

std::uint32_t KeyOf(const Op& op) { return OperandValue(op, kKey); }

const Vocabulary& ScheduledMapVocabulary() { return kVocabulary; }

std::span<const Profile> ScheduledMapProfiles() { return kProfiles; }

}  // namespace slotproof
