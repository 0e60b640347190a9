#!/bin/bash
# follow_page_test.sh FOLLOW_PAGE: a page that is not true is an error that says what is wrong.
set -uo pipefail

follow=$PWD/$1
cd "$TEST_TMPDIR"

fail() {
  echo "$*"
  exit 1
}

# expect_mistake WORDS COMMAND...
expect_mistake() {
  local out
  out=$("$follow" "${@:2}" 2>&1) && fail "${*:2} succeeded:" "$out"
  [[ $out == *"$1"* ]] || fail "${*:2} does not say '$1':" "$out"
}

# page < TEXT: in which @ stands for a backquote.
page() {
  tr @ '`' >page.md
}

mkdir tree
printf 'one\ntwo\ntwo\n' >tree/numbers
page <<'TEXT'
@@@text new/file
content
@@@
@@@diff numbers
 one
-two
+three
 two
@@@
TEXT
"$follow" write page.md tree || fail "a true page was refused"
[[ $(<tree/new/file) == content ]] || fail "the new file is not as the page has it"
[[ $(<tree/numbers) == $'one\nthree\ntwo' ]] || fail "the edit made:" "$(<tree/numbers)"
expect_mistake "new/file: is there already" write page.md tree
rm tree/new/file
expect_mistake "numbers: the lines to edit are there 0 times" write page.md tree
printf 'two\ntwo\n' >tree/twice
printf '```diff twice\n-two\n+one\n```\n' >page.md
expect_mistake "twice: the lines to edit are there 2 times" write page.md tree

printf '#!/bin/bash\necho "$@"\nexit 3\n' >say
chmod +x say
page <<'TEXT'
@@@console
$ bazel run //:say -- hello # exits with 3
hello
$ bazel test //:a_{b,c}
@@@
TEXT
tests=(//:a_b //:a_c)
"$follow" run page.md "${tests[@]}" //:say=say || fail "a true output was refused"
expect_mistake "other tests" run page.md //:a_b //:say=say
expect_mistake "no command of the page runs //:sing" run page.md "${tests[@]}" //:say=say //:sing=say
sed -i 's/^hello/hullo/' page.md
expect_mistake "shows other outputs" run page.md "${tests[@]}" //:say=say
sed -i 's/exits with 3/exits with 4/' page.md
expect_mistake "exits with 3" run page.md "${tests[@]}" //:say=say
mkdir -p made/fuzz
echo >made/fuzz/seed
sed -i 's/exits with 4/exits with 3/; s/^hullo/hello/' page.md
expect_mistake "make other files" run page.md "${tests[@]}" //:say=say
echo "all mistakes were found"
