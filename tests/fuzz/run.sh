#!/usr/bin/env bash
# Every fuzz target for so many seconds, one after another. usage: run.sh SECONDS [TARGET…]     needs cargo-fuzz and a C++ compiler
set -euo pipefail
cd "$(dirname "$0")/../.."
export RUSTC_BOOTSTRAP=1 CARGO_TERM_COLOR=never
seconds=$1; shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(manifest markdown summary lines import-text import-epub import-docx font image)
for target in "${targets[@]}"; do
  found=$(mktemp -d)
  echo "== $target"
  cargo fuzz run --release --fuzz-dir tests/fuzz --sanitizer none "$target" "$found" "tests/fuzz/corpus/$target" -- \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1000 -max_len=20000 -print_final_stats=1 2>&1 | tail -n 12
  rm -rf "$found"
done
