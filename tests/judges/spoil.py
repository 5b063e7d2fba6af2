#!/usr/bin/env python3
"""Spoils good files, so that each judge can be seen to fail.

usage: spoil.py EPUB PDF BOOK_DIR TAGGED_PDF OUT

OUT/no-chapter.epub   a chapter is gone that the package names        (EPUBCheck)
OUT/no-alt.epub       an image has lost its alternative text           (Ace)
OUT/bad-font.epub     a font's bytes are noise                         (epub.js, foliate-js)
OUT/no-role.epub      a chapter has a type and no role                 (ace0.sh)
OUT/late-page.epub    a page begins a paragraph later                  (pagelist.py)
OUT/no-page.epub      a page is not listed                             (pagelist.py)
OUT/no-break.epub     the list leads to a page break that is gone      (pagelist.mjs)
OUT/lost.epub         a character is lost                              (flowing.py, azw3.py)
OUT/cut.pdf           the end of the file is missing                   (qpdf)
OUT/marks.pdf         a line starts with a comma                       (glyphs.py)
OUT/lines.pdf         so does a line of a whole paragraph              (lines.py)
OUT/cases.json        CLREQ cases that ask for half an em too much     (clreq/run.py)
OUT/book              a book whose source says more than its files     (conserve.py)

Of TAGGED_PDF, which has notes, pictures, blank pages and page numbers in links:

OUT/unmarked.pdf      it does not say that it is tagged                (veraPDF, pdf_ua_lite.py)
OUT/no-words.pdf      a picture has lost its alternative text          (veraPDF, pdf_ua_lite.py)
OUT/no-intent.pdf     it has no output intent                          (veraPDF, PDF/A only)
OUT/artifact.pdf      a paragraph is an artifact                       (tagged.py 1)
OUT/head-amid.pdf     so it is, and called a head                      (tagged.py 1)
OUT/unsaid.pdf        a paragraph is not in the tree                   (tagged.py 1)
OUT/disorder.pdf      two paragraphs are read in the wrong order       (tagged.py 2)
OUT/noteless.pdf      a note is said without its words                 (tagged.py 2)
OUT/astray.pdf        an entry of the contents opens another page      (tagged.py 3)
OUT/off-grid.pdf      a body line is 1 pt lower                        (pages.py 1)
OUT/late-note.pdf     a note stands on the page after its mark         (pages.py 2)
OUT/not-blank.pdf     a blank page has a folio                         (pages.py 3)
OUT/no-folio.pdf      a page of text has none                          (pages.py 3)
"""
import json, pathlib, re, shutil, sys, zipfile


def rewrite(source, target, change):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.infolist():
            data = change(item.filename, old.read(item))
            if data is not None:
                new.writestr(item, data)


def blocks(page):
    """The content of a page: lists of steps, each a piece of marked content, or what stands between two; and the font, its
    size and the colour that hold where each begins."""
    import pikepdf
    found, current, depth, state = [], [], 0, {}
    held = {}
    for step in pikepdf.parse_content_stream(page):
        operator = str(step.operator)
        if operator in ("BDC", "BMC") and depth == 0:
            found.append((current, held))
            current, held = [], dict(state)
        depth += (operator in ("BDC", "BMC")) - (operator == "EMC")
        current.append(step)
        if operator in ("Tf", "rg", "g"):
            state["Tf" if operator == "Tf" else "colour"] = step
        if operator == "EMC" and depth == 0:
            found.append((current, held))
            current, held = [], dict(state)
    return found + [(current, held)]


def mcid(block):
    from pikepdf import Dictionary

    step = block[0][0] if block[0] else None
    values = step.operands if step is not None and str(step.operator) == "BDC" else ()
    # Properties may also be named.
    return int(values[1].MCID) if len(values) > 1 and isinstance(values[1], Dictionary) and "/MCID" in values[1] else None


