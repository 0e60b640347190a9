#ifndef SLOTPROOF_HARNESS_LINEAR_MINIMAL_H_
#define SLOTPROOF_HARNESS_LINEAR_MINIMAL_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "harness/linear/checker.h"
#include "harness/linear/history.h"
#include "harness/linear/model.h"

// The part of a history that cannot be explained, as small as it gets.
//
// To take a call away would be wrong: without the write, the read of what it wrote cannot be
// explained either, though nothing was wrong with it. So calls are not taken away but forgotten:
// whatever they were answered, and whether they took effect at all, between their events. All that
// could happen before can happen then. If what is left still cannot be explained, the forgotten
// calls do not matter, whatever they did.
//
//   1. What begins after the response that no order gets past is dropped, and what was under way
//      there is forgotten.
//   2. All calls but the one that has that response are forgotten: then it alone is to blame.
//   3. Else, where the model has a state that stands for all states, the calls before some moment
//   are
//      dropped, and those then under way forgotten: the latest moment that will do, by doubling.
//   4. Where the model has groups of calls that can be taken out of each possible run, they are.
//   5. Calls are forgotten, many at once first, until no single one can be.
//
// Each step is kept if the checker still says no. Where it does not know, the step is not taken,
// and the part may not be minimal; so it is when all tries are spent.

namespace slotproof::linear {

struct MinimalLimits {
  // Of each try, these times as many configurations as the whole took, and no fewer than.
  std::uint64_t times = 4;
  std::uint64_t least_configurations = 200'000;
  // Of all tries.
  std::uint64_t configurations = 20'000'000;
  std::size_t bytes = std::size_t{1} << 30;
  std::function<bool()> stop = {};
};

template <class Call>
struct MinimalPart {
  // In the order of their invocations; none is forgotten.
  std::vector<Call> calls;
  // Those and the forgotten ones that are not dropped: together they cannot be explained either.
  std::vector<Call> with_forgotten;
  // It cannot be explained, whatever the state was before.
  bool from_any_state = false;
  // Forgetting any one of them makes it explicable.
  bool one_minimal = false;
  std::uint64_t configurations = 0;
};

template <Model M>
class Minimizer {
 public:
  using State = typename M::State;
  using Call = typename Checker<M>::Call;

  Minimizer(M* model, const MinimalLimits& limits)
      : model_(*model), limits_(limits), checker_(model, &each_) {}

  // Of calls that are not linearizable. `visited` is what it took to see that, and `stuck` the call
  // that the checker got stuck at.
  MinimalPart<Call> Run(std::span<const Call> calls, std::uint64_t visited, const Call& stuck) {
    each_ = {.configurations = std::max(limits_.times * visited, limits_.least_configurations),
             .bytes = limits_.bytes,
             .stop = limits_.stop};
    state_ = model_.Initial();
    from_any_state_ = false;
    used_ = 0;
    calls_.assign(calls.begin(), calls.end());
    CutEnd(stuck.responded);
    if (!ForgetAllBut(stuck)) CutBeginning();
    DropGroups();
    const bool one_minimal = ForgetAll();
    std::vector<Call> left;
    for (const Call& call : calls_) {
      if (!call.may_be_left_out()) left.push_back(call);
    }
    return {.calls = std::move(left),
            .with_forgotten = std::move(calls_),
            .from_any_state = from_any_state_,
            .one_minimal = one_minimal,
            .configurations = used_};
  }

 private:
  // Whether the candidate is as inexplicable, and then it is what calls_ are.
  bool Take(std::vector<Call> candidate, State state) {
    if (IsSpent()) return false;
    const Answer answer = checker_.Check(candidate, state);
    used_ += checker_.visited();
    if (answer == Answer::kUnknown) ++unknown_;
    if (answer != Answer::kNot) return false;
    calls_ = std::move(candidate);
    return true;
  }
  bool IsSpent() const {
    return used_ >= limits_.configurations || (limits_.stop && limits_.stop());
  }

  void CutEnd(std::uint32_t response) {
    std::vector<Call> candidate;
    for (const Call& call : calls_) {
      if (call.invoked >= response) continue;
      candidate.push_back(call);
      // It may have been answered because of what is dropped.
      candidate.back().forgotten |= call.responded > response;
    }
    Take(std::move(candidate), state_);
  }

  bool ForgetAllBut(const Call& stuck) {
    std::vector<Call> candidate = calls_;
    for (Call& call : candidate) call.forgotten |= call.invoked != stuck.invoked;
    return Take(std::move(candidate), state_);
  }

  void CutBeginning() {
    if constexpr (HasAnyState<M>) {
      for (std::size_t kept = 2; kept < calls_.size() && !from_any_state_; kept *= 2) {
        const std::uint32_t moment = calls_[calls_.size() - kept].invoked;
        std::vector<Call> candidate;
        for (const Call& call : calls_) {
          if (call.responded < moment) continue;
          candidate.push_back(call);
          candidate.back().forgotten |= call.invoked < moment;
        }
        from_any_state_ = Take(std::move(candidate), model_.Any());
        if (from_any_state_) state_ = model_.Any();
      }
    }
  }

  void DropGroups() {
    if constexpr (HasGroups<M>) {
      std::vector<std::uint32_t> groups;
      for (const Call& call : calls_) {
        if (const auto group = GroupOf(call)) groups.push_back(*group);
      }
      std::ranges::sort(groups);
      groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
      for (std::size_t size = groups.size(); size != 0; size /= 2) {
        for (std::size_t begin = 0; begin < groups.size();) {
          const std::size_t end = std::min(begin + size, groups.size());
          if (Take(Without({groups.data() + begin, groups.data() + end}), state_)) {
            groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(begin),
                         groups.begin() + static_cast<std::ptrdiff_t>(end));
          } else {
            begin = end;
          }
        }
      }
    }
  }

  std::optional<std::uint32_t> GroupOf(const Call& call) const {
    return model_.Group(call.op, call.result, !call.may_be_left_out());
  }
  // The groups are sorted.
  std::vector<Call> Without(std::span<const std::uint32_t> groups) const {
    std::vector<Call> rest;
    for (const Call& call : calls_) {
      const auto group = GroupOf(call);
      if (!group || !std::ranges::binary_search(groups, *group)) rest.push_back(call);
    }
    return rest;
  }

  // True when it is sure that no more can be forgotten.
  bool ForgetAll() {
    for (std::size_t size = std::bit_ceil(calls_.size()); size > 1; size /= 2) ForgetRuns(size);
    do {
      unknown_ = 0;
    } while (ForgetRuns(1) && !IsSpent());
    return unknown_ == 0 && !IsSpent();
  }

  // Runs of so many of the calls that are not forgotten; whether any was.
  bool ForgetRuns(std::size_t size) {
    bool any = false;
    for (std::size_t begin = 0; begin < calls_.size();) {
      std::vector<Call> candidate = calls_;
      std::size_t count = 0;
      for (; begin < candidate.size() && count < size; ++begin) {
        if (candidate[begin].may_be_left_out()) continue;
        candidate[begin].forgotten = true;
        ++count;
      }
      if (count != 0) any |= Take(std::move(candidate), state_);
    }
    return any;
  }

  M& model_;
  const MinimalLimits limits_;
  Limits each_;
  Checker<M> checker_;
  State state_{};
  std::vector<Call> calls_;
  bool from_any_state_ = false;
  std::uint64_t used_ = 0;
  std::size_t unknown_ = 0;
};

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_MINIMAL_H_
