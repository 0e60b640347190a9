// What most sources include, of std and of libraries; see cc.bzl.

#ifndef SLOTPROOF_BUILD_DEFS_STD_HEADERS_H_
#define SLOTPROOF_BUILD_DEFS_STD_HEADERS_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#endif  // SLOTPROOF_BUILD_DEFS_STD_HEADERS_H_
