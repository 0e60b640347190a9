"""The planted faults of the harness itself, each of which a fast test of its room must notice."""

def _fault(name, file, rule, find, replace, test):
    """One fault.

    Args:
      name: snake_case, says what is broken.
      file: of the harness.
      rule: what should be.
      find: the text that is there once.
      replace: what it becomes.
      test: the source of the test that notices, as a label.
    """
    return struct(name = name, file = file, rule = rule, find = find, replace = replace, test = test)

_CODEC = "//harness/trace:codec_test.cc"
_TEXT = "//harness/trace:text_test.cc"
_FILE = "//harness/trace:trace_file_test.cc"
_SHRINK = "//harness/shrink:shrinker_test.cc"
_STEPS = "//harness/check:steps_test.cc"
_SESSION = "//harness/check:runner_session_test.cc"
_RUNNER = "//harness/check:runner_test.cc"
_PROPERTY = "//harness/engine:property_test.cc"
_STATE = "//harness/night:state_test.cc"
_TRIAGE = "//harness/night:triage_test.cc"
_REPORT = "//harness/night:report_test.cc"
_INBOX = "//harness/night:inbox_test.cc"
_OUTPUT = "//harness/night:fuzzer_output_test.cc"
_FINDING = "//harness/report:finding_test.cc"
_LAWS = "//harness/cli:laws_test.cc"
_SITUATION = "//harness/report:situation_test.cc"

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
        name = "shrinker_drops_no_pairs",
        file = "harness/shrink/shrinker.cc",
        rule = "what was done and undone goes at once",
        find = "if (Try(Without(Without(best_.trace, j), i))) return true;",
        replace = "",
        test = _SHRINK,
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
    _fault(
        name = "laws_of_the_file_ignored",
        file = "harness/trace/trace_file.cc",
        rule = "a trace is judged by the laws that its file names",
        find = "UnderLawsOfTrace(target, info.laws,",
        replace = "UnderLawsOfTrace(target, {},",
        test = _FILE,
    ),
    _fault(
        name = "laws_of_the_file_win",
        file = "harness/trace/trace_file.cc",
        rule = "the laws that the user says come before those of the file",
        find = "if (!laws.empty()) return UnderLaws(target, laws);",
        replace = "",
        test = _FILE,
    ),
    _fault(
        name = "laws_of_a_text_win",
        file = "harness/trace/trace_file.cc",
        rule = "the laws that the user says come before those of a text",
        find = "laws.empty() ? Expected<const Target*>",
        replace = "true ? Expected<const Target*>",
        test = _FILE,
    ),
    _fault(
        name = "laws_of_raw_input_are_the_default",
        file = "harness/trace/trace_file.cc",
        rule = "raw input is judged by the laws that the user says",
        find = "UnderLawsOfTrace(**target, laws)",
        replace = "UnderLawsOfTrace(**target, {})",
        test = _FILE,
    ),
    _fault(
        name = "laws_not_saved",
        file = "harness/trace/trace_file.cc",
        rule = "a trace file records the laws",
        find = "info->laws = target.laws;",
        replace = "info->laws.clear();",
        test = _FILE,
    ),
    _fault(
        name = "laws_not_written",
        file = "harness/trace/text.cc",
        rule = "a text names the laws that are not the default",
        find = "text += fmt::format(\"laws {}\\n\", laws);",
        replace = "static_cast<void>(laws);",
        test = _TEXT,
    ),
    _fault(
        name = "laws_of_the_target_at_hand",
        file = "harness/trace/laws.cc",
        rule = "a trace that names no laws means the default",
        find = "return target.by_laws.empty() ? target : *target.by_laws.front();",
        replace = "return target;",
        test = _FILE,
    ),
    _fault(
        name = "laws_of_another_target_ignored",
        file = "harness/trace/laws.cc",
        rule = "on another target a trace keeps its laws where there are such",
        find = "return found != nullptr ? *found : Default(target);",
        replace = "return Default(target);",
        test = _FILE,
    ),
    _fault(
        name = "laws_of_the_environment_ignored",
        file = "harness/trace/laws.cc",
        rule = "SLOTPROOF_LAWS chooses the laws of a test",
        find = "return laws == nullptr ? \"\" : laws;",
        replace = "return \"\";",
        test = _PROPERTY,
    ),
    _fault(
        name = "laws_unknown_to_the_target_pass",
        file = "harness/trace/laws.cc",
        rule = "a name in SLOTPROOF_LAWS that the target does not know is an error",
        find = "if (chosen) return **chosen;",
        replace = "return chosen ? **chosen : target;",
        test = _PROPERTY,
    ),
    _fault(
        name = "laws_of_a_given_trace_ignored",
        file = "harness/engine/property.cc",
        rule = "a test does not judge a trace of other laws unasked",
        find = "if (loaded->target->laws != target.laws) {",
        replace = "if (loaded->target->laws != target.laws && target.laws.empty()) {",
        test = _PROPERTY,
    ),
    _fault(
        name = "laws_not_in_a_tests_replay_line",
        file = "harness/engine/property.cc",
        rule = "the line that replays a failure of a law names the laws",
        find = "(laws.empty() ? \"\" : fmt::format(\"SLOTPROOF_LAWS={} \", laws))",
        replace = "std::string(laws.substr(laws.size()))",
        test = _PROPERTY,
    ),
    _fault(
        name = "laws_not_in_the_replay_line",
        file = "harness/report/replay_line.cc",
        rule = "the line that replays a failure names the laws",
        find = "options.append(\"--laws \").append(laws).append(\" \");",
        replace = "static_cast<void>(laws);",
        test = _LAWS,
    ),
    _fault(
        name = "laws_option_ignored",
        file = "harness/cli/trace_command.cc",
        rule = "--laws comes before the default and the file",
        find = "context.targets, args.target, args.laws)",
        replace = "context.targets, args.target, {})",
        test = _LAWS,
    ),
    _fault(
        name = "laws_of_a_run_may_change",
        file = "harness/night/state.cc",
        rule = "a folder of findings has one choice of laws",
        find = "last.laws == LawsToSay(target)",
        replace = "true",
        test = _STATE,
    ),
    _fault(
        name = "laws_forgotten_by_triage",
        file = "harness/night/triage.cc",
        rule = "what looks at an input judges it as the worker did",
        find = "if (!target.laws.empty()) command.insert",
        replace = "if (target.name.empty()) command.insert",
        test = _TRIAGE,
    ),
]
