//! Completes the object tree that printpdf hands over: what it leaves out or makes up by chance.

use super::super::{Input, name_of};
use super::file::File;
use super::fonts::Resources;
use super::sheet::Sheet;
use super::structure::Tree;
use super::{Finished, internal, metadata, picture};
use crate::diagnostic::Diagnostic;
use crate::document::Link;
use crate::layout::{Item, OutlineEntry, Pages};
use crate::length::Length;
use crate::style::Tag;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, dictionary};
use std::collections::{BTreeMap, BTreeSet};

/// What was not as printpdf makes it.
type Fault = Box<dyn std::error::Error>;

/// Finishes and serialises the document.
pub(super) fn finish(
    mut document: Document,
    input: &Input<'_>,
    pages: &Pages,
    sheet: &Sheet,
    fonts: Resources,
    finished: Vec<Finished>,
) -> Result<Vec<u8>, Diagnostic> {
    let fault = |error: Fault| internal(&error.to_string());
    let resources = share_resources(&mut document, input, &finished, fonts).map_err(fault)?;
    let metadata = document.add_object(
        Stream::new(dictionary! { "Type" => "Metadata", "Subtype" => "XML" }, metadata::xmp(input).into_bytes()).with_compression(false),
    );
    let intent = metadata::output_intent(&mut document)?;
    // What is printpdf's own goes: nothing else is left over.
    if let Ok(info) = document.trailer.get(b"Info").and_then(Object::as_reference) {
        document.objects.remove(&info);
    }
    let info = document.add_object(metadata::info(input));
    document.trailer.set("Info", info);
    // From here on objects are the file's.
    let mut file = File::after(&document);
    let page_ids: Vec<ObjectId> = finished.iter().map(|_| file.reserve()).collect();
    let mut tree = Tree::new(&pages.elements);
    for (at, page) in finished.iter().enumerate() {
        let pictures: Vec<_> = page.pictures.iter().filter_map(|(_, place)| *place).collect();
        tree.page(at, &page.marked, &pictures);
    }
    let links = add_links(&mut file, pages, &page_ids, sheet, &mut tree);
    let root = add_pages(&mut document, &page_ids).map_err(fault)?;
    let mut marked = Vec::with_capacity(finished.len());
    for (at, (page, links)) in finished.into_iter().zip(links).enumerate() {
        let content = file.add_deflated(page.content);
        file.set(page_ids[at], &self::page(at, root, resources, content, links, sheet).into());
        marked.push(page.marked);
    }
    let tree = tree.write(&mut file, &page_ids, &marked);
    let outline = add_outline(&mut file, &pages.outline, pages, &page_ids, sheet);
    let labels = page_labels(pages);
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
    let name = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name_of(input.loaded).as_bytes());
    let id = Object::String(name.as_bytes().to_vec(), StringFormat::Hexadecimal);
    document.trailer.set("ID", Object::Array(vec![id.clone(), id]));
    file.finish(document)
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

/// Completes the resources of printpdf's page, with the images of all: every page has them.
fn share_resources(document: &mut Document, input: &Input<'_>, finished: &[Finished], fonts: Resources) -> Result<ObjectId, Fault> {
    let first = document.page_iter().next().ok_or("printpdf has made no page")?;
    let resources = document.get_dictionary(first)?.get(b"Resources")?.as_reference()?;
    let own = document.get_dictionary(resources)?;
    let (own_fonts, own_images) = (own.get(b"Font")?.as_reference()?, own.get(b"XObject")?.as_reference()?);
    let pagination = |subtype: &str| dictionary! { "Type" => "Pagination", "Subtype" => subtype };
    let properties = dictionary! { "Head" => pagination("Header"), "Foot" => pagination("Footer") };
    document.get_object_mut(resources)?.as_dict_mut()?.set("Properties", properties);
    let dictionary = document.get_dictionary(own_fonts)?.clone();
    fonts.complete(document, &dictionary)?;
    let used: BTreeSet<_> = finished.iter().flat_map(|page| &page.pictures).map(|(path, _)| path.as_path()).collect();
    for path in used {
        let Some(media) = input.manuscript.media.get(path) else { continue };
        let image = picture::add(document, media)?;
        document.get_object_mut(own_images)?.as_dict_mut()?.set(picture::name(path), Object::Reference(image));
    }
    Ok(resources)
}

/// Puts the pages in the place of printpdf's; gives what they are in.
fn add_pages(document: &mut Document, page_ids: &[ObjectId]) -> Result<ObjectId, Fault> {
    let own = document.page_iter().next().ok_or("printpdf has made no page")?;
    let content = document.get_dictionary(own)?.get(b"Contents")?.as_reference()?;
    let root = document.catalog()?.get(b"Pages")?.as_reference()?;
    let kids: Vec<Object> = page_ids.iter().map(|page| Object::Reference(*page)).collect();
    let pages = document.get_object_mut(root)?.as_dict_mut()?;
    pages.set("Count", kids.len() as i64);
    pages.set("Kids", kids);
    document.objects.remove(&own);
    document.objects.remove(&content);
    Ok(root)
}

/// A page.
fn page(at: usize, parent: ObjectId, resources: ObjectId, content: ObjectId, links: Vec<Object>, sheet: &Sheet) -> Dictionary {
    let mut page = dictionary! { "Type" => "Page", "Parent" => parent, "Resources" => resources, "Contents" => content };
    let boxes = [("MediaBox", sheet.margin), ("CropBox", sheet.margin), ("BleedBox", sheet.bleed), ("TrimBox", Length::ZERO)];
    boxes.into_iter().for_each(|(name, beyond)| page.set(name, sheet.around(beyond).map(real).to_vec()));
    page.set("StructParents", at as i64);
    if !links.is_empty() {
        page.set("Annots", links);
        // Links are stepped through as the structure has them.
        page.set("Tabs", "S");
    }
    page
}

/// Links, to the web or to a place on a page, by page. Places that are on no page were reported when links were resolved.
fn add_links(file: &mut File, pages: &Pages, page_ids: &[ObjectId], sheet: &Sheet, tree: &mut Tree<'_>) -> Vec<Vec<Object>> {
    let mut places: BTreeMap<(usize, Option<&String>), (usize, Length)> = BTreeMap::new();
    for (at, page) in pages.pages.iter().enumerate() {
        for item in &page.items {
            if let Item::Anchor { chapter, id, y } = item {
                places.entry((*chapter, id.as_ref())).or_insert((at, *y));
            }
        }
    }
    let mut links = Vec::with_capacity(pages.pages.len());
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
            let id = file.reserve();
            if let Tag::Element(element) = tag {
                let key = page_ids.len() + tree.annotation(*element, id, at);
                annotation.set("StructParent", key as i64);
            }
            file.set(id, &annotation.into());
            annotations.push(Object::Reference(id));
        }
        links.push(annotations);
    }
    links
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
fn add_outline(file: &mut File, entries: &[OutlineEntry], pages: &Pages, page_ids: &[ObjectId], sheet: &Sheet) -> Option<ObjectId> {
    if entries.is_empty() {
        return None;
    }
    let root = file.reserve();
    let ids: Vec<ObjectId> = entries.iter().map(|_| file.reserve()).collect();
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
        file.set(ids[at], &item.into());
    }
    let top = &children[entries.len()];
    let dictionary =
        dictionary! { "Type" => "Outlines", "First" => ids[*top.first()?], "Last" => ids[*top.last()?], "Count" => top.len() as i64 };
    file.set(root, &dictionary.into());
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
