#!/usr/bin/env python3
"""Holds the pages of a finished book against each other, from what is painted on them.

usage: pages.py PDF [--vertical]

A body line is a baseline on which Han of the commonest size stand (in columns: their axis). Checked:
 (1) all body lines of the book stand on one grid of the commonest distance, within 0.1 pt, so that those of facing
     pages, 2k and 2k+1, go on in each other (in columns: each side of the spread on its own). Lines of contents, and of
     pages without a folio, are reported and not judged;
 (2) every mark of a note, a circled number much smaller than what is before it, has the note of its number, a circled
     number that begins a line, at the foot of its page, once, and every note its mark; in a tagged file there are as
     many notes as the tree has;
 (3) every page bears its label as its folio, but for a cover, part pages, those before the first folio and one at the
     end, none of which holds more than a few body lines; a blank page carries nothing at all.
Prints up to 20 faults of each; exit 1 if there is any.
"""
import argparse, collections, re, sys
from typing import NamedTuple

from lines import is_han
from tagged import Structure, label, labels

TOLERANCE = 0.1
FEW = 8     # body lines of a title page or a colophon
CIRCLED = {chr(code): at + 1 for at, code in enumerate([*range(0x2460, 0x2474), *range(0x3251, 0x3260), *range(0x32B1, 0x32C0)])}


class Glyph(NamedTuple):
    char: str
    x: float
    y: float
    size: float


class Page:
    def __init__(self, page, label, vertical):
        self.label, self.height, self.at = label, page.rect.height, page.number
        self.glyphs = []
        for span in page.get_texttrace():
            for code, _glyph, (x, y), _box in span["chars"]:
                if code > 0 and chr(code).strip():
                    self.glyphs.append(Glyph(chr(code), x, y, round(span["size"], 2)))
        self.links = [link["from"] for link in page.get_links() if link["kind"] == 1]
        # What else is painted is asked for only where it matters.
        self.more = lambda: bool(page.get_image_info() or page.get_drawings() or page.get_links())
        self.vertical, self.found = vertical, {}
        low = max((glyph.y for glyph in self.glyphs), default=0)
        row = sorted((glyph for glyph in self.glyphs if low - glyph.y < 0.5), key=lambda glyph: glyph.x)
        text = "".join(glyph.char for glyph in row)
        self.folio = text if low > 0.9 * self.height and re.fullmatch("[0-9]{1,4}|[ivxlcdm]{1,9}", text) else None

    def __str__(self):
        return f"page {self.at + 1} ({self.label})"

    def across(self, glyph):
        return glyph.x if self.vertical else glyph.y

    def along(self, glyph):
        return glyph.y if self.vertical else glyph.x

    def lines(self, size):
        """Baselines with their Han."""
        if not self.found:
            for glyph in self.glyphs:
                if abs(glyph.size - size) < 0.02 and is_han(glyph.char):
                    self.found.setdefault(round(self.across(glyph), 2), []).append(glyph)
        return self.found

    def linked(self, size):
        """Whether all body lines lie in links: contents do."""
        def covered(glyph):
            return any(link.x0 - 2 < glyph.x < link.x1 + 2 and link.y0 - 2 < glyph.y < link.y1 + 2 for link in self.links)

        lines = self.lines(size)
        return bool(lines) and all(covered(glyph) for line in lines.values() for glyph in line)


def commonest(values):
    return collections.Counter(values).most_common(1)[0][0]


def grid(pages, size):
    """(1)"""
    gaps = []
    for page in pages:
        places = sorted(page.lines(size))
        gaps += [(page, after - before) for before, after in zip(places, places[1:])]
    if not gaps:
        return ["no two body lines on a page"], {}
    near = commonest(round(gap, 1) for _page, gap in gaps)
    # Distances of two decimals would add up over a page: their mean is exact.
    alike = [gap for _page, gap in gaps if abs(gap - near) < 0.06]
    leading = sum(alike) / len(alike)

    def off(place, phase):
        return (place - phase + leading / 2) % leading - leading / 2

    def title(page):
        return page.folio is None or page.linked(size)

    faults, apart, lines, worst, phases = [], collections.Counter(), 0, (0, None), {}
    for side in (0, 1) if pages[0].vertical else (None,):
        own = [page for page in pages if side is None or page.at % 2 == side]
        places = [place for page in own if not title(page) for place in page.lines(size)]
        if not places:
            continue
        rough = commonest(round(place % leading, 1) for place in places)
        close = [off(place, rough) for place in places if abs(off(place, rough)) < 0.2]
        phases[side] = phase = rough + sum(close) / len(close)
        for page in own:
            for place, line in page.lines(size).items():
                distance = off(place, phase)
                if title(page):
                    apart["on the grid" if abs(distance) <= TOLERANCE else f"off by {distance:+.2f}"] += 1
                    continue
                lines += 1
                worst = max(worst, (abs(distance), f"{page}: {''.join(glyph.char for glyph in line)[:16]}"), key=lambda pair: pair[0])
                if abs(distance) > TOLERANCE:
                    faults.append(f"{page}: {distance:+.2f} pt off the grid: {''.join(glyph.char for glyph in line)[:16]}")
    full = {page.at for page in pages if not title(page) and page.lines(size)}
    return faults, {
        "type, leading": f"{size:g} pt, {leading:.3f} pt",
        "body lines": lines,
        "facing pages with body lines": sum(at in full and at + 1 in full for at in range(1, len(pages), 2)),
        "worst off the grid": f"{worst[0]:.3f} pt, {worst[1]}",
        "titles and contents": ", ".join(f"{count} {name}" for name, count in apart.most_common(4)) or "none",
    }


