"""The planted faults of the harness itself, each of which a fast test of its room must notice."""

load(":faults.bzl", _fault = "fault")
load(":laws_faults.bzl", "LAWS_FAULTS")

_CODEC = "//harness/trace:codec_test.cc"
_TEXT = "//harness/trace:text_test.cc"
_FILE = "//harness/trace:trace_file_test.cc"
_SHRINK = "//harness/shrink:shrinker_test.cc"
_STEPS = "//harness/check:steps_test.cc"
_CANDIDATES = "//harness/check:candidates_test.cc"
_SESSION = "//harness/check:runner_session_test.cc"
_RUNNER = "//harness/check:runner_test.cc"
_PROPERTY = "//harness/engine:property_test.cc"
_STATE = "//harness/night:state_test.cc"
_TRIAGE = "//harness/night:triage_test.cc"
_REPORT = "//harness/night:report_test.cc"
_INBOX = "//harness/night:inbox_test.cc"
_OUTPUT = "//harness/night:fuzzer_output_test.cc"
_SITUATION = "//harness/report:situation_test.cc"
_LEAPS = "//harness/shrink:leaps_test.cc"

FAULTS = [
    _fault(
        name = "codec_clamps_fields",
        file = "harness/trace/codec.cc",
        rule = "a field is taken modulo its limit",
        find = "value % limit",
        replace = "(value < limit ? value : limit - 1)",
        test = _CODEC,
    ),
    _fault(
        name = "codec_drops_a_short_header",
        file = "harness/trace/codec.cc",
        rule = "a missing header byte reads as 0",
        find = "std::min(bytes.size(), header_bytes_)",
        replace = "(bytes.size() < header_bytes_ ? 0 : header_bytes_)",
        test = _CODEC,
    ),
    _fault(
        name = "codec_masks_as_the_first_op",
        file = "harness/trace/codec.cc",
        rule = "an opcode is taken modulo the number of operations",
        find = "masks[byte] = masks[byte - op_count];",
        replace = "masks[byte] = masks[0];",
        test = _CODEC,
    ),
    _fault(
        name = "text_takes_the_limit",
        file = "harness/trace/text.cc",
        rule = "an operand is below its limit",
        find = "*number - offset >= limit",
        replace = "*number - offset > limit",
        test = _TEXT,
    ),
    _fault(
        name = "text_comment_loses_lines",
        file = "harness/trace/text.cc",
        rule = "each line of a comment is written",
        find = "comment.remove_prefix(std::min(end + 1, comment.size()));",
        replace = "comment.remove_prefix(comment.size());",
        test = _TEXT,
    ),
    _fault(
        name = "file_checksum_not_compared",
        file = "harness/trace/trace_file.cc",
        rule = "a damaged file is an error",
        find = "if (stored != computed) {",
        replace = "if (stored != computed && stored == 0) {",
        test = _FILE,
    ),
    _fault(
        name = "file_of_a_newer_vocabulary_taken",
        file = "harness/trace/trace_file.cc",
        rule = "a file of another version of its vocabulary is an error",
        find = "info.vocabulary_version <= vocabulary.version",
        replace = "info.vocabulary_version >= vocabulary.version",
        test = _FILE,
    ),
    _fault(
        name = "shrinker_takes_any_failure",
        file = "harness/shrink/shrinker.cc",
        rule = "a smaller trace must fail for the same reason",
        find = "verdict.passed() || verdict.Signature() != best_.verdict.Signature()",
        replace = "verdict.passed()",
        test = _SHRINK,
    ),
    _fault(
        name = "shrinker_keeps_the_tail",
        file = "harness/shrink/shrinker.cc",
        rule = "what comes after the failure is cut off at once",
        find = """    CutTail();
    Settle();
""",
        replace = """    Settle();
""",
        test = _SHRINK,
    ),
    _fault(
        name = "shrinker_keeps_the_first_verdict",
        file = "harness/shrink/shrinker.cc",
        rule = "the result has the verdict of the smallest trace",
        find = "std::move(verdict)",
        replace = "best_.verdict",
        test = _SHRINK,
    ),
    _fault(
        name = "shrinker_counts_lines",
        file = "harness/shrink/shrinker.cc",
        rule = "a burst counts as the operations that it performs",
        find = "MeasureOf(vocabulary_, state->trace, state->verdict.op_index, &steps)",
        replace = "MeasureOf(vocabulary_, state->trace, state->verdict.op_index, nullptr)",
        test = _SHRINK,
    ),
    _fault(
        name = "shrinker_stays_with_the_header",
        file = "harness/shrink/shrinker.cc",
        rule = "other headers are tried, from which fewer operations may do",
        find = "if (Leap(candidate)) return true;",
        replace = "",
        test = _SHRINK,
    ),
    _fault(
        name = "shrinker_takes_earlier_choices_alone",
        file = "harness/shrink/shrinker.cc",
        rule = "a later choice is tried, in all operations that have the present one",
        find = "TryOtherChoices(vocabulary_, trace, to_half)",
        replace = "false",
        test = _LEAPS,
    ),
    _fault(
        name = "shrinker_keeps_moves",
        file = "harness/shrink/shrinker.cc",
        rule = "a move goes, and the names behind it are exchanged",
        find = "TryWithoutMoves(vocabulary_, trace, attempt)",
        replace = "false",
        test = _LEAPS,
    ),
    _fault(
        name = "shrinker_keeps_two_for_one",
        file = "harness/shrink/shrinker.cc",
        rule = "one operation is tried in the place of two",
        find = "TryOneForTwo(vocabulary_, trace, attempt)",
        replace = "false",
        test = _LEAPS,
    ),
    _fault(
        name = "shrinker_changes_headers_alone",
        file = "harness/shrink/shrinker.cc",
        rule = "another header is tried with another count",
        find = "TryHeadersWithCounts(vocabulary_, trace, leap)",
        replace = "false",
        test = _LEAPS,
    ),
    _fault(
        name = "shrinker_keeps_what_bursts_do_not_need",
        file = "harness/shrink/shrinker.cc",
        rule = "dropping any one operation loses the failure, whatever the bursts then do",
        find = "    DropWhatMakesMoreRun();\n",
        replace = "",
        test = _SHRINK,
    ),
    _fault(
        name = "shrinker_leaves_bursts_whole",
        file = "harness/shrink/shrinker.cc",
        rule = "bursts are taken apart",
        find = """    if (Leap(steps.Expanded(best_.trace.header))) return true;
    return std::ranges::any_of(
        bursts, [&](std::size_t i) { return Leap(Replaced(best_.trace, i, 1, steps.of[i])); });
""",
        replace = """    return false;
""",
        test = _SHRINK,
    ),
    _fault(
        name = "shrinker_takes_bursts_apart_one_by_one",
        file = "harness/shrink/shrinker.cc",
        rule = "all bursts are taken apart at once, too",
        find = "if (Leap(steps.Expanded(best_.trace.header))) return true;",
        replace = "",
        test = _SHRINK,
    ),
    _fault(
        name = "shrinker_takes_apart_all_bursts_or_none",
        file = "harness/shrink/shrinker.cc",
        rule = "one burst is taken apart where another must stay",
        find = "return Leap(Replaced(best_.trace, i, 1, steps.of[i]));",
        replace = "return false;",
        test = _SHRINK,
    ),
    _fault(
        name = "steps_of_bursts_alone",
        file = "harness/check/steps.cc",
        rule = "what is no burst is a step, too",
        find = "if (!burst) log->Add(op);",
        replace = "",
        test = _STEPS,
    ),
    _fault(
        name = "steps_counted_as_far_as_kept",
        file = "harness/check/steps.cc",
        rule = "a trace of more steps than are kept says so",
        find = "log.count <= StepLog::kMost",
        replace = "true",
        test = _STEPS,
    ),
    _fault(
        name = "candidates_ask_a_child_that_died",
        file = "harness/check/candidates.cc",
        rule = "after a death other candidates share a process again",
        find = "child_.reset();",
        replace = "",
        test = _CANDIDATES,
    ),
    _fault(
        name = "candidates_that_leak_share_a_process",
        file = "harness/check/candidates.cc",
        rule = "what a process tells at its end needs one of its own",
        find = "sought != Outcome::kSanitizer && sought != Outcome::kSignal",
        replace = "sought == Outcome::kMismatch",
        test = _CANDIDATES,
    ),
    _fault(
        name = "runner_walks_at_any_cost",
        file = "harness/check/runner.cc",
        rule = "a walk waits until operations have paid for it",
        find = "return paid >= session_->FullCheckCost();",
        replace = "return paid >= 0;",
        test = _SESSION,
    ),
    _fault(
        name = "runner_skips_the_final_check",
        file = "harness/check/runner.cc",
        rule = "a trace ends with the final checks",
        find = "if (!session.Finish()) return session.failure();",
        replace = "",
        test = _SESSION,
    ),
    _fault(
        name = "runner_does_not_abandon",
        file = "harness/check/runner.cc",
        rule = "a subject that failed is abandoned",
        find = "if (!verdict.passed()) session_->Abandon();",
        replace = "",
        test = _SESSION,
    ),
    _fault(
        name = "runner_counts_no_operations",
        file = "harness/check/runner.cc",
        rule = "operations are counted",
        find = "stats_.operations += op_index;",
        replace = "",
        test = _SESSION,
    ),
    _fault(
        name = "runner_trusts_a_failure",
        file = "harness/check/runner.cc",
        rule = "a failure that does not come again is nondeterminism",
        find = "if (verdict.passed() && !is_one_of_the_first && !ChosenForDeterminism(trace)) return verdict;",
        replace = "if (!verdict.passed() || (!is_one_of_the_first && !ChosenForDeterminism(trace))) return verdict;",
        test = _RUNNER,
    ),
    _fault(
        name = "runner_names_the_last_operation",
        file = "harness/check/runner.cc",
        rule = "the first operation that differed is named",
        find = ".op_index = FirstDifference(trace),",
        replace = ".op_index = trace.ops.size(),",
        test = _RUNNER,
    ),
    _fault(
        name = "property_shrinks_to_another_failure",
        file = "harness/engine/property.cc",
        rule = "the shrunk trace fails for the same reason",
        find = "!smallest || smallest->second.Signature() == verdict.Signature()",
        replace = "!smallest || !verdict.passed()",
        test = _PROPERTY,
    ),
    _fault(
        name = "property_seed_not_fixed",
        file = "harness/engine/property.cc",
        rule = "without a seed from outside the seed is 1",
        find = """  FixSeed();
""",
        replace = "",
        test = _PROPERTY,
    ),
    _fault(
        name = "every_finding_is_new",
        file = "harness/night/state.cc",
        rule = "a signature that is known is found",
        find = "return finding.signature == signature;",
        replace = "return finding.summary == signature;",
        test = _STATE,
    ),
    _fault(
        name = "earlier_meetings_forgotten",
        file = "harness/night/state.cc",
        rule = "what earlier runs met counts",
        find = "std::uint64_t times = finding.earlier + finding.deaths;",
        replace = "std::uint64_t times = finding.deaths;",
        test = _STATE,
    ),
    _fault(
        name = "deaths_counted_again",
        file = "harness/night/state.cc",
        rule = "the next run counts its own deaths",
        find = """    finding.deaths = 0;
""",
        replace = "",
        test = _STATE,
    ),
    _fault(
        name = "first_shape_forgotten",
        file = "harness/night/state.cc",
        rule = "the shape of the first example is known",
        find = ".shapes = {shape}};",
        replace = ".shapes = {}};",
        test = _STATE,
    ),
    _fault(
        name = "triage_keeps_the_long_trace",
        file = "harness/night/triage.cc",
        rule = "the shrunk trace is what is saved",
        find = "const Trace& kept = holds ? shrunk.trace : trace;",
        replace = "const Trace& kept = trace;",
        test = _TRIAGE,
    ),
    _fault(
        name = "triage_saves_a_known_shape",
        file = "harness/night/triage.cc",
        rule = "a shape that is known is not saved again",
        find = "if (is_known && has_shape(*known)) return result;",
        replace = "",
        test = _TRIAGE,
    ),
    _fault(
        name = "triage_never_has_enough",
        file = "harness/night/triage.cc",
        rule = "a signature with enough examples is shrunk no more",
        find = "return shapes.size() >= kMostExamples || all >= kMostLooks;",
        replace = "return shapes.size() >= kMostExamples && all >= kMostLooks;",
        test = _TRIAGE,
    ),
    _fault(
        name = "report_counts_goals_hit_twice",
        file = "harness/night/report.cc",
        rule = "a goal that was hit once is reached",
        find = "reached += report.stats.goals[i] != 0;",
        replace = "reached += report.stats.goals[i] > 1;",
        test = _REPORT,
    ),
    _fault(
        name = "inbox_takes_a_file_twice",
        file = "harness/night/inbox.cc",
        rule = "a file is looked at once",
        find = "if (!seen_.insert(path).second) return false;",
        replace = "seen_.insert(path);",
        test = _INBOX,
    ),
    _fault(
        name = "timeouts_taken_for_crashes",
        file = "harness/night/inbox.cc",
        rule = "the name of an input says how it failed",
        find = "if (name.starts_with(\"timeout-\")) return InboxKind::kTimeout;",
        replace = "if (name.starts_with(\"timeout-\")) return InboxKind::kCrash;",
        test = _INBOX,
    ),
    _fault(
        name = "partial_line_dropped",
        file = "harness/night/fuzzer_output.cc",
        rule = "a line may come in pieces",
        find = """  partial_.append(bytes);
""",
        replace = "",
        test = _OUTPUT,
    ),
    _fault(
        name = "situation_forgets_the_operation",
        file = "harness/report/situation.cc",
        rule = "the operation that failed tells failures apart",
        find = "verdict.op_index < trace.ops.size()",
        replace = "verdict.op_index > trace.ops.size()",
        test = _SITUATION,
    ),
    _fault(
        name = "shape_repeats",
        file = "harness/report/situation.cc",
        rule = "of equal operations in a row a shape has the first",
        find = "if (i != 0 && trace.ops[i].code == trace.ops[i - 1].code) continue;",
        replace = "",
        test = _SITUATION,
    ),
] + LAWS_FAULTS
