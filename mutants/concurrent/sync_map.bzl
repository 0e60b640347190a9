"""Bugs of concurrent code, planted in the map that threads share: most need a schedule to be seen."""

load(":memory.bzl", "MEMORY_MUTANTS", "sync_map_mutant")

# Expunged entries.
_EXPUNGED = [
    sync_map_mutant(
        name = "swap_stores_into_expunged",
        rule = "a store meets an expunged entry and goes to the lock (tryStore)",
        find = """      if (there == Expunged()) {
        Policy::Report(SyncMapEvent::kMetExpunged);
        return std::nullopt;
      }""",
        replace = """      if (there == Expunged()) {
        if (!entry.Replace(there, box.get())) continue;
        box.release();
        return nullptr;
      }""",
    ),
    sync_map_mutant(
        name = "load_or_store_stores_into_expunged",
        rule = "a value is not stored into an expunged entry (tryLoadOrStore)",
        find = """      if (there == Expunged()) {
        Policy::Report(SyncMapEvent::kMetExpunged);
        return nullptr;
      }""",
        replace = """      if (there == Expunged()) {
        entry.word.store(box.get());
        return box.release();
      }""",
    ),
    sync_map_mutant(
        name = "unexpunged_entry_not_dirty",
        rule = "an entry that is unexpunged goes into the dirty map (Store)",
        find = "dirty_->map.InsertOrAssign(key, &entry);",
        replace = "",
    ),
    sync_map_mutant(
        name = "swap_without_unexpunge",
        rule = "under the lock an entry is unexpunged before it gets a value (Store)",
        find = """      UnexpungeLocked(key, *entry);
      return Taken(section, SwapLocked(*entry, std::move(box)));""",
        replace = """      const Box* was = entry->word.exchange(box.release());
      return Taken(section, was == Expunged() ? nullptr : was);""",
    ),
    sync_map_mutant(
        name = "load_or_store_unexpunges_alone",
        rule = "an entry that is unexpunged goes into the dirty map (LoadOrStore)",
        find = """      UnexpungeLocked(key, *entry);
      const Box* const there = TryLoadOrStore(*entry, box);""",
        replace = """      const Box* was = Expunged();
      entry->Replace(was, nullptr);
      const Box* const there = TryLoadOrStore(*entry, box);""",
    ),
    sync_map_mutant(
        name = "deleted_entry_not_expunged",
        rule = "what the dirty map leaves out is expunged (dirtyLocked)",
        find = "if (!ExpungeIfDeleted(*entry)) dirty_->map",
        replace = "if (entry->Load() != nullptr) dirty_->map",
    ),
    sync_map_mutant(
        name = "expunged_entry_kept_dirty",
        rule = "an expunged entry is not in the dirty map (dirtyLocked)",
        find = "if (!ExpungeIfDeleted(*entry)) dirty_->map",
        replace = "if (ExpungeIfDeleted(*entry) || true) dirty_->map",
    ),
    sync_map_mutant(
        name = "compare_reads_expunged",
        rule = "an expunged entry has no value to compare with (tryCompareAndSwap)",
        find = "there != nullptr && there != Expunged() &&",
        replace = "there != nullptr &&",
    ),
]

# One step as two.
_STEPS = [
    sync_map_mutant(
        name = "expunged_in_two_steps",
        rule = "an entry is expunged if it is still deleted (tryExpungeLocked)",
        find = "if (!entry.Replace(there, Expunged())) continue;",
        replace = "entry.word.store(Expunged());",
    ),
    sync_map_mutant(
        name = "swap_in_two_steps",
        rule = "a value is stored where the word is as it was (tryStore)",
        find = "if (entry.Replace(there, box.get())) break;",
        replace = """entry.word.store(box.get());
      break;""",
    ),
    sync_map_mutant(
        name = "swap_under_lock_in_two_steps",
        rule = "what a store under the lock replaces it takes (swapLocked)",
        find = "const Box* const was = entry.word.exchange(box.release(), std::memory_order_seq_cst);",
        replace = """const Box* const was = entry.word.load();
    entry.word.store(box.release());""",
    ),
    sync_map_mutant(
        name = "load_or_store_in_two_steps",
        rule = "a value is stored where there is still none (tryLoadOrStore)",
        find = "} while (!entry.Replace(there, box.get()));",
        replace = "} while (entry.word.store(box.get()), false);",
    ),
    sync_map_mutant(
        name = "load_or_store_retries_blindly",
        rule = "who finds a value on the second try takes it (tryLoadOrStore)",
        find = """if (there != nullptr) return there;
    } while (!entry.Replace(there, box.get()));""",
        replace = """if (there != nullptr) return there;
    } while (!entry.Replace(there, box.get()) && !entry.Replace(there, box.get()));""",
    ),
    sync_map_mutant(
        name = "delete_in_two_steps",
        rule = "a value is deleted where the word is as it was (delete)",
        find = "while (there != nullptr && !entry->Replace(there, nullptr)) there = entry->Load();",
        replace = "if (there != nullptr) entry->word.store(nullptr);",
    ),
    sync_map_mutant(
        name = "delete_tries_once",
        rule = "a deletion whose value was replaced deletes the other (delete)",
        find = "while (there != nullptr && !entry->Replace(there, nullptr)) there = entry->Load();",
        replace = "if (there != nullptr && !entry->Replace(there, nullptr)) there = nullptr;",
    ),
    sync_map_mutant(
        name = "compare_and_replace_in_two_steps",
        rule = "what was compared is what is replaced (CompareAndSwap)",
        find = "if (!entry.Replace(there, box.get())) continue;",
        replace = "entry.word.store(box.get());",
    ),
    sync_map_mutant(
        name = "compare_and_replace_tries_once",
        rule = "a comparison is made again when the word has changed (CompareAndSwap)",
        find = "if (!entry.Replace(there, box.get())) continue;",
        replace = """if (!entry.Replace(there, box.get())) {
        entry.word.store(box.get());
      }""",
    ),
]

