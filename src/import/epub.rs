//! An EPUB as Markdown: its documents in the order of the spine, its notes, its pictures, its titles from the navigation where a
//! document has none of its own.

use super::archive::{Archive, broken, xml};
use super::blocks::{Block, blocks, escaped};
use super::flow::Flow;
use super::html::{self, Element, Node, plain};
use super::lines::key;
use super::notes::Notes;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{percent_decode, resolve, shown};
use crate::text;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A document of the spine.
struct Page {
    path: String,
    body: Element,
}

/// Reads the book.
pub(super) fn read(mut archive: Archive) -> Result<Flow, Diagnostic> {
    let container = archive.text("META-INF/container.xml")?;
    let container = xml(&container, &archive, "META-INF/container.xml")?;
    let package = container
        .descendants()
        .find_map(|node| node.attribute("full-path"))
        .ok_or_else(|| broken(archive.shown(), "no package"))?
        .to_owned();
    let text = archive.text(&package)?;
    let document = xml(&text, &archive, &package)?;
    let all = |name: &'static str| document.descendants().filter(move |node| node.tag_name().name() == name);
    let value =
        |name: &'static str| all(name).filter_map(|node| node.text()).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let mut flow = Flow { title: value("title").next(), authors: value("creator").collect(), ..Flow::default() };
    let path = |href: &str| resolve(Path::new(&package), &percent_decode(href)).map(|path| shown(&path)).unwrap_or_default();
    let items: BTreeMap<&str, (String, &str)> = all("item")
        .filter_map(|item| Some((item.attribute("id")?, (path(item.attribute("href")?), item.attribute("properties").unwrap_or("")))))
        .collect();
    let spine: Vec<&(String, &str)> = all("itemref").filter_map(|item| items.get(item.attribute("idref")?)).collect();
    locked(&mut archive, &spine)?;
    let nav = items.values().find(|(_, properties)| properties.split(' ').any(|word| word == "nav")).map(|item| item.0.clone());
    let ncx = all("spine").find_map(|spine| spine.attribute("toc")).and_then(|id| items.get(id)).map(|item| item.0.clone());
    let titles = titles(&mut archive, nav.as_deref(), ncx.as_deref())?;
    let mut pages = Vec::new();
    for (path, _) in spine {
        if Some(path) == nav.as_ref() {
            continue;
        }
        let Some(bytes) = archive.read(path)? else { continue };
        let page = crate::repair::encoding::decode(&bytes).text;
        let tree = html::parse(&page, page.contains("http://www.w3.org/1999/xhtml"));
        let body = tree.find("body").cloned().unwrap_or(tree);
        pages.push(Page { path: path.clone(), body });
    }
    let mut notes = Notes::of(pages.iter().map(|page| (page.path.as_str(), &page.body)));
    let mut pictures = Pictures { archive, found: BTreeMap::new(), taken: BTreeSet::new(), fault: None, missing: Vec::new() };
    for page in &pages {
        notes.page.clone_from(&page.path);
        let mut blocks = blocks(&page.body, &mut notes, &mut |address| pictures.take(&page.path, address));
        let headed = blocks.iter().any(|block| matches!(block, Block::Heading(..)));
        let listed = blocks.len() > 4
            && blocks.iter().filter(|block| titles.values().any(|(title, _)| is(block, title))).count() * 10 > blocks.len() * 7;
        if listed {
            // A list of the contents within the text.
            continue;
        }
        if let Some((title, depth)) = titles.get(&page.path).filter(|_| !headed && !blocks.is_empty()) {
            if blocks.first().is_some_and(|block| is(block, title)) {
                blocks.remove(0);
            }
            blocks.insert(0, Block::Heading((*depth + 1).min(6), escaped(title, true)));
        }
        flow.plain.push_str(&plain(&page.body));
        flow.blocks.extend(blocks);
    }
    if let Some(fault) = pictures.fault {
        return Err(fault);
    }
    flow.notes = notes.texts;
    flow.missing = pictures.missing;
    flow.pictures = pictures.found.into_values().flatten().collect();
    Ok(flow)
}

/// Whether a block says what a title says.
fn is(block: &Block, title: &str) -> bool {
    let (Block::Text(text) | Block::Heading(_, text)) = block;
    key(text) == key(title)
}

