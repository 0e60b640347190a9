#!/usr/bin/python3
"""Says what came of a `bazel test`: failed tests with their logs, and counts as the last line.

usage: summarize_tests.py [--whole] BUILD_EVENTS_JSON BAZEL_EXIT_CODE LINT_EXIT_CODE|skipped
  --whole   all tests should have run: each test file of the tree that none of them is called
            after counts as a failure

A test that did not build has failed, and so has a library or program that did not build. When
Bazel itself failed, without any target to blame, that counts as one failure. Exits with 1 if
anything failed or if no test ran.
"""

import argparse
import collections
import json
import pathlib
import subprocess
import sys
import urllib.parse

LIST_TEST_FILES = ("ci/list_files", "_test.cc", "_test.sh", "_test.py")
TAIL_LINES = 40
GOOD = ("PASSED", "FLAKY")


class Results:
    """What the build events say, by label."""

    def __init__(self):
        self.tests = set()
        self.built = {}
        self.status = {}
        self.logs = collections.defaultdict(list)
        self.cached = set()

    def add(self, event):
        [(kind, identity)] = event["id"].items() or [(None, None)]
        label = identity.get("label") if isinstance(identity, dict) else None
        if kind == "targetConfigured":
            if "testSize" in event.get("configured", {}):
                self.tests.add(label)
            if "aborted" in event:
                self.built[label] = False
        elif kind == "targetCompleted":
            self.built[label] = event.get("completed", {}).get("success", False)
        elif kind == "testResult":
            self.add_result(label, event.get("testResult", {}))
        elif kind == "testSummary":
            self.tests.add(label)
            self.status[label] = event.get("testSummary", {}).get("overallStatus", "NO_STATUS")

    def add_result(self, label, result):
        if result.get("cachedLocally") or result.get("executionInfo", {}).get("cachedRemotely"):
            self.cached.add(label)
        if result.get("status") not in GOOD:
            for output in result.get("testActionOutput", []):
                if output.get("name") == "test.log" and "uri" in output:
                    path = urllib.parse.urlparse(output["uri"]).path
                    self.logs[label].append(urllib.parse.unquote(path))

    def failures(self):
        """Pairs of label and reason."""
        found = {}
        for label, status in self.status.items():
            if status not in GOOD:
                found[label] = "did not build" if status == "NO_STATUS" else status
        for label, built in self.built.items():
            if not built and label not in self.status:
                found[label] = "did not build"
        return sorted(found.items())


def package_of(path):
    """The folder of the nearest BUILD file."""
    return next(p for p in pathlib.Path(path).parents if p == pathlib.Path(".") or (p / "BUILD").is_file())


def test_files_without_a_test(results):
    """Test files for which no test of their package ran that has their name in its own."""
    listed = subprocess.run(LIST_TEST_FILES, stdout=subprocess.PIPE, check=True)
    ran = collections.defaultdict(list)
    for label in results.status:
        package, _, name = label.removeprefix("//").partition(":")
        ran[package].append(name)
    for path in [f for f in listed.stdout.decode("utf-8").split("\0") if f]:
        package = package_of(path).as_posix()
        if not any(pathlib.Path(path).stem in name for name in ran["" if package == "." else package]):
            yield path


def read_events(path):
    results = Results()
    try:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                try:
                    event = json.loads(line)
                except ValueError:
                    continue  # The last line of a Bazel that was killed.
                if len(event.get("id", {})) == 1:
                    results.add(event)
    except OSError:
        pass  # Bazel did not get as far as to write it: its exit code tells.
    return results


def print_failure(label, reason, logs):
    print(f"\n==== {label}: {reason}")
    if reason == "did not build":
        print("     the error is in Bazel's output above")
    for log in logs:
        print(f"     {log}")
        try:
            with open(log, encoding="utf-8", errors="replace") as f:
                tail = collections.deque(f, TAIL_LINES)
        except OSError as e:
            print(f"     cannot read it: {e.strerror}")
            continue
        print("".join("  | " + line.rstrip("\n") + "\n" for line in tail), end="")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("events")
    parser.add_argument("bazel_code", type=int)
    parser.add_argument("lint")
    args = parser.parse_args()
    results = read_events(args.events)

    failures = results.failures()
    for label, reason in failures:
        print_failure(label, reason, results.logs[label])
    passed = sum(status in GOOD for status in results.status.values())
    failed = len(failures)
    flaky = sorted(label for label, status in results.status.items() if status == "FLAKY")
    for label in flaky:
        print(f"flaky: {label} failed before it passed")
    print(f"{len(results.status)} tests, {len(results.cached)} of them from the cache")
    if failed == 0 and args.bazel_code != 0:
        print(f"==== bazel itself failed with exit code {args.bazel_code}, see its output above")
        failed += 1
    elif passed + failed == 0:
        print("==== no test ran")
        failed += 1
    if args.whole:
        for path in test_files_without_a_test(results):
            print(f"==== {path}: no test of this name ran; add it to its BUILD file")
            failed += 1
    if args.lint not in ("skipped", "0"):
        print("==== ci/lint: FAILED, see its output above")
    if args.lint != "skipped":
        passed += args.lint == "0"
        failed += args.lint != "0"
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
