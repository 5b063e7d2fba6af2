#!/usr/bin/env bash
# Wall time and memory of a release build of a book, both formats, several runs. usage: measure.sh [BOOK_DIR] [RUNS]
# Where typst or pandoc are installed, compare in the same session: machines are noisy, ratios are not.
set -euo pipefail
cd "$(dirname "$0")/../.."
book=${1:-book} runs=${2:-7}
cargo build --release --quiet
for _ in $(seq "$runs"); do
  /usr/bin/time -f '%e s  %M kB' target/release/banxin build "$book" 2>&1 >/dev/null | tail -n 1
done
