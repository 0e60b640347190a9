"""Bugs planted in the map of shards: the wrong lock, none, two, or one given back early."""

load("//mutants:catalogue.bzl", "mutant")

def _mutant(name, **kwargs):
    return mutant(
        name = "sharded_map_" + name,
        file = "core/map/sharded_map.h",
        engines = ["property"],
        **kwargs
    )

MUTANTS = [
    _mutant(
        name = "load_without_the_lock",
        rule = "a shard is looked at under its lock",
        find = """const std::shared_lock lock(shard.mutex);
    return ValueOf""",
        replace = "return ValueOf",
    ),
    _mutant(
        name = "swap_looks_before_the_lock",
        rule = "what was there is what the lock finds",
        find = """const std::lock_guard lock(shard.mutex);
    std::optional<Value> was = ValueOf(shard.map.Find(key));
    shard.map.InsertOrAssign""",
        replace = """std::optional<Value> was = ValueOf(shard.map.Find(key));
    const std::lock_guard lock(shard.mutex);
    shard.map.InsertOrAssign""",
    ),
    _mutant(
        name = "swap_in_two_turns",
        rule = "what was there is what is replaced",
        find = """    shard.map.InsertOrAssign(key, std::move(value));
    return was;""",
        replace = """    shard.mutex.unlock();
    shard.mutex.lock();
    shard.map.InsertOrAssign(key, std::move(value));
    return was;""",
    ),
    _mutant(
        name = "swap_takes_both_locks",
        rule = "no operation takes two locks",
        find = """const std::lock_guard lock(shard.mutex);
    std::optional<Value> was = ValueOf(shard.map.Find(key));
    shard.map.InsertOrAssign""",
        replace = """const std::lock_guard lock(shard.mutex);
    const std::lock_guard other(shards_[&shard == &shards_[0] ? 1 : 0].mutex);
    std::optional<Value> was = ValueOf(shard.map.Find(key));
    shard.map.InsertOrAssign""",
    ),
    _mutant(
        name = "load_or_store_shares_the_lock",
        rule = "who writes to a shard is alone with it",
        find = """const std::lock_guard lock(shard.mutex);
    const auto [there""",
        replace = """const std::shared_lock lock(shard.mutex);
    const auto [there""",
    ),
    _mutant(
        name = "load_or_store_in_two_turns",
        rule = "a value is stored where there is still none",
        find = "    const auto [there, is_new] = shard.map.TryEmplace(key, std::move(value));",
        replace = """    if (shard.map.Contains(key)) return {*shard.map.Find(key), true};
    shard.mutex.unlock();
    shard.mutex.lock();
    const auto [there, is_new] = std::pair<Value&, bool>(shard.map.InsertOrAssign(key, std::move(value)).first, true);""",
    ),
    _mutant(
        name = "delete_under_another_lock",
        rule = "the lock is that of the shard",
        find = """const std::lock_guard lock(shard.mutex);
    std::optional<Value> was = ValueOf(shard.map.Find(key));
    if (was)""",
        replace = """const std::lock_guard lock(shards_[0].mutex);
    std::optional<Value> was = ValueOf(shard.map.Find(key));
    if (was)""",
    ),
    _mutant(
        name = "delete_in_two_turns",
        rule = "what was there is what is deleted",
        find = "if (was) shard.map.Erase(key);",
        replace = """shard.mutex.unlock();
    shard.mutex.lock();
    if (was) shard.map.Erase(key);""",
    ),
    _mutant(
        name = "compare_and_swap_shares_the_lock",
        rule = "who writes to a shard is alone with it",
        find = """const std::lock_guard lock(shard.mutex);
    Value* const there""",
        replace = """const std::shared_lock lock(shard.mutex);
    Value* const there""",
    ),
    _mutant(
        name = "compare_and_swap_in_two_turns",
        rule = "what was compared is what is replaced",
        find = "*there = std::move(desired);",
        replace = "shard.mutex.unlock(), shard.mutex.lock(), shard.map.InsertOrAssign(key, desired);",
    ),
    _mutant(
        name = "compare_and_delete_unlocks_early",
        rule = "a lock is kept while its shard is used",
        find = "    return there != nullptr && *there == expected && shard.map.Erase(key);",
        replace = """    shard.mutex.unlock();
    const bool deleted = there != nullptr && *there == expected && shard.map.Erase(key);
    shard.mutex.lock();
    return deleted;""",
    ),
    _mutant(
        name = "compare_and_delete_unlocks_twice",
        rule = "a lock is given back once",
        find = "    return there != nullptr && *there == expected && shard.map.Erase(key);",
        replace = """    const bool deleted = there != nullptr && *there == expected && shard.map.Erase(key);
    shard.mutex.unlock();
    return deleted;""",
    ),
    _mutant(
        name = "range_without_the_lock",
        rule = "a shard is looked at under its lock",
        find = """        const std::shared_lock lock(shard.mutex);
        shard""",
        replace = "        shard",
    ),
    _mutant(
        name = "range_keeps_the_locks",
        rule = "each lock is given back",
        find = """        const std::shared_lock lock(shard.mutex);
        shard""",
        replace = """        shard.mutex.lock_shared();
        shard""",
    ),
]
