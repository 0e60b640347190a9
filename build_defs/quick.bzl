"""What is compiled without optimization, because compiling it costs more than running it.

A test of core instantiates all of a container: optimizing that takes four times as long as all else
about the test together. The command line and the nights of fuzzing wait for other programs.
"""

# copts; the mode's own -O comes before them.
QUICK_TO_COMPILE = ["-O0"]
