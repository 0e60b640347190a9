#include "subjects/shared_map/shared_map_vocabulary.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace slotproof {
namespace {

constexpr std::array<std::string_view, 6> kUniverseNames = {"8", "16", "32", "64", "128", "256"};

enum Field : std::size_t { kUniverseField, kRoundsField, kSeedField };

constexpr std::array<FieldSpec, 3> kFields = {{
    {.name = "universe", .width = 1, .choices = kUniverseNames, .help = "number of keys"},
    {.name = "rounds", .width = 1, .limit = 64, .help = "rounds of each thread, less one"},
    {.name = "seed", .width = 4, .help = "of the map's random source"},
}};

constexpr Operand kKey = {.kind = OperandKind::kKey, .shift = 8, .limit = kSharedMapKeys};
constexpr Operand kThread = {.kind = OperandKind::kThread, .limit = kThreads};

constexpr std::array<OpSpec, kSharedMapOpCount> kOps = {{
    {"insert", {kKey, kThread}, "the thread inserts the key, or assigns to it"},
    {"find", {kKey, kThread}, "the thread looks the key up"},
    {"delete", {kKey, kThread}, "the thread deletes the key"},
    {"insert_run", {kKey, kThread}, "the thread inserts 16 keys from this one on"},
    {"delete_run", {kKey, kThread}, "the thread deletes 16 keys from this one on"},
    {"iterate", {kKey, kThread}, "the thread iterates over 16 entries at most"},
}};

constexpr Vocabulary kVocabulary = {
    .name = "shared_map",
    .version = 1,
    .fields = kFields,
    .ops = kOps,
    .universe = Universe{.field = kUniverseField},
};

constexpr std::array<std::uint16_t, kSharedMapOpCount> kWeights = {10, 6, 8, 6, 6, 2};
constexpr std::array<Profile, 1> kProfiles = {{{.name = "mixed", .ops = kWeights}}};

}  // namespace

SharedMapHeader SharedMapHeader::From(const Header& header) {
  return {.seed = header.field[kSeedField],
          .rounds = header.field[kRoundsField] + 1,
          .universe = std::min(8u << header.field[kUniverseField], kSharedMapKeys)};
}

const Vocabulary& SharedMapVocabulary() { return kVocabulary; }

std::span<const Profile> SharedMapProfiles() { return kProfiles; }

}  // namespace slotproof
