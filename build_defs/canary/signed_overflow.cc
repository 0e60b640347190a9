// Adds one to the largest int: nothing without UBSan, fatal with it.

#include <cstdio>
#include <limits>

int main(int argc, char**) {
  volatile int largest = std::numeric_limits<int>::max();
  std::printf("%d\n", largest + argc);
}
