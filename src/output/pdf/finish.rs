//! Completes the object tree that printpdf hands over: what it leaves out or makes up by chance.

use super::super::{Input, name_of};
use super::fonts::UPRIGHT;
use super::sheet::Sheet;
use super::structure::Tree;
use super::{internal, metadata, pack, picture};
use crate::diagnostic::Diagnostic;
use crate::document::Link;
use crate::layout::{Item, OutlineEntry, Pages};
use crate::length::Length;
use crate::style::Tag;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, dictionary};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

/// Finishes and serialises the document.
pub(super) fn finish(
    mut document: Document,
    input: &Input<'_>,
    pages: &Pages,
    sheet: &Sheet,
    marked: &[Vec<u32>],
) -> Result<Vec<u8>, Diagnostic> {
    let page_ids: Vec<ObjectId> = document.page_iter().collect();
    if page_ids.len() != pages.pages.len() {
        return Err(internal("the number of pages does not agree"));
    }
    document.version = "1.7".into();
    write_down(&mut document)?;
    add_images(&mut document, input, pages)?;
    let mut tree = Tree::new(&pages.elements);
    for (at, (page, pieces)) in pages.pages.iter().zip(marked).enumerate() {
        tree.page(at, page, pieces, sheet.margin, pages.height);
    }
    add_links(&mut document, pages, &page_ids, sheet, &mut tree)?;
    let tree = tree.write(&mut document, &page_ids, marked)?;
    let outline = add_outline(&mut document, &pages.outline, pages, &page_ids, sheet);
    let labels = page_labels(pages);
    let metadata = document.add_object(
        Stream::new(dictionary! { "Type" => "Metadata", "Subtype" => "XML" }, metadata::xmp(input).into_bytes()).with_compression(false),
    );
    let intent = metadata::output_intent(&mut document)?;
    let language = input.loaded.manifest.book.language.clone();
    let catalog = document.catalog_mut().map_err(|error| internal(&error.to_string()))?;
    catalog.set("PageLabels", dictionary! { "Nums" => labels });
    catalog.set("Lang", string(&language));
    let mut preferences = dictionary! { "DisplayDocTitle" => true };
    if input.style.is_vertical() {
        // The binding is at the right.
        preferences.set("Direction", "R2L");
    }
    catalog.set("ViewerPreferences", preferences);
    catalog.set("Metadata", metadata);
    catalog.set("MarkInfo", dictionary! { "Marked" => true });
    catalog.set("StructTreeRoot", tree);
    catalog.set("OutputIntents", vec![Object::Reference(intent)]);
    if let Some(outline) = outline {
        catalog.set("Outlines", outline);
        catalog.set("PageMode", "UseOutlines");
    }
    let info = document.add_object(metadata::info(input));
    document.trailer.set("Info", info);
    let name = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name_of(input.loaded).as_bytes());
    let id = Object::String(name.as_bytes().to_vec(), StringFormat::Hexadecimal);
    document.trailer.set("ID", Object::Array(vec![id.clone(), id]));
    document.prune_objects();
    compress(&mut document);
    let mut bytes = Vec::new();
    // Thousands of small objects, elements and links, are packed together.
    let options = lopdf::SaveOptions::builder().use_object_streams(true).use_xref_streams(true).max_objects_per_stream(200).build();
    document.save_with_options(&mut bytes, options).map_err(|error| internal(&error.to_string()))?;
    pack::pack(&bytes).map_err(internal)
}

/// Characters of a string: each takes four bytes at the most.
const LONGEST: usize = 8000;

/// Text as a PDF string: UTF-16 with its mark.
pub(super) fn string(text: &str) -> Object {
    // A string holds so many bytes at the most (ISO 19005-2, 6.1.13).
    let text = text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end]);
    if text.is_ascii() {
        return Object::String(text.as_bytes().to_vec(), StringFormat::Literal);
    }
    let units = text.encode_utf16().flat_map(u16::to_be_bytes);
    Object::String([0xfe, 0xff].into_iter().chain(units).collect(), StringFormat::Hexadecimal)
}

pub(super) fn real(length: Length) -> Object {
    Object::Real(((length.to_pt() * 1000.0).round() / 1000.0) as f32)
}

