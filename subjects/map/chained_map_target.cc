#include <cstddef>
#include <cstdint>
#include <memory>

#include "subjects/map/chained_map.h"
#include "subjects/map/container_subject.h"
#include "subjects/map/map_session.h"
#include "subjects/map/std_adapter.h"
#include "subjects/map/targets.h"

#if defined(SLOTPROOF_MUTANT) && !defined(SLOTPROOF_MUTANT_APPLIED)
#error "a mutant's build must see the mutated copy of chained_map.h"
#endif

namespace slotproof {
namespace {

template <class Key, class Elem, class Hash>
struct Chained : StdAdapter<ChainedMap<Key, Elem, Hash>, Key, Elem, Hash> {
  using Base = StdAdapter<ChainedMap<Key, Elem, Hash>, Key, Elem, Hash>;
  using Base::Base;

  static constexpr bool kKeepsContentsOnThrow = true;
  static constexpr std::size_t kMergeMayLose = 0;

  void merge(Chained& other) { this->map.merge(other.map); }
};

// Four pairs of kinds stand for all: what a session reads from the header itself is NaN and the
// empty element.
std::unique_ptr<MapSubject> MakeChained(const MapHeader& header, GoalCounts*) {
  const auto with_elem = [&]<class Key>() -> std::unique_ptr<MapSubject> {
    if (header.elem == ElemKind::kEmpty) {
      return std::make_unique<ContainerSubject<Key, Empty, Chained>>(header);
    }
    return std::make_unique<ContainerSubject<Key, std::uint64_t, Chained>>(header);
  };
  return header.key == KeyKind::kDouble ? with_elem.template operator()<double>()
                                        : with_elem.template operator()<std::uint64_t>();
}

}  // namespace

const Target& ChainedMapTarget() {
  static const Target target = {
      .name = "chained_map",
      .help = "a small map with iterators of its own, in which bugs of them are planted",
      .vocabulary = &MapVocabulary(),
      .goals = OwnIteratorGoalSpecs(),
      .profiles = OwnIteratorProfiles(),
      .new_session = []() -> std::unique_ptr<Session> {
        return std::make_unique<MapSession>(&MakeChained);
      },
  };
  return target;
}

}  // namespace slotproof
