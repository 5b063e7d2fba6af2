#!/usr/bin/env python3
"""Does a book stay whole on its way to a Kindle through Calibre?

usage: azw3.py EPUB OUTDIR [ORIGINAL_EPUB]

`ebook-convert` makes an AZW3 of it, and an EPUB of that again. The navigation map of what comes out must have the same
entries, in the same order, and its text every Han character of the first, as often and in the same order;
or, where another is given, of that.
"""
import pathlib, re, shutil, subprocess, sys, zipfile
import xml.etree.ElementTree as ET

XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = {"o": "http://www.idpf.org/2007/opf"}
NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


def read(path):
    """The map's entries, with their levels, and the Han characters of the documents in spine order."""
    archive = zipfile.ZipFile(path)
    opf = next(name for name in archive.namelist() if name.endswith(".opf"))
    folder = opf.rpartition("/")[0] + "/" if "/" in opf else ""
    package = ET.fromstring(archive.read(opf))
    items = {item.get("id"): item for item in package.findall(".//o:item", OPF)}
    entries, han = [], ""

    def walk(point, level):
        entries.append((level, "".join(point.find(NCX + "navLabel").itertext()).strip()))
        for child in point.findall(NCX + "navPoint"):
            walk(child, level + 1)
    ncx = next(item for item in items.values() if item.get("media-type") == "application/x-dtbncx+xml")
    for point in ET.fromstring(archive.read(folder + ncx.get("href"))).find(NCX + "navMap").findall(NCX + "navPoint"):
        walk(point, 0)
    for ref in package.findall(".//o:itemref", OPF):
        item = items[ref.get("idref")]
        body = ET.fromstring(archive.read(folder + item.get("href"))).find(XHTML + "body")
        han += "".join(HAN.findall("".join(body.itertext())))
    return [(level, "".join(title.split())) for level, title in entries], han


def main():
    epub, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for source, target in [(epub, out / "book.azw3"), (out / "book.azw3", out / "back.epub")]:
        run = subprocess.run(["ebook-convert", source, target], capture_output=True, text=True, env={**__import__("os").environ, "QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox"})
        if run.returncode or not target.exists():
            print(run.stdout[-2000:], run.stderr[-2000:])
            sys.exit(f"{source.name} could not be converted")
    (entries, han), (entries_back, han_back) = read(sys.argv[3] if len(sys.argv) > 3 else epub), read(out / "back.epub")
    faults = []
    if [title for _, title in entries] != [title for _, title in entries_back]:
        faults.append(f"the map has {len(entries)} entries and comes back with {len(entries_back)}: {[e for e in entries if e not in entries_back][:3]}")
    # The cover's page has no text; what is hidden in the navigation document may stay away.
    if han != han_back:
        at = next((i for i, (a, b) in enumerate(zip(han, han_back)) if a != b), min(len(han), len(han_back)))
        faults.append(f"Han differ at {at} of {len(han)} ({len(han_back)} come back): “{han[max(0, at - 10):at + 10]}”, “{han_back[max(0, at - 10):at + 10]}”")
    for fault in faults:
        print(fault)
    print(f"{len(entries)} entries, {len(han)} Han characters, {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
