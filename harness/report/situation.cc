#include "harness/report/situation.h"

#include <string_view>

namespace slotproof {

std::string SituationOf(const Vocabulary& vocabulary, const Trace& trace, const Verdict& verdict) {
  std::string situation = verdict.Signature();
  situation += " at ";
  situation += verdict.op_index < trace.ops.size()
                   ? vocabulary.ops[trace.ops[verdict.op_index].code].name
                   : std::string_view("the final check");
  return situation;
}

std::string ShapeOf(const Vocabulary& vocabulary, const Trace& trace) {
  std::string shape;
  for (std::size_t i = 0; i < trace.ops.size(); ++i) {
    if (i != 0 && trace.ops[i].code == trace.ops[i - 1].code) continue;
    if (!shape.empty()) shape += ' ';
    shape += vocabulary.ops[trace.ops[i].code].name;
  }
  return shape;
}

}  // namespace slotproof
