#!/usr/bin/env python3
"""Writes src/order.txt: which functions run when a plain book is built.

usage: order.py

On Linux the linker puts them together (build.rs). Of the program's thirteen megabytes of code two run; spread over all of it they
bring in eight, as the system brings sixteen pages into memory for each that is touched. The list is one of names without what compilers
add to them, so it outlives changes; functions that it misses stand where they would without it. Run it when memory of a small book
(run.py) has grown: it builds the program, runs it under valgrind's callgrind on book/, and reads the linker's map (lld's).

A line of the list is a crate and a pattern of its sections. A pattern that would bring in far more than runs is left out: generic
functions of one name, of which one in twenty is called.
"""
import collections, pathlib, re, shutil, subprocess, tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = ROOT / "src/order.txt"
HEAD = "# Functions that run when a plain book is built, together first in the program (build.rs). Made by tests/bench/order.py.\n"
# What the system brings in at once, and how often that of one pattern is counted at most.
AROUND, MOST = 32 << 10, 4


def pattern(section):
    """The section of a function, whatever its hash (v0 names have one for each crate)."""
    if "._R" in section:
        return re.sub(r"(?<=C)s[0-9A-Za-z]{5,20}_", "*", section)
    return re.sub(r"17h[0-9a-f]{16}E.*", "17h*", section)


def sections(file):
    """Crate, section, bytes and symbols of each section of code in a map of lld's."""
    found = []
    for line in file.read_text(errors="replace").splitlines():
        if section := re.match(r"\s*[0-9a-f]+\s+[0-9a-f]+\s+([0-9a-f]+)\s+\d+\s+(\S+):\((\.text\.\S+)\)$", line):
            crate = re.sub(r"-[0-9a-f]{16}.*", "", section[2].split("/")[-1])
            found.append((crate, section[3], int(section[1], 16), []))
        elif re.match(r"\s*[0-9a-f]+\s+[0-9a-f]+\s+[0-9a-f]+\s+\d+\s+\.", line):
            # A section of the program, or one that holds no code.
            found.append((None, "", 0, []))
        elif found and (symbol := re.match(r"\s*[0-9a-f]+\s+[0-9a-f]+\s+[0-9a-f]+\s+\d+\s+(\S+)$", line)):
            found[-1][3].append(symbol[1])
    return [section for section in found if section[0]]


def called(binary, book, out, *formats):
    """Names of the functions that run."""
    subprocess.run(["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={out}", binary, "build", book, "--no-cache", *formats], check=True, capture_output=True)
    return set(re.findall(r"^c?fn=\(\d+\) (\S+?)(?:'\d+)?$", out.read_text(errors="replace"), re.M))


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run(["cargo", "rustc", "--release", "--bin", "banxin", "--", "-C", f"link-arg=-Wl,--no-demangle,-Map={folder}/map"], cwd=ROOT, check=True)
        shutil.copytree(ROOT / "book", folder / "book", ignore=shutil.ignore_patterns("dist"))
        binary = ROOT / "target/release/banxin"
        pdf = called(binary, folder / "book", folder / "pdf", "--pdf")
        both = pdf | called(binary, folder / "book", folder / "both")
        code = sections(folder / "map")
    runs, count, brings, first = collections.Counter(), collections.Counter(), collections.Counter(), set()
    for crate, section, length, symbols in code:
        key = (crate, pattern(section))
        brings[key] += length
        if not both.isdisjoint(symbols):
            runs[key] += length
            count[key] += 1
        if not pdf.isdisjoint(symbols):
            first.add(key)
    idle = lambda key: brings[key] - runs[key]
    kept = [key for key in runs if idle(key) <= AROUND * min(count[key], MOST)]
    # Those of a PDF, then those of an EPUB; of each the patterns that bring in more than runs are last.
    kept.sort(key=lambda key: (key not in first, idle(key) > runs[key], key))
    LIST.write_text(HEAD + "".join(f"{crate} {section}\n" for crate, section in kept), encoding="utf-8")
    print(f"{len(kept)} patterns of {len(runs)}; {sum(runs[key] for key in kept) >> 10} kB that run in {sum(brings[key] for key in kept) >> 10}")


if __name__ == "__main__":
    main()
