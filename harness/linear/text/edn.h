#ifndef SLOTPROOF_HARNESS_LINEAR_TEXT_EDN_H_
#define SLOTPROOF_HARNESS_LINEAR_TEXT_EDN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/error.h"

// The notation in which Jepsen writes its histories (github.com/edn-format/edn): as much of it as
// such a file has in it. Of a tagged value the tag is skipped; #_ drops the form behind it; commas
// are blanks; a semicolon begins a comment.

namespace slotproof::linear {

// Where a form begins; both count from 1, columns in bytes.
struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
};

struct Edn {
  enum class Kind : std::uint8_t {
    kNil,
    kBool,
    kNumber,
    kString,
    kCharacter,
    kKeyword,
    kSymbol,
    kList,
    kVector,
    kSet,
    kMap,
  };

  Kind kind = Kind::kNil;
  // Of a string what it stands for; of a keyword what follows the colon; of others as it was
  // written.
  std::string text;
  std::vector<Edn> items;  // of a map: key, value, key, value
  Position at;

  bool Is(Kind other) const { return kind == other; }
  bool IsKeyword(std::string_view name) const { return kind == Kind::kKeyword && text == name; }
  // Of a map; keywords may have a namespace. Null when there is none.
  const Edn* Find(std::string_view keyword) const;
};

// The same text for equal values, and no other: what they are told apart by, and shown as.
std::string Print(const Edn& form);

class EdnReader {
 public:
  // `file` is what errors name.
  EdnReader(std::string_view file, std::string_view text, Position at = {})
      : file_(file), rest_(text), at_(at) {}

  // The next form; nothing at the end.
  Expected<std::optional<Edn>> Next();
  // Where the reader is: behind what it has read and the blanks after it.
  Position at();

 private:
  bool Read(Edn* form, int depth);
  bool ReadForm(Edn* form, int depth);
  bool ReadItems(Edn* form, char close, int depth);
  bool ReadString(Edn* form);
  bool ReadCharacter(Edn* form);
  bool ReadDispatch(Edn* form, int depth);
  bool ReadWord(Edn* form);
  bool Escape(std::string* text);

  void SkipBlanks();
  char Take();
  std::string_view TakeWord();
  bool Fail(Position at, std::string_view message);

  std::string_view file_;
  std::string_view rest_;
  Position at_;
  std::string error_;
};

// "FILE:LINE:COLUMN: "
std::string PositionIn(std::string_view file, Position at);

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_TEXT_EDN_H_
