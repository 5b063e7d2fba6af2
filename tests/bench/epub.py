#!/usr/bin/env python3
"""Compares banxin's EPUB with Pandoc's of the same text, with the same fonts embedded: seconds and bytes, medians of one run.

usage: epub.py BANXIN BOOK [RUNS=5]        (needs pandoc; BOOK lists its chapters in book.toml)
"""
import pathlib, shutil, statistics, subprocess, sys, tempfile, time, tomllib, zipfile


def files(chapters):
    for entry in chapters:
        if "file" in entry:
            yield entry["file"]
        yield from files(entry.get("chapters", []))


def main():
    banxin, book, runs = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), int((sys.argv[3:] or [5])[0])
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "book"
        shutil.copytree(book, copy, ignore=shutil.ignore_patterns("dist"))
        meta = tomllib.loads((copy / "book.toml").read_text(encoding="utf-8"))
        build = [banxin, "build", copy, "--epub"]
        subprocess.run(build, check=True, capture_output=True)
        epub = next((copy / "dist").glob("*.epub"))
        archive, fonts = zipfile.ZipFile(epub), []
        for name in archive.namelist():
            if "/fonts/" in name:
                fonts.append(archive.extract(name, folder))
        cover = archive.extract(next(name for name in archive.namelist() if "/images/cover." in name), folder)
        source = copy / meta["book"].get("src", "src")
        chapters = [source / name for name in files(meta["chapters"])]
        peer = pathlib.Path(folder) / "pandoc.epub"
        base = ["pandoc", "--toc", "-o", peer, "--metadata", f"title={meta['book']['title']}", *(f"--epub-embed-font={font}" for font in fonts), *chapters]
        times = {"banxin": [], "pandoc": []}
        for _ in range(runs):
            for name, command in (("banxin", build), ("pandoc", base)):
                start = time.monotonic()
                subprocess.run(command, check=True, capture_output=True)
                times[name].append(time.monotonic() - start)
        bare = peer.stat().st_size
        subprocess.run([*base, f"--epub-cover-image={cover}"], check=True, capture_output=True)
        ours, theirs = (statistics.median(times[name]) for name in ("banxin", "pandoc"))
        print(f"seconds  banxin {ours:.2f}  pandoc {theirs:.2f}  ratio {ours / theirs:.2f}")
        print(f"bytes    banxin {epub.stat().st_size}  pandoc {bare}, with the same cover {peer.stat().st_size}  ratio {epub.stat().st_size / bare:.3f}, {epub.stat().st_size / peer.stat().st_size:.3f}")


if __name__ == "__main__":
    main()
