#!/usr/bin/env bash
# Holds the built books against programs that nobody here wrote. usage: judge.sh JUDGES_DIR OUT
# Every judge is first seen to fail on a spoiled file: one that cannot fail decides nothing.
set -uo pipefail
judges=$(cd "$1" && pwd) out=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python="$judges/venv/bin/python"
mkdir -p "$out" && out=$(cd "$out" && pwd)
passed=0 failed=0

# expect pass|FAIL NAME COMMAND...
expect() {
  local wanted=$1 name=$2 verdict; shift 2
  if timeout 180 "$@" >"$out/${name//\//-}.log" 2>&1; then verdict=pass; else verdict=FAIL; fi
  if [ "$verdict" = "$wanted" ]; then passed=$((passed + 1)); printf '%-26s %s\n' "$name" "$verdict"
  else failed=$((failed + 1)); printf '%-26s %s, wanted %s\n' "$name" "$verdict" "$wanted"; tail -n 25 "$out/${name//\//-}.log"; fi
}
epub() { echo "$1"/dist/*.epub; }
pdf() { echo "$1"/dist/*.pdf; }

for name in book tests/books/features tests/books/mdbook; do
  book="$root/$name" short=$(basename "$name")
  expect pass "$short/epubcheck" "$judges/bin/epubcheck5" "$(epub "$book")" "$out/$short-epubcheck.json"
  expect pass "$short/ace" "$judges/bin/ace" "$(epub "$book")" "$out/$short-ace"
  expect pass "$short/epubjs" node "$judges/readers/epubjs.mjs" "$(epub "$book")" "$out/$short-epubjs" 6
  expect pass "$short/foliate" node "$judges/readers/foliate.mjs" "$(epub "$book")" "$out/$short-foliate" 6
  expect pass "$short/qpdf" qpdf --check "$(pdf "$book")"
  expect pass "$short/contents" "$python" "$judges/contents.py" "$(pdf "$book")"
done
# Five languages, two of them in columns.
for book in "$root"/tests/books/languages/*/; do
  short=$(basename "$book")
  expect pass "$short/epubcheck" "$judges/bin/epubcheck5" "$(epub "$book")" "$out/$short-epubcheck.json"
  expect pass "$short/ace" "$judges/bin/ace" "$(epub "$book")" "$out/$short-ace"
  expect pass "$short/epubjs" node "$judges/readers/epubjs.mjs" "$(epub "$book")" "$out/$short-epubjs" 3
  expect pass "$short/foliate" node "$judges/readers/foliate.mjs" "$(epub "$book")" "$out/$short-foliate" 3
  expect pass "$short/qpdf" qpdf --check "$(pdf "$book")"
done
# The mdBook book has tables and listings whose lines begin with marks, as their authors wrote them.
for name in book tests/books/features; do
  expect pass "$(basename "$name")/glyphs" "$python" "$judges/glyphs.py" "$(pdf "$root/$name")" --check
done
# Chinese composition, from the positions in the PDF; and the figures of every line of a book.
expect pass clreq "$python" "$here/clreq/run.py" "$root/target/release/banxin"
expect pass book/lines "$python" "$here/lines.py" "$(pdf "$root/book")"
columns="$out/columns"
rm -rf "$columns" && mkdir -p "$columns" && cp -r "$root/book/src" "$columns/"
{ grep -v '^writing-mode' "$root/book/book.toml" | grep -v '^\[typography\]'; printf '\n[typography]\nwriting-mode = "vertical-rl"\n'; } >"$columns/book.toml"
expect pass columns/build "$root/target/release/banxin" build "$columns"
expect pass columns/lines "$python" "$here/lines.py" --vertical "$(pdf "$columns")"
expect pass columns/conserve "$python" "$judges/conserve.py" "$columns"
expect pass book/conserve "$python" "$judges/conserve.py" "$root/book"

spoiled="$out/spoiled"
"$python" "$here/spoil.py" "$(epub "$root/book")" "$(pdf "$root/book")" "$root/book" "$spoiled"
expect FAIL spoiled/epubcheck "$judges/bin/epubcheck5" "$spoiled/no-chapter.epub" "$out/spoiled.json"
expect FAIL spoiled/ace "$judges/bin/ace" "$spoiled/no-alt.epub" "$out/spoiled-ace"
expect FAIL spoiled/epubjs node "$judges/readers/epubjs.mjs" "$spoiled/bad-font.epub" "$out/spoiled-epubjs" 6
expect FAIL spoiled/foliate node "$judges/readers/foliate.mjs" "$spoiled/bad-font.epub" "$out/spoiled-foliate" 6
expect FAIL spoiled/qpdf qpdf --check "$spoiled/cut.pdf"
expect FAIL spoiled/glyphs "$python" "$judges/glyphs.py" "$spoiled/marks.pdf" --check
expect FAIL spoiled/clreq "$python" "$here/clreq/run.py" "$root/target/release/banxin" --cases "$spoiled/cases.json"
expect FAIL spoiled/lines "$python" "$here/lines.py" "$spoiled/lines.pdf"
expect FAIL spoiled/conserve "$python" "$judges/conserve.py" "$spoiled/book"
expect FAIL spoiled/contents "$python" "$judges/contents.py" "$spoiled/marks.pdf"

echo "judges: $passed passed, $failed failed"
[ "$failed" = 0 ]
