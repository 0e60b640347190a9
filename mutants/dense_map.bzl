"""Faults of real containers, planted in a flat map: most meet an operation of its own alone."""

load(":catalogue.bzl", "mutant")

def _mutant(name, **kwargs):
    return mutant(name = "dense_map_" + name, file = "subjects/map/dense_map.h", **kwargs)

# What depends on the present value.
_PRESENT = [
    _mutant(
        name = "swap_ignores_the_comparison",
        rule = "only the expected element is swapped (compare_and_swap)",
        find = "if (!(entry->elem == expected)) return false;",
        replace = "",
    ),
    _mutant(
        name = "swap_makes_the_key",
        rule = "an absent key has no element, not a zero one (compare_and_swap)",
        find = "Entry* entry = Search(key);\n    if (entry == nullptr) return false;\n    if (!(",
        replace = "Entry* entry = Search(key) ? Search(key) : &Append(key, Elem{});\n    if (!(",
    ),
    _mutant(
        name = "update_of_a_copy",
        rule = "a function is applied to the element itself (update)",
        find = "function(entry->elem);",
        replace = "Elem copy = entry->elem; function(copy);",
    ),
    _mutant(
        name = "update_of_a_moved_entry",
        rule = "an entry is found again after the insertion that moved it (update)",
        find = "if (entry == nullptr) entry = &Append(key, Elem{});",
        replace = "if (entry == nullptr) { Append(key, Elem{}); entry = entries_.data(); }",
    ),
    _mutant(
        name = "update_of_a_new_key_left_out",
        rule = "a function is applied to the element of a new key, too (update)",
        find = "entry = &Append(key, Elem{});",
        replace = "{ Append(key, Elem{}); return; }",
    ),
    _mutant(
        name = "load_or_store_assigns",
        rule = "what is there stays as it is (try_emplace)",
        find = "return {&entry->elem, false};",
        replace = "const_cast<Elem&>(entry->elem) = Elem(elem); return {&entry->elem, false};",
    ),
    _mutant(
        name = "load_or_store_takes_its_argument",
        rule = "an argument that is not stored stays as it was (try_emplace)",
        find = "return {&entry->elem, false};",
        replace = "static_cast<void>(Elem(std::forward<E>(elem))); return {&entry->elem, false};",
    ),
    _mutant(
        name = "got_after_the_deletion",
        rule = "what is given is what was deleted (get_and_delete)",
        find = "std::optional<Elem> got(std::move(entry->elem));\n    EraseOne(entry->key);",
        replace = "EraseOne(entry->key);\n    std::optional<Elem> got(std::move(entry->elem));",
    ),
    _mutant(
        name = "got_and_not_deleted",
        rule = "what was given is no longer there (get_and_delete)",
        find = "EraseOne(entry->key);",
        replace = "",
    ),
]

# Arguments that refer into the map.
_WITHIN = [
    _mutant(
        name = "argument_read_after_growth",
        rule = "an insertion reads its arguments before it moves entries (push_back(v[0]))",
        find = "    Append(key, std::forward<E>(elem));\n    return true;",
        replace = "    Grow(); Append(key, std::forward<E>(elem));\n    return true;",
        memory = True,
    ),
    _mutant(
        name = "emplace_argument_read_after_growth",
        rule = "an emplacement reads its arguments before it moves entries (try_emplace)",
        find = "return {&Append(key, std::forward<E>(elem)).elem, true};",
        replace = "Grow(); return {&Append(key, std::forward<E>(elem)).elem, true};",
        memory = True,
    ),
    _mutant(
        name = "assignment_steals",
        rule = "an assignment from an element of the map leaves it as it was",
        find = "bool assign_within(const Key& key, Elem& elem) { return Assign(key, elem); }",
        replace = "bool assign_within(const Key& key, Elem& elem) { return Assign(key, std::move(elem)); }",
    ),
    _mutant(
        name = "assignment_clears_first",
        rule = "an element that is assigned to itself stays as it is",
        find = "entry->elem = std::forward<E>(elem);",
        replace = "entry->elem = Elem{}; entry->elem = std::forward<E>(elem);",
    ),
    _mutant(
        name = "deletion_compares_with_what_is_gone",
        rule = "a deletion does not look at its key after it has moved entries (std::list::remove)",
        find = "bool erase_within(const Key& key) { return erase(key); }",
        replace = "bool erase_within(const Key& key) { bool erased = false; while (erase(key)) erased = true; return erased; }",
    ),
]

MUTANTS = _PRESENT + _WITHIN
