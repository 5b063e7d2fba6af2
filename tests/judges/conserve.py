#!/usr/bin/env python3
"""Is every character of a book in its PDF and its EPUB, in order, and nothing else?

usage: conserve.py BOOK_DIR

The source is read by rules of its own (headings, escapes and front matter of the plain Markdown that `import`
writes), the PDF by PyMuPDF's text trace, glyph by glyph as painted, the EPUB by its zip and an XML parser. Running
heads, folios, contents, cover and title page are known by their place on the page and left out. White space does
not count. Prints the first difference and exits 1 where there is one.
"""
import pathlib, re, sys, tomllib, zipfile
import xml.etree.ElementTree as ET


def squeeze(text):
    return re.sub(r"[\s\u00ad\u200b]+", "", text)


def manifest(book):
    return tomllib.loads((book / "book.toml").read_text(encoding="utf-8"))


def entries(chapters):
    """The chapters and part pages of a manifest, in order."""
    for entry in chapters:
        yield entry
        yield from entries(entry.get("chapters", []))


def titled(book, chapter):
    """The text of a chapter, its title before it where only the manifest has it."""
    body = (book / "src" / chapter["file"]).read_text(encoding="utf-8")
    return f"# {chapter['title']}\n\n{body}" if "title" in chapter and not body.startswith("# ") else body


def source(book):
    text = ""
    for chapter in entries(manifest(book)["chapters"]):
        for line in titled(book, chapter).splitlines():
            text += re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", re.sub(r"^#+ ", "", line))
    return squeeze(text)


def printed(pdf, vertical):
    import pymupdf
    pymupdf.TOOLS.mupdf_display_warnings(False)
    document = pymupdf.open(pdf)
    first = next(i for i in range(len(document)) if document[i].get_label() not in ("", "i", "ii") and not contents(document[i]))
    text = ""
    for number in range(first, len(document)):
        page = document[number]
        height = page.rect.height
        for span in page.get_texttrace():
            for code, _glyph, (_x, y), _box in span["chars"]:
                # Heads and folios are in the small type, outside the type area.
                outside = y < height * (0.14 if vertical else 0.11) or y > height * 0.91
                if not (outside and span["size"] < 9.5):
                    text += chr(code)
    return squeeze(text)


def contents(page):
    # The text of such a book links nowhere.
    return len(page.get_links()) > 0


def flowing(epub):
    archive = zipfile.ZipFile(epub)
    package = ET.fromstring(archive.read("OEBPS/content.opf"))
    ns = {"o": "http://www.idpf.org/2007/opf"}
    items = {i.get("id"): i.get("href") for i in package.findall(".//o:item", ns)}
    text = ""
    for ref in package.findall(".//o:itemref", ns):
        href = items[ref.get("idref")]
        if href in ("cover.xhtml", "title.xhtml", "nav.xhtml"):
            continue
        body = ET.fromstring(archive.read("OEBPS/" + href)).find("{http://www.w3.org/1999/xhtml}body")
        text += "".join(body.itertext())
    return squeeze(text)


def compare(name, wanted, found):
    if wanted == found:
        print(f"{name}: {len(found)} characters, all there")
        return True
    at = next((i for i, (a, b) in enumerate(zip(wanted, found)) if a != b), min(len(wanted), len(found)))
    print(f"{name}: differs at {at} of {len(wanted)} (has {len(found)}): source “{wanted[max(0, at - 15):at + 15]}”, file “{found[max(0, at - 15):at + 15]}”")
    return False


def main():
    book = pathlib.Path(sys.argv[1])
    wanted = source(book)
    vertical = "vertical-rl" in (book / "book.toml").read_text(encoding="utf-8")
    good = [compare("pdf", wanted, printed(next((book / "dist").glob("*.pdf")), vertical)), compare("epub", wanted, flowing(next((book / "dist").glob("*.epub"))))]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