/// Tells the fonts of upright glyphs that they write down the page: printpdf has none but those that write across.
/// Each em then is one em high and hangs by the middle of its upper edge (ISO 32000-1, 9.7.4.3, the default `DW2`).
fn write_down(document: &mut Document) -> Result<(), Diagnostic> {
    let mut fonts: BTreeSet<ObjectId> = BTreeSet::new();
    for page in document.page_iter() {
        let inner = |dictionary: &Dictionary, key: &[u8]| {
            let object = dictionary.get(key).and_then(|object| document.dereference(object)).ok()?.1;
            object.as_dict().ok().cloned()
        };
        let Some(dictionary) =
            document.get_dictionary(page).ok().and_then(|page| inner(page, b"Resources")).and_then(|resources| inner(&resources, b"Font"))
        else {
            continue;
        };
        let upright = dictionary.iter().filter(|(name, _)| name.first() == Some(&(UPRIGHT as u8)));
        fonts.extend(upright.filter_map(|(_, font)| font.as_reference().ok()));
    }
    for id in fonts {
        let font = document.get_object_mut(id).and_then(Object::as_dict_mut).map_err(|error| internal(&error.to_string()))?;
        font.set("Encoding", "Identity-V");
    }
    Ok(())
}

/// Puts the images into the resources that all pages share.
fn add_images(document: &mut Document, input: &Input<'_>, pages: &Pages) -> Result<(), Diagnostic> {
    let used: BTreeSet<_> = pages
        .pages
        .iter()
        .flat_map(|page| &page.items)
        .filter_map(|item| if let Item::Image(_, path, _) = item { Some(path.clone()) } else { None })
        .collect();
    if used.is_empty() {
        return Ok(());
    }
    let mut names = Vec::new();
    for path in used {
        let Some(media) = input.manuscript.media.get(path.as_path()) else { continue };
        names.push((picture::name(&path), picture::add(document, media).map_err(|reason| internal(&reason))?));
    }
    let shared: BTreeSet<ObjectId> = document
        .page_iter()
        .filter_map(|page| {
            let resources = document.get_dictionary(page).ok()?.get(b"Resources").ok()?.as_reference().ok()?;
            document.get_dictionary(resources).ok()?.get(b"XObject").ok()?.as_reference().ok()
        })
        .collect();
    for id in shared {
        let dictionary = document.get_object_mut(id).and_then(Object::as_dict_mut).map_err(|error| internal(&error.to_string()))?;
        names.iter().for_each(|(name, object)| dictionary.set(name.as_str(), Object::Reference(*object)));
    }
    Ok(())
}

/// Links, to the web or to a place on a page. Places that are on no page were reported when links were resolved.
fn add_links(document: &mut Document, pages: &Pages, page_ids: &[ObjectId], sheet: &Sheet, tree: &mut Tree<'_>) -> Result<(), Diagnostic> {
    let mut places: BTreeMap<(usize, Option<&String>), (usize, Length)> = BTreeMap::new();
    for (at, page) in pages.pages.iter().enumerate() {
        for item in &page.items {
            if let Item::Anchor { chapter, id, y } = item {
                places.entry((*chapter, id.as_ref())).or_insert((at, *y));
            }
        }
    }
    for (at, page) in pages.pages.iter().enumerate() {
        let mut annotations = Vec::new();
        for item in &page.items {
            let Item::Link(area, to, tag) = item else { continue };
            let (left, bottom) = (area.x + sheet.margin, pages.height - area.y - area.height + sheet.margin);
            let mut annotation = dictionary! {
                "Type" => "Annot",
                "Subtype" => "Link",
                "Rect" => vec![real(left), real(bottom), real(left + area.width), real(bottom + area.height)],
                "Border" => vec![0.into(), 0.into(), 0.into()],
                "F" => 4,
            };
            match to {
                // No string holds it.
                Link::Web(url) if encoded(url).len() > LONGEST * 4 => continue,
                Link::Web(url) => {
                    annotation.set("A", dictionary! { "Type" => "Action", "S" => "URI", "URI" => Object::String(encoded(url).into_bytes(), StringFormat::Literal) });
                    annotation.set("Contents", string(url));
                }
                Link::Inside { chapter, id } => {
                    let Some((page, y)) = places.get(&(*chapter, id.as_ref())).or_else(|| places.get(&(*chapter, None))) else { continue };
                    annotation.set("Dest", destination(page_ids[*page], pages.height - *y + sheet.margin));
                    // Where it leads, in a word: who does not see the page hears this (ISO 14289-1, 7.18.5).
                    let folio = &pages.pages[*page].label;
                    annotation.set("Contents", string(if folio.is_empty() { "1" } else { folio }));
                }
                Link::Written(_) | Link::Dead => continue,
            }
            let id = document.new_object_id();
            if let Tag::Element(element) = tag {
                let key = page_ids.len() + tree.annotation(*element, id, at);
                annotation.set("StructParent", key as i64);
            }
            document.set_object(id, annotation);
            annotations.push(Object::Reference(id));
        }
        let page = document.get_object_mut(page_ids[at]).and_then(Object::as_dict_mut).map_err(|error| internal(&error.to_string()))?;
        page.set("StructParents", at as i64);
        // printpdf writes a width where a right edge belongs.
        let boxes = [("MediaBox", sheet.margin), ("CropBox", sheet.margin), ("BleedBox", sheet.bleed), ("TrimBox", Length::ZERO)];
        boxes.into_iter().for_each(|(name, beyond)| page.set(name, sheet.around(beyond).map(real).to_vec()));
        if annotations.is_empty() {
            page.remove(b"Annots");
        } else {
            page.set("Annots", annotations);
            // Links are stepped through as the structure has them.
            page.set("Tabs", "S");
        }
    }
    Ok(())
}

