#include "subjects/slice/slice_vocabulary.h"

#include <array>
#include <limits>
#include <string_view>

namespace slotproof {
namespace {

using Int = std::int64_t;

constexpr std::array<std::string_view, kSliceElemKinds> kElemNames = {
    "uint64",   "uint8",     "string",        "empty",         "bytes3",       "bytes24",
    "bytes136", "bytes4096", "throwing_move", "throwing_copy", "throwing_zero"};
constexpr std::array<std::string_view, 2> kGrowthNames = {"go1.18", "go1.17"};
constexpr std::array<std::string_view, 4> kCountNames = {"2", "4", "8", "16"};

constexpr std::array<FieldSpec, 3> kFields = {{
    {.name = "elem", .width = 1, .choices = kElemNames, .help = "type of the elements"},
    {.name = "growth", .width = 1, .choices = kGrowthNames, .help = "append's rule: 1.18's on"},
    {.name = "slices", .width = 1, .choices = kCountNames, .help = "number of slices"},
}};

constexpr std::array<std::string_view, kSlicePlaces.size()> kPlaceNames = [] {
  std::array<std::string_view, kSlicePlaces.size()> names;
  for (std::size_t i = 0; i < kSlicePlaces.size(); ++i) names[i] = kSlicePlaces[i].name;
  return names;
}();

constexpr Operand Slice(std::uint8_t shift) {
  return {
      .kind = OperandKind::kHandle, .shift = shift, .limit = 16, .prefix = "s", .noun = "a slice"};
}

constexpr Operand kD = Slice(0);
constexpr Operand kS = Slice(4);
constexpr Operand kT = Slice(8);
constexpr Operand kTAfterI = Slice(13);
constexpr Operand kI = At(8, ChoiceOf("a place", kPlaceNames));
constexpr Operand kJ = At(13, ChoiceOf("a place", kPlaceNames));
constexpr Operand kK = At(18, ChoiceOf("a place", kPlaceNames));
constexpr Operand kFew = {.kind = OperandKind::kNumber, .shift = 8, .limit = 16};
constexpr Operand kFewAfterI = {.kind = OperandKind::kNumber, .shift = 13, .limit = 16};
constexpr Operand kBit = {.kind = OperandKind::kNumber, .shift = 8, .limit = 8};
constexpr Operand kSteps = {.kind = OperandKind::kCount, .shift = 8, .limit = 256};
constexpr Operand kMany = {.kind = OperandKind::kCount, .shift = 8, .limit = 4096};

constexpr std::array<OpSpec, kSliceOpCount> kOps = {{
    {"get", {kS, kI}, "s[i]"},
    {"set", {kS, kI}, "s[i] = a new value"},
    {"append", {kD, kS, kFew}, "d = append(s, n new values...)"},
    {"slice", {kD, kS, kI, kJ}, "d = s[i:j]"},
    {"slice3", {kD, kS, kI, kJ, kK}, "d = s[i:j:k]"},
    {"share", {kD, kS}, "d = s"},
    {"nil", {kD}, "d = nil"},
    {"make", {kD, kI, kJ}, "d = make([]T, i, j)"},
    {"copy", {kD, kS}, "copy(d, s)"},
    {"copy_within", {kS, kI, kJ}, "copy(s[i:], s[j:])"},
    {"clear", {kS}, "for i := range s { s[i] = zero }"},
    {"append_slice", {kD, kS, kT}, "d = append(s, t...)"},
    {"pop_front", {kD, kS}, "d = s[1:]"},
    {"pop_back", {kD, kS}, "d = s[:len(s)-1]"},
    {"delete", {kD, kS, kI, kJ}, "d = append(s[:i], s[j:]...)"},
    {"insert",
     {kD, kS, kI, kFewAfterI},
     "d = append(s, n zeros...); copy(d[i+n:], d[i:]); copy(d[i:], n new values)"},
    {"filter", {kD, kS, kBit}, "d = s[:0]; append to d each v of s with this bit set"},
    {"split",
     {kD, kS, kI, kFewAfterI},
     "d, the slice after it = s[:i], s[i:]; d = append(d, n new values...)"},
    {"clone", {kD, kS}, "d = append([]T(nil), s...)"},
    {"clip", {kD, kS}, "d = s[:len(s):len(s)]"},
    {"to_array", {kS, kI}, "(*[i]T)(s)"},
    {"append_each", {kD, kS, kMany}, "n times: d = append(d, a new value), from s", kBurst},
    {"append_many", {kD, kS, kMany}, "d = append(s, n new values...)"},
    {"fuse_alloc", {kSteps}, "the n-th allocation of a slice or an element from here on throws"},
    {"fuse_copy",
     {kSteps},
     "the n-th copy, or zero, of an element that may throw from here on does"},
    {"insert_slice",
     {kD, kS, kI, kTAfterI},
     "d = append(s, len(t) zeros...); copy(d[i+len(t):], d[i:]); copy(d[i:], t)"},
    {"append_part", {kD, kS, kI, kJ}, "d = append(s, s[i:j]...)"},
    {"append_elem", {kD, kS, kI}, "d = append(s, s[i])"},
    {"set_elem", {kS, kI, kJ}, "s[i] = s[j]"},
}};

constexpr Vocabulary kVocabulary = {
    .name = "slice",
    .version = 2,
    .oldest_version = 1,
    .fields = kFields,
    .ops = kOps,
    .universe = Universe{.kind = OperandKind::kHandle, .field = kSliceCountField, .least = 2},
};

using Weights = std::array<std::uint16_t, kSliceOpCount>;

// clang-format off
//                             get set app slc sl3 shr nil mak cpy cpw clr aps pof pob del ins flt spl cln clp toa ape apm fal fcp isl app ape sel
constexpr Weights kMixed   = {{ 10, 16, 30, 24, 10,  8,  4,  6,  6,  6,  2,  8,  6,  6,  6,  6,  3,  4,  3,  3,  2,  2,  1,  0,  0,  3,  3,  3,  3}};
constexpr Weights kAlias   = {{  4, 24, 30, 30, 14, 12,  2,  4, 10, 10,  2, 10,  4,  4,  4,  4,  2,  8,  1,  4,  0,  0,  0,  0,  0, 10, 10,  8,  4}};
constexpr Weights kGrow    = {{  2,  2, 10,  6,  4,  2,  2,  4,  1,  1,  1, 10,  2,  1,  1,  4,  1,  1,  4,  6,  0, 20, 20,  0,  0,  2,  3,  6,  0}};
constexpr Weights kBounds  = {{ 20, 20,  8, 30, 30,  4,  3, 24,  2, 10,  0,  6,  4,  4,  8,  8,  0,  6,  1,  2, 10,  1,  0,  0,  0,  4,  6,  4,  4}};
constexpr Weights kIdioms  = {{  2,  4, 20,  4,  2,  4,  1,  2,  4,  8,  2,  8, 12, 12, 20, 20, 12, 12,  4,  4,  0,  1,  1,  0,  0, 10,  4,  3,  2}};
constexpr Weights kRetain  = {{  1,  4, 14, 16,  6, 10, 14,  8,  2,  2,  1,  4,  8,  8,  2,  2,  2,  4, 12,  6,  0,  3,  3,  0,  0,  1,  1,  1,  0}};
constexpr Weights kFuses   = {{  0,  6, 16, 16,  4,  8,  3,  4,  6, 10,  4, 14,  2,  2,  8, 12,  4,  4,  4,  3,  0,  6,  2,  8, 30, 10,  6,  6,  4}};
constexpr Weights kAllocs  = {{  0,  6, 20, 14,  3,  8,  6,  6,  6, 10,  4, 16,  2,  2,  8, 12,  4,  4,  8,  3,  0,  4,  2, 34,  0, 10,  6,  6,  4}};
constexpr Weights kHuge    = {{  6,  6, 14, 10, 10,  4,  1, 24,  4,  6,  1, 16,  4,  4,  8,  8,  0,  6,  4,  2,  6,  1,  1,  0,  0,  2,  3,  2,  2}};
// clang-format on

constexpr std::array<std::uint32_t, 2> kFewSlices = {kSliceCountField, 1};
constexpr std::array<std::uint32_t, 2> kAllSlices = {kSliceCountField, 3};
constexpr std::array<std::uint32_t, 2> kTwoSlices = {kSliceCountField, 0};

constexpr std::array<std::uint32_t, 4> kNoSize = {
    kSliceElemField, static_cast<std::uint32_t>(SliceElem::kEmpty), kSliceCountField, 0};

constexpr std::array<std::uint32_t, 4> kZeros = {
    kSliceElemField, static_cast<std::uint32_t>(SliceElem::kThrowingZero), kSliceCountField, 1};
// Strings allocate when they are copied, so that slices and their elements do.
constexpr std::array<std::uint32_t, 4> kStrings = {
    kSliceElemField, static_cast<std::uint32_t>(SliceElem::kString), kSliceCountField, 1};

constexpr std::array<Profile, 9> kProfiles = {{
    {.name = "mixed", .weight = 4, .ops = kMixed},
    {.name = "alias", .weight = 4, .ops = kAlias, .pins = kFewSlices},
    {.name = "grow", .weight = 3, .ops = kGrow, .pins = kTwoSlices},
    {.name = "bounds", .weight = 3, .ops = kBounds, .pins = kFewSlices},
    {.name = "idioms", .weight = 3, .ops = kIdioms, .pins = kTwoSlices},
    // Only elements without size come in numbers up to the largest integer.
    {.name = "huge", .weight = 1, .ops = kHuge, .pins = kNoSize},
    {.name = "retain", .weight = 2, .ops = kRetain, .pins = kAllSlices},
    {.name = "fuses", .weight = 3, .ops = kFuses, .pins = kZeros},
    {.name = "allocs", .weight = 2, .ops = kAllocs, .pins = kStrings},
}};

}  // namespace

SliceHeader SliceHeader::From(const Header& header) {
  const auto elem = static_cast<SliceElem>(header.field[kSliceElemField]);
  return {.elem = elem,
          .growth = IsFragile(elem) ? SliceGrowth::kGo118
                                    : static_cast<SliceGrowth>(header.field[kSliceGrowthField]),
          .slices = std::size_t{2} << header.field[kSliceCountField]};
}

SliceOperands::SliceOperands(const Op& op)
    : d(OperandValue(op, kD)),
      s(OperandValue(op, kS)),
      t(OperandValue(op, kT)),
      t_after_i(OperandValue(op, kTAfterI)),
      i(OperandValue(op, kI)),
      j(OperandValue(op, kJ)),
      k(OperandValue(op, kK)),
      few(OperandValue(op, kFew)),
      few_after_i(OperandValue(op, kFewAfterI)),
      many(OperandValue(op, kMany) + 1),
      steps(OperandValue(op, kSteps) + 1) {}

Op AppendOf(std::size_t d, std::size_t s, std::uint32_t n) {
  Op op = {.code = static_cast<std::uint8_t>(SliceOp::kAppend)};
  SetOperandValue(&op, kD, static_cast<std::uint32_t>(d));
  SetOperandValue(&op, kS, static_cast<std::uint32_t>(s));
  SetOperandValue(&op, kFew, n);
  return op;
}

std::size_t PlacesOf(SliceOp op) {
  std::size_t places = 0;
  for (const Operand& operand : kOps[static_cast<std::size_t>(op)].operands) {
    places += operand.kind == OperandKind::kChoice;
  }
  return places;
}

const Vocabulary& SliceVocabulary() { return kVocabulary; }

std::span<const Profile> SliceProfiles() { return kProfiles; }

}  // namespace slotproof
