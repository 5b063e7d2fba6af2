//! The file as a whole: its pages, what they draw with, links, outline, page labels, and what it says of itself.

use super::super::{Input, Pieces, name_of};
use super::file::File;
use super::object::{Entries, Piece};
use super::sheet::Sheet;
use super::structure::Tree;
use super::{Told, metadata, picture};
use crate::cache::Cache;
use crate::diagnostic::Diagnostic;
use crate::document::Link;
use crate::layout::{Item, OutlineEntry, Pages};
use crate::length::Length;
use crate::style::Tag;
use lopdf::{Dictionary, Object, ObjectId, StringFormat, dictionary};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A file that lacks only its fonts and what its pages show.
pub(super) struct Unfinished<'a> {
    file: File<'a>,
    /// The numbers of the pages' contents.
    contents: Vec<ObjectId>,
    /// The number of what pages draw with.
    resources: ObjectId,
    pictures: Dictionary,
    trailer: Dictionary,
}

impl<'a> Unfinished<'a> {
    /// The whole file, with its fonts, and the contents of its pages, compressed.
    pub fn finish(self, fonts: Vec<(String, Piece)>, contents: Vec<Pieces<'a>>, cache: &Cache) -> Result<Pieces<'a>, Diagnostic> {
        let Unfinished { mut file, contents: numbers, resources, pictures, trailer } = self;
        numbers.into_iter().zip(contents).for_each(|(number, content)| file.set_deflated(number, content));
        let fonts: Dictionary = fonts.into_iter().map(|(name, font)| (name.into_bytes(), file.add_piece(font).into())).collect();
        let pagination = |subtype: &str| dictionary! { "Type" => "Pagination", "Subtype" => subtype };
        let properties = dictionary! { "Head" => pagination("Header"), "Foot" => pagination("Footer") };
        // Every page has those of all.
        file.set(resources, &dictionary! { "Font" => fonts, "XObject" => pictures, "Properties" => properties }.into());
        file.finish(trailer, cache)
    }
}

/// All of a file but its fonts and what its pages show, which take longest, of what is to be told of each page.
pub(super) fn unfinished<'a>(input: &Input<'_>, pages: &Pages, sheet: &Sheet, told: Vec<Told>) -> Result<Unfinished<'a>, Diagnostic> {
    let mut file = File::new();
    let (root, resources) = (file.reserve(), file.reserve());
    let pictures = add_pictures(&mut file, input, &told)?;
    let metadata =
        file.add_stream(dictionary! { "Type" => "Metadata", "Subtype" => "XML" }, vec![metadata::xmp(input).into_bytes().into()]);
    let intent = metadata::output_intent(&mut file)?;
    let info = file.add(&metadata::info(input).into());
    let page_ids: Vec<ObjectId> = told.iter().map(|_| file.reserve()).collect();
    let mut tree = Tree::new(&pages.elements);
    for (at, page) in told.iter().enumerate() {
        let pictures: Vec<_> = page.pictures.iter().filter_map(|(_, place)| *place).collect();
        tree.page(at, &page.marked, &pictures);
    }
    let links = add_links(&mut file, pages, &page_ids, sheet, &mut tree);
    file.put(root, |out| {
        let mut pages = Entries::open(out);
        pages.name("Type", "Pages");
        pages.set("Count", &(page_ids.len() as i64).into());
        pages.list("Kids", page_ids.iter().map(|page| Object::Reference(*page)));
        pages.close();
    });
    let contents: Vec<ObjectId> = told.iter().map(|_| file.reserve()).collect();
    let sheets =
        links.into_iter().zip(&page_ids).zip(&contents).enumerate().map(|(at, ((links, id), content))| (*id, (at, *content, links)));
    let sheets: Vec<_> = sheets.collect();
    let marked: Vec<Vec<u32>> = told.into_iter().map(|page| page.marked).collect();
    let boxes = [("MediaBox", sheet.margin), ("CropBox", sheet.margin), ("BleedBox", sheet.bleed), ("TrimBox", Length::ZERO)];
    let boxes = Entries::shared(|page| {
        boxes.iter().for_each(|(name, beyond)| page.set(name, &Object::from(sheet.around(*beyond).map(real).to_vec())));
    });
    file.put_all(&sheets, |out, (at, content, links)| {
        let mut page = Entries::open(out);
        page.name("Type", "Page");
        page.set("Parent", &root.into());
        page.set("Resources", &resources.into());
        page.set("Contents", &(*content).into());
        page.again(&boxes);
        page.set("StructParents", &(*at as i64).into());
        if !links.is_empty() {
            page.list("Annots", links.iter().map(|link| Object::Reference(*link)));
            // Links are stepped through as the structure has them.
            page.name("Tabs", "S");
        }
        page.close();
    });
    let tree = tree.write(&mut file, &page_ids, &marked, &pages.firsts);
    let outline = add_outline(&mut file, &pages.outline, pages, &page_ids, sheet);
    let mut preferences = dictionary! { "DisplayDocTitle" => true };
    if input.style.is_vertical() {
        // The binding is at the right.
        preferences.set("Direction", "R2L");
    }
    let mut catalog = dictionary! {
        "Type" => "Catalog",
        "PageLayout" => "OneColumn",
        "PageMode" => if outline.is_some() { "UseOutlines" } else { "UseNone" },
        "Pages" => root,
        "PageLabels" => dictionary! { "Nums" => page_labels(pages) },
        "Lang" => string(&input.loaded.manifest.book.language),
        "ViewerPreferences" => preferences,
        "Metadata" => metadata,
        "MarkInfo" => dictionary! { "Marked" => true },
        "StructTreeRoot" => tree,
        "OutputIntents" => vec![Object::Reference(intent)],
    };
    if let Some(outline) = outline {
        catalog.set("Outlines", outline);
    }
    let catalog = file.add(&catalog.into());
    let name = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name_of(input.loaded).as_bytes());
    let id = Object::String(name.as_bytes().to_vec(), StringFormat::Hexadecimal);
    file.pack(input.cache)?;
    Ok(Unfinished {
        file,
        contents,
        resources,
        pictures,
        trailer: dictionary! { "Root" => catalog, "Info" => info, "ID" => vec![id.clone(), id] },
    })
}

