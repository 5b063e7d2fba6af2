#!/usr/bin/env python3
"""Holds the lines of a finished novel against the rules, from the glyphs in its PDF.

usage: lines.py PDF [--vertical] [--indent 2] [--measure N]

A body line is one most of whose Han are of the commonest font and size and that starts at the edge or at the indent;
verse, headings and quotations are none, and end the paragraph before them; smaller text (heads, folios, notes) is
passed over. A paragraph begins at an indent or after what ended the last one. A full line is any but a paragraph's
last. Checked, each with up to 20 examples:
 (1) no line starts with a closing or point mark or a connector, no full line ends with an opening mark;
 (2) full lines end at the measure within 0.01 em: Han by their em, closing and point marks by their body of half an
     em, marks whose ink stands in the middle of their body by that, letters by their advance; last lines do not
     reach beyond it. What ends with digits upright in a column is not judged;
 (3) no paragraph of several lines ends with a line of a single Han, marks aside;
 (4) less than 0.2 % of the full lines are stretched by more than 0.25 em between adjacent Han.
Exit 1 if any does not hold.
"""
import argparse, collections, io, re, sys
from typing import NamedTuple

CLOSING = "，、。．’”〉》」』】〕〗〙〛）］｝"
FIXED = "：；？！"    # half an em and blank in a line, a whole em in a column
OPENING = "‘“〈《「『【〔〖〘〚（［｛"
NO_START = CLOSING + FIXED + "·・‧～–/／％‰℃々〻ゝゞヽヾー"
MIDDLE = {"—": 1, "…": 1, "⋯": 1, "～": 1, "·": 0.5, "・": 0.5, "‧": 0.5}    # ink amid the body, and its width
ASCENT = 0.88    # from the head of an upright glyph's em to its origin, in a column
HALF = str.maketrans(",;:!?.()", "，；：！？。（）")    # what a half-width mark is that stands in a column
TOL = 0.01
LOOSE = 0.25


class Glyph(NamedTuple):
    char: str
    start: float     # along the line, pt
    end: float       # start and advance; for an upright group in a column not known: None
    across: float
    size: float
    font: str
    id: int          # -1: one glyph may show several characters, and only the first paints it
    origin: float    # along the line
    stands: bool     # upright in a column


class Row:
    """Glyphs on one line of a page."""

    def __init__(self, page, glyph):
        self.page, self.across, self.glyphs = page, glyph.across, []
        self.start = self.end = glyph.start

    def add(self, glyph):
        self.glyphs.append(glyph)
        self.start = min(self.start, glyph.start)
        self.end = max(self.end, glyph.start + glyph.size if glyph.end is None else glyph.end)

    def finish(self):
        self.glyphs.sort(key=lambda glyph: round(glyph.start, 1))
        self.text = "".join(glyph.char for glyph in self.glyphs).strip()
        self.glyphs = [glyph for glyph in self.glyphs if glyph.id >= 0]
        shown = [glyph for glyph in self.glyphs if glyph.char.strip()]
        self.first, self.last = shown[0], shown[-1]
        return self


class Inks:
    """Where the ink of a glyph lies, read from the embedded fonts."""

    def __init__(self, pdf):
        self.pdf, self.fonts = pdf, {}

    def middle(self, page, glyph):
        """The middle of its ink along the line, pt."""
        from fontTools.pens.boundsPen import BoundsPen
        from fontTools.ttLib import TTFont
        if glyph.font not in self.fonts:
            xref = next(font[0] for font in self.pdf.get_page_fonts(page - 1) if font[3] == glyph.font)
            self.fonts[glyph.font] = TTFont(io.BytesIO(self.pdf.extract_font(xref)[3]))
        font = self.fonts[glyph.font]
        pen = BoundsPen(glyphs := font.getGlyphSet())
        glyphs[font.getGlyphName(glyph.id)].draw(pen)
        x0, y0, x1, y1 = (side / font["head"].unitsPerEm * glyph.size for side in pen.bounds)
        return glyph.origin - (y0 + y1) / 2 if glyph.stands else glyph.origin + (x0 + x1) / 2


