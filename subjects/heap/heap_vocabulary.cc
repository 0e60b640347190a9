#include "subjects/heap/heap_vocabulary.h"

#include <array>
#include <initializer_list>
#include <string_view>

namespace slotproof {
namespace {

constexpr std::array<std::string_view, 4> kMutatorNames = {"1", "2", "3", "4"};
constexpr std::array<std::string_view, 2> kStartNames = {"by_hand", "automatic"};
constexpr std::array<std::string_view, 2> kSizeNames = {"small", "runtime"};

constexpr std::array<FieldSpec, 3> kFields = {{
    {.name = "mutators", .width = 1, .choices = kMutatorNames, .help = "threads of the program"},
    {.name = "cycles", .width = 1, .choices = kStartNames, .help = "who begins collections"},
    {.name = "sizes",
     .width = 1,
     .choices = kSizeNames,
     .help = "of arenas and of buffers: small ones, or the runtime's"},
}};

constexpr std::array<std::string_view, kHeapShapes.size()> kShapeNames = [] {
  std::array<std::string_view, kHeapShapes.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kHeapShapes[i].name;
  return names;
}();
constexpr std::array<std::string_view, kHeapPercents.size()> kPercentNames = {
    "100%", "50%", "200%", "0%", "off", "25%", "10%", "400%"};
constexpr std::array<std::string_view, kHeapMemoryLimits.size()> kLimitNames = {
    "none", "8MiB", "4MiB", "3MiB", "2MiB", "1MiB", "64KiB", "nothing"};
constexpr std::array<std::string_view, kHeapPageLimits.size()> kPageNames = {
    "any", "256pages", "64pages", "32pages", "16pages", "8pages", "4pages", "0pages"};

constexpr Operand Handle(std::uint8_t shift, std::uint32_t limit, std::string_view prefix,
                         std::string_view noun) {
  return {
      .kind = OperandKind::kHandle, .shift = shift, .limit = limit, .prefix = prefix, .noun = noun};
}
constexpr Operand Register(std::uint8_t shift) {
  return Handle(shift, kHeapRegisters, "r", "a register");
}
constexpr Operand Number(std::uint8_t shift, std::uint32_t limit) {
  return {.kind = OperandKind::kNumber, .shift = shift, .limit = limit};
}
constexpr Operand Count(std::uint8_t shift, std::uint32_t limit) {
  return {.kind = OperandKind::kCount, .shift = shift, .limit = limit};
}

constexpr std::array<std::string_view, 4> kKindNames = {"map", "numbers", "slice", "nil_slice"};

constexpr Operand kD = Register(0);
constexpr Operand kA = Register(4);
constexpr Operand kB = Register(8);
constexpr Operand kC = Register(12);
constexpr Operand kField = Handle(12, 1024, "f", "a field");
constexpr Operand kTo = Handle(8, 32, "f", "a field");
constexpr Operand kFrom = Handle(13, 32, "f", "a field");
constexpr Operand kMany = Count(18, 64);
constexpr Operand kShape = At(12, ChoiceOf("a shape", kShapeNames));
constexpr Operand kGlobal = Handle(12, kHeapGlobals, "g", "a global");
constexpr Operand kHandle = Handle(12, kHeapHandles, "h", "a handle");
constexpr Operand kWeak = Handle(12, kHeapWeakHandles, "w", "a weak handle");
constexpr Operand kMutator = Handle(12, 4, "m", "a mutator");
constexpr Operand kWord = Number(12, 64);
constexpr Operand kCount = Count(16, 256);
constexpr Operand kFew = Count(16, 8);
constexpr Operand kSome = Count(16, 32);
constexpr Operand kPercent = At(12, ChoiceOf("a percentage", kPercentNames));
constexpr Operand kLimit = At(12, ChoiceOf("a limit", kLimitNames));
constexpr Operand kKind = At(12, ChoiceOf("a container", kKindNames));
constexpr Operand kHint = Number(16, 256);
constexpr Operand kEntry = Number(12, 1024);
constexpr Operand kLow = Number(8, 64);
constexpr Operand kHigh = Number(14, 64);
constexpr Operand kIterator = Handle(12, kHeapIterators, "i", "an iterator");
constexpr Operand kPages = At(12, ChoiceOf("a number of pages", kPageNames));

constexpr std::array<OpSpec, kHeapOpCount> kOps = {{
    {"alloc", {kD, kShape}, "d = new(shape)"},
    {"load", {kD, kA, kField}, "d = a.field"},
    {"store", {kA, kField, kB}, "a.field = b"},
    {"move", {kD, kA}, "d = a"},
    {"nil", {kD}, "d = nil"},
    {"store_nil", {kA, kField}, "a.field = nil"},
    {"set_global", {kGlobal, kB}, "g = b"},
    {"get_global", {kD, kGlobal}, "d = g"},
    {"push", {}, "a frame of four registers more"},
    {"pop", {}, "the last such frame goes"},
    {"mutator", {kMutator}, "what follows is done by this mutator"},
    {"interior", {kD, kA, kWord}, "d = the address of this word of a"},
    {"copy", {kA, kB}, "*a = *b; for objects of two shapes, the pointers that both begin with"},
    {"copy_within", {kA, kTo, kFrom, kMany}, "n pointers of a are copied to others of it"},
    {"clear", {kA}, "*a = zero"},
    {"hide", {kA, kB}, "b's address is put into a's data, where it counts for nothing"},
    {"keep", {kHandle, kB}, "the handle keeps b"},
    {"drop", {kHandle}, "the handle keeps nothing"},
    {"set_finalizer", {kA}, "a gets a finalizer, if it has none"},
    {"clear_finalizer", {kA}, "a's finalizer is taken away"},
    {"run_finalizers", {kD, kFew}, "up to n due finalizers run; d = the last one's object"},
    {"weak", {kWeak, kA}, "w names a, and does not keep it"},
    {"strong", {kD, kWeak}, "d = what w names, or nil if that is gone"},
    {"forget", {kWeak}, "w names nothing"},
    {"put", {kB}, "b goes into the pool"},
    {"take", {kD}, "d = an object out of the pool, or nil"},
    {"begin_cycle", {}, "a collection begins"},
    {"mark", {kFew}, "the collector takes n steps of marking"},
    {"finish_marking", {}, "it marks what is left; sweeping may begin"},
    {"sweep", {kFew}, "it sweeps n spans"},
    {"collect", {}, "a whole collection"},
    {"collect_at", {kSome}, "the n-th allocation from here on collects"},
    {"scavenge", {kSome}, "n free pages go back to the system"},
    {"gc_percent", {kPercent}, "GOGC"},
    {"memory_limit", {kLimit}, "the soft limit"},
    {"page_limit", {kPages}, "the hard limit: more pages are never had"},
    {"list",
     {kD, kShape, kCount},
     "n objects, each refers to the one before by f0; d = the last",
     kBurst},
    {"ring", {kD, kShape, kCount}, "such a list, the first of which refers to the last", kBurst},
    {"web", {kD, kShape, kCount}, "n objects, each refers to the two before; d = the last", kBurst},
    {"garbage", {kD, kShape, kCount}, "n times: d = new(shape)", kBurst},
    {"sieve",
     {kD, kShape, kCount},
     "a list of n, with as many between that nothing refers to",
     kBurst},
    {"fan",
     {kD, kShape, kCount},
     "n new objects, which d refers to, a row that has room or a new one",
     kBurst},
    {"detach", {kD, kA, kField}, "d = a.field; a.field = nil", kBurst},
    {"empty", {kD, kA, kField}, "d = a.field; *a = zero", kBurst},
    {"replace", {kD, kA, kB, kField}, "d = a.field; *a = *b", kBurst},
    {"attach", {kA, kField, kB}, "a.field = b; b = nil", kBurst},
    {"renew", {kD, kA}, "d = a new object like a; *d = *a; a = nil", kBurst},
    {"make",
     {kD, kKind, kHint},
     "d = make(a map for n, or a slice of capacity n, half of it used), or a nil slice"},
    {"insert", {kA, kB, kC}, "a[b] = c, of a map"},
    {"assign", {kA, kEntry, kB}, "a[its n-th key] = b, or of a slice a[n] = b"},
    {"get", {kD, kA, kEntry}, "d = a[its n-th key], or a[n]"},
    {"delete", {kA, kEntry}, "delete(a, its n-th key); the oldest n numbers; or a[n] = nil"},
    {"wipe", {kA}, "all entries of a map are deleted, all cells of a slice set to nil"},
    {"add_numbers", {kA, kCount}, "the next n numbers go into a"},
    {"range", {kIterator, kA}, "an iteration over the map a begins"},
    {"next", {kD, kIterator}, "d = its next key, or nil at the end"},
    {"append", {kA, kB}, "a = append(a, b)"},
    {"append_all", {kA, kB}, "a = append(a, b...)"},
    {"window", {kD, kA, kLow, kHigh}, "d = a[i:j], a slice of its own"},
    {"copy_elems", {kA, kB}, "copy(a, b)"},
    {"fill", {kD, kShape, kCount}, "n new objects go into the map or the slice d", kBurst},
    {"pick", {kD, kA, kEntry}, "d = a's n-th, which is deleted", kBurst},
}};

constexpr Vocabulary kVocabulary = {
    .name = "heap",
    .version = 2,
    .oldest_version = 1,
    .fields = kFields,
    .ops = kOps,
};

using Weights = std::array<std::uint16_t, kHeapOpCount>;

// clang-format off
//                             alc lod sto mov nil stn sgl ggl psh pop mut int cpy cpw clr hid kep drp sfn cfn rfn wek str fgt put tak beg mrk fin swp col cat scv pct lim pgl lst rng web gar siv fan det emp rep att ren mak ins asg get del wip add rng nxt app apa win cpe fil pck
constexpr Weights kMixed   = {{ 24, 16, 20,  8, 10,  6,  6,  6,  2,  2,  4,  3,  4,  4,  2,  2,  2,  2,  4,  1,  3,  4,  4,  1,  3,  3,  6, 24,  3, 10,  2,  2,  2,  1,  0,  0,  2,  2,  2,  2,  2,  1,  2,  1,  1,  2,  2,  3,  3,  1,  2,  1,  0,  1,  1,  2,  3,  1,  1,  1,  2,  1}};
constexpr Weights kBarrier = {{ 16, 22, 26,  8,  6,  8,  8,  8,  2,  2,  5,  1,  3,  2,  2,  0,  3,  3,  0,  0,  0,  0,  0,  0,  0,  0, 12, 16,  5,  3,  0,  1,  0,  0,  0,  0,  1,  1,  2,  0,  0,  0, 14,  3,  3, 10,  3,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0}};
constexpr Weights kBulk    = {{ 16, 22, 26,  8,  6,  2,  4,  4,  0,  0,  4,  1, 16, 10,  6,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0, 12, 16,  5,  2,  0,  0,  0,  0,  0,  0,  1,  0,  1,  0,  0,  0,  2, 14, 14,  6, 16,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0}};
constexpr Weights kSweep   = {{ 30,  4,  6,  4, 14,  4,  2,  2,  1,  1,  2,  4,  1,  1,  1,  4,  1,  1,  2,  1,  2,  4,  4,  2,  1,  1,  6, 10,  8, 30,  3,  2,  6,  0,  0,  0,  4,  2,  2,  8, 10,  4,  1,  0,  0,  1,  1,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0}};
constexpr Weights kSpecial = {{ 16,  8, 12,  8, 16,  6,  3,  3,  2,  2,  2,  2,  1,  0,  1,  0,  2,  2, 24,  5, 14, 20, 20,  3,  0,  0, 10, 24,  6, 16,  6,  2,  0,  0,  0,  0,  1,  1,  1,  1,  1,  0,  1,  0,  0,  1,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0}};
constexpr Weights kPools   = {{ 16,  2,  4,  6, 10,  1,  1,  1,  1,  1, 14,  1,  0,  0,  0,  0,  1,  1,  1,  0,  1,  2,  2,  1, 40, 40,  6, 10,  4,  6,  8,  3,  0,  0,  0,  0,  0,  0,  0,  1,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0}};
constexpr Weights kLimits  = {{ 20,  4,  8,  4, 14,  2,  2,  2,  0,  0,  1,  1,  0,  0,  1,  0,  1,  1,  1,  0,  1,  1,  1,  1,  1,  1,  4,  8,  3,  8,  4,  2,  8,  6,  8, 12, 10,  3,  3, 14,  8,  4,  1,  1,  1,  1,  1,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0}};
constexpr Weights kMaps    = {{ 14,  3,  4,  6, 10,  0,  2,  2,  1,  1,  2,  0,  0,  0,  0,  0,  1,  1,  1,  0,  1,  2,  2,  0,  0,  0,  8, 18,  4,  6,  3,  6,  0,  0,  0,  1,  0,  0,  0,  1,  0,  0,  0,  0,  0,  0,  0,  6, 16,  5,  6,  7,  1,  6,  4,  8,  0,  0,  0,  0,  8,  9}};
constexpr Weights kSlices  = {{ 14,  3,  4,  6, 10,  0,  2,  2,  1,  1,  2,  0,  0,  0,  0,  0,  1,  1,  1,  0,  1,  1,  1,  0,  0,  0,  8, 18,  4,  6,  3,  5,  0,  0,  0,  1,  0,  0,  0,  1,  0,  0,  0,  0,  0,  0,  0,  6,  0,  8,  6,  3,  2,  0,  0,  0, 16,  4,  8,  5,  5,  9}};
// clang-format on

constexpr std::array<std::uint32_t, 2> kTwoMutators = {kHeapMutatorsField, 1};
constexpr std::array<std::uint32_t, 2> kByHand = {kHeapCyclesField, 0};
constexpr std::array<std::uint32_t, 2> kAutomatic = {kHeapCyclesField, 1};

constexpr std::array<Profile, 9> kProfiles = {{
    {.name = "mixed", .weight = 4, .ops = kMixed},
    {.name = "barrier", .weight = 5, .ops = kBarrier, .pins = kByHand},
    {.name = "bulk", .weight = 3, .ops = kBulk, .pins = kByHand},
    {.name = "sweep", .weight = 3, .ops = kSweep},
    {.name = "special", .weight = 3, .ops = kSpecial, .pins = kByHand},
    {.name = "pools", .weight = 1, .ops = kPools, .pins = kTwoMutators},
    {.name = "limits", .weight = 2, .ops = kLimits, .pins = kAutomatic},
    {.name = "maps", .weight = 4, .ops = kMaps},
    {.name = "slices", .weight = 3, .ops = kSlices},
}};

struct Given {
  Operand operand;
  std::size_t value;
};
Op Make(HeapOp code, std::initializer_list<Given> given) {
  Op op = {.code = static_cast<std::uint8_t>(code)};
  for (const auto& [operand, value] : given) {
    SetOperandValue(&op, operand, static_cast<std::uint32_t>(value));
  }
  return op;
}

}  // namespace

HeapHeader HeapHeader::From(const Header& header) {
  return {.mutators = header.field[kHeapMutatorsField] + 1,
          .automatic = header.field[kHeapCyclesField] != 0,
          .has_small_sizes = header.field[kHeapSizesField] == 0};
}

HeapOperands::HeapOperands(const Op& op)
    : d(OperandValue(op, kD)),
      a(OperandValue(op, kA)),
      b(OperandValue(op, kB)),
      c(OperandValue(op, kC)),
      field(OperandValue(op, kField)),
      shape(OperandValue(op, kShape)),
      to(OperandValue(op, kTo)),
      from(OperandValue(op, kFrom)),
      many(OperandValue(op, kMany) + 1),
      table(OperandValue(op, kGlobal)),
      mutator(OperandValue(op, kMutator)),
      word(OperandValue(op, kWord)),
      count(OperandValue(op, kCount) + 1),
      few(OperandValue(op, kFew) + 1),
      some(OperandValue(op, kSome) + 1),
      choice(OperandValue(op, kPercent)),
      hint(OperandValue(op, kHint)),
      low(OperandValue(op, kLow)),
      high(OperandValue(op, kHigh)),
      iterator(OperandValue(op, kIterator)) {}

Op HeapAlloc(std::size_t d, std::size_t shape) {
  return Make(HeapOp::kAlloc, {{kD, d}, {kShape, shape}});
}
Op HeapStore(std::size_t a, std::size_t field, std::size_t b) {
  return Make(HeapOp::kStore, {{kA, a}, {kField, field}, {kB, b}});
}
Op HeapMove(std::size_t d, std::size_t a) { return Make(HeapOp::kMove, {{kD, d}, {kA, a}}); }
Op HeapNil(std::size_t d) { return Make(HeapOp::kNil, {{kD, d}}); }
Op HeapLoad(std::size_t d, std::size_t a, std::size_t field) {
  return Make(HeapOp::kLoad, {{kD, d}, {kA, a}, {kField, field}});
}
Op HeapStoreNil(std::size_t a, std::size_t field) {
  return Make(HeapOp::kStoreNil, {{kA, a}, {kField, field}});
}
Op HeapCopy(std::size_t a, std::size_t b) { return Make(HeapOp::kCopy, {{kA, a}, {kB, b}}); }
Op HeapClear(std::size_t a) { return Make(HeapOp::kClear, {{kA, a}}); }
Op HeapInsert(std::size_t a, std::size_t b, std::size_t c) {
  return Make(HeapOp::kInsert, {{kA, a}, {kB, b}, {kC, c}});
}
Op HeapGet(std::size_t d, std::size_t a, std::size_t entry) {
  return Make(HeapOp::kGet, {{kD, d}, {kA, a}, {kEntry, entry}});
}
Op HeapDelete(std::size_t a, std::size_t entry) {
  return Make(HeapOp::kDelete, {{kA, a}, {kEntry, entry}});
}
Op HeapAppend(std::size_t a, std::size_t b) { return Make(HeapOp::kAppend, {{kA, a}, {kB, b}}); }

const Vocabulary& HeapVocabulary() { return kVocabulary; }

std::span<const Profile> HeapProfiles() { return kProfiles; }

}  // namespace slotproof
