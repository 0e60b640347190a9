#ifndef SLOTPROOF_HARNESS_BASE_SHELL_QUOTED_H_
#define SLOTPROOF_HARNESS_BASE_SHELL_QUOTED_H_

#include <string>
#include <string_view>

namespace slotproof {

// One word of a shell's command line, which stays one line whatever the text is: itself when no
// shell makes anything of it, else 'in quotes', or $'...' when it has line ends and the like.
std::string ShellQuoted(std::string_view text);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_BASE_SHELL_QUOTED_H_
