#include "subjects/heap/reference_containers.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/heap/collected_map.h"
#include "core/heap/collected_slice.h"
#include "core/heap/heap_pointer.h"
#include "core/heap/root_table.h"
#include "core/heap/running.h"
#include "subjects/heap/heap_vocabulary.h"

namespace slotproof {
namespace {

using Now = core::Running<CheckedHeapPolicy>;
using Ref = core::HeapPointer<void, CheckedHeapPolicy>;

// Three chains get most of the keys, so that there are overflow buckets; tophash bytes differ.
std::uint64_t HashOf(std::uint64_t number) {
  const std::uint64_t chain = number % 4 == 0 ? number / 4 % 256 : number % 4;
  return ((number + 1) * 0x9e3779b97f4a7c15 & ~std::uint64_t{0xff}) | chain;
}

// Addresses are not the same in every run; what the listener knows an object by is.
struct RefHash {
  const Listening* listening = nullptr;
  std::uint64_t operator()(const Ref& key) const {
    return HashOf(listening->listener == nullptr ? 0 : listening->listener->NumberOf(key));
  }
};
struct NumberHash {
  std::uint64_t operator()(std::uint64_t number) const { return HashOf(number); }
};

template <class Key>
struct CheckedMapPolicy : core::CollectedMapPolicy<Key, CheckedHeapPolicy> {
  static constexpr bool kAssertions = true;
  [[noreturn]] static void Fatal(core::FailureKind kind, std::string_view message) {
    CheckedHeapPolicy::Fatal(kind, message);
  }
};
struct RefsPolicy : CheckedMapPolicy<Ref> {
  using Hash = RefHash;
};
struct NumbersPolicy : CheckedMapPolicy<std::uint64_t> {
  using Hash = NumberHash;
};
struct RefSlicePolicy : core::CollectedSlicePolicy<Ref, CheckedHeapPolicy> {
  static constexpr bool kAssertions = true;
  [[noreturn]] static void Fatal(core::FailureKind kind, std::string_view message) {
    CheckedHeapPolicy::Fatal(kind, message);
  }
};
using Refs = core::HashMap<Ref, Ref, RefsPolicy>;
using Numbers = core::HashMap<std::uint64_t, std::uint64_t, NumbersPolicy>;
using RefSlice = core::Slice<Ref, RefSlicePolicy>;

Refs& RefsAt(void* map) { return *static_cast<Refs*>(map); }
Numbers& NumbersAt(void* map) { return *static_cast<Numbers*>(map); }
RefSlice& SliceAt(void* slice) { return *static_cast<RefSlice*>(slice); }

void Must(bool good) {
  if (!good) CheckedHeapPolicy::Fatal(core::FailureKind::kAssertion, "a slice refused good bounds");
}

class ReferenceContainers final : public ContainerSubject {
 public:
  ReferenceContainers(core::Heap<CheckedHeapPolicy>& heap, std::span<core::Mutator* const> mutators,
                      const Listening& listening)
      : heap_(heap), mutators_(mutators), listening_(listening) {}
  // Iterators look at nothing when they end, but let go of their roots.
  ~ReferenceContainers() override = default;

  void* NewMap(std::size_t mutator, std::size_t hint) override {
    const Now now = On(mutator);
    return core::NewMap<Refs, CheckedHeapPolicy>(static_cast<std::int64_t>(hint),
                                                 core::WyRand(++maps_made_), RefHash{&listening_});
  }
  void* NewNumbers(std::size_t mutator, std::size_t hint) override {
    const Now now = On(mutator);
    return core::NewMap<Numbers, CheckedHeapPolicy>(static_cast<std::int64_t>(hint),
                                                    core::WyRand(++maps_made_));
  }
  void Set(std::size_t mutator, void* map, void* key, void* elem) override {
    const Now now = On(mutator);
    RefsAt(map).InsertOrAssign(Ref(key), Ref(elem));
  }
  bool Delete(std::size_t mutator, void* map, void* key) override {
    const Now now = On(mutator);
    return RefsAt(map).Erase(Ref(key));
  }
  void ClearMap(std::size_t mutator, void* map) override {
    const Now now = On(mutator);
    RefsAt(map).Clear();
  }
  std::optional<Entry> Find(void* map, void* key) const override {
    const Now now = On(0);
    const Refs& refs = RefsAt(map);
    const Ref* const stored = refs.FindKey(Ref(key));
    if (stored == nullptr) return std::nullopt;
    return Entry(*stored, *refs.Find(Ref(key)));
  }
  void VisitEntries(void* map,
                    const std::function<void(void* key, void* elem)>& visit) const override {
    RefsAt(map).VisitEntries([&visit](const Ref& key, const Ref& elem) { visit(key, elem); });
  }
  bool MayKeepMore(void* map) const override {
    const core::MapShape shape = RefsAt(map).Shape();
    const bool has_old_spares = shape.old_main_buckets >= 16;
    return shape.growing && (has_old_spares || (shape.flags & core::kOldIterator) != 0);
  }
  std::string BrokenMap(void* map, bool numbers) const override {
    const Now now = On(0);
    const auto violation =
        numbers ? NumbersAt(map).CheckInvariants() : RefsAt(map).CheckInvariants();
    return violation ? std::string(violation->law) + ": " + violation->message : "";
  }

