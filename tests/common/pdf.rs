//! A reader of finished PDFs, as far as tests need one: every glyph that a page paints, with its text and its place. It
//! knows nothing of how banxin lays out or writes; what it does not know it refuses.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)]

use lopdf::content::Content;
use lopdf::{Dictionary, Document, Object};
use std::collections::BTreeMap;

/// What painted content is marked as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A piece of the structure, by its number on the page.
    Piece(i64),
    /// An artifact; whether it is a head or foot.
    Artifact { pagination: bool },
    /// Nothing.
    None,
}

/// A painted glyph.
#[derive(Clone, Debug)]
pub struct Glyph {
    /// What it stands for.
    pub text: String,
    /// Its origin, points from the left and the top of the page.
    pub x: f64,
    pub y: f64,
    pub size: f64,
    /// Whether it stands in a column, upright.
    pub upright: bool,
    /// Whether it is turned clockwise.
    pub turned: bool,
    /// What it is marked as.
    pub mark: Mark,
}

/// A line: its characters in order, each with its place along the line, em from the start edge.
pub type Line = Vec<(char, f64)>;

pub fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// The lines of a page of one type size in reading order. The start edge is the smallest origin of a line that begins with
/// a Han character, or else of any line; the first line may begin `indent` em further in.
pub fn lines(page: &[Glyph], vertical: bool, size: f64, indent: f64) -> Vec<Line> {
    let mut placed: Vec<(char, f64, f64)> = page
        .iter()
        .flat_map(|glyph| {
            // From the head of its em, whichever way a glyph stands in its column.
            let y = if vertical && !glyph.turned { glyph.y - 0.88 * glyph.size } else { glyph.y };
            let (along, across) = if vertical { (y / size, glyph.x / size) } else { (glyph.x / size, y / size) };
            glyph.text.chars().filter(|c| !c.is_whitespace()).map(move |c| (c, along, across))
        })
        .collect();
    // Han make the lines: what stands beside one of their origins is of their line.
    placed.sort_by_key(|(c, ..)| !is_han(*c));
    let (low, high) = if vertical { (-0.5, 1.2) } else { (-0.6, 0.6) };
    let mut rows: Vec<(f64, Line)> = Vec::new();
    for (c, along, across) in placed {
        match rows.iter_mut().find(|(row, _)| (low..high).contains(&(across - *row))) {
            Some((_, glyphs)) => glyphs.push((c, along)),
            None => rows.push((across, vec![(c, along)])),
        }
    }
    rows.iter_mut().for_each(|(_, glyphs)| glyphs.sort_by(|one, other| one.1.total_cmp(&other.1)));
    rows.sort_by(|one, other| if vertical { other.0.total_cmp(&one.0) } else { one.0.total_cmp(&other.0) });
    let starts = |han_only: bool| {
        let first = |(at, (_, row)): (usize, &(f64, Line))| {
            let (c, along) = row[0];
            (!han_only || is_han(c)).then_some(along - if at == 0 && han_only { indent } else { 0.0 })
        };
        rows.iter().enumerate().filter_map(first).reduce(f64::min)
    };
    let edge = starts(true).or_else(|| starts(false)).unwrap_or(0.0);
    rows.into_iter().map(|(_, row)| row.into_iter().map(|(c, along)| (c, along - edge)).collect()).collect()
}

struct Font {
    down: bool,
    widths: BTreeMap<u16, f64>,
    default: f64,
    texts: BTreeMap<u16, String>,
}

/// The glyphs of every page, in the order in which they are painted.
pub fn pages(bytes: &[u8]) -> Vec<Vec<Glyph>> {
    let document = Document::load_mem(bytes).unwrap();
    document.get_pages().into_values().map(|page| glyphs(&document, page)).collect()
}

/// What the codes of a page's fonts stand for, by the fonts' names.
pub fn meanings(document: &Document, page: lopdf::ObjectId) -> BTreeMap<Vec<u8>, BTreeMap<u16, String>> {
    let resources = dictionary(document, document.get_dictionary(page).unwrap().get(b"Resources").unwrap());
    let fonts = dictionary(document, resources.get(b"Font").unwrap());
    fonts.iter().map(|(name, object)| (name.clone(), font(document, dictionary(document, object)).texts)).collect()
}

fn dictionary<'a>(document: &'a Document, object: &'a Object) -> &'a Dictionary {
    document.dereference(object).unwrap().1.as_dict().unwrap()
}

