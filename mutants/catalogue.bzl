"""What the catalogues share: SUBJECT.bzl lists the planted bugs of each subject as MUTANTS.

A planted bug says in which header which text becomes which, and what rule of the runtime breaks.
Each text must be in its file exactly once (apply_mutant sees to it), so a mutant cannot outlive
the code that it breaks. mutants/report reads these files as Python.
"""

ENGINES = ["property", "fuzz"]

def mutant(
        name,
        file,
        rule,
        find,
        replace,
        engines = ENGINES,
        memory = False,
        seeded = False,
        slow = False,
        gap = "",
        alone = ""):
    """One bug.

    Args:
      name: snake_case, says what is broken. Unique among all subjects.
      file: of the subject's core.
      rule: what should be, and the runtime's function.
      find: the text that is there once.
      replace: what it becomes.
      engines: those that find it within the tests' budget; the others' tests assert that they
          do not, so that this list is corrected when they improve. None: see gap.
      memory: it leaks or breaks the heap, so the tests are built with AddressSanitizer.
      seeded: the fuzzer starts from the checked-in corpus; without it, it would take much longer.
      slow: it is found after many thousand traces, so its programs are optimized.
      gap: for a mutant that no engine finds: what would.
      alone: why it cannot be chosen when a program runs, for a mutant that is a build of its own: it
          changes a type, a constant or a declaration. apply_mutant says which cannot.
    """
    return struct(
        name = name,
        file = file,
        rule = rule,
        find = find,
        replace = replace,
        engines = engines,
        memory = memory,
        seeded = seeded,
        slow = slow,
        gap = gap,
        alone = alone,
    )

def check_catalogue(subject, prefix, mutants):
    """Fails the build when names are not unique or a mutant does not say what it breaks.

    Args:
      subject: whose catalogue it is.
      prefix: of the names.
      mutants: the catalogue.
    """
    here = "mutants/%s.bzl: " % subject
    names = {}
    for m in mutants:
        if m.name in names or m.name == prefix + "unmutated":
            fail(here + "two mutants are called %s" % m.name)
        names[m.name] = True
        if not m.name.startswith(prefix):
            fail(here + "%s should begin with %s" % (m.name, prefix))
        if m.name != m.name.lower() or not m.name.replace("_", "").isalnum():
            fail(here + "%s should be snake_case" % m.name)
        if len(m.rule) < 20:
            fail(here + "%s does not say which rule it breaks" % m.name)
        if m.find == m.replace:
            fail(here + "%s changes nothing" % m.name)
        if bool(m.engines) == bool(m.gap):
            fail(here + "%s needs engines, or else a gap that says why none finds it" % m.name)
        if [e for e in m.engines if e not in ENGINES]:
            fail(here + "%s: engines %s; there are %s" % (m.name, m.engines, ENGINES))
