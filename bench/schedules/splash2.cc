#include <pthread.h>

#include <array>
#include <cstddef>
#include <mutex>
#include <span>

#include "bench/schedules/program.h"
#include "bench/schedules/racy.h"
#include "bench/schedules/sets.h"
#include "bench/schedules/thread.h"

// Small kernels in the manner of SPLASH-2: two threads that meet at barriers. All have the same
// bug, that of macros which do not wait for the end of the other threads: the one that looks at the
// result, as soon as it is through itself, finds that not all are. 2 threads, no preemption: the
// order in which they come to their ends, after the last barrier, is enough.

namespace slotproof::bench {
namespace {

constexpr int kWorkers = 2;

class Barrier {
 public:
  void Wait() {
    pthread_mutex_lock(&mutex_);
    const int round = round_;
    arrived_ = arrived_ + 1;
    if (arrived_ == kWorkers) {
      arrived_ = 0;
      round_ = round + 1;
      pthread_cond_broadcast(&all_there_);
    } else {
      while (round_ == round) pthread_cond_wait(&all_there_, &mutex_);
    }
    pthread_mutex_unlock(&mutex_);
  }

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t all_there_ = PTHREAD_COND_INITIALIZER;
  int arrived_ = 0;
  int round_ = 0;
};

// What the kernels share: numbers for the workers, a barrier, and how many are through.
struct Crew {
  std::mutex mutex;
  int numbers = 0;
  Barrier barrier;
  Racy<int> finished = 0;
};

int TakeNumber(Crew& crew) {
  const std::lock_guard lock(crew.mutex);
  const int number = crew.numbers;
  crew.numbers = number + 1;
  return number;
}

// A kernel is a Crew with a function Work(int number).
template <typename Kernel>
void Work(Kernel& kernel) {
  kernel.Work(TakeNumber(kernel));
  ++kernel.finished;
}

template <typename Kernel>
void WorkAndCheck(Kernel& kernel) {
  Work(kernel);
  Require(kernel.finished == kWorkers, "the result is looked at before all are through");
}

template <typename Kernel>
void RunKernel() {
  Kernel kernel;
  const Thread check = Start<WorkAndCheck<Kernel>>(kernel);
  const Thread work = Start<Work<Kernel>>(kernel);
  work.Join();
  check.Join();
}

// Gravity on a line, in Barnes and Hut's way: the bodies are put into a binary tree of intervals,
// under a lock, and a body feels a far interval as one mass.
class Barnes : public Crew {
 public:
  Barnes() {
    for (std::size_t i = 0; i < kBodies; ++i) {
      bodies_[i].position = (static_cast<double>(i * 5 % kBodies) + 0.5) / kBodies;
    }
  }

  void Work(int number) {
    const std::size_t first = static_cast<std::size_t>(number) * kBodies / kWorkers;
    const std::size_t end = first + kBodies / kWorkers;
    for (int step = 0; step < kSteps; ++step) {
      if (number == 0) Clear();
      barrier.Wait();
      for (std::size_t i = first; i < end; ++i) Insert(i);
      barrier.Wait();
      for (std::size_t i = first; i < end; ++i) {
        bodies_[i].force = Force(bodies_[i].position, kRoot, 1);
      }
      barrier.Wait();
      for (std::size_t i = first; i < end; ++i) {
        bodies_[i].position = bodies_[i].position + kStepLength * bodies_[i].force;
      }
    }
  }

 private:
  static constexpr std::size_t kBodies = 8;
  static constexpr std::size_t kNodes = 32;
  static constexpr int kSteps = 4;
  static constexpr double kStepLength = 1e-6;
  static constexpr std::size_t kRoot = 0;
  static constexpr std::size_t kNone = 0;  // as a child

  struct Body {
    double position = 0;
    double force = 0;
  };

  // An interval: of no body, of one, or of more and then with children.
  struct Node {
    int count = 0;
    double sum = 0;  // of the positions
    std::array<std::size_t, 2> children = {kNone, kNone};
  };

  void Clear() {
    nodes_[kRoot] = Node();
    nodes_used_ = 1;
  }

