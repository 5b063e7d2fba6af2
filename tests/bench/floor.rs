//! The least that a build of a book can cost: CPU seconds, on all cores, to compress the streams of its finished PDF and EPUB again and
//! to cut the same fonts, and nothing else. `cargo bench --bench floor -- BOOK [--runs 9]`, of a book that is built.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic, missing_docs)]

use banxin::diagnostic::Sink;
use banxin::font::{FaceId, for_epub, for_pdf};
use banxin::layout::{Item, Turn};
use banxin::source::Sources;
use flate2::{Compress, Compression, FlushCompress};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The levels at which banxin compresses: fonts, pictures, what else is in a PDF; the fonts, the texts and what else is in an EPUB.
const FONTS: u32 = 2;
const PICTURES: u32 = 6;
const PAGES: u32 = 4;
const EPUB_FONTS: u32 = 3;
const TEXTS: u32 = 9;
const OTHERS: u32 = 6;

fn main() {
    let given: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let root = PathBuf::from(given.first().expect("name a book"));
    let runs: usize = given.iter().skip_while(|argument| *argument != "--runs").nth(1).map_or(9, |runs| runs.parse().expect("a number"));
    let (pdf, epub) = (made(&root, "pdf"), made(&root, "epub"));
    let mut streams = pdf_streams(&pdf);
    let (texts, fonts) = epub_files(&epub);
    streams.extend(texts);

    let (mut sources, sink) = (Sources::default(), Sink::default());
    let project = banxin::open(&root, &mut sources, &sink).unwrap();
    let pages = banxin::layout::lay_out(project.job(&sink, &|_| {}));
    let mut glyphs: BTreeMap<(FaceId, bool), BTreeSet<u16>> = BTreeMap::new();
    for item in pages.pages.iter().flat_map(|page| &page.items) {
        if let Item::Run(run) = item {
            glyphs.entry((run.face, run.turn == Turn::Upright)).or_default().extend(run.glyphs.iter().map(|glyph| glyph.id));
        }
    }
    let characters: Vec<(FaceId, BTreeSet<char>)> = fonts
        .iter()
        .map(|(name, data)| {
            let (id, _) = project.fonts.faces().find(|(_, face)| name.contains(&*face.name)).unwrap();
            let map = skrifa::MetadataProvider::charmap(&skrifa::FontRef::new(data).unwrap());
            (id, map.mappings().filter_map(|(code, _)| char::from_u32(code)).collect())
        })
        .collect();

    let compress = |(level, data): &(u32, Vec<u8>)| {
        let mut out = Vec::with_capacity(data.len() + 1024);
        Compress::new(Compression::new(*level), true).compress_vec(data, &mut out, FlushCompress::Finish).unwrap();
        std::hint::black_box(out);
    };
    let cut = |((face, _), glyphs): (&(FaceId, bool), &BTreeSet<u16>)| {
        std::hint::black_box(for_pdf(project.fonts.face(*face), glyphs).unwrap().program);
    };
    let cut_for_epub = |(face, characters): &(FaceId, BTreeSet<char>)| {
        std::hint::black_box(for_epub(project.fonts.face(*face), characters).unwrap());
    };
    let mut took: Vec<f64> = (0..runs)
        .map(|_| {
            let start = cpu_seconds();
            // On all cores, as a build is made: two that share what they work with are slower, each, than one alone.
            glyphs.par_iter().for_each(cut);
            characters.par_iter().for_each(cut_for_epub);
            streams.par_iter().for_each(compress);
            cpu_seconds() - start
        })
        .collect();
    took.sort_by(f64::total_cmp);
    let middle = took[runs / 2];
    println!("floor {middle:.4} s of CPU: {} streams, {} fonts", streams.len(), glyphs.len() + characters.len());
}

/// CPU seconds of all threads so far, as the kernel counts them.
fn cpu_seconds() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").expect("measured on Linux").flatten();
    let nanoseconds = |thread: std::fs::DirEntry| -> Option<f64> {
        std::fs::read_to_string(thread.path().join("schedstat")).ok()?.split(' ').next()?.parse().ok()
    };
    threads.filter_map(nanoseconds).sum::<f64>() / 1e9
}

fn made(root: &Path, extension: &str) -> Vec<u8> {
    let files = std::fs::read_dir(root.join("dist")).expect("build the book first").flatten();
    let path = files
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .expect("build the book first");
    std::fs::read(path).unwrap()
}

/// The streams of a PDF that are compressed, with those of its small objects and its cross-references.
fn pdf_streams(file: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let mut streams = Vec::new();
    let mut at = 0;
    let find = |from: usize, part: &[u8]| file[from..].windows(part.len()).position(|window| window == part).map(|found| from + found);
    while let Some(start) = find(at, b"\nstream\n") {
        let head = &file[at..start];
        let text = String::from_utf8_lossy(head);
        let length: usize =
            text.rsplit_once("/Length ").unwrap().1.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap();
        let data = &file[start + 8..start + 8 + length];
        let dictionary = text.rsplit(" 0 obj").next().unwrap();
        if dictionary.contains("/FlateDecode") {
            let mut plain = Vec::new();
            flate2::read::ZlibDecoder::new(data).read_to_end(&mut plain).unwrap();
            let level = if dictionary.contains("/Length1") {
                FONTS
            } else if dictionary.contains("/Subtype/Image") {
                PICTURES
            } else {
                PAGES
            };
            streams.push((level, plain));
        }
        at = start + 8 + length;
    }
    streams
}

type Files = Vec<(String, Vec<u8>)>;

/// The files of an EPUB that are compressed, and its fonts.
fn epub_files(file: &[u8]) -> (Vec<(u32, Vec<u8>)>, Files) {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file)).unwrap();
    let (mut streams, mut fonts) = (Vec::new(), Vec::new());
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).unwrap();
        let name = entry.name().to_owned();
        let mut data = Vec::new();
        entry.read_to_end(&mut data).unwrap();
        let font = name.ends_with(".ttf") || name.ends_with(".otf");
        if entry.compression() == zip::CompressionMethod::Deflated {
            let text = name.ends_with(".xhtml") && !name.ends_with("nav.xhtml");
            let level = match (font, text) {
                (true, _) => EPUB_FONTS,
                (_, true) => TEXTS,
                _ => OTHERS,
            };
            streams.push((level, data.clone()));
        }
        if font {
            fonts.push((name, data));
        }
    }
    (streams, fonts)
}
