#!/usr/bin/env python3
"""What does the structure tree of a PDF say, and is it the book?

usage: tagged.py PDF [BOOK_DIR]

Reads the content streams and the tree by itself (pikepdf). Checked:
 (1) every Han that is painted is in the tree, or in an artifact of pagination above or below the text of all pages, or
     in the head of a table that goes on; every piece of marked content is some element's;
 (2) with BOOK_DIR: the Han of the tree, from the first chapter on and in its order, are the source's, likewise every
     note's, within what has its mark, and every alternative text (manuscript.py tells what is read). Numbers before
     headings and captions, labels of lists, headings of callouts, contents, index, colophon and the texts of references
     are the book's own;
 (3) every entry of contents and every reference that is the number of a page leads to the page of that label.
Prints up to 30 faults; exit 1 if there is any.
"""
import collections, pathlib, re, sys
from typing import NamedTuple, Optional

import pikepdf
from pikepdf import Array, Dictionary, Name

from conserve import manifest
from lines import is_han
from manuscript import NUMBERED, han, read as read_manuscript
from pdf_ua_lite import cmap, numtree, og

ROMAN = [(1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
         (9, "ix"), (5, "v"), (4, "iv"), (1, "i")]
CAPTIONED = r"^(图|表|圖|図|Figure|Table)[ \u00a0]?[\d-]+"
CALLOUTS = {"注", "提示", "重要", "警告", "当心", "註", "當心"}
IDENTITY = (1, 0, 0, 1, 0, 0)


class Run(NamedTuple):
    """A string as painted. Its mark: None, ("artifact", its type), or ("piece", owner, MCID)."""
    page: int
    text: str
    x: float
    y: float
    size: float
    mark: Optional[tuple]


class Element:
    def __init__(self, role, obj, parent):
        self.role, self.obj, self.parent, self.kids = role, obj, parent, []

    def all(self):
        yield self
        for kid in self.kids:
            if isinstance(kid, Element):
                yield from kid.all()

    def within(self, *roles):
        return self.role in roles or self.parent is not None and self.parent.within(*roles)

    def pieces(self):
        """Its text, piece by piece."""
        if "/ActualText" in self.obj:
            return [str(self.obj.ActualText)]
        found = []
        for kid in self.kids:
            found += kid.pieces() if isinstance(kid, Element) else [kid] if isinstance(kid, str) else []
        return found

    def text(self):
        return "".join(self.pieces())


def times(a, b):
    return (a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3],
            a[4] * b[0] + a[5] * b[2] + b[4], a[4] * b[1] + a[5] * b[3] + b[5])


class Contents:
    """Reads content streams into runs."""

    def __init__(self):
        self.runs, self.fonts = [], {}

    def decode(self, font, data):
        if og(font) not in self.fonts:
            self.fonts[og(font)] = font, cmap(font.ToUnicode.read_bytes()) if "/ToUnicode" in font else None
        font, known = self.fonts[og(font)]
        if font.get("/Subtype") == Name.Type0:
            codes = [data[at] << 8 | data[at + 1] for at in range(0, len(data) - 1, 2)]
        else:
            codes = list(data)
        return "".join(chr(code) if known is None else known.get(code, "\ufffd") for code in codes)

    def read(self, page, stream, resources, owner, matrix, outer, depth=0):
        fonts, forms, lists = (resources.get(key) or {} for key in ("/Font", "/XObject", "/Properties"))
        marks, saved = [], []
        font, size, leading, rise = None, 0.0, 0.0, 0.0
        text = line = IDENTITY

        def show(data):
            at = times((size, 0, 0, size, 0, rise), times(text, matrix))
            mark = next((mark for mark in reversed(marks) if mark), outer)
            self.runs.append(Run(page, self.decode(font, data), at[4], at[5], abs(at[0] * at[3] - at[1] * at[2]) ** 0.5, mark))

        for step in pikepdf.parse_content_stream(stream):
            operator, values = str(step.operator), step.operands
            if operator in ("BMC", "BDC"):
                given = values[1] if operator == "BDC" else None
                given = lists.get(str(given)) if isinstance(given, Name) else given
                if str(values[0]) == "/Artifact":
                    marks.append(("artifact", str((given or {}).get("/Type", ""))))
                else:
                    marks.append(("piece", owner, int(given.MCID)) if given is not None and "/MCID" in given else None)
            elif operator == "EMC":
                marks.pop()
            elif operator == "q":
                saved.append((matrix, font, size, leading, rise))
            elif operator == "Q":
                matrix, font, size, leading, rise = saved.pop()
            elif operator == "cm":
                matrix = times(tuple(map(float, values)), matrix)
            elif operator == "BT":
                text = line = IDENTITY
            elif operator == "Tf":
                font, size = fonts[str(values[0])], float(values[1])
            elif operator == "TL":
                leading = float(values[0])
            elif operator == "Ts":
                rise = float(values[0])
            elif operator == "Tm":
                text = line = tuple(map(float, values))
            elif operator in ("Td", "TD", "T*", "'", '"'):
                x, y = (float(values[0]), float(values[1])) if operator[0] == "T" and operator != "T*" else (0.0, -leading)
                leading = -y if operator == "TD" else leading
                text = line = times((1, 0, 0, 1, x, y), line)
            elif operator == "Do":
                form = forms.get(str(values[0]))
                if form is not None and form.get("/Subtype") == Name.Form and depth < 9:
                    mark = next((mark for mark in reversed(marks) if mark), outer)
                    placed = times(tuple(map(float, form.get("/Matrix", IDENTITY))), matrix)
                    self.read(page, form, form.get("/Resources") or resources, og(form), placed, mark, depth + 1)
            if operator in ("Tj", "'", '"'):
                show(bytes(values[-1]))
            elif operator == "TJ":
                show(b"".join(bytes(part) for part in values[0] if isinstance(part, pikepdf.String)))