def spoil_tagged(file, out):
    import pikepdf
    from pikepdf import Dictionary, Name, Operator

    def write(pdf, page, steps):
        page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(steps))

    def joined(found):
        return [step for block, _held in found for step in block]

    def kids(element):
        own = element.get("/K", [])
        return list(own) if isinstance(own, pikepdf.Array) else [own]

    def elements(pdf, role):
        """In the order of the tree."""
        def walk(element):
            if isinstance(element, Dictionary) and "/S" in element:
                if element.S == role:
                    yield element
                for kid in kids(element):
                    yield from walk(kid)
        yield from walk(kids(pdf.Root.StructTreeRoot)[0])

    def step(name, *values):
        return pikepdf.ContentStreamInstruction(list(values), Operator(name))

    def spoiled(name):
        """Opens it anew, and saves it when spoiled."""
        def run(change):
            with pikepdf.open(file) as pdf:
                change(pdf)
                pdf.save(out / name)
        return run

    def is_plain(element):
        return element.S == Name.P and isinstance(element.get("/K"), int)

    def plain(pdf):
        """Two paragraphs of one chapter, one after the other, both of nothing but text on one page."""
        for section in elements(pdf, Name.Sect):
            own = [kid for kid in kids(section) if isinstance(kid, Dictionary) and "/S" in kid]
            if len(own) < len(kids(section)):
                continue
            for at, (one, other) in enumerate(zip(own, own[1:])):
                if "/H1" in {str(kid.S) for kid in own} and is_plain(one) and is_plain(other):
                    return section, at, one, other
        raise SystemExit("no two plain paragraphs in " + str(file))

    @spoiled("unmarked.pdf")
    def _(pdf):
        del pdf.Root.MarkInfo

    @spoiled("no-words.pdf")
    def _(pdf):
        del next(elements(pdf, Name.Figure)).Alt

    @spoiled("no-intent.pdf")
    def _(pdf):
        del pdf.Root.OutputIntents

    for name, value in ("artifact.pdf", None), ("head-amid.pdf", Dictionary(Type=Name.Pagination, Subtype=Name.Header)):
        @spoiled(name)
        def _(pdf):
            _section, _at, paragraph, _other = plain(pdf)
            page, number = pikepdf.Page(paragraph.Pg), int(paragraph.K)
            found = blocks(page)
            block = next(block for block, held in found if mcid((block, held)) == number)
            block[0] = step("BMC", Name.Artifact) if value is None else step("BDC", Name.Artifact, value)
            write(pdf, page, joined(found))

    @spoiled("unsaid.pdf")
    def _(pdf):
        section, at, _one, _other = plain(pdf)
        del section.K[at]

    @spoiled("disorder.pdf")
    def _(pdf):
        section, at, one, other = plain(pdf)
        section.K[at], section.K[at + 1] = other, one

    @spoiled("noteless.pdf")
    def _(pdf):
        note = next(note for note in elements(pdf, Name.Note) if len(kids(note)) > 1)
        note.K = kids(note)[0]

    @spoiled("astray.pdf")
    def _(pdf):
        entry = next(elements(pdf, Name.TOCI))
        link = next(kid for kid in kids(kids(kids(entry)[0])[0]) if isinstance(kid, Dictionary) and "/Obj" in kid)
        link.Obj.Dest[0] = pdf.pages[-1].obj

    @spoiled("off-grid.pdf")
    def _(pdf):
        _section, _at, paragraph, _other = plain(pdf)
        page = pikepdf.Page(paragraph.Pg)
        found = blocks(page)
        block = next(block for block, held in found if mcid((block, held)) == int(paragraph.K))
        # Lines are steps from one to the next: the one after goes back.
        steps = [at for at, each in enumerate(block) if str(each.operator) == "Td"]
        for at, by in zip(steps, (-1, 1)):
            x, y = block[at].operands
            block[at] = step("Td", x, float(y) + by)
        write(pdf, page, joined(found))

    @spoiled("late-note.pdf")
    def _(pdf):
        note = next(note for note in elements(pdf, Name.Note) if len(kids(note)) > 1)
        pieces = []

        def walk(element):
            for kid in kids(element):
                if isinstance(kid, int):
                    pieces.append((element.Pg.objgen, kid))
                elif "/S" in kid:
                    walk(kid)
        walk(note)
        at = next(at for at, page in enumerate(pdf.pages) if page.obj.objgen == pieces[0][0])
        page, after = pdf.pages[at], pdf.pages[at + 1]
        stays, goes = [], []
        for block, held in blocks(page):
            if (page.obj.objgen, mcid((block, held))) in pieces:
                goes += [*held.values(), *block[1:-1]]
                # What it set holds for what follows.
                stays += [each for each in block if str(each.operator) in ("Tf", "rg", "g")]
            else:
                stays += block
        write(pdf, page, stays)
        # Fonts have the same names on all pages.
        for name, font in page.obj.Resources.Font.items():
            after.obj.Resources.Font[name] = font
        write(pdf, after, joined(blocks(after)) + [step("BMC", Name.Artifact), step("BT"), *goes, step("ET"), step("EMC")])

    def folios(pdf):
        """Pages amid the book that have a folio, each with what sets it."""
        return ((page, found) for page in list(pdf.pages)[20:] for found in blocks(page) if found[0] and "/Foot" in str(found[0][0].operands))

    @spoiled("not-blank.pdf")
    def _(pdf):
        blank = next(page for at, page in enumerate(pdf.pages) if at > 1 and not pikepdf.parse_content_stream(page))
        page, folio = next(folios(pdf))
        blank.obj.Resources = page.obj.Resources
        write(pdf, blank, [step("BT"), *folio[1].values(), *folio[0], step("ET")])

    @spoiled("no-folio.pdf")
    def _(pdf):
        page, _folio = next(folios(pdf))
        write(pdf, page, [each for block, _held in blocks(page) if not (block and "/Foot" in str(block[0].operands)) for each in block])


