#ifndef SLOTPROOF_BENCH_SCHEDULES_RACY_H_
#define SLOTPROOF_BENCH_SCHEDULES_RACY_H_

#include <type_traits>

// A variable that threads share without a lock, as the program's bug wants it.
//
// It is not atomic: a data race on it is one. It only makes sure that each read and each write in
// the source is one of memory, in that order, whatever the compiler could merge or move; `++` and
// `--` are a read and a write. That is how the original programs behave, which are compiled without
// optimization or have a call between any two accesses.

namespace slotproof::bench {

template <typename T>
class Racy {
  static_assert(std::is_scalar_v<T>);

 public:
  Racy() : value_() {}
  Racy(T value) : value_(value) {}  // NOLINT(google-explicit-constructor): is a T to its users
  Racy(const Racy&) = delete;
  Racy& operator=(const Racy&) = delete;

  operator T() const { return value_; }  // NOLINT(google-explicit-constructor)
  Racy& operator=(T value) {
    value_ = value;
    return *this;
  }

  // They return the value written.
  T operator++() {
    const T value = value_ + 1;
    value_ = value;
    return value;
  }
  T operator--() {
    const T value = value_ - 1;
    value_ = value;
    return value;
  }

 private:
  volatile T value_;
};

}  // namespace slotproof::bench

#endif  // SLOTPROOF_BENCH_SCHEDULES_RACY_H_
