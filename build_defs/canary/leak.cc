// Drops the only pointer to an allocation: nothing without LeakSanitizer, fatal with it.

#include <cstdio>
#include <cstdlib>

int main() {
  // In a frame of its own and behind a volatile, so that no copy is left on the stack.
  void* volatile lost = std::malloc(4321);
  std::printf("%d\n", lost != nullptr);
  lost = nullptr;
}