/// Characters of a string: each takes four bytes at the most.
const LONGEST: usize = 8000;

/// Text as a PDF string: UTF-16 with its mark.
#[expect(clippy::string_slice, reason = "`end` comes from `char_indices` of the same text")]
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

/// The pictures of the pages.
fn add_pictures(file: &mut File<'_>, input: &Input<'_>, told: &[Told]) -> Result<Dictionary, Diagnostic> {
    let used: BTreeSet<_> = told.iter().flat_map(|page| &page.pictures).map(|(path, _)| path.as_path()).collect();
    let used: Vec<_> = used.into_iter().filter_map(|path| Some((picture::name(path), input.manuscript.media.get(path)?))).collect();
    let made = used.into_par_iter().map(|(name, media)| Ok((name.into_bytes(), picture::made(media, input.cache)?)));
    let pictures = made.collect::<Result<Vec<_>, Diagnostic>>()?;
    Ok(pictures.into_iter().map(|(name, picture)| (name, file.add_piece(picture).into())).collect())
}

/// Links, to the web or to a place on a page, by page. Places that are on no page were reported when links were resolved.
fn add_links(file: &mut File<'_>, pages: &Pages, page_ids: &[ObjectId], sheet: &Sheet, tree: &mut Tree<'_>) -> Vec<Vec<ObjectId>> {
    let mut places: BTreeMap<(usize, Option<&String>), (ObjectId, &str, Length)> = BTreeMap::new();
    for (page, page_id) in pages.pages.iter().zip(page_ids) {
        for item in &page.items {
            if let Item::Anchor { chapter, id, y } = item {
                places.entry((*chapter, id.as_ref())).or_insert((*page_id, page.label.as_str(), *y));
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
                    let place = places.get(&(*chapter, id.as_ref())).or_else(|| places.get(&(*chapter, None)));
                    let Some((page, folio, y)) = place else { continue };
                    annotation.set("Dest", destination(*page, pages.height - *y + sheet.margin));
                    // Where it leads, in a word: who does not see the page hears this (ISO 14289-1, 7.18.5).
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
            annotations.push(id);
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
#[expect(clippy::indexing_slicing, reason = "all are places of entries, `children` has one list more; `page` is a page laid out")]
fn add_outline(file: &mut File<'_>, entries: &[OutlineEntry], pages: &Pages, page_ids: &[ObjectId], sheet: &Sheet) -> Option<ObjectId> {
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
