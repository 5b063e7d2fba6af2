//! A reader of finished PDFs, as a screen reader is one: the structure tree in its order, filled with the text that the pages' contents
//! mark as its pieces. What is an artifact is not read. It knows nothing of how the file is written.

use super::{Told, is_seen};
use lopdf::content::Content;
use lopdf::{Dictionary, Document, Object, ObjectId};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Elements within one another at most.
const DEEPEST: usize = 400;

/// Reads a PDF.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Told>, String> {
    let document = Document::load_mem(bytes).map_err(|error| error.to_string())?;
    let pages: Vec<ObjectId> = document.get_pages().into_values().collect();
    let pieces: Vec<BTreeMap<i64, String>> = pages.par_iter().map(|page| page_pieces(&document, *page).unwrap_or_default()).collect();
    let pieces: BTreeMap<ObjectId, BTreeMap<i64, String>> = pages.into_iter().zip(pieces).collect();
    let catalog = document.catalog().map_err(|error| error.to_string())?;
    let root = get(&document, catalog, b"StructTreeRoot").and_then(|root| root.as_dict().ok()).ok_or("no structure tree")?;
    let mut reader = Reader { document: &document, pieces, told: Told::default() };
    let mut read = Vec::new();
    // The pieces of the book are the elements right below its whole.
    for whole in kids(&document, root) {
        let Some(whole) = dictionary(&document, &whole) else { continue };
        for part in kids(&document, whole) {
            let mut text = String::new();
            reader.kid(&part, None, &mut text, 0);
            let told = std::mem::take(&mut reader.told);
            read.push(Told { main: text, ..told });
        }
    }
    Ok(read)
}

fn get<'a>(document: &'a Document, dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    document.dereference(dictionary.get(key).ok()?).ok().map(|found| found.1)
}

fn dictionary<'a>(document: &'a Document, object: &'a Object) -> Option<&'a Dictionary> {
    document.dereference(object).ok()?.1.as_dict().ok()
}

fn kids(document: &Document, element: &Dictionary) -> Vec<Object> {
    match get(document, element, b"K") {
        None => Vec::new(),
        Some(Object::Array(list)) => list.clone(),
        // A single reference is kept as one: what it is of matters.
        Some(one) => vec![element.get(b"K").ok().cloned().unwrap_or_else(|| one.clone())],
    }
}

/// The text of a PDF string.
fn string(object: &Object) -> String {
    let Ok(bytes) = object.as_str() else { return String::new() };
    match bytes.strip_prefix(&[0xfe, 0xff]) {
        Some(units) => String::from_utf16_lossy(&units.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect::<Vec<_>>()),
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}

struct Reader<'a> {
    document: &'a Document,
    pieces: BTreeMap<ObjectId, BTreeMap<i64, String>>,
    told: Told,
}

impl Reader<'_> {
    fn piece(&self, page: Option<ObjectId>, number: i64, out: &mut String) {
        let text = page.and_then(|page| self.pieces.get(&page)).and_then(|pieces| pieces.get(&number));
        out.extend(text.into_iter().flat_map(|text| text.chars()).filter(|c| is_seen(*c)));
    }

    fn kid(&mut self, kid: &Object, page: Option<ObjectId>, out: &mut String, depth: usize) {
        let Some(element) = (match kid {
            Object::Integer(number) => return self.piece(page, *number, out),
            other => dictionary(self.document, other),
        }) else {
            return;
        };
        let own = element.get(b"Pg").and_then(Object::as_reference).ok().or(page);
        if element.get(b"Type").and_then(Object::as_name).ok() == Some(b"MCR") {
            let number = element.get(b"MCID").and_then(Object::as_i64).unwrap_or(-1);
            return self.piece(own, number, out);
        }
        if depth < DEEPEST
            && let Ok(role) = element.get(b"S").and_then(Object::as_name)
        {
            let role = role.to_vec();
            self.element(&element.clone(), &role, own, out, depth + 1);
        }
    }

    fn inner(&mut self, element: &Dictionary, page: Option<ObjectId>, depth: usize) -> String {
        let mut text = String::new();
        kids(self.document, element).iter().for_each(|kid| self.kid(kid, page, &mut text, depth));
        text
    }

    fn element(&mut self, element: &Dictionary, role: &[u8], page: Option<ObjectId>, out: &mut String, depth: usize) {
        let words =
            |key: &[u8]| get(self.document, element, key).map(|text| string(text).chars().filter(|c| is_seen(*c)).collect::<String>());
        match role {
            // Lists of what stands where, marks of notes: the program's own.
            b"TOC" => self.told.listing = true,
            b"Index" | b"Reference" | b"RP" => {}
            b"RT" => {
                let text = match words(b"ActualText") {
                    Some(text) => text,
                    None => self.inner(element, page, depth),
                };
                self.told.readings.push(text);
            }
            b"Figure" => {
                let alt = words(b"Alt").unwrap_or_default();
                self.told.alts.push(alt);
            }
            b"Note" => {
                let labelled = kids(self.document, element)
                    .iter()
                    .filter_map(|kid| dictionary(self.document, kid))
                    .any(|kid| kid.get(b"S").and_then(Object::as_name).ok() == Some(b"Lbl"));
                // Notes within it come after it.
                let place = self.told.notes.len();
                let text = self.inner(element, page, depth);
                if labelled { self.told.notes.insert(place, text) } else { self.told.sides.push(text) }
            }
            _ => match words(b"ActualText") {
                Some(text) => out.push_str(&text),
                None => {
                    let text = self.inner(element, page, depth);
                    out.push_str(&text);
                }
            },
        }
    }
}

