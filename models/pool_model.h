#ifndef SLOTPROOF_MODELS_POOL_MODEL_H_
#define SLOTPROOF_MODELS_POOL_MODEL_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

// What sync.Pool holds, and in which order it gives it out (rules 22.1 and 22.2).
//
//   worker 0   private, shared: head ... tail        and of the last cycle the same: the victims
//
// When a cycle begins the victims are dropped, and what there is becomes the victims.

namespace slotproof {

template <class Item>
class PoolModel {
 public:
  void Reset() { *this = PoolModel(); }

  void Put(std::size_t worker, std::size_t workers, Item item) {
    Shelf& own = Own(worker, workers);
    if (own.front.has_value()) {
      own.shared.push_front(item);
    } else {
      own.front = item;
    }
  }

  std::optional<Item> Get(std::size_t worker, std::size_t workers) {
    Shelf& own = Own(worker, workers);
    if (std::optional<Item> item = Private(own)) return item;
    if (!own.shared.empty()) {
      const Item item = own.shared.front();
      own.shared.pop_front();
      return item;
    }
    for (std::size_t i = 1; i <= shelves_.size(); ++i) {
      if (std::optional<Item> item = Tail(shelves_[(worker + i) % shelves_.size()])) return item;
    }
    if (victims_are_spent_ || worker >= victims_.size()) return std::nullopt;
    if (std::optional<Item> item = Private(victims_[worker])) return item;
    for (std::size_t i = 0; i < victims_.size(); ++i) {
      if (std::optional<Item> item = Tail(victims_[(worker + i) % victims_.size()])) return item;
    }
    victims_are_spent_ = true;
    return std::nullopt;
  }

  void BeginCycle() {
    victims_ = shelves_;
    shelves_.clear();
    victims_are_spent_ = false;
  }

  // Calls f for each item that is there, in no order.
  template <class F>
  void ForEach(const F& f) const {
    for (const std::vector<Shelf>* shelves : {&shelves_, &victims_}) {
      for (const Shelf& shelf : *shelves) {
        if (shelf.front) f(*shelf.front);
        for (const Item& item : shelf.shared) f(item);
      }
    }
  }

 private:
  struct Shelf {
    std::optional<Item> front;  // the private one
    std::deque<Item> shared;
  };

  Shelf& Own(std::size_t worker, std::size_t workers) {
    if (shelves_.size() <= worker) shelves_.resize(workers);
    return shelves_[worker];
  }
  static std::optional<Item> Private(Shelf& shelf) {
    std::optional<Item> item = shelf.front;
    shelf.front.reset();
    return item;
  }
  static std::optional<Item> Tail(Shelf& shelf) {
    if (shelf.shared.empty()) return std::nullopt;
    const Item item = shelf.shared.back();
    shelf.shared.pop_back();
    return item;
  }

  std::vector<Shelf> shelves_;
  std::vector<Shelf> victims_;
  bool victims_are_spent_ = false;
};

}  // namespace slotproof

#endif  // SLOTPROOF_MODELS_POOL_MODEL_H_
