//! What is done before the program is compiled.
//!
//! The fonts are taken apart for the binary: the outlines of each, those of frequent characters together and first, and the rest of it. A
//! book shows a thousand characters of thirty thousand, which stand all over a font: so most of them are read at one go
//! (`src/font/own.rs`), and the tables that are in use while pages are set do not lie among the others.
//!
//! On Linux the functions that run when a plain book is built stand together (`tests/bench/order.py`): three megabytes of thirteen, which
//! would bring in eight. And the program has a fixed place in memory, as Go's have: to move it there are forty thousand addresses to be
//! changed before anything is done, a millisecond of the twenty that a small book takes, and two megabytes. Libraries, stack and heap lie
//! at random as ever; where the program itself lies is known to whoever finds a hole in what it is made of, which the language makes few.

#[path = "src/font/sfnt.rs"]
mod sfnt;

use sfnt::{PLACE, Table, font_of, outline_tables, replace, tables};
use skrifa::raw::TableProvider;
use skrifa::{FontRef, GlyphId, MetadataProvider};
use std::error::Error;
use std::path::Path;

/// Frequent characters, the most frequent first.
const FREQUENT: &str = "src/output/pdf/frequent.txt";

/// Functions that run when a plain book is built: a crate and a pattern of its sections in each line.
const ORDER: &str = "src/order.txt";

/// Tables that few books need stand behind the others.
const SELDOM: [&[u8; 4]; 3] = [b"glyf", b"loca", b"vmtx"];

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::var("OUT_DIR")?;
    let target = |key: &str| std::env::var(format!("CARGO_CFG_TARGET_{key}"));
    if target("OS")? == "linux" && target("ENV")? == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
        // Some linkers know no scripts: whoever brings one of his own is left alone with it.
        let own = std::env::var_os("RUSTC_LINKER").is_some() || std::env::var("CARGO_ENCODED_RUSTFLAGS")?.contains("link");
        if std::env::var("PROFILE")? == "release" && !own {
            let script = Path::new(&out).join("order.ld");
            std::fs::write(&script, linker_script(&std::fs::read_to_string(ORDER)?))?;
            println!("cargo::rustc-link-arg-bins=-T{}", script.display());
        }
    }
    for changed in ["fonts", FREQUENT, ORDER] {
        println!("cargo::rerun-if-changed={changed}");
    }
    let frequent = std::fs::read_to_string(FREQUENT)?;
    for entry in std::fs::read_dir("fonts")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "ttf") {
            let name = path.file_stem().ok_or("a font without a name")?;
            take_apart(&std::fs::read(&path)?, &frequent, &Path::new(&out).join(name))?;
        }
    }
    Ok(())
}

/// What puts functions together, for GNU ld and lld: it goes before what a linker does of itself, and takes what it finds.
fn linker_script(order: &str) -> String {
    let patterns = order.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '));
    // lld knows a file in a library by the library's path, GNU ld by its own name.
    let taken = |(library, sections): (&str, &str)| {
        let name = library.trim_start_matches("lib");
        format!("*{library}-*({sections}) {name}-*({sections})\n")
    };
    let taken: String = patterns.map(taken).collect();
    format!("SECTIONS {{ .text.often : {{\n{taken}}} }} INSERT BEFORE .text;\n")
}

/// Writes the parts of a font beside `to`.
fn take_apart(data: &[u8], frequent: &str, to: &Path) -> Result<(), Box<dyn Error>> {
    let font = FontRef::new(data)?;
    let (loca, glyf, count) = (font.loca(None)?, font.glyf()?, font.maxp()?.num_glyphs());
    let outline = |glyph: u16| -> Result<&[u8], Box<dyn Error>> {
        let place = |at: usize| loca.get_raw(at).ok_or("an outline without a place");
        let (from, to) = (place(glyph.into())?, place(usize::from(glyph) + 1)?);
        Ok(glyf.offset_data().as_bytes().get(from as usize..to as usize).ok_or("an outline out of its table")?)
    };
    let charmap = font.charmap();
    let shown = frequent.chars().filter_map(|c| charmap.map(c)).map(GlyphId::to_u32);
    let (mut outlines, mut places) = (Vec::new(), vec![None; count.into()]);
    for glyph in shown.chain(0..count.into()) {
        let place = places.get_mut(glyph as usize).ok_or("a character of no glyph")?;
        if place.is_none() {
            let outline = outline(glyph as u16)?;
            *place = Some((u32::try_from(outlines.len())?, u16::try_from(outline.len())?));
            outlines.extend_from_slice(outline);
        }
    }
    let mut packed = Vec::with_capacity(places.len() * PLACE);
    for (start, length) in places.into_iter().flatten() {
        let [0, start @ ..] = start.to_be_bytes() else { return Err("a font with more than 16 MB of outlines".into()) };
        packed.extend_from_slice(&start);
        packed.extend_from_slice(&length.to_be_bytes());
    }
    // Who looks for the glyphs that others are made of finds these.
    let mut composites = Vec::new();
    for glyph in 0..count {
        let outline = outline(glyph)?;
        // It has less than no contours.
        if outline.first().is_some_and(|first| *first >= 0x80) {
            composites.push((glyph, outline));
        }
    }
    let (glyf, loca) = outline_tables(count, composites.into_iter());
    let mut rest: Vec<Table<'_>> = tables(data).ok_or("no font")?;
    let mut head = rest.iter().find(|(name, _)| name == b"head").ok_or("no head")?.1.concat();
    // Places are in whole numbers of 32 bits.
    head.get_mut(50..52).ok_or("a short head")?.copy_from_slice(&[0, 1]);
    replace(&mut rest, b"head", vec![&head]);
    replace(&mut rest, b"glyf", glyf);
    replace(&mut rest, b"loca", vec![loca.as_flattened()]);
    rest.sort_by_key(|(name, _)| SELDOM.contains(&name));
    std::fs::write(to.with_extension("rest"), font_of(&rest))?;
    std::fs::write(to.with_extension("outlines"), outlines)?;
    std::fs::write(to.with_extension("places"), packed)?;
    Ok(())
}
