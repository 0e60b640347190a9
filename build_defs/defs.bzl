"""What BUILD files of this workspace load."""

load(":cc.bzl", _cc_binary = "cc_binary", _cc_library = "cc_library", _cc_test = "cc_test")
load(":fuzz.bzl", _fuzz_target = "fuzz_target", _runfiles_path = "runfiles_path")
load(":go.bzl", _go_c_archive = "go_c_archive", _go_program = "go_program")
load(":guide.bzl", _CORE_UNDER_TEST_COPTS = "CORE_UNDER_TEST_COPTS", _CORE_UNDER_TEST_DEPS = "CORE_UNDER_TEST_DEPS", _IN_EACH_OPERATION = "IN_EACH_OPERATION", _NOT_UNDER_TEST = "NOT_UNDER_TEST")
load(":merged.bzl", _merged_library = "merged_library")
load(":modes.bzl", _expect_failure_test = "expect_failure_test", _fuzzed_library = "fuzzed_library", _wrapped_binary = "wrapped_binary", _wrapped_test = "wrapped_test")
load(":quick.bzl", _QUICK_TO_COMPILE = "QUICK_TO_COMPILE")
load(":scheduled.bzl", _SCHEDULED_COPTS = "SCHEDULED_COPTS", _scheduled_binary = "scheduled_binary", _scheduled_library = "scheduled_library", _scheduled_test = "scheduled_test", _unseen_test = "unseen_test")
load(":testing.bzl", _slotproof_test = "slotproof_test")

CORE_UNDER_TEST_COPTS = _CORE_UNDER_TEST_COPTS
CORE_UNDER_TEST_DEPS = _CORE_UNDER_TEST_DEPS
IN_EACH_OPERATION = _IN_EACH_OPERATION
NOT_UNDER_TEST = _NOT_UNDER_TEST
QUICK_TO_COMPILE = _QUICK_TO_COMPILE
SCHEDULED_COPTS = _SCHEDULED_COPTS
cc_binary = _cc_binary
cc_library = _cc_library
cc_test = _cc_test
expect_failure_test = _expect_failure_test
fuzz_target = _fuzz_target
fuzzed_library = _fuzzed_library
go_c_archive = _go_c_archive
go_program = _go_program
merged_library = _merged_library
runfiles_path = _runfiles_path
scheduled_binary = _scheduled_binary
scheduled_library = _scheduled_library
scheduled_test = _scheduled_test
slotproof_test = _slotproof_test
unseen_test = _unseen_test
wrapped_binary = _wrapped_binary
wrapped_test = _wrapped_test
