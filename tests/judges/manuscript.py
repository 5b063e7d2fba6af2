"""The Han of a book's source in the order in which a reader should meet them, read by rules of its own.

Marks of Markdown hold no Han, so most of them need no parser; what must be known is what moves (notes, a table's
caption), what is not read (readings, alternative texts, titles of links) and what the book writes (references).
"""
import re
from typing import NamedTuple

from conserve import entries, manifest, titled
from lines import is_han

NUMBERED = r"^第[〇零一二三四五六七八九十百]+[章节節]"
SIDE = "\ue001"      # stands for a note at the side, with its number among those that were put aside
LINK = "\ue002"      # for a link within the book
ALT = "\ue003"       # for an image


class Manuscript(NamedTuple):
    text: str           # without notes, and without the text of links within the book
    notes: list         # in the order of their marks
    sides: list         # at the side
    links: list         # texts of links within the book, empty where the book writes them; those in notes last
    alts: list
    generated: str      # what the manifest says


def han(text):
    return "".join(filter(is_han, text))


def clear(text):
    """The Han of a text, without what was put aside."""
    return han(re.sub(rf"\[\^[^\]]*\]|([{SIDE}{LINK}{ALT}])\d+\1", "", text))


class Reader:
    def __init__(self, book):
        self.book, self.aside = book, []

    def put(self, mark, piece):
        """Puts a piece aside and leaves its number in the text."""
        self.aside.append(piece)
        return f"{mark}{len(self.aside) - 1}{mark}"

    def taken(self, mark, text):
        """What was put aside, in the order of the text."""
        return [clear(self.aside[int(number)]) for number in re.findall(rf"{mark}(\d+){mark}", text)]

    def image(self, found):
        return self.put(ALT, found[1])

    def figures(self, found):
        """A paragraph of images with titles: their titles are captions."""
        return re.sub(r'!\[([^\]]*)\]\([^)]*?(?:"([^"]*)")?\)', lambda image: self.image(image) + (image[2] or ""), found[0])

    def include(self, found):
        name, _, span = found[1].partition(":")
        lines = (self.book / "src" / name).read_text(encoding="utf-8").splitlines()
        first, _, last = span.partition(":")
        return "\n".join(lines[int(first or 1) - 1:int(last or (first if span and ":" not in span else len(lines)))])

    def blocks(self, text, numbering):
        text = re.sub(r"\{\{#include ([^}]+)\}\}", self.include, text)
        # Code and formulas first: nothing in them is markup.
        text = re.sub(r"^( *)(```+|~~~+)[^\n]*\n(.*?)^ *\2[^\n]*$", lambda code: han(code[3]), text, flags=re.M | re.S)
        text = re.sub(r"(`+)(.+?)\1", lambda code: han(code[2]), text)
        text = re.sub(r"\$\$(.+?)\$\$", lambda formula: han(formula[1]), text, flags=re.S)
        text = re.sub(r"\$(?:[^$\n\u2e80-\U0003ffff]|\\text\{[^}]*\})+\$", lambda formula: han(formula[0]), text)
        # A caption is read before its table.
        text = re.sub(r"^((?:\|.*\n)+)\s*(?:表：|Table: )(.*)$", r"\2\n\n\1", text, flags=re.M)
        text = re.sub(r'^(?:!\[[^\]]*\]\([^)]*\)(?:\{[^}]*\})?\s*)+$', self.figures, text, flags=re.M)
        if numbering:
            text = re.sub(r"^(#+ +)(.*)$", lambda head: head[1] + re.sub(NUMBERED, "", head[2]), text, flags=re.M)
        return text

    def inline(self, text):
        text = re.sub(r"!\[([^\]]*)\]\([^)]*\)", self.image, text)
        text = re.sub(r'<img [^>]*?alt="([^"]*)"[^>]*>', self.image, text)
        text = re.sub(r"<(rt|rp)>.*?</\1>", "", text)
        text = re.sub(r"<[^>]*>", "", text)
        text = re.sub(r"\{([^{}|]*)\|[^{}]*\}", r"\1", text)
        span = r"\[((?:[^\[\]]|\[\^[^\]]*\])*)\](?:\((#|[^)\s]*\.md#?)?[^)]*\)(\{[^}]*\})?|\{([^}]*)\})"

        def open_up(found):
            if found[2]:
                return self.put(LINK, found[1])
            return self.put(SIDE, found[1]) if "sidenote" in (found[4] or "") else found[1]

        while (opened := re.sub(span, open_up, text)) != text:
            text = opened
        return re.sub(r"\{[#.][^}]*\}|\{[\w-]+=[^}]*\}", "", text)


def read(book):
    meta = manifest(book)
    reader, text, definitions = Reader(book), "", {}
    numbering = meta.get("typography", {}).get("numbering") == "chapter"
    for at, entry in enumerate(entries(meta["chapters"])):
        text += f"\n\n# {entry['part']}\n\n" if "part" in entry else "\n\n"
        if "file" in entry:
            def define(found):
                definitions[f"{at} {found[1]}"] = found[2]
                return ""
            chapter = reader.blocks(titled(book, entry), numbering)
            chapter = re.sub(r"^\[\^([^\]]+)\]:((?:.*\n)(?:(?:[ \t]+\S.*)?\n)*(?:[ \t]+\S.*)?)", define, chapter + "\n", flags=re.M)
            text += re.sub(r"\[\^([^\]]+)\]", lambda mark: f"[^{at} {mark[1]}]", chapter)
    text = reader.inline(text)
    marks = list(dict.fromkeys(re.findall(r"\[\^([^\]]+)\]", text)))
    notes = [reader.inline(definitions[mark]) for mark in marks]

    def strings(value):
        if isinstance(value, dict):
            return "".join(map(strings, value.values()))
        return "".join(map(strings, value)) if isinstance(value, list) else str(value)

    whole = text + "".join(notes)
    return Manuscript(clear(text), list(map(clear, notes)), *(reader.taken(mark, whole) for mark in (SIDE, LINK, ALT)), han(strings(meta)))