fn glyphs(document: &Document, page: lopdf::ObjectId) -> Vec<Glyph> {
    let page_dictionary = document.get_dictionary(page).unwrap();
    let area = document.dereference(page_dictionary.get(b"MediaBox").unwrap()).unwrap().1.as_array().unwrap();
    let height = f64::from(area[3].as_float().unwrap());
    let resources = dictionary(document, page_dictionary.get(b"Resources").unwrap());
    let mut fonts = BTreeMap::new();
    if let Ok(list) = resources.get(b"Font") {
        for (name, object) in dictionary(document, list).iter() {
            fonts.insert(name.clone(), font(document, dictionary(document, object)));
        }
    }
    let named = resources.get(b"Properties").ok().map(|list| dictionary(document, list));
    let content = Content::decode(&document.get_page_content(page)).unwrap();
    let number = |object: &Object| f64::from(object.as_float().unwrap());
    let (mut matrix, mut line, mut now, mut size) = ([1.0, 0.0, 0.0, 1.0, 0.0, 0.0], (0.0, 0.0), None, 0.0);
    // How far what is drawn is moved: the text of a page stands in its type area.
    let (mut moved, mut saved) = ((0.0, 0.0), Vec::new());
    let mut painted = Vec::new();
    let mut marks: Vec<Mark> = Vec::new();
    for operation in &content.operations {
        let operands = &operation.operands;
        match operation.operator.as_str() {
            "BT" => (matrix, line) = ([1.0, 0.0, 0.0, 1.0, 0.0, 0.0], (0.0, 0.0)),
            "q" => saved.push(moved),
            "Q" => moved = saved.pop().unwrap(),
            "cm" => moved = (moved.0 + number(&operands[4]), moved.1 + number(&operands[5])),
            "BMC" | "BDC" => marks.push(mark(operands, |name| dictionary(document, named.unwrap().get(name).unwrap()))),
            "EMC" => drop(marks.pop().unwrap()),
            "Tf" => (now, size) = (fonts.get(operands[0].as_name().unwrap()), number(&operands[1])),
            "Tm" => {
                operands.iter().enumerate().for_each(|(at, value)| matrix[at] = number(value));
                line = (matrix[4], matrix[5]);
            }
            // From where the line before began, whose text was not turned.
            "Td" => {
                assert_eq!(matrix[..4], [1.0, 0.0, 0.0, 1.0]);
                line = (line.0 + number(&operands[0]), line.1 + number(&operands[1]));
                (matrix[4], matrix[5]) = line;
            }
            "TJ" => {
                let font: &Font = now.unwrap();
                for part in operands[0].as_array().unwrap() {
                    match part {
                        Object::String(codes, _) => {
                            for code in codes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])) {
                                let width = font.widths.get(&code).copied().unwrap_or(font.default);
                                // An upright glyph hangs by the middle of its upper edge.
                                let (dx, dy) = if font.down { (-width / 2000.0 * size, -0.88 * size) } else { (0.0, 0.0) };
                                let text = font.texts.get(&code).cloned().unwrap_or_else(|| String::from('\u{fffd}'));
                                let (x, y) = (moved.0 + matrix[4] + dx, height - (moved.1 + matrix[5] + dy));
                                let mark = marks.last().copied().unwrap_or(Mark::None);
                                painted.push(Glyph { text, x, y, size, upright: font.down, turned: matrix[1] < -0.5, mark });
                                step(&mut matrix, font.down, if font.down { -size } else { width / 1000.0 * size });
                            }
                        }
                        other => step(&mut matrix, font.down, -number(other) / 1000.0 * size),
                    }
                }
            }
            "Tj" | "TD" | "T*" | "'" | "\"" | "Tc" | "Tw" | "Tz" | "TL" | "Ts" => panic!("{} is not read", operation.operator),
            _ => {}
        }
    }
    painted
}