class Structure:
    """The tree, its pieces filled with their text."""

    def __init__(self, pdf, runs):
        self.numbers = {og(page.obj): at for at, page in enumerate(pdf.pages)}
        self.said = collections.defaultdict(str)
        for run in runs:
            if run.mark and run.mark[0] == "piece":
                self.said[run.mark[1:]] += run.text
        self.told, self.pages = set(), collections.defaultdict(set)
        root = pdf.Root.get("/StructTreeRoot")
        self.roles = {str(key): str(role) for key, role in (root.get("/RoleMap") or {}).items()} if root is not None else {}
        self.root = Element("Root", Dictionary(), None)
        if root is not None:
            self.fill(self.root, root.get("/K"), None)

    def fill(self, element, kid, page):
        if kid is None:
            return
        if isinstance(kid, Array):
            for part in kid:
                self.fill(element, part, page)
        elif isinstance(kid, int) or kid.get("/Type") == Name.MCR:
            owner = page if isinstance(kid, int) else kid.get("/Stm", kid.get("/Pg", page))
            piece = og(owner), kid if isinstance(kid, int) else int(kid.MCID)
            self.told.add(piece)
            self.pages[element].add(self.numbers.get(piece[0]))
            element.kids.append(self.said.get(piece, ""))
        elif kid.get("/Type") == Name.OBJR:
            element.kids.append(kid.Obj)
        else:
            role = str(kid.S)
            inner = Element(self.roles.get(role, role)[1:], kid, element)
            element.kids.append(inner)
            self.fill(inner, kid.get("/K"), kid.get("/Pg", page))

    def on(self, element):
        """The pages that it stands on."""
        return set().union(*(self.pages[part] for part in element.all()))