/// The text of a page's pieces by their numbers, in the order in which they are painted.
fn page_pieces(document: &Document, page: ObjectId) -> Option<BTreeMap<i64, String>> {
    let dictionary_of_page = document.get_dictionary(page).ok()?;
    let resources = get(document, dictionary_of_page, b"Resources").and_then(|found| found.as_dict().ok())?;
    let mut fonts = BTreeMap::new();
    if let Some(list) = get(document, resources, b"Font").and_then(|list| list.as_dict().ok()) {
        for (name, font) in list.iter() {
            fonts.insert(name.clone(), dictionary(document, font).map(|font| texts(document, font)).unwrap_or_default());
        }
    }
    let content = Content::decode(&document.get_page_content(page)).ok()?;
    let mut pieces: BTreeMap<i64, String> = BTreeMap::new();
    // The number of the piece that each opened mark is of; an artifact's is none.
    let mut marks: Vec<Option<i64>> = Vec::new();
    let mut replaced: Vec<bool> = Vec::new();
    let mut font: Option<&BTreeMap<u16, String>> = None;
    for operation in &content.operations {
        let operands = &operation.operands;
        match operation.operator.as_str() {
            "BMC" | "BDC" => {
                let properties = operands.get(1).and_then(|properties| properties.as_dict().ok());
                let number = properties.and_then(|properties| properties.get(b"MCID").ok()?.as_i64().ok());
                let artifact = operands.first().and_then(|tag| tag.as_name().ok()) == Some(b"Artifact");
                let within = if artifact { None } else { number.or(marks.last().copied().flatten()) };
                marks.push(within);
                let text = properties.and_then(|properties| properties.get(b"ActualText").ok()).map(string);
                let covered = replaced.last().copied().unwrap_or(false);
                if let (Some(text), Some(number), false) = (&text, within, covered) {
                    pieces.entry(number).or_default().push_str(text);
                }
                replaced.push(covered || text.is_some());
            }
            "EMC" => {
                marks.pop();
                replaced.pop();
            }
            "Tf" => font = operands.first().and_then(|name| name.as_name().ok()).and_then(|name| fonts.get(name)),
            "Tj" | "TJ" | "'" | "\"" => {
                let Some(number) = marks.last().copied().flatten().filter(|_| !replaced.last().copied().unwrap_or(false)) else { continue };
                let out = pieces.entry(number).or_default();
                let parts = operands
                    .iter()
                    .flat_map(|operand| if let Object::Array(list) = operand { list.as_slice() } else { std::slice::from_ref(operand) });
                for codes in parts.filter_map(|part| part.as_str().ok()) {
                    for code in codes.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair)) {
                        out.push_str(font.and_then(|font| font.get(&code)).map_or("\u{fffd}", String::as_str));
                    }
                }
            }
            _ => {}
        }
    }
    Some(pieces)
}

/// What the codes of a font stand for.
fn texts(document: &Document, font: &Dictionary) -> BTreeMap<u16, String> {
    let Some(map) = get(document, font, b"ToUnicode").and_then(|map| map.as_stream().ok()) else { return BTreeMap::new() };
    let map = map.decompressed_content().unwrap_or_else(|_| map.content.clone());
    let map = String::from_utf8_lossy(&map).into_owned();
    let units = |hex: &str| -> Vec<u16> {
        (0..hex.len() / 4).filter_map(|at| u16::from_str_radix(hex.get(at * 4..at * 4 + 4)?, 16).ok()).collect()
    };
    let code = |hex: &str| u16::from_str_radix(hex, 16).ok();
    let mut found = BTreeMap::new();
    for section in map.split("beginbfchar").skip(1) {
        let section = section.split("endbfchar").next().unwrap_or("");
        let parts: Vec<&str> = section.split(['<', '>']).skip(1).step_by(2).collect();
        for [from, to] in parts.as_chunks::<2>().0 {
            found.extend(code(from).map(|code| (code, String::from_utf16_lossy(&units(to)))));
        }
    }
    for section in map.split("beginbfrange").skip(1) {
        let section = section.split("endbfrange").next().unwrap_or("");
        let parts: Vec<&str> = section.split(['<', '>']).skip(1).step_by(2).collect();
        for [first, last, start] in parts.as_chunks::<3>().0 {
            let (Some(first), Some(last), start) = (code(first), code(last), units(start)) else { continue };
            for (offset, code) in (first..=last).enumerate() {
                let mut own = start.clone();
                own.iter_mut().last().into_iter().for_each(|unit| *unit = unit.wrapping_add(offset as u16));
                found.insert(code, String::from_utf16_lossy(&own));
            }
        }
    }
    found
}