  void Insert(std::size_t body) {
    const std::lock_guard lock(tree_mutex_);
    double carried = bodies_[body].position;
    double begin = 0;
    double length = 1;
    for (std::size_t at = kRoot;;) {
      Node& node = nodes_[at];
      const double others = node.sum;
      node.count = node.count + 1;
      node.sum = others + carried;
      if (node.count == 1) return;
      length /= 2;
      // The one that was here alone has to go down too.
      if (node.count == 2) {
        Node& child = nodes_[Child(node, others >= begin + length)];
        child.count = 1;
        child.sum = others;
      }
      const bool is_right = carried >= begin + length;
      at = Child(node, is_right);
      if (is_right) begin += length;
    }
  }

  std::size_t Child(Node& node, bool is_right) {
    std::size_t& child = node.children[is_right ? 1 : 0];
    if (child == kNone) {
      child = nodes_used_;
      nodes_used_ = nodes_used_ + 1;
      nodes_[child] = Node();
    }
    return child;
  }

  double Force(double position, std::size_t at, double length) const {
    const Node& node = nodes_[at];
    const int count = node.count;
    if (count == 0) return 0;
    const double distance = node.sum / count - position;
    if (count == 1 || length * length < distance * distance) {
      if (distance == 0) return 0;
      return (distance > 0 ? count : -count) / (distance * distance);
    }
    double force = 0;
    for (const std::size_t child : node.children) {
      if (child != kNone) force += Force(position, child, length / 2);
    }
    return force;
  }

  std::array<Body, kBodies> bodies_;
  std::mutex tree_mutex_;
  std::array<Node, kNodes> nodes_;
  std::size_t nodes_used_ = 1;
};

// A transform of eight numbers, in three rounds of four sums and differences, with a barrier after
// each: Walsh and Hadamard's, which is Fourier's without the factors. The second worker scales the
// result after the last barrier.
class Fft : public Crew {
 public:
  void Work(int number) {
    barrier.Wait();
    for (std::size_t stride = 1; stride < kNumbers; stride *= 2) {
      const std::size_t first = static_cast<std::size_t>(number) * kNumbers / 2 / kWorkers;
      for (std::size_t i = first; i < first + kNumbers / 2 / kWorkers; ++i) {
        const std::size_t left = i / stride * 2 * stride + i % stride;
        const double a = numbers_[left];
        const double b = numbers_[left + stride];
        numbers_[left] = a + b;
        numbers_[left + stride] = a - b;
      }
      barrier.Wait();
    }
    if (number == 0) return;
    for (double& x : numbers_) x = x / kNumbers;
  }

 private:
  static constexpr std::size_t kNumbers = 8;

  std::array<double, kNumbers> numbers_ = {1, 2, 3, 4, 5, 6, 7, 8};
};

// A matrix of 4 by 4 is made into a lower and an upper triangle; each worker has every second row.
class Lu : public Crew {
 public:
  void Work(int number) {
    for (std::size_t k = 0; k + 1 < kSize; ++k) {
      for (std::size_t i = k + 1; i < kSize; ++i) {
        if (i % kWorkers != static_cast<std::size_t>(number)) continue;
        const double factor = rows_[i][k] / rows_[k][k];
        rows_[i][k] = factor;
        for (std::size_t j = k + 1; j < kSize; ++j) {
          rows_[i][j] = rows_[i][j] - factor * rows_[k][j];
        }
      }
      barrier.Wait();
    }
  }

 private:
  static constexpr std::size_t kSize = 4;

  std::array<std::array<double, kSize>, kSize> rows_ = {
      {{4, 1, 2, 1}, {1, 5, 1, 2}, {2, 1, 6, 1}, {1, 2, 1, 7}}};
};

constexpr std::string_view kBug = "the result is looked at before all are through";

constexpr Program kPrograms[] = {
    {"Splash2/barnes", RunKernel<Barnes>, 3, kBug},
    {"Splash2/fft", RunKernel<Fft>, 3, kBug},
    {"Splash2/lu", RunKernel<Lu>, 3, kBug},
};

}  // namespace

std::span<const Program> Splash2Programs() { return kPrograms; }

}  // namespace slotproof::bench
