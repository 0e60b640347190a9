#ifndef SLOTPROOF_HARNESS_BASE_ERROR_H_
#define SLOTPROOF_HARNESS_BASE_ERROR_H_

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

namespace slotproof {

// What went wrong, as one sentence for a person: where, what, and what to do about it.
struct Error {
  enum class Kind : std::uint8_t {
    kInput,  // a file cannot be read, is damaged, or cannot be written
    kUsage,  // the caller asked for something that does not exist
  };

  std::string message;
  Kind kind = Kind::kInput;
};

template <class T>
using Expected = tl::expected<T, Error>;

inline tl::unexpected<Error> Unexpected(std::string message,
                                        Error::Kind kind = Error::Kind::kInput) {
  return tl::unexpected<Error>(Error{.message = std::move(message), .kind = kind});
}

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_BASE_ERROR_H_