# What is looked at again under the lock.
_CHECKS = [
    sync_map_mutant(
        name = "search_does_not_look_again",
        rule = "under the lock the read part is looked at again (Load)",
        find = """    entry = read->Find(key);
    if (entry != nullptr || !read->amended) {
      Policy::Report""",
        replace = """    if (dirty_ == nullptr) {
      Policy::Report""",
    ),
    sync_map_mutant(
        name = "swap_looks_at_the_old_read_part",
        rule = "under the lock the read part is looked at again (Store)",
        find = """    if (Entry* const entry = Read()->Find(key)) {
      if (const auto was = TrySwap(*entry, box)) return Taken(section, *was);
    }
    const std::lock_guard lock(mutex_);
    if (Entry* const entry = Read()->Find(key)) {
      UnexpungeLocked""",
        replace = """    const ReadPart* const before = Read();
    if (Entry* const entry = before->Find(key)) {
      if (const auto was = TrySwap(*entry, box)) return Taken(section, *was);
    }
    const std::lock_guard lock(mutex_);
    if (Entry* const entry = before->Find(key)) {
      UnexpungeLocked""",
    ),
    sync_map_mutant(
        name = "load_or_store_looks_at_the_old_read_part",
        rule = "under the lock the read part is looked at again (LoadOrStore)",
        find = """    if (Entry* const entry = Read()->Find(key)) {
      if (const Box* const there = TryLoadOrStore(*entry, box)) {
        return {there->value, box != nullptr};
      }
    }
    const std::lock_guard lock(mutex_);
    if (Entry* const entry = Read()->Find(key)) {
""",
        replace = """    const ReadPart* const before = Read();
    if (Entry* const entry = before->Find(key)) {
      if (const Box* const there = TryLoadOrStore(*entry, box)) {
        return {there->value, box != nullptr};
      }
    }
    const std::lock_guard lock(mutex_);
    if (Entry* const entry = before->Find(key)) {
""",
    ),
    sync_map_mutant(
        name = "compare_and_swap_looks_at_the_old_read_part",
        rule = "under the lock the read part is looked at again (CompareAndSwap)",
        find = """if (Entry* const entry = Read()->Find(key)) {
      Policy::Report""",
        replace = """if (Entry* const entry = read->Find(key)) {
      Policy::Report""",
    ),
    sync_map_mutant(
        name = "range_does_not_look_again",
        rule = "an iteration promotes what is still amended (Range)",
        find = "if (Read()->amended) {",
        replace = "if (dirty_ != nullptr || true) {",
    ),
    sync_map_mutant(
        name = "range_visits_the_old_read_part",
        rule = "an iteration visits the read part that it promoted (Range)",
        find = """      read = Read();
    }
    const auto& map""",
        replace = """    }
    const auto& map""",
    ),
    sync_map_mutant(
        name = "range_does_not_promote",
        rule = "an iteration visits the keys of the dirty map (Range)",
        find = """        PromoteLocked(section);
      }
      read""",
        replace = """      }
      read""",
    ),
]

