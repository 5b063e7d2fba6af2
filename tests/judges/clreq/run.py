#!/usr/bin/env python3
"""Measure the typesetter against Chinese layout requirements, from the glyphs and the drawing in its PDFs.

usage: run.py BANXIN [--cases FILE]... [--only ID,ID] [-v]

Each case is a one-chapter book of one paragraph. It is built with `BANXIN build DIR --pdf`, the only
PDF under DIR/dist is read back with PyMuPDF (pip install --no-deps pymupdf==2.0), and check.py holds the
positions against the case, drawn.py the lines and dots beside the text and the ink of marks.
Prints one line per failing case and `passed/total`; exit 1 if any fails.
Horizontal: x of each glyph origin from the line's start edge, in em. Vertical: y from the column's top.
"""
import argparse, json, pathlib, shutil, subprocess, sys, tempfile
from typing import NamedTuple
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import check, drawn

SIZE = 20.0     # pt, so that one em is 20 pt in every case
ASCENT = 0.88   # from a column's em to the origin of an upright glyph: what a PDF has where no font says otherwise


class Row(NamedTuple):
    """A line: the origin of its Han across the lines, and its glyphs with their starts along it, in em."""
    across: float
    glyphs: list


def manifest(case):
    config = case["expect"].get("config", {})
    region = config.get("region", "CN")
    language = {"CN": "zh-Hans-CN", "TW": "zh-Hant-TW", "HK": "zh-Hant-HK"}[region]
    return f'''[book]
title = "{case["id"]}"
language = "{language}"

[[chapters]]
file = "case.md"

[typography]
region = "{region}"
line-break = "{config.get("level", "gb")}"
punctuation = "{config.get("style", "quanjiao")}"
indent = {config.get("indent_em", 0)}
hyphenate = false
emphasis = "{"dots" if "dots" in case["expect"] else "kai"}"
writing-mode = "{config.get("writing", "horizontal-tb")}"

[pdf]
page = {{ width = "420mm", height = "420mm" }}
font-size = "{SIZE}pt"
chars-per-line = {case["measure_em"]}
cover = false
title-page = false
toc = false
running-heads = false
page-numbers = false
'''


def layout(page, vertical):
    """The lines in reading order. Han make them: what stands beside one of their origins is of their line."""
    glyphs = []
    for span in page.get_texttrace():
        turned = vertical and not span["wmode"] and span["dir"][1] > 0.5
        for code, _glyph, (x, y), _box in span["chars"]:
            char = chr(code).replace("⋯", "…") if code > 0 else "\ufffd"
            if char.strip():
                rise = 0 if turned or not vertical else ASCENT * span["size"]
                across, along = (x, y - rise) if vertical else (y, x)
                glyphs.append((char, along / SIZE, across / SIZE))
    low, high = (-0.5, 1.2) if vertical else (-0.6, 0.6)
    rows = []
    for char, along, across in sorted(glyphs, key=lambda glyph: not check.han(glyph[0])):
        row = next((row for row in rows if low <= across - row.across < high), None)
        if row is None:
            rows.append(row := Row(across, []))
        row.glyphs.append((char, along))
    for row in rows:
        row.glyphs.sort(key=lambda glyph: round(glyph[1], 2))
    return sorted(rows, key=lambda row: row.across, reverse=vertical)


def start_edge(lines, indent):
    """The start edge is the smallest origin of a line that opens with a Han character or, failing that, of any line."""
    han = [line[0][1] - (indent if i == 0 else 0) for i, line in enumerate(lines) if check.han(line[0][0])]
    return min(han) if han else min(line[0][1] for line in lines) if lines else 0.0


def judge(case, page, vertical):
    rows, expect = layout(page, vertical), case["expect"]
    if not rows:
        return ["no glyphs on page 1"]
    edge = start_edge([row.glyphs for row in rows], expect.get("config", {}).get("indent_em", 0))
    faults = check.check(case, [[(c, x - edge) for c, x in row.glyphs] for row in rows])
    boxes = list(drawn.shapes(page, vertical, SIZE))
    try:
        if "rules" in expect:
            faults += drawn.rules(case["text"], expect["rules"], rows, boxes, vertical)
        if "dots" in expect:
            faults += drawn.dots(expect["dots"], rows, boxes, vertical)
        if "vert_forms" in expect:
            faults += drawn.upright_forms(expect["vert_forms"], page, rows, SIZE)
        if "ink" in expect:
            faults += drawn.centres(expect["ink"], page, rows, vertical, SIZE)
    except KeyError as char:
        faults.append(f"missing {char}")
    return faults


def run(binary, case, keep=None):
    import pymupdf
    root = pathlib.Path(keep or tempfile.mkdtemp(prefix="clreq-"))
    try:
        (root / "src").mkdir(parents=True, exist_ok=True)
        (root / "book.toml").write_text(manifest(case), encoding="utf-8")
        (root / "src" / "case.md").write_text(case["text"].replace("\n", "\\\n") + "\n", encoding="utf-8")
        done = subprocess.run([binary, "build", str(root), "--pdf"], capture_output=True, text=True, timeout=120)
        pdfs = list((root / "dist").glob("*.pdf"))
        if done.returncode or len(pdfs) != 1:
            return [f"no PDF (exit {done.returncode}): {done.stderr.strip()[-200:]}"]
        with pymupdf.open(pdfs[0]) as pdf:
            return judge(case, pdf[0], case["expect"].get("config", {}).get("writing") == "vertical-rl")
    finally:
        if not keep:
            shutil.rmtree(root, ignore_errors=True)


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--cases", action="append", help="a file of cases; cases.json and more.json where none is named")
    parser.add_argument("--only", default="")
    parser.add_argument("-v", action="store_true")
    args = parser.parse_args()
    files = args.cases or [here / "cases.json", here / "more.json"]
    cases = [case for file in files for case in json.loads(pathlib.Path(file).read_text(encoding="utf-8"))]
    if args.only:
        cases = [c for c in cases if c["id"] in args.only.split(",")]
    failed = 0
    for case in cases:
        faults = run(args.binary, case)
        failed += bool(faults)
        if faults:
            print(f'{case["id"]}: {"; ".join(faults)}   [{case["source"]}]')
        elif args.v:
            print(f'{case["id"]}: ok')
    print(f"{len(cases) - failed}/{len(cases)}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