/// A URL in ASCII, as a URI action wants it.
fn encoded(url: &str) -> String {
    let mut out = String::new();
    for byte in url.bytes() {
        if byte.is_ascii_graphic() { out.push(char::from(byte)) } else { out.push_str(&format!("%{byte:02X}")) }
    }
    out
}

fn destination(page: ObjectId, top: Length) -> Vec<Object> {
    vec![Object::Reference(page), "XYZ".into(), Object::Null, real(top), Object::Null]
}

/// The outline, nested by level. `None` where it is empty.
fn add_outline(document: &mut Document, entries: &[OutlineEntry], pages: &Pages, page_ids: &[ObjectId], sheet: &Sheet) -> Option<ObjectId> {
    if entries.is_empty() {
        return None;
    }
    let root = document.new_object_id();
    let ids: Vec<ObjectId> = entries.iter().map(|_| document.new_object_id()).collect();
    // The entry that each stands under, and the entries under each, in order; the last list is the root's.
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); entries.len() + 1];
    let mut open: Vec<usize> = Vec::new();
    let mut parents = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        open.truncate(entry.level);
        let parent = open.last().copied().unwrap_or(entries.len());
        children[parent].push(at);
        parents.push(parent);
        open.push(at);
    }
    for (at, entry) in entries.iter().enumerate() {
        let parent = parents[at];
        let siblings = &children[parent];
        let place = siblings.iter().position(|sibling| *sibling == at)?;
        let mut item = dictionary! {
            "Title" => string(&entry.title),
            "Parent" => ids.get(parent).copied().unwrap_or(root),
            "Dest" => destination(page_ids[entry.page], pages.height - entry.y + sheet.margin),
        };
        if place > 0 {
            item.set("Prev", ids[siblings[place - 1]]);
        }
        if let Some(next) = siblings.get(place + 1) {
            item.set("Next", ids[*next]);
        }
        if let (Some(first), Some(last)) = (children[at].first(), children[at].last()) {
            item.set("First", ids[*first]);
            item.set("Last", ids[*last]);
            // Closed at first: a reader opens what it wants.
            item.set("Count", -(children[at].len() as i64));
        }
        document.set_object(ids[at], item);
    }
    let top = &children[entries.len()];
    let dictionary =
        dictionary! { "Type" => "Outlines", "First" => ids[*top.first()?], "Last" => ids[*top.last()?], "Count" => top.len() as i64 };
    document.set_object(root, dictionary);
    Some(root)
}

/// Page labels as ranges: the cover without one, front matter in Roman numerals, the text from 1.
fn page_labels(pages: &Pages) -> Vec<Object> {
    let mut ranges = Vec::new();
    let mut last = None;
    for (at, page) in pages.pages.iter().enumerate() {
        let style = match page.label.chars().next() {
            None => None,
            Some(c) if c.is_ascii_digit() => Some("D"),
            Some(_) => Some("r"),
        };
        if last != Some(style) {
            ranges.push(Object::from(at as i64));
            let mut label = Dictionary::new();
            if let Some(style) = style {
                label.set("S", Object::Name(style.as_bytes().to_vec()));
            }
            ranges.push(Object::Dictionary(label));
            last = Some(style);
        }
    }
    ranges
}

/// Compresses every stream that may be compressed, on all cores; lopdf's own way uses one.
fn compress(document: &mut Document) {
    document.objects.par_iter_mut().for_each(|(_, object)| {
        if let Object::Stream(stream) = object
            && stream.allows_compression
            && stream.dict.get(b"Filter").is_err()
        {
            let mut encoder = ZlibEncoder::new(Vec::with_capacity(stream.content.len() / 2), Compression::new(6));
            // Writing to memory does not fail; were it to, the stream stays as it is.
            if encoder.write_all(&stream.content).is_ok()
                && let Ok(packed) = encoder.finish()
            {
                stream.dict.set("Filter", "FlateDecode");
                stream.set_content(packed);
            }
        }
    });
}
