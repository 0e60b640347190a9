#ifndef SLOTPROOF_SUBJECTS_HEAP_CONTAINER_SUBJECT_H_
#define SLOTPROOF_SUBJECTS_HEAP_CONTAINER_SUBJECT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

// Maps and slices that live on the heap under test, as a session drives them: by the addresses of
// their headers, which are objects. What changes one may collect, and throws std::bad_alloc when
// out of memory; then the contents are as before.

namespace slotproof {

// Where a slice's window is: cells are addresses.
struct SliceView {
  void* const* cells = nullptr;  // of the array, or null without one
  std::size_t offset = 0;
  std::size_t len = 0;
  std::size_t cap = 0;
};

class ContainerSubject {
 public:
  virtual ~ContainerSubject() = default;

  // make(map[ref]ref, hint), make(map[uint64]uint64, hint)
  virtual void* NewMap(std::size_t mutator, std::size_t hint) = 0;
  virtual void* NewNumbers(std::size_t mutator, std::size_t hint) = 0;
  virtual void Set(std::size_t mutator, void* map, void* key, void* elem) = 0;
  virtual bool Delete(std::size_t mutator, void* map, void* key) = 0;
  virtual void ClearMap(std::size_t mutator, void* map) = 0;
  // The entry of a key as it is stored, if there is one.
  using Entry = std::pair<void*, void*>;
  virtual std::optional<Entry> Find(void* map, void* key) const = 0;
  virtual void VisitEntries(void* map,
                            const std::function<void(void* key, void* elem)>& visit) const = 0;
  // Whether it may keep what it no longer has: an old array does under an iterator, and in its
  // spare buckets, which are a part of it and are not zeroed when their entries move.
  virtual bool MayKeepMore(void* map) const = 0;
  // What is wrong with a map's structure, or nothing.
  virtual std::string BrokenMap(void* map, bool numbers) const = 0;

  virtual void SetNumber(std::size_t mutator, void* map, std::uint64_t key, std::uint64_t elem) = 0;
  virtual bool DeleteNumber(std::size_t mutator, void* map, std::uint64_t key) = 0;
  virtual void ClearNumbers(std::size_t mutator, void* map) = 0;
  virtual std::optional<std::uint64_t> FindNumber(void* map, std::uint64_t key) const = 0;
  virtual std::size_t CountNumbers(void* map) const = 0;

  // Iterators, by number; one that was used before ends. They keep their maps. Nothing: it is at
  // its end.
  virtual void Range(std::size_t mutator, std::size_t iterator, void* map, bool numbers) = 0;
  virtual std::optional<Entry> Next(std::size_t mutator, std::size_t iterator) = 0;
  virtual std::optional<std::pair<std::uint64_t, std::uint64_t>> NextNumber(
      std::size_t mutator, std::size_t iterator) = 0;

  // make([]ref, len, cap); a header that is a nil slice.
  virtual void* NewSlice(std::size_t mutator, std::size_t len, std::size_t cap) = 0;
  virtual void* NewNilSlice(std::size_t mutator) = 0;
  virtual void Append(std::size_t mutator, void* slice, void* elem) = 0;
  virtual void AppendAll(std::size_t mutator, void* slice, void* items) = 0;
  // *slice = (*of)[i:j]
  virtual void Window(std::size_t mutator, void* slice, void* of, std::size_t i, std::size_t j) = 0;
  virtual void SetElem(std::size_t mutator, void* slice, std::size_t i, void* elem) = 0;
  virtual void CopyElems(std::size_t mutator, void* slice, void* from) = 0;
  virtual void ClearSlice(std::size_t mutator, void* slice) = 0;
  virtual SliceView View(void* slice) const = 0;

  // What containers outside of the heap's objects keep: iterators.
  virtual void ForEachRoot(const std::function<void(void*)>& visit) const = 0;
  // The pointers that the object at this address has, null or not.
  virtual void ForEachPointer(void* object, const std::function<void(void*)>& visit) const = 0;
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_HEAP_CONTAINER_SUBJECT_H_
