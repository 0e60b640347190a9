// Reads one byte past a heap allocation: nothing without ASan, fatal with it.

#include <cstdio>
#include <cstdlib>

int main(int argc, char**) {
  const auto size = static_cast<std::size_t>(argc);
  auto* bytes = static_cast<volatile char*>(std::malloc(size));
  bytes[0] = 1;
  std::printf("%d\n", bytes[size] == 0);
  std::free(const_cast<char*>(bytes));
}
