#include "subjects/map/map_vocabulary.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace slotproof {
namespace {

constexpr std::array<std::string_view, kKeyKinds> kKeyNames = {
    "uint64", "uint32", "string", "double", "bytes136", "throwing_move", "throwing_copy"};
constexpr std::array<std::string_view, kElemKinds> kElemNames = {
    "uint64", "empty", "bytes136", "string", "throwing_move", "throwing_copy", "move_only"};
constexpr std::array<std::string_view, 5> kHashNames = {"good", "constant", "equal_low_bits",
                                                        "equal_tophash", "two_clusters"};
constexpr std::array<std::string_view, 10> kUniverseNames = {"8",   "16",  "32",   "64",   "128",
                                                             "256", "512", "1024", "2048", "4096"};

constexpr std::array<FieldSpec, 6> kFields = {{
    {.name = "key", .width = 1, .choices = kKeyNames, .help = "type of the keys"},
    {.name = "elem", .width = 1, .choices = kElemNames, .help = "type of the elements"},
    {.name = "hash", .width = 1, .choices = kHashNames, .help = "how good or bad the hash is"},
    {.name = "universe", .width = 1, .choices = kUniverseNames, .help = "number of keys"},
    {.name = "seed", .width = 4, .help = "of the map's random source"},
    {.name = "hint", .width = 2, .limit = 8192, .help = "size hint for the new map"},
}};

// Keys, steps and hints in the payload's upper 16 bits; iterators and the counts of bursts below.
constexpr Operand kKey = {.kind = OperandKind::kKey, .shift = 8, .limit = kMostKeys};
constexpr Operand kSteps = {.kind = OperandKind::kCount, .shift = 8, .limit = 64};
constexpr Operand kHint = {.kind = OperandKind::kNumber, .shift = 8, .limit = 8192};
constexpr Operand kIter = {
    .kind = OperandKind::kHandle, .limit = 4, .prefix = "i", .noun = "an iterator"};
constexpr Operand kTimes = {.kind = OperandKind::kCount, .limit = 64};
// Two keys fill the payload.
constexpr Operand kSource = {.kind = OperandKind::kKey, .limit = kMostKeys};
constexpr Operand kDestination = At(12, kSource);

constexpr std::array<std::string_view, 2> kExpectedNames = {"current", "stale"};
constexpr Operand kExpected = ChoiceOf("an expected value", kExpectedNames);

constexpr std::array<std::string_view, 2> kPartnerNames = {"other", "self"};
constexpr Operand kPartner = ChoiceOf("a map", kPartnerNames);

constexpr std::array<OpSpec, kMapOpCount> kOps = {{
    {"insert", {kKey}, "insert the key, or assign to it"},
    {"find", {kKey}, "look the key up"},
    {"delete", {kKey}, "delete the key"},
    {"assign", {kKey}, "assign to a present key, chosen by this number", kBurst},
    {"delete_insert", {kKey}, "delete the key, then insert it", kBurst},
    {"clear", {}, "delete everything at once"},
    {"begin", {kIter}, "begin an iteration"},
    {"step", {kSteps, kIter}, "advance an iterator n times", kBurst},
    {"step_delete", {kSteps, kIter}, "advance, and delete each key that is met, n times", kBurst},
    {"step_insert", {kKey, kIter}, "advance once, then insert the key", kBurst},
    {"step_assign",
     {kSteps, kIter},
     "advance, and assign to each key that is met, n times",
     kBurst},
    {"drain", {kIter}, "run an iterator to its end", kBurst},
    {"rehint", {kHint}, "move the contents to a new map with this size hint"},
    {"copy", {}, "go on with a copy, after the original was cleared"},
    {"move", {}, "go on with a map moved from this one"},
    {"insert_fresh",
     {kKey, kTimes},
     "insert n absent keys from this one on, or until a growth begins",
     kBurst},
    {"delete_run", {kKey, kTimes}, "delete n present keys, chosen by this number", kBurst},
    {"find_run", {kKey, kTimes}, "look n consecutive keys up", kBurst},
    {"churn", {kKey, kTimes}, "n times: insert a key, delete the one before it", kBurst},
    {"pile", {kKey, kTimes}, "insert n absent keys of this key's main bucket", kBurst},
    {"thin", {kKey}, "delete all but one of this key's main bucket", kBurst},
    {"fray", {kKey, kTimes}, "n main buckets on: overflow the bucket, then thin it", kBurst},
    {"fuse_alloc", {kTimes}, "the n-th allocation of the map from here on throws"},
    {"fuse_copy", {kTimes}, "the n-th copy of a key or element that may throw from here on does"},
    {"fuse_hash", {kTimes}, "the n-th hash from here on throws"},
    {"fuse_equal", {kTimes}, "the n-th comparison that may throw from here on does"},
    {"compare_and_swap",
     {kKey, kExpected},
     "assign to the key if its element is the expected one; a stale one is not"},
    {"update", {kKey}, "apply a function to the key's element, which is zero where it is new"},
    {"load_or_store", {kKey}, "insert the key if it is absent, else look it up"},
    {"get_and_delete", {kKey}, "delete the key and give what it had"},
    {"assign_from",
     {kDestination, kSource},
     "m[k] = m[j] by reference; j is a present key, chosen by the second number"},
    {"emplace_from", {kDestination, kSource}, "the same, unless k is present"},
    {"assign_self", {kKey}, "m[k] = m[k] by reference, k a present key, chosen by this number"},
    {"delete_stored",
     {kKey},
     "delete a present key, chosen by this number, by reference to it in the map"},
    {"switch", {}, "go on with the other map, which has iterators of its own"},
    {"swap", {kPartner}, "exchange the contents with the other map, or with itself"},
    {"copy_assign", {kPartner}, "assign a copy of the other map, or of the map itself"},
    {"move_assign", {kPartner}, "move the other map here, or the map to itself"},
    {"merge", {}, "move what is absent here from the other map"},
    {"compare", {kPartner}, "ask whether it equals the other map, or itself"},
    {"erase_at", {kIter}, "erase where a container's own iterator stands, and go on behind it"},
    {"erase_range", {kSteps, kIter}, "erase n entries from where it stands to another iterator"},
    {"insert_hint", {kKey, kIter}, "insert the key, or assign to it, with the iterator for a hint"},
}};

constexpr Vocabulary kVocabulary = {
    .name = "map",
    .version = 3,
    .oldest_version = 1,
    .fields = kFields,
    .ops = kOps,
    .universe = Universe{.field = kUniverseField},
};

using Weights = std::array<std::uint16_t, kMapOpCount>;

// clang-format off
//                             ins find del asg d_i clr beg stp s_d s_i s_a drn reh cpy mov fre dlr fnr chu pil thn fry fal fcp fha feq cas upd los gad asf emf ass dls
constexpr Weights kMixed   = {{ 30, 12, 20,  8, 10,  1,  6, 10,  4,  4,  4,  3,  1,  1,  1,  6,  6,  2,  3,  2,  2,  1,  0,  0,  0,  0,   3,  3,  3,  3,  2,  2,  1,  2}};
constexpr Weights kGrowth  = {{ 10,  4,  2,  2,  2,  0,  6, 14,  1,  6,  4,  2,  0,  0,  0, 30,  1,  6,  1,  1,  0,  0,  0,  0,  0,  0,   1,  2,  2,  1,  2,  2,  1,  1}};
constexpr Weights kChurn   = {{  6,  4,  6,  2,  6,  1,  6,  8,  1,  3,  3,  2,  0,  0,  0,  1,  3,  2,  6,  6,  6, 10,  0,  0,  0,  0,   0,  1,  1,  2,  1,  1,  1,  2}};
constexpr Weights kShrink  = {{  8,  4, 16,  2,  4,  2,  6,  8,  8,  2,  4,  4,  1,  1,  1, 10, 16,  2,  2,  1,  3,  1,  0,  0,  0,  0,   1,  1,  1,  4,  1,  1,  1,  4}};
constexpr Weights kBulk    = {{  2,  1,  2,  1,  1,  0,  1,  1,  1,  1,  1,  1,  0,  0,  0, 24, 20, 24, 16,  1,  1,  1,  0,  0,  0,  0}};
constexpr Weights kEmpty   = {{ 10,  2,  6,  1,  4,  1,  4,  4,  3,  2,  1,  2,  0,  0,  0,  1, 16,  1,  2,  2,  2, 10,  0,  0,  0,  0}};
constexpr Weights kNan     = {{ 40,  4,  4,  4,  2,  0,  8, 16,  2,  8,  2,  4,  0,  0,  0,  6,  2,  1,  2,  0,  0,  1,  0,  0,  0,  0}};
constexpr Weights kFuses   = {{ 12,  2,  8,  4,  4,  1,  3,  6,  3,  3,  3,  2,  2,  2,  1, 30, 10,  1,  1,  6,  4,  4, 10, 14, 10,  3,   2,  3,  3,  2,  3,  3,  2,  2}};
constexpr Weights kNanFuses= {{ 40,  1,  2,  2,  1,  0, 10, 10,  1,  6,  2,  1,  0,  0,  0, 16,  1,  0,  1,  2,  0,  1,  4, 18, 12,  0}};
constexpr Weights kPresent = {{  8,  1,  4,  1,  1,  0,  3,  4,  1,  2,  1,  1,  0,  1,  1, 24,  4,  0,  2,  6,  3,  4,  0,  0,  0,  0,  8,  8,  8,  8, 12, 12,  6, 12}};
//  ... cas upd los gad asf emf ass dls swi swp cpa mva mrg cmp, e_a e_r i_h
constexpr Weights kPairs   = {{ 16,  2,  8,  6,  2,  1,  6,  8,  2,  2,  1,  2,  0,  0,  1, 12,  6,  0,  1,  3,  2,  3,  1,  1,  1,  1,
                                0,  0,  0,  0,  0,  0,  0,  0, 10,  4,  5,  4,  6,  6}};
constexpr Weights kOwn     = {{ 12,  2,  8,  6,  2,  1, 12, 20,  6,  6,  4,  3,  0,  0,  0,  8,  2,  1,  1,  3,  1,  1,  0,  0,  1,  0,
                                0,  0,  0,  0,  0,  0,  0,  0,  2,  2,  1,  2,  1,  1, 10,  5, 10}};
// clang-format on

constexpr std::array<std::uint32_t, 4> kWide = {kUniverseField, 9, kHintField, 0};
constexpr std::array<std::uint32_t, 6> kPlain = {kUniverseField, 9, kHashField, 0, kHintField, 0};
constexpr std::array<std::uint32_t, 8> kNanPins = {
    kKeyField,      static_cast<std::uint32_t>(KeyKind::kDouble),
    kElemField,     0,
    kUniverseField, 0,
    kHintField,     0};

constexpr std::array<std::uint32_t, 2> kPairPins = {kUniverseField, 3};
constexpr std::array<std::uint32_t, 4> kFusePins = {kUniverseField, 7, kHintField, 0};
constexpr std::array<std::uint32_t, 8> kNanFusePins = {
    kKeyField,      static_cast<std::uint32_t>(KeyKind::kDouble),
    kElemField,     static_cast<std::uint32_t>(ElemKind::kThrowingMove),
    kUniverseField, 4,
    kHintField,     0};

constexpr std::array<Profile, 12> kProfiles = {{
    {.name = "mixed", .weight = 4, .ops = kMixed},
    {.name = "growth", .weight = 3, .ops = kGrowth, .pins = kWide},
    {.name = "churn", .weight = 4, .ops = kChurn, .pins = kPlain},
    {.name = "shrink", .weight = 3, .ops = kShrink},
    {.name = "bulk", .weight = 2, .ops = kBulk, .pins = kWide},
    {.name = "empty", .weight = 2, .ops = kEmpty, .pins = kPlain},
    {.name = "nan", .weight = 2, .ops = kNan, .pins = kNanPins},
    {.name = "fuses", .weight = 4, .ops = kFuses, .pins = kFusePins},
    {.name = "nan_fuses", .weight = 4, .ops = kNanFuses, .pins = kNanFusePins},
    {.name = "present", .weight = 2, .ops = kPresent, .pins = kFusePins},
    {.name = "pairs", .weight = 3, .ops = kPairs, .pins = kPairPins},
    {.name = "own_iterators", .weight = 8, .ops = kOwn, .pins = kPairPins},
}};

// What a key goes with; see MapHeader.
ElemKind ElemOf(KeyKind key, ElemKind elem) {
  if (key == KeyKind::kDouble) {
    return elem == ElemKind::kMoveOnly ? ElemKind::kThrowingCopy : elem;
  }
  if (!IsFragile(key)) return elem;
  if (!IsFragile(elem)) return ElemKind::kUint64;
  return key == KeyKind::kThrowingMove ? ElemKind::kThrowingMove : ElemKind::kThrowingCopy;
}

}  // namespace

MapHeader MapHeader::From(const Header& header) {
  const auto hash = static_cast<HashKind>(header.field[kHashField]);
  const bool one_chain = hash != HashKind::kGood && hash != HashKind::kEqualTophash;
  const auto key = static_cast<KeyKind>(header.field[kKeyField]);
  return {.key = key,
          .elem = ElemOf(key, static_cast<ElemKind>(header.field[kElemField])),
          .hash = hash,
          .universe = std::min(8u << header.field[kUniverseField], one_chain ? 256u : kMostKeys),
          .seed = header.field[kSeedField],
          .hint = header.field[kHintField]};
}

const Vocabulary& MapVocabulary() { return kVocabulary; }

std::span<const Profile> MapProfiles() { return std::span(kProfiles).first(kProfiles.size() - 1); }
std::span<const Profile> OwnIteratorProfiles() { return kProfiles; }

}  // namespace slotproof
