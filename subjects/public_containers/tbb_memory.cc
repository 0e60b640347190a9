// The library's allocator takes its memory from where the scheduler does not see it. These stand
// for it, so that what is freed too early is noticed and each schedule finds the same addresses.

#include <cstddef>
#include <cstdlib>

#include <tbb/cache_aligned_allocator.h>
#include <tbb/tbb_allocator.h>

namespace tbb::detail::r1 {

void* __TBB_EXPORTED_FUNC allocate_memory(std::size_t size) { return std::malloc(size); }
void __TBB_EXPORTED_FUNC deallocate_memory(void* memory) { std::free(memory); }
void* __TBB_EXPORTED_FUNC cache_aligned_allocate(std::size_t size) {
  constexpr std::size_t kLine = 128;
  return std::aligned_alloc(kLine, (size + kLine - 1) / kLine * kLine);
}
void __TBB_EXPORTED_FUNC cache_aligned_deallocate(void* memory) { std::free(memory); }

}  // namespace tbb::detail::r1
