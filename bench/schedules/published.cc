#include "bench/schedules/published.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace slotproof::bench {
namespace {

constexpr int kTrials = 20;

constexpr Published Found(double mean, double least, double greatest, int found = kTrials) {
  return {true, found, kTrials, mean, least, greatest, 0};
}

// Without a range: the same in all trials.
constexpr Published Always(double mean) { return Found(mean, mean, mean); }

// The median of the schedules that a trial tried; 0: not said.
constexpr Published NotFound(double in_vain) { return {true, 0, kTrials, 0, 0, 0, in_vain}; }

// In the order of Technique. Where fewer than all trials found it and no range is published, least
// and greatest are 0.
// clang-format off
constexpr PublishedRow kRows[] = {
    {"CB/aget-bug2", 4, 24,
     {{Always(1), Always(1), Always(1), Always(1), Always(9), Always(17), {}, Always(2),
       Always(1)}}},
    {"CB/pbzip2-0.9.4", 4, 54,
     {{Found(2, 2, 2, 1), NotFound(12), NotFound(0), NotFound(0), Found(45, 0, 0, 9), Always(4),
       {}, {}, {}}}},
    {"CB/stringbuffer-jdk1.4", 2, 10,
     {{Found(15, 2, 64), Found(18, 2, 83), Found(195, 19, 624), Found(1405, 62, 5138),
       Always(27), Always(9), {}, Found(8, 2, 24), Found(2243, 39, 8669, 19)}}},
    {"Chess/InterlockedWorkStealQueue", 3, 169,
     {{Always(1), Always(1), Found(24, 1, 58, 14), NotFound(21943), Always(57), NotFound(7), {},
       Found(6, 2, 24), NotFound(10000)}}},
    {"Chess/InterlockedWorkStealQueueWithState", 3, 660,
     {{Found(7, 1, 24), Found(9, 1, 38), Found(16, 16, 16, 1), Found(16, 1, 56), Always(224),
       NotFound(9), {}, Found(6, 2, 25), Found(26, 1, 92)}}},
    {"Chess/StateWorkStealQueue", 3, 2406,
     {{Always(1), Always(1), Found(12, 12, 12, 1), NotFound(833), Always(249), NotFound(7), {},
       Found(7, 2, 22), {}}}},
    {"Chess/WorkStealQueue", 3, 161,
     {{Found(10, 2, 26), Found(10, 2, 35), Found(12, 1, 57), NotFound(24994), Always(57),
       NotFound(12), {}, Found(6, 2, 14), {}}}},
    {"ConVul/CVE-2009-3547", 0, 0,
     {{Always(1), Always(1), Found(6, 1, 17), Always(1), Always(2), {}, {}, Found(4, 2, 11),
       Found(5, 1, 17)}}},
    {"ConVul/CVE-2011-2183", 0, 0,
     {{Found(2, 1, 7), Found(2, 1, 5), Found(9, 1, 31), Always(1), Always(3), {}, {},
       Found(3, 2, 11), Found(2, 1, 5)}}},
    {"ConVul/CVE-2013-1792", 0, 0,
     {{Found(23, 1, 191), Found(50, 2, 241), Found(87, 3, 272), Found(388, 5, 1458), Always(13),
       {}, {}, Found(15, 2, 46), Found(364, 2, 1022)}}},
    {"ConVul/CVE-2015-7550", 0, 0,
     {{Found(6, 1, 18), Found(7, 1, 27), Found(8, 1, 26), Found(1, 1, 2), Always(3), {}, {},
       Found(6, 2, 28), Found(1, 1, 4)}}},
    {"ConVul/CVE-2016-1972", 0, 0,
     {{Found(39, 1, 97), Found(86, 1, 271), NotFound(293), Found(74, 28, 123, 6),
       Found(3, 0, 0, 7), {}, {}, Found(11, 2, 33), Found(299, 8, 872)}}},
    {"ConVul/CVE-2016-1973", 0, 0,
     {{Found(3, 1, 11), Found(7, 1, 20), Found(8, 1, 21), Found(5947, 396, 21885), Always(6), {},
       {}, Found(5, 2, 13), Found(308, 6, 1036)}}},
    {"ConVul/CVE-2016-7911", 0, 0,
     {{Found(13, 1, 35), Found(12, 1, 45), Found(16, 1, 46), Always(1), Always(3), {}, {},
       Found(8, 2, 33), Found(3, 1, 7)}}},
    {"ConVul/CVE-2016-9806", 0, 0,
     {{Found(11, 1, 28), Found(14, 3, 39), Found(4, 1, 13), Found(554, 12, 1986), Always(6), {},
       {}, Found(3, 2, 8), Found(2209, 99, 7160)}}},
    {"ConVul/CVE-2017-15265", 0, 0,
     {{Found(36, 2, 139), NotFound(30874), NotFound(181415), NotFound(143574), Always(11), {},
       {}, NotFound(10001), NotFound(10000)}}},
    {"ConVul/CVE-2017-6346", 0, 0,
     {{Found(5, 1, 15), Found(13, 1, 41), Found(15, 2, 35), Found(1, 1, 2), Always(5), {}, {},
       Found(15, 2, 39), Found(3, 1, 16)}}},
    {"CS/account", 4, 8,
     {{Always(1), Always(1), Found(9, 1, 21), Found(6, 1, 32), Always(10), Always(20), Always(5),
       Found(6, 2, 23), Found(18, 1, 90)}}},
    {"CS/bluetooth_driver", 2, 13,
     {{Found(45, 2, 131), Found(72, 2, 309), Found(161, 12, 586), Found(155, 2, 477), Always(9),
       NotFound(11), Always(10), Found(70, 6, 157), Found(215, 14, 968)}}},
    {"CS/carter01", 5, 19,
     {{Found(2, 1, 6), Found(2, 1, 4), Found(5, 1, 20), Always(1), Always(5), Always(6),
       NotFound(4), {}, Always(1)}}},
    {"CS/circular_buffer", 3, 31,
     {{Found(2, 1, 5), Found(2, 1, 6), Found(5, 1, 16), Found(2, 1, 4), Always(3), NotFound(17),
       Always(8), Found(3, 2, 5), Found(4, 1, 12)}}},
    {"CS/deadlock01", 3, 11,
     {{Found(5, 1, 18), Found(4, 1, 11), Found(20, 1, 89), Always(1), Always(3), NotFound(7),
       NotFound(3), Found(2, 1, 2), Found(3, 1, 11)}}},
    {"CS/lazy01", 4, 11,
     {{Found(6, 1, 28), Found(5, 1, 16), Found(10, 1, 28), Found(12, 1, 49), Always(7),
       Always(1), Always(1), Always(2), Found(21, 1, 81)}}},
    {"CS/queue", 3, 83,
     {{Always(1), Always(1), Found(12, 1, 47), Always(1), Always(4), Always(2), Always(22),
       Found(2, 2, 4), Always(1)}}},
    {"CS/stack", 3, 43,
     {{Found(2, 1, 4), Found(2, 1, 6), Found(2, 1, 7), Always(1), Always(8), NotFound(10),
       Always(20), Found(5, 2, 13), Found(176, 1, 524)}}},
    {"CS/token_ring", 5, 11,
     {{Found(5, 1, 20), Found(7, 1, 20), Found(8, 2, 26), Found(12, 1, 42), Always(2), Always(5),
       Always(14), Found(8, 2, 24), Found(13, 1, 43)}}},
    {"CS/reorder_10", 11, 40,
     {{Found(6, 1, 20), NotFound(14766), Found(2356, 22, 8812), NotFound(75536), Always(27),
       NotFound(11), {}, Found(17, 2, 47), NotFound(10000)}}},
    {"CS/reorder_100", 0, 0,
     {{Found(6, 1, 20), NotFound(2194), Found(7447, 7447, 7447, 1), NotFound(11266), Always(297),
       {}, {}, Found(194, 20, 714), NotFound(10000)}}},
    {"CS/reorder_20", 21, 89,
     {{Found(6, 1, 20), NotFound(9098), Found(2128, 70, 7590), NotFound(45488), Always(39),
       NotFound(11), {}, Found(6, 2, 15), NotFound(10000)}}},
    {"CS/reorder_3", 4, 12,
     {{Found(7, 1, 20), Found(223, 5, 501), Found(241, 32, 1304), Found(45843, 121, 106905, 18),
       Always(6), NotFound(10), {}, Found(7, 2, 23), NotFound(10000)}}},
    {"CS/reorder_4", 5, 16,
     {{Found(6, 1, 20), Found(1464, 76, 8202), Found(395, 28, 1059), NotFound(122586), Always(9),
       NotFound(11), {}, Found(7, 2, 21), NotFound(10000)}}},
    {"CS/reorder_5", 6, 20,
     {{Found(6, 1, 20), Found(4377, 243, 14958, 17), Found(1126, 99, 3754), NotFound(111083),
       Always(12), NotFound(11), {}, Found(10, 2, 30), NotFound(10000)}}},
    {"CS/reorder_50", 0, 0,
     {{Found(6, 1, 20), NotFound(3982), Found(12346, 406, 20058, 7), NotFound(21140),
       Always(129), {}, {}, Found(13, 2, 44), NotFound(10000)}}},
    {"CS/twostage", 3, 11,
     {{Found(8, 1, 28), Found(15, 1, 64), Found(9, 1, 33), Found(336, 11, 2194), Always(4),
       Always(8), Always(3), Found(8, 2, 16), Found(464, 1, 2094)}}},
    {"CS/twostage_100", 101, 792,
     {{Found(56, 3, 280), NotFound(2131), Found(3888, 344, 9987, 6), NotFound(6237), Always(690),
       NotFound(11), {}, Found(454, 41, 1623), NotFound(10000)}}},
    {"CS/twostage_20", 0, 0,
     {{Found(22, 2, 81), Found(185, 6, 955), Found(188, 11, 744), NotFound(25424), Always(76),
       {}, {}, Found(6, 2, 13), NotFound(10000)}}},
    {"CS/twostage_50", 0, 0,
     {{Found(35, 3, 115), Found(1984, 508, 3924, 19), Found(849, 45, 3171), NotFound(11630),
       Always(286), {}, {}, Found(20, 2, 57), NotFound(10000)}}},
    {"CS/wronglock", 9, 49,
     {{Always(1), Always(1), Found(88, 1, 390), Found(37, 1, 121), Always(4), Always(6),
       Always(3), Found(7, 2, 25), Found(36, 2, 148)}}},
    {"CS/wronglock_3", 5, 25,
     {{Always(1), Always(1), Found(40, 1, 136), Found(37, 1, 121), Always(5), Always(6), {},
       Found(9, 2, 35), Found(36, 2, 148)}}},
    {"Insp/boundedBuffer", 0, 0,
     {{Found(8, 1, 23), Found(6, 1, 19), Found(15, 1, 61), Found(14, 1, 52), Found(8, 0, 0, 16),
       {}, {}, Found(9, 2, 22), Found(7, 1, 23)}}},
    {"Insp/ctrace-test", 3, 22,
     {{Always(1), Always(1), Always(1), Always(1), Always(3), Always(1), Always(1), {},
       Always(1)}}},
    {"Insp/qsort_mt", 3, 81,
     {{Found(322, 33, 1206), Found(646, 21, 2828), Found(3838, 227, 14236), NotFound(10556),
       Always(27), NotFound(142), {}, Found(3048, 2, 8117, 19), Found(3442, 73, 8634, 19)}}},
    {"RADBench/bug4", 0, 0,
     {{{}, Found(240, 22, 716), Found(1973, 4, 8159, 19), {}, {}, {}, {}, Found(23, 3, 78),
       Found(1688, 77, 5144, 19)}}},
    {"RADBench/bug6", 0, 0,
     {{{}, Found(18, 1, 37), Found(42, 2, 152), {}, {}, {}, {}, Found(4, 2, 11),
       Found(48, 1, 168)}}},
    {"SafeStack", 4, 117,
     {{NotFound(212), NotFound(18114), NotFound(46), NotFound(12122), NotFound(0), NotFound(23),
       {}, Found(368921, 13238, 939432, 19), NotFound(1000000)}}},
    {"Splash2/barnes", 2, 4449,
     {{Found(3, 1, 11), Found(2, 1, 7), NotFound(0), Found(2, 1, 7), Always(2), Always(1), {},
       Found(3, 2, 7), Found(3, 1, 9)}}},
    {"Splash2/fft", 2, 152,
     {{Always(1), Always(1), Always(1), Always(1), Always(2), Always(2), {}, {}, Always(1)}}},
    {"Splash2/lu", 2, 140,
     {{Always(1), Always(1), NotFound(0), Found(47, 5, 134), Always(2), Always(2), {},
       Found(3, 2, 7), Found(43, 1, 182)}}},
};
// clang-format on

}  // namespace

std::span<const PublishedRow> PublishedRows() { return kRows; }

const PublishedRow* FindPublished(std::string_view program) {
  const auto* const row = std::ranges::find(kRows, program, &PublishedRow::program);
  return row == std::end(kRows) ? nullptr : row;
}

std::optional<Technique> Leader(const PublishedRow& row) {
  std::optional<Technique> leader;
  for (std::size_t i = 0; i < kTechniques; ++i) {
    const Published& figure = row.figures[i];
    if (!figure.FoundInAll()) continue;
    if (!leader || figure.mean < row.figures[*leader].mean) leader = static_cast<Technique>(i);
  }
  return leader;
}

std::optional<double> Goal(const PublishedRow& row) {
  const std::optional<Technique> leader = Leader(row);
  if (!leader) return std::nullopt;
  return row.figures[*leader].mean;
}

}  // namespace slotproof::bench
