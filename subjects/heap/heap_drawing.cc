#include <cstddef>
#include <string>
#include <string_view>

#include "subjects/heap/heap_session.h"

// The graph as text: roots, then each object with its colour and what it refers to.

namespace slotproof {
namespace {

constexpr std::size_t kMostDrawn = 40;  // objects
constexpr std::size_t kMostFields = 8;  // of one, that are not nil

std::string_view NameOfColour(HeapColour colour) {
  switch (colour) {
    case HeapColour::kFree:
      return "FREE";
    case HeapColour::kWhite:
      return "white";
    case HeapColour::kGrey:
      return "grey";
    case HeapColour::kBlack:
      break;
  }
  return "black";
}

}  // namespace

std::string HeapSession::WithColour(const Pointer& pointer) const {
  if (pointer.object == 0) return "nil";
  const bool shows = model_.is_marking() || !was_swept_;
  const HeapColour colour = subject_->ColourOf(places_[pointer.object].address);
  if (!shows && colour != HeapColour::kFree) return NameOf(pointer);
  return NameOf(pointer) + " (" + std::string(NameOfColour(colour)) + ")";
}

std::string HeapSession::Draw() const {
  std::string text = model_.is_marking() ? "marking" : was_swept_ ? "swept" : "sweeping";
  text += ", " + std::to_string(model_.objects_alive()) + " objects\n";
  const auto row = [&](const std::string& name, std::span<const Pointer> slots, char letter) {
    std::string line;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (slots[i].object == 0) continue;
      line += "  ";
      line += letter;
      line += std::to_string(i) + " = " + WithColour(slots[i]);
    }
    if (!line.empty()) text += name + line + '\n';
  };
  for (std::size_t i = 0; i < model_.mutators(); ++i) {
    std::string name = "stack m" + std::to_string(i) + (i == mutator_ ? "*" : "");
    if (model_.is_marking()) name += subject_->IsStackBlack(i) ? " (black)" : " (grey)";
    row(name, model_.stack(i), 'r');
  }
  row("globals", model_.globals(), 'g');
  row("handles", model_.handles(), 'h');
  row("weak", weak_, 'w');
  if (!model_.due().empty()) {
    text += "due finalizers:";
    for (const Id id : model_.due()) text += " " + NameOf({id});
    text += '\n';
  }
  std::size_t drawn = 0;
  for (Id id = 1; id <= model_.last(); ++id) {
    if (model_.object(id).is_gone) continue;
    if (++drawn > kMostDrawn) continue;
    text += DrawObject(id);
  }
  if (drawn > kMostDrawn) text += "and " + std::to_string(drawn - kMostDrawn) + " objects more\n";
  return text + "spans (a allocated, M marked, . free)\n" + subject_->DrawSpans();
}

std::string HeapSession::DrawObject(Id id) const {
  const HeapModel::Object& object = model_.object(id);
  std::string text = WithColour({id}) + "  " + std::string(ShapeOf(id).name);
  if (object.has_finalizer) text += ", finalizer";
  std::size_t fields = 0;
  const auto draw = [&](const std::string& name, const Pointer& to) {
    if (to.object == 0 || ++fields > kMostFields) return;
    text += "  " + name + " -> " + WithColour(to);
  };
  if (const auto map = maps_.find(id); map != maps_.end()) {
    text += " of " + std::to_string(map->second.entries.size());
    for (const auto& [key, elem] : map->second.entries) {
      draw("[" + NameOf(RefMapModel::PointerOf(key)) + "]", elem);
    }
  } else if (const auto slice = slices_.find(id); slice != slices_.end()) {
    const RefSliceModel& s = slice->second;
    text += " of " + std::to_string(s.len) + ", capacity " + std::to_string(s.cap);
    for (std::size_t i = 0; i < s.len; ++i) draw("[" + std::to_string(i) + "]", *s.At(i));
  }
  std::size_t field = 0;
  if (IsContainer(id)) {
    subject_->Containers().ForEachPointer(places_[id].address, [&](const void* to) {
      draw("p" + std::to_string(field++), PointerTo(to));
    });
  } else {
    for (const Pointer& to : object.fields) draw("f" + std::to_string(field++), to);
  }
  if (fields > kMostFields) text += " and " + std::to_string(fields - kMostFields) + " more";
  return text + '\n';
}

std::string HeapSession::DescribeLoss() {
  const std::vector<bool> reachable = model_.Reachable();
  Id lost = 1;
  const auto is_lost = [&](Id id) {
    return reachable[id] && subject_->ColourOf(places_[id].address) == HeapColour::kWhite;
  };
  while (lost <= model_.last() && !is_lost(lost)) ++lost;
  if (lost > model_.last()) return "all that is reachable to be marked";
  return NameOf({lost}) + " to be marked, as " + model_.PathTo(lost) + " reaches it";
}

std::string HeapSession::Annotate(const Op& op) const {
  const HeapOperands at(op);
  const auto code = static_cast<HeapOp>(op.code);
  const auto slot = [this](std::size_t number) {
    const std::size_t found = Register(number);
    return "r" + std::to_string(found) + " = " + WithColour(Registers()[found]);
  };
  const auto object = [&](const std::optional<std::size_t>& found) {
    return found ? "a is " + slot(*found) : std::string("no object");
  };
  switch (code) {
    case HeapOp::kAlloc:
      return "o" + std::to_string(model_.last() + 1) + ", unless it is tiny";
    case HeapOp::kLoad:
    case HeapOp::kStoreNil:
    case HeapOp::kClear:
      return object(FieldsRegister(at.a));
    case HeapOp::kStore:
      return object(FieldsRegister(at.a)) + ", b is " + slot(at.b);
    case HeapOp::kSetGlobal:
    case HeapOp::kKeep:
    case HeapOp::kPut:
      return "b is " + slot(at.b);
    case HeapOp::kMove:
      return "a is " + slot(at.a);
    case HeapOp::kSetFinalizer:
    case HeapOp::kWeak:
    case HeapOp::kInterior:
      return object(ObjectRegister(at.a));
    case HeapOp::kStrong:
      return "w names " + WithColour(weak_[at.table]);
    default:
      return "";
  }
}

}  // namespace slotproof
