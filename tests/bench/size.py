#!/usr/bin/env python3
"""How large is the PDF of a book, beside what Typst makes of the same text?

usage: size.py BANXIN BOOK_DIR [--keep DIR]

Needs the packages `typst` and `pikepdf`. Typst is given what is plain in the chapters: headings, paragraphs, lists and
quotations as paragraphs, footnotes; tables, listings and images are left out and told. Both have the fonts of fonts/,
A5, 27 characters of 10.5 pt by 26 lines, quotations in Kai, heads, folios, contents, an outline and tags. banxin also has a
cover, a title page and the metadata of PDF/A. Prints bytes, pages and the ratio, with and without the fonts in the
files. Works on a copy of the book.
"""
import argparse, pathlib, re, shutil, subprocess, tempfile, time, tomllib

FONTS = pathlib.Path(__file__).resolve().parents[2] / "fonts"
HEAD = """#set document(title: {title})
#set page(width: 419.528pt, height: 595.276pt, margin: (x: 68.014pt, top: 63.7pt, bottom: 61.7pt), numbering: "1", header: text(9pt, {title}))
#set text(font: "Noto Serif SC", size: 10.5pt, lang: "zh", region: "cn", top-edge: 0.88em, bottom-edge: -0.12em)
#set par(justify: true, first-line-indent: (amount: 2em, all: true), leading: 7.875pt, spacing: 7.875pt)
#show heading: set text(font: "Noto Sans SC", weight: "bold")
#show heading.where(level: 1): it => {{ pagebreak(weak: true); it }}
#align(center, text(24pt, {title}))
#outline(title: "目录")
"""


def quoted(text):
    """Text as a string of Typst: no mark of its markup is read in it."""
    return '#"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def entries(chapters):
    for chapter in chapters:
        yield chapter
        yield from entries(chapter.get("chapters", []))


def chapters(book):
    manifest = tomllib.loads((book / "book.toml").read_text(encoding="utf-8"))
    src = book / manifest["book"].get("src", "src")
    if "chapters" in manifest:
        for entry in entries(manifest["chapters"]):
            if "part" in entry:
                yield "# " + entry["part"]
            if "file" in entry:
                text = (src / entry["file"]).read_text(encoding="utf-8")
                yield ("" if text.startswith("# ") or "title" not in entry else f"# {entry['title']}\n\n") + text
    else:
        for file in re.findall(r"\]\(([^)#]+\.md)\)", (src / "SUMMARY.md").read_text(encoding="utf-8")):
            yield (src / file).read_text(encoding="utf-8")


def plain(text):
    """A line without the marks of Markdown."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)(\{[^}]*\})?", "", text)
    text = re.sub(r"\{([^{}|]*)\|[^{}]*\}", r"\1", text)
    for _ in range(3):
        text = re.sub(r"\[([^\[\]^]*)\](\([^)]*\)|\{[^}]*\})", r"\1", text)
    text = re.sub(r"<[^>]*>|\*\*|~~|`|\{[#.][^}]*\}|^[>\s]*([-*+]|\d+\.)?\s+|^>+", "", text)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text.replace("*", "")).strip()


def typst_of(book, left_out):
    title = tomllib.loads((book / "book.toml").read_text(encoding="utf-8"))["book"]["title"]
    parts = [HEAD.format(title=quoted(title)[1:])]
    for text in chapters(book):
        notes = {}

        def note(found):
            notes[found[1]] = plain(re.sub(r"\s*\n\s*", " ", found[2]))
            return ""

        text = re.sub(r"^\[\^([^\]]+)\]:[ \t]*(.*(?:\n(?:[ \t]+\S.*|[ \t]*(?=\n[ \t]+\S)))*)", note, text, flags=re.M)
        text, count = re.subn(r"^(```|~~~).*?^\1[ \t]*$|^\$\$.*?^\$\$|^(\|[^\n]*\n)+|<table.*?</table>", "", text, flags=re.M | re.S)
        left_out[0] += count
        fence = None
        for block in re.split(r"\n\s*\n|(?=\n:::)|(?<=:::)\n", text):
            level = re.match(r"\s*(#+) ", block)
            if opened := re.match(r"\s*:::[ \t]*(\w*)[^\n]*", block):
                fence, block = opened[1], block[opened.end():]
            kai = block.lstrip().startswith(">") or fence in ("verse", "epigraph")
            lines = block.split("\n") if kai or level or re.match(r"\s*([-*+]|\d+\.)\s", block) else [block.replace("\n", "")]
            for line in filter(None, map(plain, lines)):
                pieces = re.split(r"\[\^([^\]]+)\]", re.sub(r"^#+ ", "", line))
                said = "".join(quoted(piece) if at % 2 == 0 else f"#footnote[{quoted(notes.get(piece, piece))}]" for at, piece in enumerate(pieces))
                parts.append(f"{'=' * len(level[1])} {said}" if level else f'#text(font: "WenKai Book")[{said}]' if kai else said)
                level = None
    return "\n\n".join(parts)


def measure(name, pdf, seconds):
    import pikepdf
    with pikepdf.open(pdf) as file:
        pages = len(file.pages)
        tagged = "tagged" if "/StructTreeRoot" in file.Root else "NOT tagged"
        dictionaries = [item for item in file.objects if isinstance(item, pikepdf.Dictionary)]
        programs = [item[key] for item in dictionaries for key in item.keys() if key.startswith("/FontFile")]
        fonts = sum(len(program.read_raw_bytes()) for program in programs)
    size = pdf.stat().st_size
    print(f"{name:<7} {size:>10} bytes  {pages:>5} pages  {size / pages:>7.0f} a page  fonts {fonts:>8}  {tagged}  {seconds:.2f} s")
    return size, pages, size - fonts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("banxin")
    parser.add_argument("book", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path, help="where both PDFs and the Typst source stay")
    args = parser.parse_args()
    import typst
    with tempfile.TemporaryDirectory() as folder:
        out = args.keep or pathlib.Path(folder)
        book = out / "book"
        shutil.rmtree(book, ignore_errors=True)
        shutil.copytree(args.book, book, copy_function=shutil.copyfile, ignore=shutil.ignore_patterns("dist"))
        for path in [book, *book.rglob("*")]:
            path.chmod(path.stat().st_mode | 0o200)
        start = time.monotonic()
        subprocess.run([args.banxin, "build", "--pdf", str(book)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ours = measure("banxin", next((book / "dist").glob("*.pdf")), time.monotonic() - start)
        left_out = [0]
        (out / "book.typ").write_text(typst_of(book, left_out), encoding="utf-8")
        start = time.monotonic()
        typst.compile(out / "book.typ", output=out / "typst.pdf", font_paths=[str(FONTS)], ignore_system_fonts=True)
        theirs = measure("typst", out / "typst.pdf", time.monotonic() - start)
        if left_out[0]:
            print(f"{left_out[0]} tables, listings, formulas and containers are not in Typst's file")
        print(f"banxin / typst: {ours[0] / theirs[0]:.2f} of the size, {ours[2] / theirs[2]:.2f} without fonts, on {ours[1] / theirs[1]:.2f} of the pages")


if __name__ == "__main__":
    main()
