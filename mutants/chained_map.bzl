"""The planted bugs of iterators, in a small container that has some (subjects/map/chained_map.h)."""

load(":catalogue.bzl", "mutant")

def _mutant(name, **kwargs):
    return mutant(name = "chained_map_" + name, file = "subjects/map/chained_map.h", **kwargs)

MUTANTS = [
    _mutant(
        name = "erase_skips_one",
        rule = "erase gives the iterator behind the erased entry, not the one behind that",
        find = "return next;",
        replace = "if (next != end()) ++next; return next;",
    ),
    _mutant(
        name = "erase_goes_back_to_the_chain",
        rule = "erase gives an entry that the iterator has not passed",
        find = "--table_->size;",
        replace = "--table_->size; next = FirstFrom(table_.get(), it.chain_);",
    ),
    _mutant(
        name = "erase_leaves_the_chain",
        rule = "the rest of the chain is behind the erased entry",
        find = "if (node_ == nullptr) *this = FirstFrom(table_, chain + 1);",
        replace = "*this = FirstFrom(table_, chain + 1);",
    ),
    _mutant(
        name = "increment_stops_at_an_empty_chain",
        rule = "the next entry may be several chains on",
        find = "while (chain < table->heads.size() && table->heads[chain] == nullptr) ++chain;",
        replace = "if (chain < table->heads.size() && table->heads[chain] == nullptr) ++chain;",
    ),
    _mutant(
        name = "begin_skips_the_first_chain",
        rule = "an iteration begins with the first chain",
        find = "iterator begin() const { return First(); }",
        replace = "iterator begin() const { return FirstFrom(table_.get(), 1); }",
    ),
    _mutant(
        name = "erase_range_takes_the_last",
        rule = "a range ends before its last iterator",
        find = "return first;",
        replace = "return first == end() ? first : erase(first);",
    ),
    _mutant(
        name = "erase_range_leaves_one",
        rule = "each entry of a range is erased, up to its last iterator",
        find = "while (first != last) first = erase(first);",
        replace = "while (first != last && ++iterator(first) != last) first = erase(first);",
    ),
    _mutant(
        name = "hint_is_trusted",
        rule = "a hint may be the iterator of another key",
        find = "if (hint != end() && hint->first == key) {",
        replace = "if (hint != end() && bucket(hint->first) == bucket(key)) {",
    ),
    _mutant(
        name = "hint_result_is_the_hint",
        rule = "an insertion with a hint gives the iterator of the key's own entry",
        find = "return insert_or_assign(key, std::move(elem)).first;",
        replace = "const iterator it = insert_or_assign(key, std::move(elem)).first; " +
                  "return hint == end() ? it : hint;",
    ),
    _mutant(
        name = "assignment_reorders_its_chain",
        rule = "an assignment leaves the order of a chain as it is, since iterators stay valid",
        find = "found->second = std::move(elem);",
        replace = "found->second = std::move(elem); " +
                  "std::unique_ptr<Node>& head = table_->heads[found.chain_]; " +
                  "if (std::unique_ptr<Node> second = std::move(head->next)) { " +
                  "head->next = std::move(second->next); second->next = std::move(head); " +
                  "head = std::move(second); }",
    ),
    _mutant(
        name = "swap_exchanges_what_the_tables_hold",
        rule = "iterators follow their entries when maps are swapped",
        find = "std::swap(table_, other.table_);",
        replace = "std::swap(*table_, *other.table_);",
    ),
    _mutant(
        name = "insertion_always_rehashes",
        rule = "an insertion for which there is room leaves the order of the others as it is",
        find = "if (size() == bucket_count()) Rehash(2 * size());",
        replace = "Rehash(size() == bucket_count() ? 2 * size() : bucket_count());",
    ),
    _mutant(
        name = "merge_loses_what_it_has_no_room_for",
        rule = "a merge that throws has lost no entry",
        find = """        std::unique_ptr<Node>& place = table_->heads[ChainWithRoom(key)];
        std::unique_ptr<Node> node = Unlink(link);
        --other.table_->size;
        node->next = std::move(place);
        place = std::move(node);
        ++table_->size;
""",
        replace = """        --other.table_->size;
        std::unique_ptr<Node> node = Unlink(link);
        std::unique_ptr<Node>& place = table_->heads[ChainWithRoom(key)];
        node->next = std::move(place);
        place = std::move(node);
        ++table_->size;
""",
    ),
]
