#!/usr/bin/python3
"""Says what of scheduled code the scheduler does not see.

usage: unseen.py [--known ARCHIVE]... ARCHIVE...

The archives hold scheduled code; those that are known define what stands for the libraries. Prints
  calls NAME           of each function that is neither in them nor the C++ library's: it was built
                       elsewhere, or is a system call
  executes NAME times  of each instruction that is atomic or a system call: inline assembly, for the
                       compiler makes calls of its own atomics (x86-64 only)
"""

import argparse
import collections
import re
import subprocess

# What the compiler and the C++ library bring, and functions of the C library that only compute.
HARMLESS = re.compile(
    r"(std::|operator |__cxa_|__gxx_|_Unwind_|__clang_|__dso_handle|__stack_chk_fail"
    r"|(vtable|typeinfo|VTT|guard variable)\b|(mem|str)\w+$|__errno_location$)")
INSTRUCTION = re.compile(r"^\s+[0-9a-f]+:\s+(lock\b|xchg(?=\w*\s.*\()|[lms]fence|syscall)")


def lines_of(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, encoding="utf-8")
    return done.stdout.splitlines()


def symbols(option, archives):
    """Demangled names of functions and variables."""
    for line in lines_of("llvm-nm-19", option, "--demangle", "--just-symbol-name", *archives):
        if line and not line.endswith(":"):
            yield line


def instructions(archives):
    counts = collections.Counter()
    for line in lines_of("llvm-objdump-19", "--disassemble", "--no-show-raw-insn", *archives):
        found = INSTRUCTION.match(line)
        if found:
            counts[found.group(1)] += 1
    return counts


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--known", action="append", default=[])
    parser.add_argument("archives", nargs="+")
    options = parser.parse_args()
    known = set(symbols("--defined-only", options.archives + options.known))
    for name in sorted(set(symbols("--undefined-only", options.archives)) - known):
        if not HARMLESS.match(name):
            print("calls", name)
    for name, times in sorted(instructions(options.archives).items()):
        print("executes", name, times, "times")


if __name__ == "__main__":
    main()
