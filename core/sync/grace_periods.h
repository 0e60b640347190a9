// GracePeriods: when may memory be freed that other threads look at without a lock?
//
//   {
//     GracePeriods<>::Section section(grace);      // what is read in here stays
//     Node* const old = head.exchange(fresh);      // nobody finds it any more,
//     section.Retire(old);                         // but some may hold it still
//   }
//
// Time is divided into epochs. A section belongs to the epoch in which it began, and an epoch
// begins when the sections of the one before the last have ended:
//
//   epoch            e-1        e         e+1        e+2        e+3
//   sections     |--------|
//                      |--------|                          e: retires x
//                          |----------|                    e+1: may have found x before that
//                                                    ^     all of e+1 have ended: x is freed
//
// Laws. The sections that run are of the present epoch and the one before. What a section of epoch
// e unlinked, no section of e+2 can find, for e has ended when that begins. So epoch e+3, which
// waits for the sections of e+1, frees what those of e retired.
//
// A section counts itself and then looks whether the epoch is still the same; who begins an epoch
// announces it and then, before the next, looks at the counts. All four accesses are sequentially
// consistent: one of the two sees the other.
// What a section retired, and what it read, comes before its end, which who frees has seen: the
// lists themselves need no order.
//
// Costs. A section: two atomic additions on a word that threads of the same stripe share. Retire: a
// compare-and-swap. Every kBatch-th section that retired looks at all stripes and may free. A
// section that does not end keeps everything that is retired meanwhile.
#ifndef SLOTPROOF_CORE_SYNC_GRACE_PERIODS_H_
#define SLOTPROOF_CORE_SYNC_GRACE_PERIODS_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace slotproof::core {

// What can be retired. It knows its type, so that all kinds wait in one list.
class Retirable {
 public:
  Retirable() = default;
  Retirable(const Retirable&) = delete;
  Retirable& operator=(const Retirable&) = delete;
  virtual ~Retirable() = default;

 private:
  template <std::size_t kStripes, std::uint32_t kBatch>
  friend class GracePeriods;
  Retirable* next_retired_ = nullptr;
};

template <std::size_t kStripes = 8, std::uint32_t kBatch = 64>
class GracePeriods {
  struct alignas(64) Stripe {
    std::array<std::atomic<std::uint32_t>, 2> of{};  // sections of even and odd epochs
  };

 public:
  class Section {
   public:
    explicit Section(GracePeriods& grace) : grace_(grace), active_(grace.StripeOfThread()) {
      for (;;) {
        epoch_ = grace_.epoch_.load();
        active_.of[epoch_ & 1].fetch_add(1);
        if (grace_.epoch_.load() == epoch_) return;
        active_.of[epoch_ & 1].fetch_sub(1);
      }
    }
    ~Section() {
      active_.of[epoch_ & 1].fetch_sub(1, std::memory_order_release);
      if (has_retired_) grace_.AfterRetiring();
    }
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;

    // No other section that begins later can find it.
    void Retire(Retirable* object) {
      std::atomic<Retirable*>& head = grace_.waiting_[epoch_ % kLists];
      Retirable* next = head.load(std::memory_order_relaxed);
      do {
        object->next_retired_ = next;
      } while (!head.compare_exchange_weak(next, object, std::memory_order_relaxed));
      has_retired_ = true;
    }

   private:
    GracePeriods& grace_;
    Stripe& active_;
    std::uint64_t epoch_ = 0;
    bool has_retired_ = false;
  };

  GracePeriods() = default;
  // When no section runs.
  ~GracePeriods() {
    for (auto& head : waiting_) Free(head.load(std::memory_order_acquire));
  }
  GracePeriods(const GracePeriods&) = delete;
  GracePeriods& operator=(const GracePeriods&) = delete;

  // Whether no section is counted.
  bool IsAtRest() const { return HaveEnded(0) && HaveEnded(1); }

 private:
  // Those of epochs that are being added to, two; of the one that waits; of the one that is freed.
  static constexpr std::uint64_t kLists = 4;

  Stripe& StripeOfThread() {
    if constexpr (kStripes == 1) {
      return stripes_[0];
    } else {
      // Threads have their variables some pages apart.
      thread_local const char here = 0;
      return stripes_[(reinterpret_cast<std::uintptr_t>(&here) >> 12) % kStripes];
    }
  }

  void AfterRetiring() {
    const std::uint32_t before = retiring_sections_.fetch_add(1, std::memory_order_relaxed);
    if (before % kBatch == kBatch - 1) BeginEpochIfPossible();
  }

  void BeginEpochIfPossible() {
    if (beginning_.exchange(true, std::memory_order_acquire)) return;
    const std::uint64_t epoch = epoch_.load(std::memory_order_relaxed);
    Retirable* freed = nullptr;
    if (HaveEnded(epoch - 1)) {
      freed = waiting_[(epoch - 2) % kLists].exchange(nullptr, std::memory_order_relaxed);
      epoch_.store(epoch + 1);
    }
    beginning_.store(false, std::memory_order_release);
    Free(freed);
  }

  bool HaveEnded(std::uint64_t epoch) const {
    return std::all_of(stripes_.begin(), stripes_.end(),
                       [epoch](const Stripe& stripe) { return stripe.of[epoch & 1].load() == 0; });
  }

  static void Free(Retirable* first) {
    while (first != nullptr) {
      Retirable* const next = first->next_retired_;
      delete first;
      first = next;
    }
  }

  std::array<Stripe, kStripes> stripes_;
  std::atomic<std::uint64_t> epoch_{kLists};
  std::atomic<std::uint32_t> retiring_sections_{0};
  std::atomic<bool> beginning_{false};
  std::array<std::atomic<Retirable*>, kLists> waiting_{};
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SYNC_GRACE_PERIODS_H_
