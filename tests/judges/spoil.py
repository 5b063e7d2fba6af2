#!/usr/bin/env python3
"""Spoils good files, so that each judge can be seen to fail.

usage: spoil.py EPUB PDF BOOK_DIR OUT

OUT/no-chapter.epub   a chapter is gone that the package names        (EPUBCheck)
OUT/no-alt.epub       an image has lost its alternative text           (Ace)
OUT/bad-font.epub     a font's bytes are noise                         (epub.js, foliate-js)
OUT/cut.pdf           the end of the file is missing                   (qpdf)
OUT/marks.pdf         a line starts with a comma                       (glyphs.py)
OUT/lines.pdf         so does a line of a whole paragraph              (lines.py)
OUT/cases.json        CLREQ cases that ask for half an em too much     (clreq/run.py)
OUT/book              a book whose source says more than its files     (conserve.py)
"""
import json, pathlib, re, shutil, sys, zipfile


def rewrite(source, target, change):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.infolist():
            data = change(item.filename, old.read(item))
            if data is not None:
                new.writestr(item, data)


def main():
    epub, pdf, book, out = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4])
    out.mkdir(parents=True, exist_ok=True)
    chapter = next(n for n in zipfile.ZipFile(epub).namelist() if re.search(r"/ch\d+\.xhtml|/inline\.xhtml", n))
    rewrite(epub, out / "no-chapter.epub", lambda name, data: None if name == chapter else data)
    rewrite(epub, out / "no-alt.epub", lambda name, data: re.sub(rb' alt="[^"]*"', b"", data) if name.endswith("cover.xhtml") else data)
    rewrite(epub, out / "bad-font.epub", lambda name, data: b"\0\1\0\0" + bytes(len(data) - 4) if name.endswith("NotoSerifSC-Regular.ttf") else data)
    (out / "cut.pdf").write_bytes(pathlib.Path(pdf).read_bytes()[:-4000])
    import pymupdf
    page = pymupdf.open()
    sheet = page.new_page()
    sheet.insert_text((72, 72), "，这一行以逗号开头", fontname="china-s")
    page.save(out / "marks.pdf")
    page = pymupdf.open()
    sheet = page.new_page()
    for number in range(12):
        text = "，" + "天" * 19 if number == 6 else "天" * (18 if number == 0 else 20)
        sheet.insert_text((72 + (21 if number == 0 else 0), 100 + 18 * number), text, fontname="china-s", fontsize=10.5)
    page.save(out / "lines.pdf")
    cases = json.loads((pathlib.Path(__file__).parent / "clreq" / "cases.json").read_text(encoding="utf-8"))
    cases = [case for case in cases if "pitch" in case["expect"]]
    for case in cases:
        for pitch in case["expect"]["pitch"]:
            pitch["em"] = [em + 0.5 for em in pitch["em"]]
    (out / "cases.json").write_text(json.dumps(cases, ensure_ascii=False), encoding="utf-8")
    shutil.rmtree(out / "book", ignore_errors=True)
    shutil.copytree(book, out / "book")
    first = sorted((out / "book" / "src").glob("*.md"))[0]
    first.write_text(first.read_text(encoding="utf-8") + "\n多出来的一句。\n", encoding="utf-8")


main()
