// RapidCheck's own state testing of HashMap<uint64, uint64>, as its guide shows it: a command is a
// class that draws its operands in its constructor, changes the model in apply(), and runs and
// compares in run(). The model is a std::map. 64 keys, up to 100 commands a test (RapidCheck's
// default size), in the shares of the mixed profile of subjects/map/map_vocabulary.cc.
//
//   rc_state_map TESTS [SEED]
//
// What counts is as in property_bench.cc: a result of the map that was compared with the model's.

#include <cstdint>
#include <iterator>
#include <map>
#include <ostream>

#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include "bench/peers/state_test.h"
#include "core/map/hash_map.h"

namespace slotproof {
namespace {

using Model = std::map<std::uint64_t, std::uint64_t>;
using Sut = core::HashMap<std::uint64_t, std::uint64_t>;
using MapCommand = rc::state::Command<Model, Sut>;

constexpr std::uint64_t kKeys = 64;

std::uint64_t checked = 0;

std::uint64_t DrawKey() { return *rc::gen::inRange<std::uint64_t>(0, kKeys); }

void InsertAndCompare(const Model& model, Sut& sut, std::uint64_t key, std::uint64_t value) {
  const auto [stored, inserted] = sut.InsertOrAssign(key, value);
  ++checked;
  RC_ASSERT(inserted != model.contains(key));
  RC_ASSERT(stored == value);
}

void EraseAndCompare(const Model& model, Sut& sut, std::uint64_t key) {
  ++checked;
  RC_ASSERT(sut.Erase(key) == model.contains(key));
}

class Insert : public MapCommand {
 public:
  void apply(Model& model) const override { model[key_] = value_; }
  void run(const Model& model, Sut& sut) const override {
    InsertAndCompare(model, sut, key_, value_);
    RC_ASSERT(sut.size() == model.size() + !model.contains(key_));
  }
  void show(std::ostream& os) const override { os << "Insert(" << key_ << ", " << value_ << ")"; }

 private:
  std::uint64_t key_ = DrawKey();
  std::uint64_t value_ = *rc::gen::arbitrary<std::uint64_t>();
};

// To a key that is there.
class Assign : public MapCommand {
 public:
  explicit Assign(const Model& model) {
    RC_PRE(!model.empty());
    const auto index = *rc::gen::inRange<std::size_t>(0, model.size());
    key_ = std::next(model.begin(), static_cast<std::ptrdiff_t>(index))->first;
  }
  void checkPreconditions(const Model& model) const override { RC_PRE(model.contains(key_)); }
  void apply(Model& model) const override { model[key_] = value_; }
  void run(const Model& model, Sut& sut) const override {
    InsertAndCompare(model, sut, key_, value_);
    RC_ASSERT(sut.size() == model.size());
  }
  void show(std::ostream& os) const override { os << "Assign(" << key_ << ", " << value_ << ")"; }

 private:
  std::uint64_t key_;
  std::uint64_t value_ = *rc::gen::arbitrary<std::uint64_t>();
};

class Find : public MapCommand {
 public:
  void run(const Model& model, Sut& sut) const override {
    const std::uint64_t* found = sut.Find(key_);
    const auto expected = model.find(key_);
    ++checked;
    RC_ASSERT((found != nullptr) == (expected != model.end()));
    if (found != nullptr) RC_ASSERT(*found == expected->second);
  }
  void show(std::ostream& os) const override { os << "Find(" << key_ << ")"; }

 private:
  std::uint64_t key_ = DrawKey();
};

class Erase : public MapCommand {
 public:
  void apply(Model& model) const override { model.erase(key_); }
  void run(const Model& model, Sut& sut) const override {
    EraseAndCompare(model, sut, key_);
    RC_ASSERT(sut.size() == model.size() - model.count(key_));
  }
  void show(std::ostream& os) const override { os << "Erase(" << key_ << ")"; }

 private:
  std::uint64_t key_ = DrawKey();
};

// Two operations, and counted so.
class DeleteInsert : public MapCommand {
 public:
  void apply(Model& model) const override { model[key_] = value_; }
  void run(const Model& model, Sut& sut) const override {
    EraseAndCompare(model, sut, key_);
    ++checked;
    const auto [stored, inserted] = sut.InsertOrAssign(key_, value_);
    RC_ASSERT(inserted);
    RC_ASSERT(stored == value_);
  }
  void show(std::ostream& os) const override {
    os << "DeleteInsert(" << key_ << ", " << value_ << ")";
  }

 private:
  std::uint64_t key_ = DrawKey();
  std::uint64_t value_ = *rc::gen::arbitrary<std::uint64_t>();
};

class Clear : public MapCommand {
 public:
  void apply(Model& model) const override { model.clear(); }
  void run(const Model&, Sut& sut) const override {
    sut.Clear();
    ++checked;
    RC_ASSERT(sut.size() == 0U);
  }
  void show(std::ostream& os) const override { os << "Clear"; }
};

// Counts each entry, and the end.
class Iterate : public MapCommand {
 public:
  void run(const Model& model, Sut& sut) const override {
    std::size_t entries = 0;
    for (auto it = sut.Iterate(); it.Next(); ++entries) {
      const auto expected = model.find(it.key());
      ++checked;
      RC_ASSERT(expected != model.end());
      RC_ASSERT(expected->second == it.value());
    }
    ++checked;
    RC_ASSERT(entries == model.size());
  }
  void show(std::ostream& os) const override { os << "Iterate"; }
};

// Shares of 43; a class that is named n times is drawn n times as often. (Twice as fast as
// rc::gen::weightedOneOf over one generator a command.)
const auto kDrawCommand = rc::state::gen::execOneOfWithArgs<
    Insert, Insert, Insert, Insert, Insert, Insert, Insert, Insert, Insert, Insert, Insert, Insert,
    Insert, Insert, Insert,                                                //
    Find, Find, Find, Find, Find, Find,                                    //
    Erase, Erase, Erase, Erase, Erase, Erase, Erase, Erase, Erase, Erase,  //
    Assign, Assign, Assign, Assign,                                        //
    DeleteInsert, DeleteInsert, DeleteInsert, DeleteInsert, DeleteInsert,  //
    Clear,                                                                 //
    Iterate, Iterate>();

int Run(int argc, char** argv) {
  const auto property = [] {
    Sut sut;
    rc::state::check(Model(), sut, kDrawCommand);
  };
  return RunStateTests(argc, argv, "HashMap agrees with std::map", property, {"checked"}, checked);
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) { return slotproof::Run(argc, argv); }