def main():
    epub, pdf, book, tagged, out = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4], pathlib.Path(sys.argv[5])
    out.mkdir(parents=True, exist_ok=True)
    chapter = next(n for n in zipfile.ZipFile(epub).namelist() if re.search(r"/ch\d+\.xhtml|/inline\.xhtml", n))
    rewrite(epub, out / "no-chapter.epub", lambda name, data: None if name == chapter else data)
    rewrite(epub, out / "no-alt.epub", lambda name, data: re.sub(rb' alt="[^"]*"', b"", data) if name.endswith("cover.xhtml") else data)
    rewrite(epub, out / "bad-font.epub", lambda name, data: b"\0\1\0\0" + bytes(len(data) - 4) if name.endswith("NotoSansSC-Bold.ttf") else data)
    rewrite(epub, out / "no-role.epub", lambda name, data: data.replace(b' role="doc-chapter"', b"") if name == chapter else data)
    # A page break that begins a paragraph, put behind the one after it.
    late = rb'<p>(<span id="page-[0-9]+" epub:type="pagebreak"[^>]*></span>)(.*?</p>\s*<p>)'
    broken = {"late": 0}

    def move(name, data):
        if broken["late"] == 0 and re.search(late, data):
            broken["late"] += 1
            return re.sub(late, rb"<p>\2\1", data, count=1)
        return data

    rewrite(epub, out / "late-page.epub", move)
    rewrite(epub, out / "no-page.epub", lambda name, data: re.sub(rb'<li><a href="[^"]*#page-9">9</a></li>\n', b"", data) if name.endswith("nav.xhtml") else re.sub(rb'<pageTarget [^>]*><navLabel><text>9</text>.*?</pageTarget>', b"", data) if name.endswith("toc.ncx") else data)
    rewrite(epub, out / "no-break.epub", lambda name, data: re.sub(rb'<span id="page-9" [^>]*></span>', b"", data))
    rewrite(epub, out / "lost.epub", lambda name, data: b"".join(data.rpartition("国".encode())[::2]) if name == chapter else data)
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
    spoil_tagged(tagged, out)


main()
