"""What a page shows beyond the places of its glyphs: lines and dots beside the text, and the ink of a mark.

Everything is measured in em, along the lines and across them. `across` grows away from the first line, so what
stands under a horizontal line is at a greater `across` than its baseline; in columns it grows to the right.
"""
import re
from typing import NamedTuple
import check

TOL = 0.03
MARKED = re.compile(r"<u>(.*?)</u>|\[([^\]]*)\]\{\.(?:proper|title)\}")


class Box(NamedTuple):
    """A rectangle: from and to along the line, from and to across it."""
    start: float
    end: float
    near: float
    far: float

    @property
    def length(self):
        return self.end - self.start

    @property
    def thickness(self):
        return self.far - self.near

    @property
    def centre(self):
        return (self.start + self.end) / 2, (self.near + self.far) / 2


def shapes(page, vertical, em):
    """The painted paths, each subpath by itself, grown by what its stroke adds: filled rectangles, lines, curves."""
    for drawing in page.get_drawings():
        pen = (drawing.get("width") or 0) / 2 if "s" in drawing["type"] else 0
        butt = max(drawing.get("lineCap") or (0,)) == 0
        for points in subpaths(drawing["items"]):
            xs, ys = [p[0] for p in points], [p[1] for p in points]
            x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
            # A stroke with butt ends grows a straight line across only.
            dx = 0 if butt and y0 == y1 else pen
            dy = 0 if butt and x0 == x1 else pen
            x, y = ((x0 - dx) / em, (x1 + dx) / em), ((y0 - dy) / em, (y1 + dy) / em)
            yield Box(*y, *x) if vertical else Box(*x, *y)


def subpaths(items):
    """Points of each connected piece of a drawing's items."""
    found, last = [], None
    for kind, *rest in items:
        if kind == "re":
            found.append([rest[0].tl, rest[0].br])
            last = None
        elif kind == "qu":
            found.append([rest[0].ul, rest[0].ur, rest[0].ll, rest[0].lr])
            last = None
        else:
            # A curve lies within the hull of its points; a circle's ends and tangents give its very box.
            if last is None or abs(rest[0] - last) > 0.01:
                found.append([])
            found[-1].extend(rest)
            last = rest[-1]
    return found


def rules(text, want, rows, boxes, vertical):
    """Holds the lines beside proper nouns and titles against `want`."""
    low, high = (-0.6, 0.02) if vertical else (0.05, 0.6)
    lines = []
    for index, row in enumerate(rows):
        for box in boxes:
            if box.length >= 0.5 and box.thickness <= 0.3 and low <= box.centre[1] - row.across <= high:
                lines.append((index, box))
    lines.sort()
    fails = []
    if len(lines) != want["count"]:
        return [f"{len(lines)} rules beside the text, want {want['count']}"]
    least, most = want["length_em"]
    for _, box in lines:
        if not least - TOL <= box.length <= most + TOL:
            fails.append(f"rule of {box.length:.3f}, want {want['length_em']}")
    for (row, box), (next_row, following) in zip(lines, lines[1:]):
        gap = following.start - box.end
        if row == next_row and not want["gap_em"][0] - 0.005 <= gap <= want["gap_em"][1] + TOL:
            fails.append(f"gap of rules {gap:.3f}, want {want['gap_em']}")
    if want.get("outer_ends_at_frame"):
        marked = "".join(one or other for one, other in MARKED.findall(text))
        place = places(rows)
        ends = (lines[0][1].start - place[marked[0]][1], lines[-1][1].end - place[marked[-1]][1] - 1)
        fails += [f"outer end of rules {off:+.3f} from the frame" for off in ends if abs(off) > TOL]
    return fails


def dots(want, rows, boxes, vertical):
    """Holds the emphasis dots against `want`: one at the middle of each character's side, and no other."""
    # A dot stands clear of the em square: below its foot, at the right of a column.
    low, high = (1.0, 1.7) if vertical else (0.12, 0.9)
    found = []
    for index, row in enumerate(rows):
        for box in boxes:
            round_ = 0.04 <= box.length <= 0.4 and 0.7 <= box.length / max(box.thickness, 1e-6) <= 1.4
            if round_ and low <= box.centre[1] - row.across <= high:
                found.append((index, box.centre[0]))
    place, fails = places(rows), []
    for char in want["under"]:
        row, start = place[char]
        here = [at for index, at in found if index == row and abs(at - start - 0.5) <= want["center_tol_em"]]
        if len(here) != 1:
            fails.append(f"{len(here)} dots at the middle of {char}")
    for char in want["not_under"]:
        row, start = place[char]
        if any(index == row and start + 0.05 < at < start + 0.55 for index, at in found):
            fails.append("dot at " + char)
    if len(found) != len(want["under"]):
        fails.append(f"{len(found)} dots, want {len(want['under'])}")
    return fails


def places(rows):
    """Row and start of the first of each character."""
    place = {}
    for index, row in enumerate(rows):
        for char, start in row.glyphs:
            place.setdefault(char, (index, start))
    return place


def ink(page, rows, char, vertical, em):
    """The ink of a mark that stands between Han: what is painted between the one before and the one after."""
    import pymupdf
    index, at = places(rows)[char]
    across, han = rows[index].across, [start for c, start in rows[index].glyphs if check.han(c)]
    start = max((one + 1 for one in han if one < at), default=at)
    end = min((one for one in han if one > at), default=start + 1)
    near, far = (across, across + 1) if vertical else (across - 0.88, across + 0.12)
    x, y = ((near, far), (start, end)) if vertical else ((start, end), (near, far))
    clip = pymupdf.Rect(x[0] * em, y[0] * em, x[1] * em, y[1] * em)
    zoom = 8
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), clip=clip, colorspace=pymupdf.csGRAY)
    dark = [(i % pixels.width, i // pixels.width) for i, value in enumerate(pixels.samples) if value < 128]
    if not dark:
        return None
    scale = zoom * em
    xs = [(pixels.x + x) / scale for x, _ in dark]
    ys = [(pixels.y + y) / scale for _, y in dark]
    x, y = (min(xs), max(xs) + 1 / scale), (min(ys), max(ys) + 1 / scale)
    return Box(*y, *x) if vertical else Box(*x, *y)


def upright_forms(want, page, rows, em):
    """In columns, brackets lie: their ink is wider than tall. Dashes and ellipses stand, and are thin."""
    fails = []
    for char in want:
        box = ink(page, rows, char, True, em)
        if box is None:
            fails.append("no ink at " + char)
        elif box.thickness > 0.35 if char in "—…～–" else box.length > box.thickness:
            fails.append(f"{char} is not in its vertical form: ink {box.thickness:.2f} wide, {box.length:.2f} tall")
    return fails


def centres(want, page, rows, vertical, em):
    """Where the middle of a mark's ink lies along the line, from the origin of another character."""
    fails = []
    for item in want:
        box = ink(page, rows, item["char"], vertical, em)
        _, start = places(rows)[item["from"]]
        at = box.centre[0] - start if box else float("nan")
        if not item["em"][0] <= at <= item["em"][1]:
            fails.append(f"ink of {item['char']} at {at:.3f} from {item['from']}, want {item['em']}")
    return fails
