#!/usr/bin/env python3
"""Do the pages that an EPUB lists begin where the pages of its PDF do?

usage: pagelist.py EPUB PDF [--vertical] [--count 50] [--seed 1]

For so many entries of the page list, chosen by a seed, what follows the place in the EPUB must be what stands first on
the PDF page of that label, found by its positions (PyMuPDF) and not by the order in which the file draws it: the
topmost line across, the rightmost column down, heads, folios and small type left out. Every page of text must be
listed, once, in the order in which the EPUB is read; the map of EPUB 2 must list the same.
"""
import argparse, pathlib, random, re, sys, zipfile
import xml.etree.ElementTree as ET

XHTML = "{http://www.w3.org/1999/xhtml}"
OPS = "{http://www.idpf.org/2007/ops}"
# Numbers of notes, blanks, bullets, what a line adds at its end.
NOISE = re.compile(r"[\s\u00ad\u200b①-⓿㉑-㊿❶-➓☐☑•◦▪]+|\[\d+\]")


def squeeze(text):
    return NOISE.sub("", text)


def page_texts(pdf, vertical):
    """The lines of each page by its label, the first one first, without readings and raised figures; and its number."""
    import pymupdf
    pymupdf.TOOLS.mupdf_display_warnings(False)
    document = pymupdf.open(pdf)
    found = {}
    for number in range(len(document)):
        page = document[number]
        label, height = page.get_label(), page.rect.height
        sizes = {}
        letters = []
        for span in page.get_texttrace():
            for code, _glyph, (x, y), _box in span["chars"]:
                size = span["size"]
                outside = y < height * (0.14 if vertical else 0.11) or y > height * 0.91
                if chr(code).isspace() or outside and size < 9.5:
                    continue
                letters.append((x, y, size, chr(code)))
                sizes[round(size, 1)] = sizes.get(round(size, 1), 0) + 1
        if not label:
            continue
        # Readings and raised figures are small.
        body = max(sizes, key=sizes.get) if sizes else 0
        letters = [letter for letter in letters if letter[2] > body * 0.68]
        if vertical and any(not letter[3].isdigit() for letter in letters):
            # Digits that share an em stand beside the axis of their column; they are not compared.
            letters = [letter for letter in letters if not letter[3].isdigit()]
        lines = []
        across, along = (0, 1) if vertical else (1, 0)
        for letter in sorted(letters, key=lambda letter: -letter[0] if vertical else letter[1]):
            if lines and abs(lines[-1][0][across] - letter[across]) < body * 0.8:
                lines[-1].append(letter)
            else:
                lines.append([letter])
        found.setdefault(label, ([squeeze("".join(c for *_, c in sorted(line, key=lambda letter: letter[along]))) for line in lines], number))
    return found


class Book:
    def __init__(self, path):
        self.archive = zipfile.ZipFile(path)
        package = ET.fromstring(self.archive.read("OEBPS/content.opf"))
        ns = {"o": "http://www.idpf.org/2007/opf"}
        items = {i.get("id"): i.get("href") for i in package.findall(".//o:item", ns)}
        self.spine = [items[ref.get("idref")] for ref in package.findall(".//o:itemref", ns)]
        self.trees = {}

    def tree(self, name):
        if name not in self.trees:
            self.trees[name] = ET.fromstring(self.archive.read("OEBPS/" + name))
        return self.trees[name]

    def entries(self):
        for nav in self.tree("nav.xhtml").iter(XHTML + "nav"):
            if nav.get(OPS + "type") == "page-list":
                for link in nav.iter(XHTML + "a"):
                    yield "".join(link.itertext()), link.get("href")

    def old_entries(self):
        n = "{http://www.daisy.org/z3986/2005/ncx/}"
        for target in ET.fromstring(self.archive.read("OEBPS/toc.ncx")).iter(n + "pageTarget"):
            yield "".join(target.find(n + "navLabel").itertext()).strip(), target.find(n + "content").get("src")

    def after(self, href):
        """The place of a target in the reading order, and the text from it on."""
        name, _, fragment = href.partition("#")
        body = self.tree(name).find(XHTML + "body")
        place, text, found = 0, "", False

        def walk(element, skipped):
            nonlocal place, text, found
            skipped = skipped or element.tag in (XHTML + "rt", XHTML + "rp") or element.get(OPS + "type") in ("noteref", "footnotes", "page-list", "landmarks")
            if not found:
                place += 1
                found = element.get("id") == fragment
            if element.text and found and not skipped:
                text += element.text
            for child in element:
                walk(child, skipped)
                if child.tail and found and not skipped:
                    text += child.tail
        walk(body, False)
        return (self.spine.index(name), place) if found else None, squeeze(text)