def is_han(char):
    return re.match(r"[〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]", char) is not None


def read(pdf, vertical):
    """Glyphs of every page, with points along and across the lines."""
    pages = []
    for page in pdf:
        glyphs = []
        for span in page.get_texttrace():
            size, stands = span["size"], vertical and bool(span["wmode"])
            turned = vertical and not stands and span["dir"][1] > 0.5
            for code, glyph, (x, y), box in span["chars"]:
                if code <= 0 or span["type"] == 3:
                    continue
                if not vertical:
                    place = x, box[2], y
                elif turned:
                    place = y, box[3], x
                else:
                    place = y - ASCENT * size, y + (1 - ASCENT) * size if stands else None, x
                origin = y if vertical else x
                char = chr(code).translate(HALF) if stands else chr(code)
                glyphs.append(Glyph(char, *place, round(size, 2), span["font"], glyph, origin, stands))
        pages.append(glyphs)
    return pages


def rows(page, glyphs, body, vertical):
    """The lines of a page in reading order: Han of the body's size make them, and the rest joins the nearest.

    Smaller text joins where it touches a line: over a column may stand a running head.
    """
    size = body[1]
    low, high = (-0.5 * size, 1.2 * size) if vertical else (-0.45 * size, 0.45 * size)

    def takes(row, glyph):
        near = glyph.size >= size or row.start - 0.6 * size < glyph.start < row.end + 0.6 * size
        return low <= glyph.across - row.across < high and near

    found = []
    for glyph in sorted(glyphs, key=lambda glyph: (glyph.size < size, not is_han(glyph.char), glyph.start)):
        row = next((row for row in found if takes(row, glyph)), None)
        if row is None:
            if not glyph.char.strip() or glyph.id < 0:
                continue
            found.append(row := Row(page, glyph))
        row.add(glyph)
    return sorted((row.finish() for row in found), key=lambda row: row.across, reverse=vertical)


def face(glyph):
    """Font and size, without the mark of a subset."""
    return glyph.font.split("+")[-1], glyph.size


def kind_of(row, body):
    """body, aside (smaller), or other."""
    faces = collections.Counter(face(glyph) for glyph in row.glyphs if is_han(glyph.char))
    commonest = faces.most_common(1)[0][0] if faces else face(row.first)
    return "body" if commonest == body else "aside" if commonest[1] < body[1] else "other"


def edges(lines, em):
    """The start edge of even and of odd pages: the least start that many lines which open with Han have."""
    found = {}
    for parity in (0, 1):
        starts = [row.first.start for row in lines if row.page % 2 == parity and is_han(row.first.char)]
        counts = collections.Counter(round(start / em, 1) for start in starts)
        least = min((start for start, count in counts.items() if count >= 0.05 * len(starts)), default=0) * em
        near = [start for start in starts if abs(start - least) < 0.2 * em]
        found[parity] = sum(near) / len(near) if near else 0
    return found


def body_end(row, em, vertical, inks):
    """Where a line ends; None where that cannot be told."""
    last = row.last
    if last.end is None:
        return None
    if is_han(last.char):
        return last.start + em
    if last.char in MIDDLE:
        whole_dash = row.text.endswith("——") and row.glyphs[-2:-1] and row.glyphs[-2].char != "—"
        return inks.middle(row.page, last) + (2 if whole_dash else MIDDLE[last.char]) * em / 2
    if last.char in FIXED and vertical:
        # It keeps its em, and its font's place in it.
        return last.start + em
    return last.start + last.size / 2 if last.char in CLOSING + FIXED else last.end


def paragraphs(lines, edge, em, indent):
    """Body lines by paragraph; a paragraph ends before an indent and before anything that is no body line."""
    found, current = [], []
    for kind, row in lines:
        if kind == "aside":
            continue
        start = (row.first.start - edge[row.page % 2]) / em + 0.5 * (row.first.char in OPENING)
        at_edge, at_indent = abs(start) < 0.3, indent > 0 and -0.3 < start - indent < 0.55
        if current and (kind != "body" or not at_edge):
            found.append(current)
            current = []
        if kind == "body" and (at_edge or at_indent):
            current.append(row)
    return found + [current] if current else found


