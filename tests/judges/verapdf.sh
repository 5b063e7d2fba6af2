#!/usr/bin/env bash
# veraPDF on PDFs: PDF/UA-1 and PDF/A-2a, all files in one run of Java. usage: verapdf.sh PDF...
# JUDGES is where install.sh put the judges; else they are looked for beside this script.
# Exit 0 only if every file passed in each profile: what veraPDF did not say is no pass.
set -uo pipefail
judges=${JUDGES:-$(cd "$(dirname "$(readlink -f "$0")")" && pwd)}
VMAX=2 "$judges/bin/verapdf" ua1,2a "$@" | python3 -c '
import json, pathlib, sys

wanted = {(file, profile): None for file in sys.argv[1:] for profile in ("ua1", "2a")}
for line in sys.stdin:
    try:
        said = json.loads(line)
        wanted[said["file"], said["profile"]] = said
    except (ValueError, KeyError, TypeError):
        print("not understood:", line.strip()[:200])
passed = 0
for (file, profile), said in wanted.items():
    name = f"{pathlib.Path(file).name} {profile}"
    if said is None:
        print(f"{name}: no verdict")
    elif said["compliant"] is True and said.get("failures") == [] and said["assertions"] >= 100:
        passed += 1
    elif "error" in said:
        error = said["error"]
        print(f"{name}: {error}")
    else:
        print(f"{name}: fails")
        for failure in said.get("failures", []):
            rule, count, message, at = (failure[key] for key in ("rule", "count", "message", "at"))
            print(f"  {rule} ×{count}: {message[:140]}", *(f"    {place[-140:]}" for place in at[:2]), sep="\n")
print(f"{passed} of {len(wanted)} verdicts are passes")
sys.exit(0 if wanted and passed == len(wanted) else 1)
' "$@"
