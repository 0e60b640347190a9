#ifndef SLOTPROOF_SUBJECTS_PUBLIC_CONTAINERS_JUDGE_H_
#define SLOTPROOF_SUBJECTS_PUBLIC_CONTAINERS_JUDGE_H_

#include <cstdint>
#include <string>

#include "harness/linear/models/operation.h"
#include "harness/sched/fail.h"

// What the threads of a program asked a container and were answered, and whether that is what its
// documentation promises.

namespace slotproof::public_containers {

enum class Contract : std::uint8_t {
  kQueue,    // first in, first out
  kStack,    // last in, first out
  kMap,      // what models/map_model.h says
  kStreams,  // what one producer enqueues leaves in order; that nothing was there says nothing
  kStreamsOrEmpty,  // and that nothing was there is true of each producer's stream
};

// Of kStreams: who enqueued a value. Others number them as they like, from 1.
inline constexpr linear::Value kOfProducer = 16;

// A program starts, of which nothing is known yet.
void StartRecord();
void Ask(std::uint32_t thread, const linear::Operation& operation);
void Answer(std::uint32_t thread, linear::Result result);
// Whether the contract was kept.
bool Kept(Contract contract);
// From now on nothing is made of it when a thread other than t0 is told that nothing is there.
// Where loads may see older stores, a thread need not have seen what was put in before it asked.
void ForgiveEmpty(bool forgive);
// The record, a call a line.
std::string DrawRecord();

// One call of a container: the thread's next operation.
template <class Body>
linear::Result Call(std::uint32_t thread, const linear::Operation& operation, Body body) {
  sched::BeginOperation();
  Ask(thread, operation);
  const linear::Result result = body();
  Answer(thread, result);
  return result;
}

inline void Judge(Contract contract) {
  if (!Kept(contract)) sched::Fail("the answers break the contract");
}

}  // namespace slotproof::public_containers

#endif  // SLOTPROOF_SUBJECTS_PUBLIC_CONTAINERS_JUDGE_H_
