#include "bench/misuse/judge.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace slotproof::bench {

MisuseJudge::MisuseJudge(const MisuseProgram& program) {
  Contents start;
  for (std::uint32_t key = 1; key <= program.entries; ++key) start[key] = ValueAtStart(key);
  for (const auto& [key, value] : start) {
    values_[key].insert(value);
    steady_.insert(key);
  }
  for (std::size_t thread = 0; thread < 2; ++thread) {
    ops_[thread] = OpsOf(program, thread);
    for (const MisuseOp& op : ops_[thread]) {
      if (op.kind == MisuseKind::kInsert) values_[op.key].insert(op.value);
      if (op.kind == MisuseKind::kInsert || op.kind == MisuseKind::kDelete) steady_.erase(op.key);
      if (op.kind == MisuseKind::kClear) steady_.clear();
    }
  }
  Explain(0, 0, start, Answers(2 * kMisuseOps));
}

void MisuseJudge::Explain(std::size_t done0, std::size_t done1, const Contents& contents,
                          Answers answers) {
  const std::size_t done[2] = {done0, done1};
  for (std::size_t thread = 0; thread < 2; ++thread) {
    if (done[thread] == ops_[thread].size()) continue;
    const MisuseOp& op = ops_[thread][done[thread]];
    Contents after = contents;
    Answers then = answers;
    switch (op.kind) {
      case MisuseKind::kInsert:
        after[op.key] = op.value;
        break;
      case MisuseKind::kFind:
        if (contents.contains(op.key)) {
          then[thread * kMisuseOps + done[thread]] = contents.at(op.key);
        }
        break;
      case MisuseKind::kDelete:
        after.erase(op.key);
        break;
      case MisuseKind::kIterate:
        break;
      case MisuseKind::kClear:
        after.clear();
        break;
    }
    Explain(done0 + (thread == 0 ? 1 : 0), done1 + (thread == 1 ? 1 : 0), after, std::move(then));
  }
  if (done0 < ops_[0].size() || done1 < ops_[1].size()) return;
  right_.emplace(contents, std::move(answers));
  right_contents_.insert(contents);
}

bool MisuseJudge::IteratedWell(const MisuseSeen::Thread& seen) const {
  if (seen.iterated_badly) return false;
  for (std::uint32_t key = 0; key < kMisuseKeys; ++key) {
    const std::uint32_t value = seen.iterated[key];
    if (value == 0 && steady_.contains(key)) return false;
    if (value == 0) continue;
    const auto had = values_.find(key);
    if (had == values_.end() || !had->second.contains(value)) return false;
  }
  return true;
}

std::string MisuseJudge::Judge(const MisuseSeen& seen) const {
  const auto& [one, other] = seen.threads;
  if (!one.thrown.empty() && !other.thrown.empty() && one.thrown != other.thrown) {
    return std::string(one.thrown) + "; " + std::string(other.thrown);
  }
  if (!one.thrown.empty() || !other.thrown.empty()) {
    return std::string(one.thrown.empty() ? other.thrown : one.thrown);
  }
  if (!seen.broken_law.empty()) return "corrupted";
  Contents contents;
  for (std::uint32_t key = 0; key < kMisuseKeys; ++key) {
    if (seen.contents[key] != 0) contents[key] = seen.contents[key];
  }
  if (!right_contents_.contains(contents)) return "lost";
  Answers answers;
  for (std::size_t thread = 0; thread < 2; ++thread) {
    answers.insert(answers.end(), seen.threads[thread].answers.begin(),
                   seen.threads[thread].answers.end());
    const bool iterates =
        std::any_of(ops_[thread].begin(), ops_[thread].end(),
                    [](const MisuseOp& op) { return op.kind == MisuseKind::kIterate; });
    if (iterates && !IteratedWell(seen.threads[thread])) return "wrong answer";
  }
  return right_.contains({contents, answers}) ? "unnoticed" : "wrong answer";
}

}  // namespace slotproof::bench
