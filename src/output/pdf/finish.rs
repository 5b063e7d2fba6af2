//! Completes the object tree that printpdf hands over: what it leaves out or makes up by chance.

use super::super::{Input, identifier, name_of, timestamp};
use super::fonts::UPRIGHT;
use super::{internal, picture};
use crate::diagnostic::Diagnostic;
use crate::document::Link;
use crate::layout::{Item, OutlineEntry, Pages};
use crate::length::Length;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, dictionary};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

/// Finishes and serialises the document.
pub(super) fn finish(mut document: Document, input: &Input<'_>, pages: &Pages) -> Result<Vec<u8>, Diagnostic> {
    let page_ids: Vec<ObjectId> = document.page_iter().collect();
    if page_ids.len() != pages.pages.len() {
        return Err(internal("the number of pages does not agree"));
    }
    document.version = "1.7".into();
    write_down(&mut document)?;
    add_images(&mut document, input, pages)?;
    add_links(&mut document, pages, &page_ids)?;
    let outline = add_outline(&mut document, &pages.outline, pages, &page_ids);
    let labels = page_labels(pages);
    let metadata = document
        .add_object(Stream::new(dictionary! { "Type" => "Metadata", "Subtype" => "XML" }, xmp(input).into_bytes()).with_compression(false));
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
    if let Some(outline) = outline {
        catalog.set("Outlines", outline);
        catalog.set("PageMode", "UseOutlines");
    }
    let info = document.add_object(info(input));
    document.trailer.set("Info", info);
    let name = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name_of(input.loaded).as_bytes());
    let id = Object::String(name.as_bytes().to_vec(), StringFormat::Hexadecimal);
    document.trailer.set("ID", Object::Array(vec![id.clone(), id]));
    document.prune_objects();
    compress(&mut document);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).map_err(|error| internal(&error.to_string()))?;
    Ok(bytes)
}

/// Text as a PDF string: UTF-16 with its mark.
fn string(text: &str) -> Object {
    if text.is_ascii() {
        return Object::String(text.as_bytes().to_vec(), StringFormat::Literal);
    }
    let units = text.encode_utf16().flat_map(u16::to_be_bytes);
    Object::String([0xfe, 0xff].into_iter().chain(units).collect(), StringFormat::Hexadecimal)
}

fn real(length: Length) -> Object {
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
        .filter_map(|item| if let Item::Image(_, path) = item { Some(path.clone()) } else { None })
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
fn add_links(document: &mut Document, pages: &Pages, page_ids: &[ObjectId]) -> Result<(), Diagnostic> {
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
            let Item::Link(area, to) = item else { continue };
            let bottom = pages.height - area.y - area.height;
            let mut annotation = dictionary! {
                "Type" => "Annot",
                "Subtype" => "Link",
                "Rect" => vec![real(area.x), real(bottom), real(area.x + area.width), real(bottom + area.height)],
                "Border" => vec![0.into(), 0.into(), 0.into()],
                "F" => 4,
            };
            match to {
                Link::Web(url) => {
                    annotation.set("A", dictionary! { "Type" => "Action", "S" => "URI", "URI" => Object::String(encoded(url).into_bytes(), StringFormat::Literal) });
                    annotation.set("Contents", string(url));
                }
                Link::Inside { chapter, id } => {
                    let Some((page, y)) = places.get(&(*chapter, id.as_ref())).or_else(|| places.get(&(*chapter, None))) else { continue };
                    annotation.set("Dest", destination(page_ids[*page], pages.height - *y));
                }
                Link::Written(_) | Link::Dead => continue,
            }
            annotations.push(Object::Reference(document.add_object(annotation)));
        }
        let page = document.get_object_mut(page_ids[at]).and_then(Object::as_dict_mut).map_err(|error| internal(&error.to_string()))?;
        if annotations.is_empty() {
            page.remove(b"Annots");
        } else {
            page.set("Annots", annotations);
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
fn add_outline(document: &mut Document, entries: &[OutlineEntry], pages: &Pages, page_ids: &[ObjectId]) -> Option<ObjectId> {
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
            "Dest" => destination(page_ids[entry.page], pages.height - entry.y),
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

fn info(input: &Input<'_>) -> Dictionary {
    let book = &input.loaded.manifest.book;
    let names: Vec<&str> = book.authors.iter().map(|author| author.name()).collect();
    let date = chrono::DateTime::from_timestamp(timestamp(input.loaded), 0).unwrap_or_default().format("D:%Y%m%d%H%M%SZ").to_string();
    let mut info = dictionary! { "Title" => string(book.title.get_ref()), "Producer" => string("banxin"), "Creator" => string("banxin"), "CreationDate" => string(&date), "ModDate" => string(&date) };
    if !names.is_empty() {
        info.set("Author", string(&names.join(", ")));
    }
    if let Some(description) = &book.description {
        info.set("Subject", string(description));
    }
    if !book.subjects.is_empty() {
        info.set("Keywords", string(&book.subjects.join(", ")));
    }
    info
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The metadata packet.
fn xmp(input: &Input<'_>) -> String {
    let book = &input.loaded.manifest.book;
    let date = chrono::DateTime::from_timestamp(timestamp(input.loaded), 0).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut body =
        format!("<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:title>", escape(book.title.get_ref()));
    if !book.authors.is_empty() {
        let names: String = book.authors.iter().map(|author| format!("<rdf:li>{}</rdf:li>", escape(author.name()))).collect();
        body += &format!("<dc:creator><rdf:Seq>{names}</rdf:Seq></dc:creator>");
    }
    if let Some(description) = &book.description {
        body +=
            &format!("<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:description>", escape(description));
    }
    body += &format!("<dc:language><rdf:Bag><rdf:li>{}</rdf:li></rdf:Bag></dc:language>", escape(&book.language));
    body += &format!("<dc:identifier>{}</dc:identifier>", escape(&identifier(input.loaded)));
    body += &format!(
        "<xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate><xmp:CreatorTool>banxin</xmp:CreatorTool><pdf:Producer>banxin</pdf:Producer>"
    );
    if !book.subjects.is_empty() {
        body += &format!("<pdf:Keywords>{}</pdf:Keywords>", escape(&book.subjects.join(", ")));
    }
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\
         {body}</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>"
    )
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