def notes(pages, size, wanted):
    """(2)"""
    faults, marked, noted = [], 0, 0

    def begins_line(page, glyph):
        small = [other for other in page.glyphs if other.size < size and abs(page.across(other) - page.across(glyph)) < 0.3 * size]
        return not any(page.along(other) < page.along(glyph) - 0.1 for other in small)

    for page in pages:
        marks, foot = collections.defaultdict(list), collections.defaultdict(list)
        last = max((page.across(glyph) * (-1 if page.vertical else 1) for glyph in page.glyphs if glyph.size >= size - 0.02), default=0)
        before = None
        for glyph in page.glyphs:
            if glyph.char not in CIRCLED:
                before = glyph
                continue
            number, place = CIRCLED[glyph.char], page.across(glyph) * (-1 if page.vertical else 1)
            if 0.7 * size < glyph.size < size - 0.02 and place > last and begins_line(page, glyph):
                foot[number].append(place)
            elif before is not None and glyph.size < 0.75 * before.size:
                marks[number].append(place)
        for number, places in marks.items():
            marked += len(places)
            if number not in foot:
                faults.append(f"{page}: no note {number} at the foot")
            elif min(foot[number]) <= max(places):
                faults.append(f"{page}: note {number} stands above its mark")
        for number, places in foot.items():
            noted += len(places)
            if len(places) > 1:
                faults.append(f"{page}: {len(places)} notes {number}")
            if number not in marks:
                faults.append(f"{page}: note {number} without its mark")
        if list(foot) != sorted(foot, key=lambda number: foot[number][0]) or list(foot) != sorted(foot):
            faults.append(f"{page}: notes in the order {list(foot)}")
    if wanted is not None and noted != wanted:
        faults.append(f"{noted} notes begin at the foot of pages, the tree has {wanted}")
    return faults, {"marks of notes": marked, "notes at the foot": noted}


def folios(pages, size):
    """(3)"""
    faults, counts = [], collections.Counter()
    first = next((page.at for page in pages if page.folio), len(pages))
    last = max((page.at for page in pages if page.glyphs), default=0)
    for page in pages:
        # A head and a folio alone make no page.
        text = [glyph for glyph in page.glyphs if 0.11 * page.height < glyph.y < 0.91 * page.height or glyph.size >= size]
        if not text and (not page.more() or page.glyphs):
            counts["blank pages"] += 1
            if page.glyphs:
                faults.append(f"{page}: blank but for {''.join(glyph.char for glyph in page.glyphs)[:30]}")
        elif page.folio is not None:
            counts["folios"] += 1
            if page.folio != page.label:
                faults.append(f"{page}: its folio is {page.folio}")
        else:
            counts["pages without folio"] += 1
            part = bool(text) and min(glyph.size for glyph in text) > 1.5 * size
            few = len(page.lines(size)) <= FEW and not page.linked(size)
            if not (part or few and (page.at < first or page.at == last)):
                faults.append(f"{page}: no folio")
    return faults, counts


def tree_notes(pdf):
    """How many numbered notes the structure tree has, None without a tree."""
    if "/StructTreeRoot" not in pdf.Root:
        return None
    return sum(element.role == "Note" and label(element) is not None for element in Structure(pdf, []).root.all())


def main():
    import pikepdf, pymupdf
    sys.setrecursionlimit(5000)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pdf")
    parser.add_argument("--vertical", action="store_true")
    args = parser.parse_args()
    file = pikepdf.open(args.pdf)
    pages = [Page(page, name, args.vertical) for page, name in zip(pymupdf.open(args.pdf), labels(file))]
    sizes = [glyph.size for page in pages for glyph in page.glyphs if is_han(glyph.char)]
    if not sizes:
        sys.exit("no Han in " + args.pdf)
    size = commonest(sizes)
    results = [grid(pages, size), notes(pages, size, tree_notes(file)), folios(pages, size)]
    print(f"{'pages':<30} {len(pages)}")
    for _faults, counts in results:
        for name, count in counts.items():
            print(f"{name:<30} {count}")
    for number, (faults, _counts) in enumerate(results, 1):
        print(f"({number}) {len(faults)} faults", *faults[:20], sep="\n")
    sys.exit(1 if any(faults for faults, _counts in results) else 0)


if __name__ == "__main__":
    main()
