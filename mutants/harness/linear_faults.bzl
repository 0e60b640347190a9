"""The planted faults of what judges histories, each of which a fast test must notice."""

load(":faults.bzl", "fault")

_CHECKER_TEST = "//harness/linear:checker_test.cc"
_SEARCH_TEST = "//harness/linear:search_test.cc"
_MINIMAL_TEST = "//harness/linear:minimal_test.cc"
_MODELS_TEST = "//harness/linear/models:models_test.cc"
_READ_TEST = "//harness/linear/text:read_test.cc"
_EDN_TEST = "//harness/linear/text:edn_test.cc"

def _checker(name, file = "checker.h", test = _CHECKER_TEST, **kwargs):
    return fault(name = "linear_" + name, file = "harness/linear/" + file, test = test, **kwargs)

def _minimal(name, **kwargs):
    return _checker(name = "minimal_" + name, file = "minimal.h", test = _MINIMAL_TEST, **kwargs)

def _model(name, file, test = _MODELS_TEST, **kwargs):
    return _checker(name = name, file = "models/" + file, test = test, **kwargs)

def _text(name, file, test = _READ_TEST, **kwargs):
    return _checker(name = name, file = "text/" + file, test = test, **kwargs)

LINEAR_FAULTS = [
    # The search.
    _checker(
        name = "front_passed",
        rule = "no call begins in an order before one that was answered before it began",
        find = "node != 0 && nodes_[node].call->invoked < Deadline();",
        replace = "node != 0;",
    ),
    _checker(
        name = "pending_must_be_taken",
        rule = "a call that was not answered may not have happened",
        find = "if (!nodes_[i].call->pending()) responses_.push_back(i);",
        replace = "responses_.push_back(i);",
    ),
    _checker(
        name = "pending_never_happened",
        rule = "a call that was not answered may have happened",
        find = "if (call.may_be_left_out() && model_.OnlyReads(call.op)) return;",
        replace = "if (call.may_be_left_out()) return;",
    ),
    _checker(
        name = "forgotten_for_ever",
        rule = "a forgotten call takes effect before it was answered",
        find = "return nodes_[first].call->forgotten && Go(first, state_, Move::kLeftOut);",
        replace = "return Go(first, state_, Move::kLeftOut);",
    ),
    _checker(
        name = "backtracks_out_of_reads_into_others",
        test = _SEARCH_TEST,
        rule = "in place of a read that was possible nothing else is tried",
        find = "if (step.move == Move::kAtOnce || step.move == Move::kLeftOut) continue;",
        replace = "if (step.move == Move::kLeftOut) continue;",
    ),
    _checker(
        name = "writes_of_what_is_there_taken_at_once",
        rule = "where a call could change something later, others are tried in its place",
        find = "if (call.may_be_left_out() || !model_.ChangedNothing(call.op, call.result)) continue;",
        replace = "if (call.may_be_left_out()) continue;",
    ),
    _checker(
        name = "slot_kept",
        rule = "an answered call's slot is another's, whose bit it must not leave set",
        find = "while (front_ != responses_.size() && IsTaken(responses_[front_])) Flip(responses_[front_++]);",
        replace = "while (front_ != responses_.size() && IsTaken(responses_[front_])) ++front_;",
    ),
    _checker(
        name = "undone_halfway",
        rule = "what is undone is undone up to the front that was before",
        find = "while (front_ != step.front) Flip(responses_[--front_]);",
        replace = "if (front_ != step.front) Flip(responses_[--front_]);",
    ),
    _checker(
        name = "nothing_remembered",
        test = _SEARCH_TEST,
        rule = "a configuration is searched once",
        find = "if (move == Move::kAtOnce || memo_.Insert(model_, state_, front_, taken_)) return true;",
        replace = "if (move != Move::kAgain || memo_.Insert(model_, state_, front_, taken_)) return true;",
    ),
    _checker(
        name = "furthest_is_the_last",
        test = _SEARCH_TEST,
        rule = "the order that is shown explains most responses",
        find = "front_ > furthest_front_ || (front_ == furthest_front_ && steps_.size() > order_.size())",
        replace = "front_ >= furthest_front_ || steps_.size() > order_.size()",
    ),
    _checker(
        name = "limit_not_counted",
        test = _SEARCH_TEST,
        rule = "the answer is unknown when the configurations are spent",
        find = "if (visited_ > limits_.configurations) spent_ = Spent::kConfigurations;",
        replace = "",
    ),
    _checker(
        name = "unknown_part_ends_it",
        test = _SEARCH_TEST,
        rule = "an unknown part does not hide a wrong one",
        find = "part + 1 < begin_of_part_.size() && answer != Answer::kNot; ++part) {",
        replace = "part + 1 < begin_of_part_.size() && answer == Answer::kLinearizable; ++part) {",
    ),
    _checker(
        name = "unknown_part_forgotten",
        test = _SEARCH_TEST,
        rule = "a history with an unknown part is not called linearizable",
        find = "if (of_part == Answer::kLinearizable) continue;",
        replace = "if (of_part != Answer::kNot) continue;",
    ),
    _checker(
        name = "one_word_of_calls",
        rule = "of more than 64 calls at once each counts",
        find = "return (taken_[nodes_[node].slot / 64] >> (nodes_[node].slot % 64) & 1) != 0;",
        replace = "return (taken_[0] >> (nodes_[node].slot % 64) & 1) != 0;",
    ),
    # The minimal part.
    _minimal(
        name = "drops_calls",
        rule = "a call that is left out may have had its effect",
        find = "candidate[begin].forgotten = true;",
        replace = "candidate[begin].forgotten = true, candidate[begin].op = {};",
    ),
    _minimal(
        name = "cuts_the_end_of_open_calls",
        rule = "an answer may be the effect of what is dropped behind it",
        find = "candidate.back().forgotten |= call.responded > response;",
        replace = "",
    ),
    _minimal(
        name = "cuts_the_beginning_of_open_calls",
        rule = "a call under way at the cut may have taken effect before it",
        find = "candidate.back().forgotten |= call.invoked < moment;",
        replace = "",
    ),
    _minimal(
        name = "forgets_the_beginning",
        rule = "where the beginning is cut off, nothing is known of the state",
        find = "from_any_state_ = Take(std::move(candidate), model_.Any());",
        replace = "from_any_state_ = Take(std::move(candidate), model_.Initial());",
    ),
    _minimal(
        name = "stops_after_one_round",
        rule = "no call that is left can be forgotten",
        find = "} while (ForgetRuns(1) && !IsSpent());",
        replace = "} while (false);",
    ),
    _minimal(
        name = "unknown_taken_for_no",
        rule = "a step is taken only if the checker says no",
        find = "if (answer != Answer::kNot) return false;",
        replace = "if (answer == Answer::kLinearizable) return false;",
    ),
    # The models.
    _model(
        name = "cell_insert_keeps_the_old",
        file = "cell_model.h",
        test = _CHECKER_TEST,
        rule = "an insertion assigns, also where the key is present",
        find = """    case Code::kInsert:
      *cell = op.b;
      return;
    case Code::kCas:
""",
        replace = """      *cell = op.b;
      return;
    case Code::kInsert:
      if (*cell == kNil) *cell = op.b;
      return;
    case Code::kCas:
""",
    ),
    _model(
        name = "cell_failed_cas_not_checked",
        file = "cell_model.h",
        rule = "a compare-and-set that fails saw another value",
        test = _CHECKER_TEST,
        find = "return AnswersWhether(cell == op.a, result);",
        replace = "return result == kFalse || AnswersWhether(cell == op.a, result);",
    ),
    _model(
        name = "cell_any_state_not_narrowed",
        file = "cell_model.h",
        rule = "an answer tells what was there",
        find = "if (*cell != kAnyCell || result == kAnyResult) return;",
        replace = "if (*cell == kAnyCell || result == kAnyResult) return;",
    ),
    _model(
        name = "append_unread_read",
        file = "append_model.h",
        test = _CHECKER_TEST,
        rule = "states are one only if nothing that was read begins like them",
        find = "if (!OnlyReads(call.op) || call.may_be_left_out() || call.result == kAnyResult) return;",
        replace = "if (OnlyReads(call.op) || call.may_be_left_out() || call.result == kAnyResult) return;",
    ),
    _model(
        name = "queue_is_a_stack",
        file = "queue_model.cc",
        rule = "first in, first out",
        find = "return sequences_.last(sequences_.Prefix(state.enqueued, state.dequeued + 1));",
        replace = "return sequences_.last(state.enqueued);",
    ),
    _model(
        name = "queue_overtaken_by_what_may_be_gone",
        file = "queue_model.cc",
        test = _CHECKER_TEST,
        rule = "an unanswered dequeue may have taken what nobody got",
        find = "if (in->dequeues == 0 && has_unanswered_dequeues_) continue;",
        replace = "",
    ),
    _model(
        name = "queue_empty_unlike_empty",
        file = "queue_model.cc",
        rule = "an empty queue has nothing",
        find = "if (IsEmpty(*state)) return;",
        replace = "",
    ),
    _model(
        name = "sequences_jump_too_far",
        file = "sequences.cc",
        rule = "a prefix has the length that was asked for",
        find = "node = nodes_[jump].length >= length ? jump : nodes_[node].parent;",
        replace = "node = nodes_[jump].length + 1 >= length ? jump : nodes_[node].parent;",
    ),
    _model(
        name = "table_reads_some",
        file = "table_model.cc",
        rule = "a read of all has all",
        find = "return are_different && Present(state) == keys.size() && std::ranges::all_of(keys, is_present);",
        replace = "return are_different && std::ranges::all_of(keys, is_present);",
    ),
    # What is read.
    _text(
        name = "failed_calls_happened",
        file = "recorded.cc",
        rule = "what failed did not happen",
        find = "return never_happened || Begin(",
        replace = "return Begin(",
    ),
    _text(
        name = "jepsen_key_is_part_of_the_value",
        file = "jepsen.cc",
        rule = "where an invocation has [KEY VALUE] its answer has it, too",
        find = "has_key_inside_[event.process] = true;",
        replace = "",
    ),
    _text(
        name = "comment_in_a_string",
        file = "text_form.cc",
        rule = "a # in a string begins no comment",
        find = "in_string = !in_string;",
        replace = "in_string = false;",
    ),
    _text(
        name = "edn_sets_have_an_order",
        file = "edn.cc",
        test = _EDN_TEST,
        rule = "equal values have one text",
        find = "if (!has_order) std::ranges::sort(parts);",
        replace = "static_cast<void>(has_order);",
    ),
]