# Locks.
_LOCKS = [
    sync_map_mutant(
        name = "search_without_the_lock",
        rule = "the dirty map is looked at under the lock (Load)",
        find = """const std::lock_guard lock(mutex_);
    read = Read();""",
        replace = "read = Read();",
    ),
    sync_map_mutant(
        name = "swap_without_the_lock",
        rule = "the dirty map is written to under the lock (Store)",
        find = """const std::lock_guard lock(mutex_);
    if (Entry* const entry = Read()->Find(key)) {
      UnexpungeLocked(key, *entry);
      return Taken""",
        replace = """if (Entry* const entry = Read()->Find(key)) {
      UnexpungeLocked(key, *entry);
      return Taken""",
    ),
    sync_map_mutant(
        name = "load_or_store_without_the_lock",
        rule = "the dirty map is written to under the lock (LoadOrStore)",
        find = """const std::lock_guard lock(mutex_);
    if (Entry* const entry = Read()->Find(key)) {
      UnexpungeLocked(key, *entry);
      const Box""",
        replace = """if (Entry* const entry = Read()->Find(key)) {
      UnexpungeLocked(key, *entry);
      const Box""",
    ),
    sync_map_mutant(
        name = "compare_and_swap_without_the_lock",
        rule = "the dirty map is looked at under the lock (CompareAndSwap)",
        find = """const std::lock_guard lock(mutex_);
    if (Entry* const entry = Read()->Find(key)) {
      Policy""",
        replace = """if (Entry* const entry = Read()->Find(key)) {
      Policy""",
    ),
    sync_map_mutant(
        name = "compare_and_swap_keeps_the_lock",
        rule = "each path gives the lock back (CompareAndSwap)",
        find = """const std::lock_guard lock(mutex_);
    if (Entry* const entry = Read()->Find(key)) {
      Policy""",
        replace = """mutex_.lock();
    if (Entry* const entry = Read()->Find(key)) {
      Policy""",
    ),
    sync_map_mutant(
        name = "range_promotes_without_the_lock",
        rule = "the dirty map is promoted under the lock (Range)",
        find = """const std::lock_guard lock(mutex_);
      if (Read()->amended) {""",
        replace = "if (Read()->amended) {",
    ),
    sync_map_mutant(
        name = "dirty_read_unlocked",
        rule = "the lock is kept until the dirty map was looked at (Load)",
        find = """entry = FindDirty(key);
    if (entry != nullptr && if_dirty""",
        replace = """mutex_.unlock();
    entry = FindDirty(key);
    mutex_.lock();
    if (entry != nullptr && if_dirty""",
    ),
    sync_map_mutant(
        name = "unlocked_twice",
        rule = "the lock is given back once (Load)",
        find = """    MissLocked(section);
    return entry;""",
        replace = """    MissLocked(section);
    mutex_.unlock();
    return entry;""",
    ),
    sync_map_mutant(
        name = "miss_counted_unlocked",
        rule = "a miss is counted, and the dirty map promoted, under the lock (missLocked)",
        find = """    MissLocked(section);
    return entry;""",
        replace = """    mutex_.unlock();
    MissLocked(section);
    mutex_.lock();
    return entry;""",
    ),
]

# Which map has what.
_MAPS = [
    sync_map_mutant(
        name = "amended_not_set",
        rule = "the read part says that there is a dirty map (Store)",
        find = "Publish(new ReadPart(read->entries, true));",
        replace = "Publish(new ReadPart(read->entries, false));",
    ),
    sync_map_mutant(
        name = "amended_after_promotion",
        rule = "a promoted map is all there is (missLocked)",
        find = "Publish(new ReadPart(dirty_.release(), false));",
        replace = "Publish(new ReadPart(dirty_.release(), true));",
    ),
    sync_map_mutant(
        name = "dirty_kept_after_promotion",
        rule = "a promoted map is written to no more (missLocked)",
        find = "Publish(new ReadPart(dirty_.release(), false));",
        replace = "Publish(new ReadPart(dirty_.get(), false));",
    ),
    sync_map_mutant(
        name = "read_part_copied_shallowly",
        rule = "the dirty map is a map of its own (dirtyLocked)",
        find = "dirty_ = std::make_unique<Entries>(read->entries->map.size(), SplitRandom(random_));",
        replace = "dirty_.reset(read->entries);",
    ),
    sync_map_mutant(
        name = "misses_not_reset",
        rule = "a promotion begins to count misses anew (missLocked)",
        find = """    misses_ = 0;
    was->""",
        replace = "    was->",
    ),
    sync_map_mutant(
        name = "promoted_a_miss_late",
        rule = "as many misses as keys promote the dirty map (missLocked)",
        find = "if (misses_ >= dirty_->map.size()) PromoteLocked",
        replace = "if (misses_ > dirty_->map.size()) PromoteLocked",
    ),
    sync_map_mutant(
        name = "deleted_in_read_alone",
        rule = "a deletion looks into the dirty map, too (LoadAndDelete)",
        find = "Search(section, key, IfDirty::kDelete);",
        replace = "Read()->Find(key);",
    ),
    sync_map_mutant(
        name = "added_beside_the_dirty_map",
        rule = "a new key goes into the dirty map (Store)",
        find = """    auto entry = std::make_unique<Entry>(box.release());
    dirty_->map.InsertOrAssign(key, entry.get());""",
        replace = """    auto entry = std::make_unique<Entry>(box.release());
    if (Read()->entries->map.size() == 0) dirty_->map.InsertOrAssign(key, entry.get());""",
    ),
]

MUTANTS = _EXPUNGED + _STEPS + _CHECKS + _LOCKS + _MAPS + MEMORY_MUTANTS
