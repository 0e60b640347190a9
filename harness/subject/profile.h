#ifndef SLOTPROOF_HARNESS_SUBJECT_PROFILE_H_
#define SLOTPROOF_HARNESS_SUBJECT_PROFILE_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace slotproof {

// How often the generator draws each operation, by its place in the vocabulary; 0 is never.
struct Profile {
  std::string_view name;
  std::uint32_t weight = 1;                  // of the profile itself
  std::span<const std::uint16_t> ops;        // one weight an operation; 0 for those behind them
  std::span<const std::uint32_t> pins = {};  // header fields held: field, value, field, value, ...
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SUBJECT_PROFILE_H_
