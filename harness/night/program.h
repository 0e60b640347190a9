#ifndef SLOTPROOF_HARNESS_NIGHT_PROGRAM_H_
#define SLOTPROOF_HARNESS_NIGHT_PROGRAM_H_

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/error.h"

// A program run as a child, with what it writes on one pipe.
//
//   Start() -> running -> Exit() has a value once it has ended
//
// Invariants: the child dies with its parent, however that ends; Ctrl-C on the terminal reaches the
// parent only, which decides; a Program that goes away kills its child, with that child's own
// children, and waits for it.

namespace slotproof {

struct ProgramExit {
  int code = 0;    // when it exited
  int signal = 0;  // when a signal ended it, else 0
};

enum class ProgramOutput {
  kStdout,  // what it writes to its standard output; its errors go where ours go
  kStderr,  // what it writes to its error output; its standard output is dropped
};

class Program {
 public:
  // `environment` is added to this process's own. The program stands in `folder`, or, if that is
  // empty, where this process does.
  static Expected<Program> Start(const std::vector<std::string>& args,
                                 const std::map<std::string, std::string>& environment,
                                 ProgramOutput output, const std::string& folder = "");
  ~Program();
  Program(Program&& other) noexcept;
  Program& operator=(Program&& other) noexcept;

  // For poll(); readable when there is output, and when there will be no more.
  int output_fd() const { return output_fd_; }

  // What there is now, without waiting.
  std::string ReadOutput();

  // How it ended; nothing while it runs. Does not wait.
  std::optional<ProgramExit> Exit();

  void Signal(int signal);
  ProgramExit KillAndWait();

 private:
  Program(pid_t pid, int output_fd) : pid_(pid), output_fd_(output_fd) {}
  void Close();

  pid_t pid_ = -1;
  int output_fd_ = -1;
  std::optional<ProgramExit> exit_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_PROGRAM_H_
