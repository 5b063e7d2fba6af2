#!/usr/bin/env python3
"""Makes boxes.otf, a font with outlines of the kind of PostScript (CFF): a box for A, B, AB as one, and 字; needs fontTools."""
import pathlib
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen

glyphs = {".notdef": 500, "A": 600, "B": 610, "A_B": 1200, "zi": 1000}
builder = FontBuilder(1000, isTTF=False)
builder.setupGlyphOrder(list(glyphs))
builder.setupCharacterMap({ord("A"): "A", ord("B"): "B", ord("字"): "zi"})
drawn = {}
for at, (name, width) in enumerate(glyphs.items()):
    pen = T2CharStringPen(width, None)
    pen.moveTo((50, at * 10))
    for corner in [(width - 50, at * 10), (width - 50, 700), (50, 700)]:
        pen.lineTo(corner)
    pen.closePath()
    drawn[name] = pen.getCharString()
builder.setupCFF("Boxes-Regular", {"FullName": "Boxes"}, drawn, {})
builder.setupHorizontalMetrics({name: (width, 50) for name, width in glyphs.items()})
builder.setupHorizontalHeader(ascent=880, descent=-120)
builder.setupNameTable({"familyName": "Boxes", "styleName": "Regular", "psName": "Boxes-Regular"})
builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
builder.setupPost()
builder.addOpenTypeFeatures("feature liga { sub A B by A_B; } liga;")
builder.font["head"].created = builder.font["head"].modified = 0
builder.font.recalcTimestamp = False
builder.save(pathlib.Path(__file__).with_name("boxes.otf"))