def labels(pdf):
    """The label of every page."""
    found, ranges = [], {}
    numtree(pdf.Root.get("/PageLabels"), ranges)
    start, style = 0, {}
    for at in range(len(pdf.pages)):
        if at in ranges:
            start, style = at, ranges[at]
        number, kind = at - start + int(style.get("/St", 1)), str(style.get("/S", ""))
        shown = str(number) if kind == "/D" else ""
        if kind in ("/r", "/R"):
            for value, letters in ROMAN:
                shown += letters * (number // value)
                number %= value
            shown = shown.upper() if kind == "/R" else shown
        found.append(str(style.get("/P", "")) + shown)
    return found


def target(pdf, structure, link):
    """The page that a link opens, None where it leaves the book."""
    action = link.get("/A")
    place = link.get("/Dest", action.get("/D") if action is not None and action.get("/S") == Name.GoTo else None)
    if isinstance(place, (pikepdf.String, Name)):
        if isinstance(place, Name):
            place = pdf.Root.Dests.get(str(place))
        else:
            place = pikepdf.NameTree(pdf.Root.Names.Dests).get(str(place))
        place = place.get("/D") if isinstance(place, Dictionary) else place
    return structure.numbers.get(og(place[0])) if isinstance(place, Array) else None


def painted(runs, structure):
    """(1)"""
    faults, counts = [], collections.Counter()
    loose = collections.defaultdict(str)
    # Where text stands on pages with heads or folios.
    headed = {run.page for run in runs if run.mark == ("artifact", "/Pagination")}
    heights = [run.y for run in runs if run.page in headed and run.mark and run.mark[0] == "piece" and run.text.strip()]
    low, high = min(heights, default=0), max(heights, default=0)
    for run in runs:
        words = han(run.text)
        if run.mark is None:
            counts["untagged"] += len(words)
            if run.text.strip():
                faults.append(f"page {run.page + 1}: marked as nothing: {run.text}")
        elif run.mark[0] == "piece":
            counts["in the tree"] += len(words)
            if run.mark[1:] not in structure.told:
                faults.append(f"page {run.page + 1}: no element has {run.text}")
        elif run.mark[1] == "/Pagination" and not low <= run.y <= high:
            counts["heads and folios"] += len(words)
        elif words:
            counts["other artifacts"] += len(words)
            loose[run.page] += words
    heads = []
    for table in (element for element in structure.root.all() if element.role == "Table"):
        heads.append((structure.on(table), han("".join(head.text() for head in table.all() if head.role == "TH"))))
    for page, words in loose.items():
        # Heads that are said again, one for each table that comes from an earlier page.
        rest = words
        for pages, head in heads:
            if page in pages and min(pages) < page and head:
                # Above the head of a table that goes on stands that it does: 续表 1-1.
                rest = re.sub("^(续表|續表|表.?続)", "", rest.replace(head, "", 1))
        if rest:
            faults.append(f"page {page + 1}: in an artifact: {rest}")
    return faults, counts


def label(note):
    """The number before a note, None at the side."""
    return next((kid.text().strip() for kid in note.kids if isinstance(kid, Element) and kid.role == "Lbl"), None)


def said(element, notes, links):
    """The Han of an element; those of notes and of links within the book are put aside."""
    role = element.role
    if role in ("TOC", "Index", "RT", "RP"):
        return ""
    # The label of an item is the book's own; a term is a label too.
    if role == "Lbl" and (element.parent.role != "LI" or re.fullmatch("[一二三四五六七八九十百]*", han(element.text()))):
        return ""
    if "/ActualText" in element.obj:
        return han(str(element.obj.ActualText))
    parts = [said(kid, notes, links) if isinstance(kid, Element) else han(kid) if isinstance(kid, str) else "" for kid in element.kids]
    text = "".join(parts)
    if role == "Note":
        notes.append((label(element), text))
        return ""
    if role == "Link":
        within = [kid for kid in element.kids if isinstance(kid, Dictionary) and "/URI" not in kid.get("/A", Dictionary())]
        # A note's mark is a link too, in a reference.
        if within and not element.within("Reference"):
            links.append(text)
        return "" if within else text
    if role == "Div" and len(parts) > 1 and parts[0] in CALLOUTS:
        return "".join(parts[1:])
    return text


def first_difference(name, wanted, found):
    if wanted == found:
        return []
    at = next((i for i, (a, b) in enumerate(zip(wanted, found)) if a != b), min(len(wanted), len(found)))
    span = slice(max(0, at - 15), at + 15) if isinstance(wanted, str) else slice(at, at + 1)
    return [f"{name} differ at {at} of {len(wanted)} (tree {len(found)}): source {wanted[span]}, tree {found[span]}"]


def read_against(book, structure):
    """(2)"""
    manuscript, faults, parts = read_manuscript(book), [], []
    numbered = manifest(book).get("typography", {}).get("numbering") == "chapter"
    kids = [kid for top in structure.root.kids for kid in top.kids if isinstance(kid, Element)]
    for kid in kids:
        for part in kid.all():
            # The numbers of headings and captions are the book's own.
            own = CAPTIONED if part.role == "Caption" else NUMBERED if numbered and re.fullmatch("H[1-6]?", part.role) else "(?!)"
            if re.match(own, part.text()):
                part.kids = [re.sub(own, "", part.text())]
        notes, links = [], []
        parts.append((said(kid, notes, links), notes, links))
    # The book begins with the first part of the tree from which on the text is the source's.
    whole = ["".join(text for text, _, _ in parts[at:]) for at in range(len(parts))]
    start = next((at for at, text in enumerate(whole) if parts[at][0] and text[:20] == manuscript.text[:20]), None)
    if start is None:
        start = max((at + 1 for at, kid in enumerate(kids) if any(part.role == "TOC" for part in kid.all())), default=0)
    found = whole[start] if start < len(whole) else ""
    # A colophon after the last chapter is the manifest's.
    if found.startswith(manuscript.text) and found[len(manuscript.text):] in manuscript.generated:
        found = manuscript.text
    faults += first_difference("texts", manuscript.text, found)
    for note in (part for kid in kids for part in kid.all() if part.role == "Note" and label(part)):
        if not any(part.role == "Reference" and part.text().strip() == label(note) for part in note.parent.all()):
            faults.append(f"note {label(note)} is not within what has its mark: {note.text()[:20]}")
    notes = [note for _, own, _ in parts[start:] for note in own]
    links = [link for _, _, own in parts[start:] for link in own]
    faults += first_difference("notes", manuscript.notes, [text for number, text in notes if number])
    faults += first_difference("side notes", manuscript.sides, [text for number, text in notes if not number])
    if len(links) != len(manuscript.links):
        faults.append(f"{len(manuscript.links)} links within the book, in the tree {len(links)}")
    lost = collections.Counter(filter(None, manuscript.links)) - collections.Counter(links)
    faults += [f"no link says {link}" for link in lost]
    alts = [han(str(element.obj.get("/Alt", ""))) for kid in kids[start:] for element in kid.all() if element.role == "Figure"]
    # A picture without words has its caption's.
    faults += first_difference("alternative texts", [wanted or found for wanted, found in zip(manuscript.alts, alts)] + manuscript.alts[len(alts):], alts)
    if not any(part.role == "TOCI" for kid in kids for part in kid.all()) and manifest(book).get("pdf", {}).get("toc", True):
        faults.append("no contents")
    print(f"{'Han of the source':<30} {len(manuscript.text)}")
    print(f"{'notes, at the side':<30} {len(manuscript.notes)}, {len(manuscript.sides)}")
    print(f"{'links within, images':<30} {len(manuscript.links)}, {len(manuscript.alts)}")
    return faults


def followed(pdf, structure):
    """(3)"""
    faults, counts, names = [], collections.Counter(), labels(pdf)
    for element in structure.root.all():
        if element.role == "TOCI":
            counts["entries of contents"] += 1
            if not any(part.role == "Link" for part in element.all()):
                faults.append(f"an entry of the contents is no link: {element.text()}")
        if element.role != "Link":
            continue
        pieces = [piece for piece in element.pieces() if piece.strip()]
        pages = {target(pdf, structure, kid) for kid in element.kids if isinstance(kid, Dictionary)} - {None}
        if not pages or not pieces:
            if element.within("TOCI"):
                faults.append(f"an entry of the contents leads nowhere: {element.text()}")
            continue
        entry = element.within("TOCI")
        # A folio is a piece of its own, or ends the entry's where there was no room for leaders.
        number = re.search("[0-9]*$|[ivxlc]*$", pieces[-1].strip())[0] if entry else element.text().strip()
        if entry or re.fullmatch("[0-9]+|[ivxlc]+", number) and not element.within("Reference", "Lbl"):
            counts["folios followed"] += 1
            if {names[page] for page in pages} != {number}:
                faults.append(f"{element.text().strip()!r} leads to the page of label {', '.join(names[page] for page in pages)}")
    return faults, counts


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.setrecursionlimit(5000)
    pdf = pikepdf.open(sys.argv[1])
    contents = Contents()
    for at, page in enumerate(pdf.pages):
        contents.read(at, page, page.obj.get("/Resources") or Dictionary(), og(page.obj), IDENTITY, None)
    structure = Structure(pdf, contents.runs)
    faults, counts = painted(contents.runs, structure)
    if not any(is_han(char) for char in structure.root.text()):
        faults.append("the tree says nothing")
    more, entries = followed(pdf, structure)
    faults += more
    if len(sys.argv) > 2:
        faults += read_against(pathlib.Path(sys.argv[2]), structure)
    for name, count in (counts + entries).items():
        print(f"{name:<30} {count}")
    print(f"{len(faults)} faults", *faults[:30], sep="\n")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
