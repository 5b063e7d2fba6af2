#!/usr/bin/env bash
# Holds the built books against programs that nobody here wrote. usage: judge.sh JUDGES_DIR OUT
# Every judge is first seen to fail on a spoiled file: one that cannot fail decides nothing.
set -uo pipefail
judges=$(cd "$1" && pwd) out=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python="$judges/venv/bin/python"
export JUDGES="$judges" PYTHONDONTWRITEBYTECODE=1
mkdir -p "$out" && out=$(cd "$out" && pwd)
passed=0 failed=0

# expect pass|FAIL NAME COMMAND...
expect() {
  local wanted=$1 name=$2 verdict; shift 2
  if timeout 180 "$@" >"$out/${name//\//-}.log" 2>&1; then verdict=pass; else verdict=FAIL; fi
  if [ "$verdict" = "$wanted" ]; then passed=$((passed + 1)); printf '%-26s %s\n' "$name" "$verdict"
  else failed=$((failed + 1)); printf '%-26s %s, wanted %s\n' "$name" "$verdict" "$wanted"; tail -n 25 "$out/${name//\//-}.log"; fi
}
# The EPUB for any reader, or for one: epub BOOK -kindle.
epub() { ls "$1"/dist/*.epub | grep -E "^$1/dist/[^/]*${2-}\.epub$" | grep -vE "$([ -n "${2-}" ] && echo '^$' || echo '(-kindle|-apple|-weread|\.kepub)\.epub$')"; }
pdf() { echo "$1"/dist/*.pdf; }

for name in book tests/books/features tests/books/mdbook; do
  book="$root/$name" short=$(basename "$name")
  expect pass "$short/epubcheck" "$judges/bin/epubcheck5" "$(epub "$book")" "$out/$short-epubcheck.json"
  expect pass "$short/ace" "$here/ace0.sh" "$(epub "$book")" "$out/$short-ace"
  expect pass "$short/epubjs" node "$judges/readers/epubjs.mjs" "$(epub "$book")" "$out/$short-epubjs" 6
  expect pass "$short/foliate" node "$judges/readers/foliate.mjs" "$(epub "$book")" "$out/$short-foliate" 6
  expect pass "$short/qpdf" qpdf --check "$(pdf "$book")"
  expect pass "$short/contents" "$python" "$judges/contents.py" "$(pdf "$book")"
done
# Five languages, two of them in columns.
for book in "$root"/tests/books/languages/*/; do
  short=$(basename "$book")
  expect pass "$short/epubcheck" "$judges/bin/epubcheck5" "$(epub "$book")" "$out/$short-epubcheck.json"
  expect pass "$short/ace" "$here/ace0.sh" "$(epub "$book")" "$out/$short-ace"
  expect pass "$short/epubjs" node "$judges/readers/epubjs.mjs" "$(epub "$book")" "$out/$short-epubjs" 3
  expect pass "$short/foliate" node "$judges/readers/foliate.mjs" "$(epub "$book")" "$out/$short-foliate" 3
  expect pass "$short/qpdf" qpdf --check "$(pdf "$book")"
done
# Tagged PDF: PDF/UA and PDF/A, what the tree says, and the pages against each other.
showcase="$root/tests/books/showcase"
expect pass showcase/build "$root/target/release/banxin" build "$showcase"
expect pass showcase/qpdf qpdf --check "$(pdf "$showcase")"
expect pass showcase/contents "$python" "$judges/contents.py" "$(pdf "$showcase")"
shelf=("$root/book" "$showcase" "$root"/tests/books/{features,mdbook} "$root"/tests/books/languages/*/)
pdfs=()
for book in "${shelf[@]}"; do
  short=$(basename "$book")
  pdfs+=("$(pdf "$book")")
  expect pass "$short/pdf-ua-lite" "$python" "$here/pdf_ua_lite.py" "$(pdf "$book")"
  # Without Han there are no lines to hold against each other.
  if [ "$short" != en ]; then
    expect pass "$short/pages" "$python" "$here/pages.py" "$(pdf "$book")" $(grep -q vertical-rl "$book/book.toml" && echo --vertical)
  fi
done
expect pass all/verapdf "$here/verapdf.sh" "${pdfs[@]}"
for book in "$root/book" "$showcase" "$root"/tests/books/{features,languages/zh-Hant-TW,languages/ja}; do
  expect pass "$(basename "$book")/tagged" "$python" "$here/tagged.py" "$(pdf "$book")" "$book"
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

# One pagination for two books: every page of the small ones, fifty by seed of the others; and what readers make of the list.
expect pass showcase/epubcheck "$judges/bin/epubcheck5" "$(epub "$showcase")" "$out/showcase-epubcheck.json"
expect pass showcase/ace "$here/ace0.sh" "$(epub "$showcase")" "$out/showcase-ace"
expect pass showcase/foliate node "$judges/readers/foliate.mjs" "$(epub "$showcase")" "$out/showcase-foliate" 12
for book in "${shelf[@]}" "$columns"; do
  short=$(basename "$book")
  expect pass "$short/pagelist" "$python" "$here/pagelist.py" "$(epub "$book")" "$(pdf "$book")" $(grep -q vertical-rl "$book/book.toml" && echo --vertical)
done
for book in "$root/book" "$showcase" "$columns"; do
  expect pass "$(basename "$book")/pages-open" node "$judges/readers/pagelist.mjs" "$(epub "$book")" "$out/pages" 60
done
# The text of every document, in spine order, against the source.
for book in "$root/book" "$showcase" "$root"/tests/books/features "$root"/tests/books/languages/{ja,zh-*}/; do
  expect pass "$(basename "$book")/flowing" "$python" "$here/flowing.py" "$(epub "${book%/}")" "$book"
done
# For each family of readers, across and in columns.
readers="$out/readers"
rm -rf "$readers" && mkdir -p "$readers"
for name in showcase features; do
  cp -r "$root/tests/books/$name" "$readers/$name" && rm -rf "$readers/$name/dist"
  cp -r "$readers/$name" "$readers/$name-columns"
  sed -i '/^writing-mode/d; s/^\[typography\]/[typography]\nwriting-mode = "vertical-rl"/' "$readers/$name-columns/book.toml"
  grep -q vertical-rl "$readers/$name-columns/book.toml" || printf '\n[typography]\nwriting-mode = "vertical-rl"\n' >>"$readers/$name-columns/book.toml"
done
for book in "$readers"/*; do
  short=$(basename "$book")
  expect pass "$short/build-for" "$root/target/release/banxin" build "$book" --for generic,kindle,kobo,apple,weread
  for reader in "" -kindle .kepub -apple -weread; do
    file=$(epub "$book" "$reader")
    expect pass "$short$reader/epubcheck" "$judges/bin/epubcheck5" "$file" "$out/reader-epubcheck.json"
    expect pass "$short$reader/ace" "$here/ace0.sh" "$file" "$out/reader-ace"
    expect pass "$short$reader/flowing" "$python" "$here/flowing.py" "$file" "$book"
  done
  expect pass "$short.kepub/foliate" node "$judges/readers/foliate.mjs" "$(epub "$book" .kepub)" "$out/$short-kepub" 8
  expect pass "$short/pages" "$python" "$here/pagelist.py" "$(epub "$book" .kepub)" "$(pdf "$book")" $(grep -q vertical-rl "$book/book.toml" && echo --vertical)
  expect pass "$short-kindle/azw3" "$python" "$here/azw3.py" "$(epub "$book" -kindle)" "$out/azw3"
done
expect pass book/azw3 "$python" "$here/azw3.py" "$(epub "$root/book")" "$out/azw3"

spoiled="$out/spoiled"
expect pass spoiled "$python" "$here/spoil.py" "$(epub "$root/book")" "$(pdf "$root/book")" "$root/book" "$(pdf "$showcase")" "$spoiled"
expect FAIL spoiled/epubcheck "$judges/bin/epubcheck5" "$spoiled/no-chapter.epub" "$out/spoiled.json"
expect FAIL spoiled/ace "$judges/bin/ace" "$spoiled/no-alt.epub" "$out/spoiled-ace"
expect FAIL spoiled/epubjs node "$judges/readers/epubjs.mjs" "$spoiled/bad-font.epub" "$out/spoiled-epubjs" 6
expect FAIL spoiled/foliate node "$judges/readers/foliate.mjs" "$spoiled/bad-font.epub" "$out/spoiled-foliate" 6
expect FAIL spoiled/ace0 "$here/ace0.sh" "$spoiled/no-role.epub" "$out/spoiled-ace"
expect FAIL spoiled/late-page "$python" "$here/pagelist.py" "$spoiled/late-page.epub" "$(pdf "$root/book")" --count 1000
expect FAIL spoiled/no-page "$python" "$here/pagelist.py" "$spoiled/no-page.epub" "$(pdf "$root/book")"
expect FAIL spoiled/no-break node "$judges/readers/pagelist.mjs" "$spoiled/no-break.epub" "$out/pages" 1000
expect FAIL spoiled/flowing "$python" "$here/flowing.py" "$spoiled/lost.epub" "$root/book"
expect FAIL spoiled/azw3 "$python" "$here/azw3.py" "$spoiled/lost.epub" "$out/azw3" "$(epub "$root/book")"
expect FAIL spoiled/qpdf qpdf --check "$spoiled/cut.pdf"
expect FAIL spoiled/glyphs "$python" "$judges/glyphs.py" "$spoiled/marks.pdf" --check
expect FAIL spoiled/clreq "$python" "$here/clreq/run.py" "$root/target/release/banxin" --cases "$spoiled/cases.json"
expect FAIL spoiled/lines "$python" "$here/lines.py" "$spoiled/lines.pdf"
expect FAIL spoiled/conserve "$python" "$judges/conserve.py" "$spoiled/book"
expect FAIL spoiled/contents "$python" "$judges/contents.py" "$spoiled/marks.pdf"
for fault in unmarked no-words no-intent; do
  expect FAIL "spoiled/verapdf-$fault" "$here/verapdf.sh" "$spoiled/$fault.pdf"
done
for fault in unmarked no-words; do
  expect FAIL "spoiled/pdf-ua-lite-$fault" "$python" "$here/pdf_ua_lite.py" "$spoiled/$fault.pdf"
done
for fault in artifact head-amid unsaid astray; do
  expect FAIL "spoiled/tagged-$fault" "$python" "$here/tagged.py" "$spoiled/$fault.pdf"
done
for fault in disorder noteless; do
  expect FAIL "spoiled/tagged-$fault" "$python" "$here/tagged.py" "$spoiled/$fault.pdf" "$showcase"
done
for fault in off-grid late-note not-blank no-folio; do
  expect FAIL "spoiled/pages-$fault" "$python" "$here/pages.py" "$spoiled/$fault.pdf"
done
# A judge that says nothing has not passed anything.
mkdir -p "$spoiled/silent/bin" && ln -sf "$(command -v true)" "$spoiled/silent/bin/verapdf"
expect FAIL spoiled/verapdf-silent env JUDGES="$spoiled/silent" "$here/verapdf.sh" "$(pdf "$root/book")"

echo "judges: $passed passed, $failed failed"
[ "$failed" = 0 ]
