// Each of these throws away what may be an error, and so each is a warning.

#include <cstdint>
#include <span>

#include "core/slice/growth.h"
#include "core/slice/idioms.h"
#include "core/slice/slice.h"

namespace slotproof::core {

inline void Discard(Slice<int>& s, const Slice<int>& t, std::span<const int> items) {
  Slice<int>::Make(1, 2);                     // error
  s.At(0);                                    // error
  s.Set(0, 1);                                // error
  s.Sub(0, 1);                                // error
  s.Sub3(0, 1, 1);                            // error
  s.Append(7);                                // error
  s.Append(items);                            // error
  s.Append(t);                                // error
  s.AppendZeros(3);                           // error
  s.ToArray(1);                               // error
  DeleteRange(s, 0, 1);                       // error
  Insert(s, 0, items);                        // error
  Insert(s, 0, t);                            // error
  Filter(s, [](int x) { return x > 0; });     // error
  PopFront(s);                                // error
  PopBack(s);                                 // error
  SplitAt(s, 0);                              // error
  Clone(s);                                   // error
  Clip(s);                                    // error
  PlanGrowth(GrowthRule::kGo118, 8, 0, 1);    // error
  GrowCapacity(GrowthRule::kGo118, 8, 0, 1);  // error
  if (!s.Append(7)) return;
  static_cast<void>(s.Append(7));
}

}  // namespace slotproof::core