  void SetNumber(std::size_t mutator, void* map, std::uint64_t key, std::uint64_t elem) override {
    const Now now = On(mutator);
    NumbersAt(map).InsertOrAssign(key, elem);
  }
  bool DeleteNumber(std::size_t mutator, void* map, std::uint64_t key) override {
    const Now now = On(mutator);
    return NumbersAt(map).Erase(key);
  }
  void ClearNumbers(std::size_t mutator, void* map) override {
    const Now now = On(mutator);
    NumbersAt(map).Clear();
  }
  std::optional<std::uint64_t> FindNumber(void* map, std::uint64_t key) const override {
    const std::uint64_t* const found = std::as_const(NumbersAt(map)).Find(key);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }
  std::size_t CountNumbers(void* map) const override { return NumbersAt(map).size(); }

  void Range(std::size_t mutator, std::size_t iterator, void* map, bool numbers) override {
    const Now now = On(mutator);
    Iterating& it = iterators_[iterator];
    it.map = nullptr;
    it.refs.reset();
    it.numbers.reset();
    if (numbers) {
      it.numbers.emplace(NumbersAt(map).Iterate());
    } else {
      it.refs.emplace(RefsAt(map).Iterate());
    }
    it.map = map;
  }
  std::optional<Entry> Next(std::size_t mutator, std::size_t iterator) override {
    const Now now = On(mutator);
    Iterating& it = iterators_[iterator];
    if (it.refs->Next()) return Entry(it.refs->key(), it.refs->value());
    it.map = nullptr;
    return std::nullopt;
  }
  std::optional<std::pair<std::uint64_t, std::uint64_t>> NextNumber(std::size_t mutator,
                                                                    std::size_t iterator) override {
    const Now now = On(mutator);
    Iterating& it = iterators_[iterator];
    if (it.numbers->Next()) return std::pair(it.numbers->key(), it.numbers->value());
    it.map = nullptr;
    return std::nullopt;
  }

  void* NewSlice(std::size_t mutator, std::size_t len, std::size_t cap) override {
    const Now now = On(mutator);
    return core::NewSlice<RefSlice, CheckedHeapPolicy>(static_cast<std::int64_t>(len),
                                                       static_cast<std::int64_t>(cap));
  }
  void* NewNilSlice(std::size_t mutator) override {
    const Now now = On(mutator);
    return core::NewNilSlice<RefSlice, CheckedHeapPolicy>();
  }
  void Append(std::size_t mutator, void* slice, void* elem) override {
    const Now now = On(mutator);
    Must(SliceAt(slice).Append(Ref(elem)).has_value());
  }
  void AppendAll(std::size_t mutator, void* slice, void* items) override {
    const Now now = On(mutator);
    Must(SliceAt(slice).Append(SliceAt(items)).has_value());
  }
  void Window(std::size_t mutator, void* slice, void* of, std::size_t i, std::size_t j) override {
    const Now now = On(mutator);
    auto window = SliceAt(of).Sub(static_cast<std::int64_t>(i), static_cast<std::int64_t>(j));
    Must(window.has_value());
    SliceAt(slice) = *std::move(window);
  }
  void SetElem(std::size_t mutator, void* slice, std::size_t i, void* elem) override {
    const Now now = On(mutator);
    Must(SliceAt(slice).Set(static_cast<std::int64_t>(i), Ref(elem)).has_value());
  }
  void CopyElems(std::size_t mutator, void* slice, void* from) override {
    const Now now = On(mutator);
    SliceAt(slice).CopyFrom(SliceAt(from));
  }
  void ClearSlice(std::size_t mutator, void* slice) override {
    const Now now = On(mutator);
    SliceAt(slice).Clear();
  }
  SliceView View(void* slice) const override {
    const Now now = On(0);
    const RefSlice& s = SliceAt(slice);
    return {.cells = static_cast<void* const*>(s.array_id()),
            .offset = static_cast<std::size_t>(s.offset()),
            .len = static_cast<std::size_t>(s.len()),
            .cap = static_cast<std::size_t>(s.cap())};
  }

  void ForEachRoot(const std::function<void(void*)>& visit) const override {
    if (roots_) roots_->ForEachRoot(visit);
  }
  void ForEachPointer(void* object, const std::function<void(void*)>& visit) const override {
    const core::ObjectPlace place = heap_.FindAllocated(object);
    if (!place || !place.span->HasPointers()) return;
    place.span->ForEachPointer(place.address(), place.end(), [&](void** slot) { visit(*slot); });
  }

 private:
  using Roots = core::RootTable<CheckedHeapPolicy>;
  struct Iterating {
    core::Rooted<void, CheckedHeapPolicy> map;
    std::optional<Refs::Iterator> refs;
    std::optional<Numbers::Iterator> numbers;
  };

  // The roots come with the first container: what has none marks as it would without.
  Now On(std::size_t mutator) const {
    if (!roots_) roots_.emplace(heap_);
    return Now(heap_, *mutators_[mutator], *roots_);
  }

  core::Heap<CheckedHeapPolicy>& heap_;
  std::span<core::Mutator* const> mutators_;
  const Listening& listening_;
  mutable std::optional<Roots> roots_;
  std::uint64_t maps_made_ = 0;  // seeds, the same in every run
  std::array<Iterating, kHeapIterators> iterators_;
};

}  // namespace

std::unique_ptr<ContainerSubject> MakeReferenceContainers(core::Heap<CheckedHeapPolicy>& heap,
                                                          std::span<core::Mutator* const> mutators,
                                                          const Listening& listening) {
  return std::make_unique<ReferenceContainers>(heap, mutators, listening);
}

}  // namespace slotproof
