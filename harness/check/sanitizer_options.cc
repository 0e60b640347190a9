// What a sanitizer does when its environment variable says nothing, so that a program started by
// hand reports as one started by a test: a report ends the process and has a stack. The crash guard
// allocates in a signal handler knowingly.

#define CALLED_BY_THE_RUNTIME extern "C" __attribute__((used, visibility("default")))

CALLED_BY_THE_RUNTIME const char* __asan_default_options() {
  return "detect_stack_use_after_return=1:strict_string_checks=1";
}

CALLED_BY_THE_RUNTIME const char* __ubsan_default_options() { return "print_stacktrace=1"; }

CALLED_BY_THE_RUNTIME const char* __tsan_default_options() {
  return "halt_on_error=1:second_deadlock_stack=1:report_signal_unsafe=0";
}
