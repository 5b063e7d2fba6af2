#!/usr/bin/env python3
"""Measures banxin beside Typst and Pandoc, on the same text, in turn, in one run: medians and ratios.

usage: run.py [BANXIN] [--copies 1,10,100] [--book DIR ...] [--runs 5] [--keep DIR]

Makes books of so many copies of book/; --book adds others (a novel). Typst and Pandoc are run where they are found, by PATH or by the
variables TYPST and PANDOC: `cargo install typst-cli`. Typst is given what is plain in the chapters, with the fonts of fonts/, A5,
tags, an outline (size.py); Pandoc the same chapters, without fonts. Prints for each book wall seconds, CPU seconds, peak memory and
the size of what was made; ratios of banxin to its peers; how long a build takes
after a chapter has changed; each step of banxin (`--timings`); and the floor: CPU seconds to compress the same streams and to cut
the same fonts alone (`cargo bench --bench floor`). Linux only: it reads what wait4 says of a child.
"""
import argparse, importlib.util, json, os, pathlib, shutil, statistics, subprocess, sys, tempfile, time, tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
spec = importlib.util.spec_from_file_location("size", HERE / "size.py")
size = importlib.util.module_from_spec(spec)
spec.loader.exec_module(size)


# Linux counts what a parent has in memory when it starts a program as the program's: so a small one starts it.
STARTER = """
import posix, sys, time
silent = [(posix.POSIX_SPAWN_OPEN, at, "/dev/null", posix.O_WRONLY, 0) for at in (1, 2)]
start = time.monotonic()
child = posix.posix_spawn(sys.argv[1], sys.argv[1:], posix.environ, file_actions=silent)
_, status, usage = posix.wait4(child, 0)
print(time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, posix.waitstatus_to_exitcode(status))
"""


def once(command):
    """Wall seconds, CPU seconds, peak kilobytes of one run."""
    program, *arguments = map(str, command)
    starter = [sys.executable, "-I", "-S", "-c", STARTER, shutil.which(program) or program, *arguments]
    wall, cpu, peak, code = map(float, subprocess.run(starter, check=True, capture_output=True, text=True).stdout.split())
    if code != 0:
        sys.exit(f"failed with {code:.0f}: {' '.join(map(str, command))}")
    return wall, cpu, peak


def copies(folder, count):
    """A book of so many copies of book/."""
    source = ROOT / "book"
    meta = tomllib.loads((source / "book.toml").read_text(encoding="utf-8"))
    (folder / "src").mkdir(parents=True)
    manifest = [f'[book]\ntitle = "{count} 册"\nlanguage = "zh-Hans-CN"\n']
    for copy in range(count):
        for chapter in meta["chapters"]:
            name = f"{copy:03}-{chapter['file']}"
            shutil.copyfile(source / "src" / chapter["file"], folder / "src" / name)
            title = f'title = "{chapter["title"]}"\n' if "title" in chapter else ""
            manifest.append(f'[[chapters]]\nfile = "{name}"\n{title}')
    (folder / "book.toml").write_text("\n".join(manifest), encoding="utf-8")
    return folder


def chapter_files(book):
    meta = tomllib.loads((book / "book.toml").read_text(encoding="utf-8"))
    return [book / "src" / entry["file"] for entry in size.entries(meta["chapters"]) if "file" in entry]


def commands(banxin, book, out):
    """Name, command, and what it makes."""
    dist = book / "dist"
    plain = [] if b"--no-cache" not in subprocess.run([banxin, "build", "--help"], capture_output=True).stdout else ["--no-cache"]
    yield "banxin pdf", [banxin, "build", book, "--pdf", *plain], lambda: dist.glob("*.pdf")
    yield "banxin epub", [banxin, "build", book, "--epub", *plain], lambda: dist.glob("*.epub")
    yield "banxin both", [banxin, "build", book, *plain], lambda: dist.glob("*.*")
    if typst := os.environ.get("TYPST") or shutil.which("typst"):
        source = out / f"{book.name}.typ"
        source.write_text(size.typst_of(book, [0]), encoding="utf-8")
        made = source.with_suffix(".pdf")
        yield "typst", [typst, "compile", "--ignore-system-fonts", "--font-path", ROOT / "fonts", source, made], lambda made=made: [made]
    if pandoc := os.environ.get("PANDOC") or shutil.which("pandoc"):
        made = out / f"{book.name}.epub"
        yield "pandoc", [pandoc, "--toc", "--metadata", "title=book", "-o", made, *chapter_files(book)], lambda made=made: [made]


def floor_program():
    """The program that compresses and cuts fonts alone; None where cargo is not at hand."""
    if not shutil.which("cargo"):
        return None
    command = ["cargo", "bench", "--no-run", "--bench", "floor", "--message-format", "json"]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    made = map(json.loads, lines)
    return next(one["executable"] for one in made if one.get("executable") and one["target"]["name"] == "floor")


def floor(program, book):
    """CPU seconds to compress and to cut fonts alone, of a book that is built."""
    done = subprocess.run([program, book, "--runs", "3"], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[1])