# What may stand above the text: a figure that was moved, a table that goes on, a formula, which a PDF shows as its source.
FLOATS = re.compile(r"(图|表|続|续|續|図|圖|Figure|Table|\([a-z]\))")


def agrees(printed, flowing, vertical):
    """Whether the flowing text begins as the printed line does; numbers of lists and of listings' lines are the page's own."""
    # A line of the contents ends with its folio; digits that share an em are told apart by nothing.
    printed = re.sub(r"[0-9]+$", "", printed.rstrip("-‐"))[:12]
    if vertical:
        printed, flowing = (re.sub(r"[0-9]+", "", text) for text in (printed, flowing))
    bare = re.sub(r"^([0-9]+[.．]?|[一二三四五六七八九十百]+、|[a-z]\))", "", printed)
    return any(flowing.startswith(start) for start in {printed, bare} if start)


def below(pages, number):
    """The first line of text on the pages after one that figures fill."""
    while FLOATS.match((pages.get(number + 1) or [""])[0]):
        number += 1
        yield from pages[number]
    yield from pages.get(number + 1, [])[:1]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("epub"), options.add_argument("pdf")
    options.add_argument("--vertical", action="store_true")
    options.add_argument("--count", type=int, default=50)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--may-miss", type=int, default=0, help="pages of text that the EPUB has not: a half title")
    options = options.parse_args()
    printed, book = page_texts(options.pdf, options.vertical), Book(options.epub)
    entries, faults = list(book.entries()), []
    if not entries:
        faults.append("no page list")
    if entries != list(book.old_entries()):
        faults.append("the NCX lists other pages")
    labels = [label for label, _ in entries]
    if len(set(labels)) != len(labels):
        faults.append("a page is listed twice")
    places = [(label, *book.after(href)) for label, href in entries]
    faults += [f"page {label}: no such place" for label, place, _ in places if place is None]
    order = [place for _, place, _ in places if place is not None]
    if order != sorted(order):
        faults.append("the pages are not in the order in which the book is read")
    missed = [label for label, (lines, _) in printed.items() if lines and label not in labels]
    if len(missed) > options.may_miss:
        faults.append(f"pages that are not listed: {missed}")
    faults += [f"page {label} is listed and not in the PDF" for label in labels if label not in printed]
    after = {number: lines for lines, number in printed.values()}
    chosen = random.Random(options.seed).sample(places, min(options.count, len(places)))
    checked = moved = 0
    for label, place, text in chosen:
        lines, number = printed.get(label, ([], 0))
        # A formula is its source in the PDF; the copyright page runs across in a book of columns.
        if place is None or not lines or "\\" in lines[0] or options.vertical and book.spine[place[0]] == "copyright.xhtml":
            continue
        if FLOATS.match(lines[0]) and not agrees(lines[0], text, options.vertical):
            # The text is further down on the page, or, where figures fill it, on the next.
            moved += 1
            # Figures that no text follows stand at the chapter's end.
            good = not text or any(agrees(line, text, options.vertical) for line in lines + list(below(after, number)))
        else:
            checked += 1
            good = agrees(lines[0], text, options.vertical)
        if not good:
            faults.append(f"page {label} begins “{lines[0][:16]}” and the EPUB there “{text[:16]}”")
    for fault in faults:
        print(fault)
    print(f"{len(entries)} pages listed, {checked} compared, {moved} that begin with a figure or a table, {len(faults)} faults")
    sys.exit(1 if faults or not checked else 0)


if __name__ == "__main__":
    main()
