// What -fsanitize=fuzzer-no-link makes code call, for programs that share objects with a fuzzer and
// have neither libFuzzer nor a sanitizer, whose functions would take the place of these.

#include <cstdint>

// Their names are the compiler's.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" {

extern thread_local std::uintptr_t __sancov_lowest_stack;
[[gnu::weak]] thread_local std::uintptr_t __sancov_lowest_stack = 0;

[[gnu::weak]] void __sanitizer_cov_8bit_counters_init(char*, char*) {}
[[gnu::weak]] void __sanitizer_cov_pcs_init(const std::uintptr_t*, const std::uintptr_t*) {}
[[gnu::weak]] void __sanitizer_cov_trace_pc_indir(std::uintptr_t) {}
[[gnu::weak]] void __sanitizer_cov_trace_cmp1(std::uint8_t, std::uint8_t) {}
[[gnu::weak]] void __sanitizer_cov_trace_cmp2(std::uint16_t, std::uint16_t) {}
[[gnu::weak]] void __sanitizer_cov_trace_cmp4(std::uint32_t, std::uint32_t) {}
[[gnu::weak]] void __sanitizer_cov_trace_cmp8(std::uint64_t, std::uint64_t) {}
[[gnu::weak]] void __sanitizer_cov_trace_const_cmp1(std::uint8_t, std::uint8_t) {}
[[gnu::weak]] void __sanitizer_cov_trace_const_cmp2(std::uint16_t, std::uint16_t) {}
[[gnu::weak]] void __sanitizer_cov_trace_const_cmp4(std::uint32_t, std::uint32_t) {}
[[gnu::weak]] void __sanitizer_cov_trace_const_cmp8(std::uint64_t, std::uint64_t) {}
[[gnu::weak]] void __sanitizer_cov_trace_switch(std::uint64_t, std::uint64_t*) {}
[[gnu::weak]] void __sanitizer_cov_trace_div4(std::uint32_t) {}
[[gnu::weak]] void __sanitizer_cov_trace_div8(std::uint64_t) {}
[[gnu::weak]] void __sanitizer_cov_trace_gep(std::uintptr_t) {}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
