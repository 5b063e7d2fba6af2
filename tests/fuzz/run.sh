#!/usr/bin/env bash
# Every fuzz target for so many seconds, one after another, the same run each time as far as threads allow: a change lands or it does
# not, never by chance. usage: run.sh SECONDS [TARGET…]     needs cargo-fuzz and a C++ compiler
set -euo pipefail
cd "$(dirname "$0")/../.."
export RUSTC_BOOTSTRAP=1 CARGO_TERM_COLOR=never
seconds=$1; shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(manifest markdown summary lines import-text import-epub import-docx font image)
for target in "${targets[@]}"; do
  found=$(mktemp -d)
  log="$found.log"
  echo "== $target"
  if ! cargo fuzz run --release --fuzz-dir tests/fuzz --sanitizer none "$target" "$found" "tests/fuzz/corpus/$target" -- \
    -seed=1 -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1000 -max_len=20000 -print_final_stats=1 >"$log" 2>&1; then
    # Where it fell, and on what: enough to make it fall again elsewhere.
    grep -a -A 12 'panicked at\|ERROR: libFuzzer\|has overflowed\|^error' "$log" | cut -c 1-200 | head -n 60 || true
    for input in tests/fuzz/artifacts/"$target"/*; do
      echo "$input, gzip and base64:"
      gzip -9c "$input" | base64 -w 900 | head -n 12
    done
    exit 1
  fi
  tail -n 6 "$log"
  rm -rf "$found" "$log"
done
