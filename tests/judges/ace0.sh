#!/usr/bin/env bash
# Ace, held to having nothing at all to say, however slight. usage: ace0.sh EPUB OUTDIR (JUDGES says where the judges are)
set -euo pipefail
"$JUDGES/bin/ace" "$1" "$2"
python3 - "$2/report.json" <<'P'
import json, sys
report = json.load(open(sys.argv[1]))
said = [(a["earl:test"]["earl:impact"], a["earl:test"]["dct:title"], document.get("earl:testSubject", {}).get("url"))
        for document in report["assertions"] for a in document["assertions"]]
print(*said, sep="\n")
sys.exit(1 if said or not report["assertions"] else 0)
P
