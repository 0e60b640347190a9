"""The planted faults of what chooses the laws that a trace is judged by."""

load(":faults.bzl", _fault = "fault")

_TEXT = "//harness/trace:text_test.cc"
_FILE = "//harness/trace:trace_file_test.cc"
_PROPERTY = "//harness/engine:property_test.cc"
_STATE = "//harness/night:state_test.cc"
_TRIAGE = "//harness/night:triage_test.cc"
_FUZZ_COMMAND = "//harness/night:fuzz_command_test.cc"
_LAWS = "//harness/cli:laws_test.cc"

LAWS_FAULTS = [
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
    _fault(
        name = "laws_of_a_fuzz_run_ignored",
        file = "harness/night/fuzz_command.cc",
        rule = "fuzz --laws chooses the laws of a run",
        find = "return target && !flags.laws.empty() ? UnderLaws(**target, flags.laws) : target;",
        replace = "return target;",
        test = _FUZZ_COMMAND,
    ),
    _fault(
        name = "laws_share_a_folder_in_turns",
        file = "harness/night/fuzz_command.cc",
        rule = "in turns a target's folder is that of the laws, too",
        find = "(flags.laws.empty() ? \"\" : \"-\" + flags.laws)",
        replace = "std::string()",
        test = _FUZZ_COMMAND,
    ),
    _fault(
        name = "laws_not_handed_to_the_workers",
        file = "harness/night/supervisor.cc",
        rule = "workers judge by the laws of their run",
        find = "options_.worker.laws = target.laws;",
        replace = "",
        test = _FUZZ_COMMAND,
    ),
    _fault(
        name = "laws_not_told_to_the_fuzzer",
        file = "harness/night/worker.cc",
        rule = "a worker tells its fuzzer the laws",
        find = "{\"SLOTPROOF_LAWS\", settings_->laws}",
        replace = "{\"SLOTPROOF_LAWS\", \"\"}",
        test = _FUZZ_COMMAND,
    ),
]
