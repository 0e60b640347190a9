#include <algorithm>
#include <cstdio>
#include <string>

#include "subjects/map/map_session.h"

namespace slotproof {
namespace {

std::string Entry(const MapEntry& entry) {
  const std::string value = entry.token == kDamaged ? "damaged" : "v" + std::to_string(entry.token);
  return "k" + std::to_string(entry.key) + "=" + value;
}

// The runtime's names for the states below the least tophash of a live slot.
std::string Slot(const MapDrawing::Slot& slot) {
  switch (slot.tophash) {
    case 0:
      return "rest";
    case 1:
      return "one";
    case 2:
      return "X";
    case 3:
      return "Y";
    case 4:
      return "gone";
    default:
      break;
  }
  char top[8];
  std::snprintf(top, sizeof(top), "%02x ", static_cast<unsigned>(slot.tophash));
  return top + (slot.entry ? Entry(*slot.entry) : std::string("?"));
}

// Equal neighbours are written once: "rest*7".
std::string Slots(const MapDrawing::Bucket& bucket) {
  std::string text;
  for (std::size_t i = 0; i < bucket.slots.size();) {
    const std::string slot = Slot(bucket.slots[i]);
    std::size_t end = i + 1;
    while (end < bucket.slots.size() && Slot(bucket.slots[end]) == slot) ++end;
    text += (i == 0 ? "" : " | ") + slot;
    if (end - i > 1) text += "*" + std::to_string(end - i);
    i = end;
  }
  return text;
}

}  // namespace

std::string RenderMapDrawing(const MapDrawing& drawing) {
  std::string text = drawing.title + "\n";
  bool old_array = false;
  for (const MapDrawing::Bucket& bucket : drawing.buckets) {
    if (bucket.old_array && !old_array) text += "  old buckets\n";
    old_array = bucket.old_array;
    char place[32];
    std::snprintf(place, sizeof(place), "  %5zu  ", bucket.index);
    text +=
        bucket.position == 0 ? place : std::string(bucket.preallocated ? "    `-p " : "    `-> ");
    text += "[" + Slots(bucket) + "]\n";
  }
  for (const MapEntry& entry : drawing.loose) text += "  " + Entry(entry) + "\n";
  return text;
}

std::string MapSession::Draw() const {
  if (!subject_) return "the map was destroyed\n";
  std::string text = RenderMapDrawing(subject_->Draw());
  if (other_.subject) text += "the other map: " + RenderMapDrawing(other_.subject->Draw());
  return text;
}

std::string MapSession::Annotate(const Op& op) const {
  const OpSpec& spec = MapVocabulary().ops[op.code];
  if (!subject_ || spec.operands.empty() || spec.operands[0].kind != OperandKind::kKey) return "";
  const KeyIndex key = Wrap(OperandValue(op, spec.operands[0]));
  if (Unequal(key)) return "NaN: a new hash each time";
  char text[96];
  const std::uint64_t hash = subject_->HashOf(key);
  std::snprintf(text, sizeof(text), "hash %016llx, bucket %zu of %zu, %s",
                static_cast<unsigned long long>(hash), subject_->BucketOf(key),
                subject_->BucketCount(), model_.Contains(Canonical(key)) ? "present" : "absent");
  return text;
}

void MapSession::StructuralState(std::span<std::uint8_t> features) const {
  std::fill(features.begin(), features.end(), std::uint8_t{0});
  const auto state = subject_ ? subject_->StructuralState() : last_state_;
  std::copy_n(state.begin(), std::min(state.size(), features.size()), features.begin());
}

}  // namespace slotproof
