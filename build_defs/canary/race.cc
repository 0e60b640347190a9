// Two threads write one int without order: nothing without TSan, fatal with it.

#include <cstdio>
#include <thread>

int main() {
  int shared = 0;
  std::thread other([&shared] { shared = 1; });
  shared = 2;
  other.join();
  std::printf("%d\n", shared);
}
