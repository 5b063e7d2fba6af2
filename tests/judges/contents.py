#!/usr/bin/env python3
"""Do the contents, the outline and the links of a PDF lead where they say?

usage: contents.py FILE.pdf

For every line of the contents: the folio printed at its end is the label of the page that its link opens, and that
page shows the line's title. For every entry of the outline: its page shows its title. Exit 1 at the first lie.
"""
import re, sys


def squeeze(text):
    return re.sub(r"[\s　\u00a0\u00ad]+", "", text)


def main():
    import pymupdf
    pymupdf.TOOLS.mupdf_display_warnings(False)
    document = pymupdf.open(sys.argv[1])
    texts = [squeeze(page.get_text()) for page in document]
    faults, lines, entries = [], 0, 0
    for page in document:
        links = [link for link in page.get_links() if link["kind"] == pymupdf.LINK_GOTO]
        whole = [link for link in links if link["from"].width > page.rect.width * 0.4 and link["from"].x1 > page.rect.width * 0.6]
        if page.get_label() == "" or page.get_label().isdigit() or not whole:
            continue
        for link in whole:
            text = page.get_text(clip=link["from"]).strip()
            words = text.split()
            if len(words) < 2:
                continue
            lines += 1
            folio, title = words[-1], squeeze("".join(words[:-1]))
            target = link["page"]
            if document[target].get_label() != folio:
                faults.append(f"contents say {folio} for {title}, the link opens {document[target].get_label()}")
            if title not in texts[target]:
                faults.append(f"{title} is not on page {document[target].get_label()}")
    for _level, title, number in document.get_toc():
        entries += 1
        if squeeze(title) not in texts[number - 1]:
            faults.append(f"outline: {title} is not on page {number}")
    print(f"{lines} lines of contents, {entries} entries of the outline, {len(faults)} faults", *faults[:10], sep="\n")
    sys.exit(1 if faults or not entries else 0)


main()