def rebuild(banxin, book, runs):
    """Seconds to build both formats after a sentence, and after some pages, came to a chapter in the middle, and in turn with these
    without what is kept, whose bytes must be the same."""
    files = chapter_files(book)
    chapter, dist = files[len(files) // 2], book / "dist"
    text = chapter.read_text(encoding="utf-8")
    made = lambda: [path.read_bytes() for path in sorted(dist.glob("*.*")) if not path.name.startswith(".")]
    once([banxin, "build", book])
    found = [[], [], []]
    for run in range(runs):
        for at, times in enumerate((1, 90 + run)):
            chapter.write_text(text + f"\n又添了第{run}句话。\n" * times, encoding="utf-8")
            found[at].append(once([banxin, "build", book])[0])
        kept = made()
        found[2].append(once([banxin, "build", book, "--no-cache"])[0])
        if kept != made():
            sys.exit(f"{book.name}: what was kept makes other bytes")
    chapter.write_text(text, encoding="utf-8")
    return [statistics.median(walls) for walls in found]


def measure(banxin, book, out, runs, alone):
    tasks = list(commands(banxin, book, out))
    found = {name: [] for name, _, _ in tasks}
    sizes = {}
    for name, command, made in tasks:
        shutil.rmtree(book / "dist", ignore_errors=True)
        once(command)
        sizes[name] = sum(path.stat().st_size for path in made())
    least = []
    for _ in range(runs):
        for name, command, _ in tasks:
            found[name].append(once(command))
        if alone:
            least.append(floor(alone, book))
    middle = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in found.items()}
    print(f"\n{book.name}\n{'':<12} {'wall s':>8} {'CPU s':>8} {'MB':>7} {'made kB':>9}")
    for name, (wall, cpu, peak) in middle.items():
        print(f"{name:<12} {wall:>8.3f} {cpu:>8.3f} {peak / 1000:>7.1f} {sizes[name] // 1000:>9}")
    ratio = lambda one, other, at: middle[other][at] / middle[one][at]
    if "typst" in middle:
        print(f"PDF: {ratio('banxin pdf', 'typst', 0):.1f} times as fast as Typst, in {1 / ratio('banxin pdf', 'typst', 2):.2f} of its memory")
    if "pandoc" in middle:
        print(f"EPUB: {ratio('banxin epub', 'pandoc', 0):.1f} times as fast as Pandoc, in {1 / ratio('banxin epub', 'pandoc', 2):.2f} of its memory")
    print(f"both: {ratio('banxin pdf', 'banxin both', 0):.2f} of the PDF alone")
    if "--no-cache" in tasks[0][1]:
        sentence, pages, whole = rebuild(banxin, book, runs)
        print(f"after a change: a sentence {sentence:.3f} s, {sentence / whole:.2f} of both; pages {pages:.3f} s, {pages / whole:.2f}")
    if least:
        least = statistics.median(least)
        print(f"CPU of both: {middle['banxin both'][1] / least:.2f} of the floor, {least:.3f} s")
    steps = subprocess.run([banxin, "build", book, "--timings", *tasks[0][1][4:]], capture_output=True, text=True, env={**os.environ, "LANG": "C"}).stdout
    print("".join(f"  {line}\n" for line in steps.splitlines() if " ms" in line), end="")
    return middle


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("banxin", nargs="?", default=ROOT / "target/release/banxin", type=pathlib.Path)
    parser.add_argument("--copies", default="1,10,100")
    parser.add_argument("--book", action="append", default=[], type=pathlib.Path)
    parser.add_argument("--runs", default=5, type=int)
    parser.add_argument("--keep", type=pathlib.Path, help="where the books and what was made of them stay")
    args = parser.parse_args()
    banxin = args.banxin.resolve()
    with tempfile.TemporaryDirectory() as folder:
        out = (args.keep or pathlib.Path(folder)).resolve()
        out.mkdir(parents=True, exist_ok=True)
        start = statistics.median(once([banxin, "--version"])[0] for _ in range(20))
        print(f"start-up: {start * 1000:.1f} ms")
        books = []
        for count in filter(None, args.copies.split(",")):
            shutil.rmtree(out / f"copies-{count}", ignore_errors=True)
            books.append(copies(out / f"copies-{count}", int(count)))
        for given in args.book:
            book = out / given.resolve().name
            shutil.rmtree(book, ignore_errors=True)
            shutil.copytree(given, book, copy_function=shutil.copyfile, ignore=shutil.ignore_patterns("dist"))
            for path in [book, *book.rglob("*")]:
                path.chmod(path.stat().st_mode | 0o200)
            books.append(book)
        pages, alone = {}, floor_program()
        for book in books:
            middle = measure(banxin, book, out, args.runs, alone)
            said = subprocess.run([banxin, "build", book, "--pdf"], capture_output=True, text=True, env={**os.environ, "LANG": "C"}).stdout
            count = int(said.rsplit(",", 1)[1].split()[0])
            pages[book.name] = middle["banxin pdf"][0] / count
            print(f"a page: {pages[book.name] * 1e6:.0f} µs of {count}")


if __name__ == "__main__":
    main()
