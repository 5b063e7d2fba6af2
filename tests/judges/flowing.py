#!/usr/bin/env python3
"""Does an EPUB say what its source says, all of it, once, and in order?

usage: flowing.py EPUB BOOK_DIR

The source is read by rules of its own (manuscript.py), the EPUB by its zip and an XML parser, its documents in spine
order. Han are compared: of the text, of each note in the order of the marks, of notes at the side, of links within the
book, of alternative texts. What the book itself writes is known by its place: numbers of chapters, figures and tables,
names of callouts, and the pages that the manifest gives the text of.
"""
import collections, pathlib, re, sys, zipfile
import xml.etree.ElementTree as ET

from manuscript import NUMBERED, han, manifest, read as read_manuscript
from tagged import CAPTIONED, first_difference

XHTML = "{http://www.w3.org/1999/xhtml}"
OPS = "{http://www.idpf.org/2007/ops}"
OWN = ("cover.xhtml", "title.xhtml", "copyright.xhtml", "nav.xhtml", "dedication.xhtml", "colophon.xhtml")


class Reader:
    def __init__(self, numbered):
        self.numbered, self.notes, self.sides, self.links, self.alts = numbered, [], [], [], []

    def said(self, element):
        name, kind, classes = element.tag.removeprefix(XHTML), element.get(OPS + "type") or "", (element.get("class") or "").split()
        if name in ("rt", "rp") or kind in ("noteref", "backlink") or "name" in classes and name == "p":
            return ""
        if name == "img" and element.get("role") != "presentation":
            self.alts.append(han(element.get("alt", "")))
        text = (element.text or "") + "".join(self.said(child) + (child.tail or "") for child in element)
        if name in ("caption", "figcaption"):
            text = re.sub(CAPTIONED, "", text.strip())
        if self.numbered and re.fullmatch("h[1-6]", name):
            text = re.sub(NUMBERED, "", text.strip())
        if kind == "footnote" or "duokan-footnote-item" in classes:
            self.notes.append(han(text))
            return ""
        if "sidenote" in classes:
            self.sides.append(han(text))
            return ""
        if name == "a" and element.get("href") and not re.match(r"[a-z]+:", element.get("href")):
            self.links.append(han(text))
            return ""
        return text


def main():
    epub, book = sys.argv[1], pathlib.Path(sys.argv[2])
    archive, manuscript = zipfile.ZipFile(epub), read_manuscript(book)
    package = ET.fromstring(archive.read("OEBPS/content.opf"))
    ns = {"o": "http://www.idpf.org/2007/opf"}
    items = {item.get("id"): item.get("href") for item in package.findall(".//o:item", ns)}
    reader = Reader(manifest(book).get("typography", {}).get("numbering") == "chapter")
    text = ""
    for ref in package.findall(".//o:itemref", ns):
        if (name := items[ref.get("idref")]) not in OWN:
            text += han(reader.said(ET.fromstring(archive.read("OEBPS/" + name)).find(XHTML + "body")))
    faults = first_difference("texts", manuscript.text, text)
    faults += first_difference("notes", manuscript.notes, reader.notes)
    faults += first_difference("side notes", manuscript.sides, reader.sides)
    if len(reader.links) != len(manuscript.links):
        faults.append(f"{len(manuscript.links)} links within the book, in the EPUB {len(reader.links)}")
    lost = collections.Counter(filter(None, manuscript.links)) - collections.Counter(reader.links)
    faults += [f"no link says {link}" for link in lost]
    alts = reader.alts
    faults += first_difference("alternative texts", [wanted or found for wanted, found in zip(manuscript.alts, alts)] + manuscript.alts[len(alts):], alts)
    for fault in faults:
        print(fault)
    print(f"{len(text)} Han, {len(reader.notes)} notes, {len(reader.links)} links, {len(alts)} images, {len(faults)} faults")
    sys.exit(1 if faults or not text else 0)


if __name__ == "__main__":
    main()