def widest_gap(row, em):
    """The widest gap between adjacent Han, em."""
    pairs = zip(row.glyphs, row.glyphs[1:])
    return max(((b.start - a.start) / em - 1 for a, b in pairs if is_han(a.char) and is_han(b.char)), default=0.0)


def starts_wrong(text):
    """Whether it starts with what may not start a line; a single dash is a connector, a double one may."""
    return text[0] in NO_START or re.match("—(?!—)", text) is not None


def is_orphan(text):
    solid = [char for char in text if is_han(char) or char.isalnum()]
    return len(solid) == 1 and is_han(solid[0])


def main():
    import pymupdf
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pdf")
    parser.add_argument("--vertical", action="store_true")
    parser.add_argument("--indent", type=float, default=2)
    parser.add_argument("--measure", type=float, help="em; the commonest where it is not said")
    args = parser.parse_args()
    pymupdf.TOOLS.set_subset_fontnames(True)
    pdf = pymupdf.open(args.pdf)
    pages, inks = read(pdf, args.vertical), Inks(pdf)
    faces = collections.Counter(face(glyph) for glyphs in pages for glyph in glyphs if is_han(glyph.char))
    if not faces:
        sys.exit("no Han in " + args.pdf)
    body = faces.most_common(1)[0][0]
    em = body[1]
    lines = [(kind_of(row, body), row) for n, glyphs in enumerate(pages, 1) for row in rows(n, glyphs, body, args.vertical)]
    edge = edges([row for kind, row in lines if kind == "body"], em)
    found = paragraphs(lines, edge, em, args.indent)
    full = [row for paragraph in found for row in paragraph[:-1]]

    def reach(row):
        end = body_end(row, em, args.vertical, inks)
        return None if end is None else (end - edge[row.page % 2]) / em

    ends = collections.Counter(round(reach(row), 2) for row in full if is_han(row.last.char))
    measure = args.measure or (ends.most_common(1)[0][0] if ends else 0)
    wrong = {1: [], 2: [], 3: [], 4: []}
    for paragraph in found:
        for row in paragraph:
            last = row is paragraph[-1]
            off = (reach(row) or measure) - measure
            if starts_wrong(row.text) or not last and row.text[-1] in OPENING:
                wrong[1].append((row, ""))
            if off > TOL or not last and off < -TOL:
                wrong[2].append((row, f"{off:+.3f}"))
            if not last and (gap := widest_gap(row, em)) > LOOSE + TOL / 2:
                wrong[4].append((row, f"{gap:.3f}"))
        if len(paragraph) > 1 and is_orphan(paragraph[-1].text):
            wrong[3].append((paragraph[-1], f"after …{paragraph[-2].text[-8:]}:"))
    share = len(wrong[4]) / max(1, len(full))
    for name, value in [
        ("pages", len(pages)), ("type", f"{body[0]} {em:g} pt"), ("measure", f"{measure:g} em"), ("paragraphs", len(found)),
        ("body lines", sum(map(len, found))), ("full lines", len(full)), ("(1) prohibited start or end", len(wrong[1])),
        ("(2) not at the measure", len(wrong[2])), ("(3) single Han in a last line", len(wrong[3])),
        (f"(4) stretched above {LOOSE} em", f"{len(wrong[4])} ({share:.3%})"),
    ]:
        print(f"{name:<30} {value}")
    for number, examples in wrong.items():
        for row, remark in examples[:20]:
            print(f"({number}) page {row.page}: {remark} {row.text}")
    # A file in which no line was found was not judged.
    sys.exit(not full or bool(wrong[1] or wrong[2] or wrong[3] or share >= 0.002))


if __name__ == "__main__":
    main()