/// The codes that are shown of each font of the document, by the font's object.
pub fn codes(bytes: &[u8]) -> BTreeMap<lopdf::ObjectId, std::collections::BTreeSet<u16>> {
    let document = Document::load_mem(bytes).unwrap();
    let mut found: BTreeMap<lopdf::ObjectId, std::collections::BTreeSet<u16>> = BTreeMap::new();
    for page in document.get_pages().into_values() {
        let resources = dictionary(&document, document.get_dictionary(page).unwrap().get(b"Resources").unwrap());
        let Ok(fonts) = resources.get(b"Font") else { continue };
        let fonts = dictionary(&document, fonts);
        let mut now = None;
        for operation in Content::decode(&document.get_page_content(page)).unwrap().operations {
            match operation.operator.as_str() {
                "Tf" => now = Some(fonts.get(operation.operands[0].as_name().unwrap()).unwrap().as_reference().unwrap()),
                "TJ" => {
                    let known = found.entry(now.unwrap()).or_default();
                    for part in operation.operands[0].as_array().unwrap() {
                        if let Object::String(codes, _) = part {
                            known.extend(codes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// What a piece of marked content is; its properties stand there, or among those of the page by a name.
fn mark<'a>(operands: &'a [Object], named: impl Fn(&[u8]) -> &'a Dictionary) -> Mark {
    let properties = operands.get(1).and_then(|object| object.as_dict().ok().or_else(|| object.as_name().ok().map(named)));
    if operands[0].as_name().unwrap() == b"Artifact" {
        let kind = properties.and_then(|properties| properties.get(b"Type").ok()?.as_name().ok());
        return Mark::Artifact { pagination: kind == Some(b"Pagination") };
    }
    Mark::Piece(properties.unwrap().get(b"MCID").unwrap().as_i64().unwrap())
}

fn step(matrix: &mut [f64; 6], down: bool, by: f64) {
    let (x, y) = if down { (0.0, by) } else { (by, 0.0) };
    matrix[4] += matrix[0] * x + matrix[2] * y;
    matrix[5] += matrix[1] * x + matrix[3] * y;
}

fn font(document: &Document, font: &Dictionary) -> Font {
    let encoding = font.get(b"Encoding").unwrap().as_name().unwrap();
    assert!(encoding == b"Identity-H" || encoding == b"Identity-V");
    let below = document.dereference(font.get(b"DescendantFonts").unwrap()).unwrap().1.as_array().unwrap();
    let below = dictionary(document, &below[0]);
    let widths = widths(document, below);
    let default = below.get(b"DW").ok().and_then(|width| width.as_float().ok()).map_or(1000.0, f64::from);
    let map = document.dereference(font.get(b"ToUnicode").unwrap()).unwrap().1.as_stream().unwrap();
    let map = map.decompressed_content().unwrap_or_else(|_| map.content.clone());
    Font { down: encoding == b"Identity-V", widths, default, texts: texts(&String::from_utf8_lossy(&map)) }
}

/// The widths of a font's codes, thousandths of an em.
pub fn widths(document: &Document, below: &Dictionary) -> BTreeMap<u16, f64> {
    let mut widths = BTreeMap::new();
    if let Ok(list) = below.get(b"W") {
        let list = document.dereference(list).unwrap().1.as_array().unwrap();
        let mut at = 0;
        while at < list.len() {
            let first = list[at].as_i64().unwrap() as u16;
            match &list[at + 1] {
                Object::Array(row) => {
                    row.iter().enumerate().for_each(|(offset, width)| {
                        widths.insert(first + offset as u16, f64::from(width.as_float().unwrap()));
                    });
                    at += 2;
                }
                last => {
                    let width = f64::from(list[at + 2].as_float().unwrap());
                    (first..=last.as_i64().unwrap() as u16).for_each(|code| {
                        widths.insert(code, width);
                    });
                    at += 3;
                }
            }
        }
    }
    widths
}

/// The texts of codes, from a ToUnicode map: `bfchar` lines, and `bfrange` with one start or a list.
fn texts(map: &str) -> BTreeMap<u16, String> {
    let text = |hex: &str| {
        let units: Vec<u16> = (0..hex.len() / 4).map(|at| u16::from_str_radix(&hex[at * 4..at * 4 + 4], 16).unwrap()).collect();
        String::from_utf16(&units).unwrap()
    };
    let mut found = BTreeMap::new();
    for section in map.split("beginbfchar").skip(1) {
        let section = section.split("endbfchar").next().unwrap();
        let parts: Vec<&str> = section.split(['<', '>']).skip(1).step_by(2).collect();
        for pair in parts.chunks_exact(2) {
            found.insert(u16::from_str_radix(pair[0], 16).unwrap(), text(pair[1]));
        }
    }
    assert!(!map.contains("beginbfrange"), "ranges are not read");
    found
}