/// A book whose text is locked says so.
fn locked(archive: &mut Archive, spine: &[&(String, &str)]) -> Result<(), Diagnostic> {
    const NAME: &str = "META-INF/encryption.xml";
    if !archive.has(NAME) {
        return Ok(());
    }
    let text = archive.text(NAME)?;
    if spine.iter().any(|(path, _)| text.contains(&format!("\"{path}\""))) {
        let shown = archive.shown();
        let report = Diagnostic::new(Code::NothingToImport, text!("{shown} is locked (DRM)", "{shown} 已加密（DRM）"));
        return Err(report
            .in_file(shown.to_owned())
            .advise(text!("get the book without a lock from whoever sells it", "请从售书处取得未加密的版本")));
    }
    Ok(())
}

/// The titles of documents, by their paths, with their depths from 0.
fn titles(archive: &mut Archive, nav: Option<&str>, ncx: Option<&str>) -> Result<BTreeMap<String, (String, u8)>, Diagnostic> {
    let mut titles = BTreeMap::new();
    let mut put = |base: &str, href: &str, title: &str, depth: u8| {
        let (path, fragment) = href.split_once('#').unwrap_or((href, ""));
        let path = resolve(Path::new(base), &percent_decode(path)).map(|path| shown(&path)).unwrap_or_default();
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        // A place within a document is a section of it.
        if !title.is_empty() && (fragment.is_empty() || !titles.contains_key(&path)) {
            titles.entry(path).or_insert((title, depth));
        }
    };
    if let Some(path) = nav.filter(|path| archive.has(path)) {
        let text = archive.text(path)?;
        let tree = html::parse(&text, true);
        let mut list = None;
        tree.walk(&mut |element| {
            if element.name == "nav" && (element.has("epub:type", "toc") || element.has("type", "toc")) {
                list.get_or_insert(element);
            }
        });
        fn walk(element: &Element, depth: u8, put: &mut dyn FnMut(&str, &str, u8)) {
            for child in &element.children {
                let Node::Element(child) = child else { continue };
                match child.name.as_str() {
                    "a" => put(child.attribute("href"), &child.text(), depth.saturating_sub(1)),
                    "ol" => walk(child, depth + 1, put),
                    _ => walk(child, depth, put),
                }
            }
        }
        if let Some(list) = list {
            walk(list, 0, &mut |href, title, depth| put(path, href, title, depth));
        }
    } else if let Some(path) = ncx.filter(|path| archive.has(path)) {
        let text = archive.text(path)?;
        let document = xml(&text, archive, path)?;
        for point in document.descendants().filter(|node| node.tag_name().name() == "navPoint") {
            let child = |name: &str| point.children().find(|node| node.tag_name().name() == name);
            let title = child("navLabel")
                .and_then(|label| label.descendants().find_map(|node| node.text().map(str::trim).filter(|text| !text.is_empty())));
            let href = child("content").and_then(|content| content.attribute("src"));
            let depth = point.ancestors().filter(|node| node.tag_name().name() == "navPoint").count() - 1;
            if let (Some(title), Some(href)) = (title, href) {
                put(path, href, title, depth.min(5) as u8);
            }
        }
    }
    Ok(titles)
}

/// Takes pictures out of the archive.
struct Pictures {
    archive: Archive,
    /// By their paths in the archive: the path in the book, and the bytes.
    found: BTreeMap<String, Option<(String, Vec<u8>)>>,
    taken: BTreeSet<String>,
    fault: Option<Diagnostic>,
    missing: Vec<String>,
}

impl Pictures {
    /// The path in the book of a picture, by its address on a page.
    fn take(&mut self, page: &str, address: &str) -> Option<String> {
        let path = shown(&resolve(Path::new(page), &percent_decode(address.split('#').next()?))?);
        if let Some(known) = self.found.get(&path) {
            return known.as_ref().map(|known| known.0.clone());
        }
        let read = self.archive.read(&path).unwrap_or_else(|fault| {
            self.fault.get_or_insert(fault);
            None
        });
        let made = read.map(|bytes| (free(&mut self.taken, &path), bytes));
        let name = made.as_ref().map(|made| made.0.clone());
        if name.is_none() {
            self.missing.push(path.clone());
        }
        self.found.insert(path, made);
        name
    }
}

/// A name for a picture that no other has, below `images/`.
pub(super) fn free(taken: &mut BTreeSet<String>, path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut made = format!("images/{name}");
    let mut number = 2;
    while !taken.insert(made.to_lowercase()) {
        made = format!("images/{number}-{name}");
        number += 1;
    }
    made
}
