#ifndef SLOTPROOF_SUBJECTS_PUBLIC_CONTAINERS_PROGRAMS_H_
#define SLOTPROOF_SUBJECTS_PUBLIC_CONTAINERS_PROGRAMS_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <thread>

// Programs of two or three threads on containers as their authors ship them: the headers are those
// that Debian installs.

namespace slotproof::public_containers {

struct ContainerProgram {
  std::string_view name;
  void (*run)();
  // What its schedules come to, if it is not that all is well; and where loads may see older
  // stores.
  std::string_view ending = "";
  std::string_view stale_ending = ending;
  bool races_fail = true;
  bool is_small = false;  // so that all of its interleavings can be run
};

// The more of them, the slower it is to see that there is no end.
inline constexpr std::uint64_t kMostPoints = 2500;

std::span<const ContainerProgram> MoodycamelPrograms();
std::span<const ContainerProgram> BoostPrograms();
std::span<const ContainerProgram> TbbPrograms();

struct ContainerSet {
  std::string_view name;
  std::span<const ContainerProgram> programs;
};
inline std::array<ContainerSet, 3> ContainerSets() {
  return {ContainerSet{"moodycamel", MoodycamelPrograms()},
          ContainerSet{"boost.lockfree", BoostPrograms()}, ContainerSet{"tbb", TbbPrograms()}};
}

// Runs both at once.
template <class First, class Second>
void Together(First first, Second second) {
  std::thread t1(first);
  std::thread t2(second);
  t1.join();
  t2.join();
}

}  // namespace slotproof::public_containers

#endif  // SLOTPROOF_SUBJECTS_PUBLIC_CONTAINERS_PROGRAMS_H_
