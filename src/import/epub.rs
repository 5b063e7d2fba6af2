//! An EPUB as Markdown: its documents in the order of the spine, its notes, its pictures, its titles from the navigation where a
//! document has none of its own.

use super::archive::{Archive, broken, xml};
use super::flow::Flow;
use super::html::{self, Block, Element, Links, Node};
use super::lines::key;
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
    let (marks, backs) = notes(&pages);
    let mut reader = Reader {
        archive,
        marks,
        backs,
        page: String::new(),
        notes: BTreeMap::new(),
        pictures: BTreeMap::new(),
        taken: BTreeSet::new(),
        fault: None,
        missing: Vec::new(),
    };
    for page in &pages {
        reader.page.clone_from(&page.path);
        let mut blocks = html::blocks(&page.body, &mut reader);
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
            blocks.insert(0, Block::Heading((*depth + 1).min(6), html::escaped(title, true)));
        }
        flow.plain.push_str(&plain(&page.body));
        flow.blocks.extend(blocks);
    }
    if let Some(fault) = reader.fault {
        return Err(fault);
    }
    flow.notes = reader.notes;
    flow.missing = reader.missing;
    flow.pictures = reader.pictures.into_values().flatten().collect();
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

/// A place in the book: a document's path and an id in it.
fn place(page: &str, href: &str) -> Option<String> {
    let (path, id) = href.split_once('#').filter(|(path, _)| !path.contains("://"))?;
    let path = if path.is_empty() { page.to_owned() } else { shown(&resolve(Path::new(page), &percent_decode(path))?) };
    Some(format!("{path}#{id}"))
}

/// Whether a link is the mark of a note: it says so, or is raised.
fn is_mark(link: &Element, raised: bool) -> bool {
    link.has("epub:type", "noteref")
        || link.has("role", "doc-noteref")
        || raised
        || link.children.iter().any(|child| matches!(child, Node::Element(child) if child.name == "sup"))
}

/// The labels of notes by the places of their texts, and the places of their marks, to which links lead back.
fn notes(pages: &[Page]) -> (BTreeMap<String, String>, BTreeSet<String>) {
    fn walk(
        element: &Element,
        page: &str,
        raised: bool,
        ids: &mut Vec<String>,
        marks: &mut BTreeMap<String, String>,
        backs: &mut BTreeSet<String>,
    ) {
        let own = element.attribute("id");
        if !own.is_empty() {
            ids.push(format!("{page}#{own}"));
        }
        if element.name == "a"
            && is_mark(element, raised)
            && let Some(to) = place(page, element.attribute("href"))
            && !backs.contains(&to)
        {
            let label = (marks.len() + 1).to_string();
            marks.entry(to).or_insert(label);
            // The mark's own place, or that of what it stands in.
            backs.extend(ids.last().cloned());
            element.children.iter().for_each(|child| {
                if let Node::Element(child) = child
                    && !child.attribute("id").is_empty()
                {
                    backs.insert(format!("{page}#{}", child.attribute("id")));
                }
            });
        }
        for child in &element.children {
            if let Node::Element(child) = child {
                walk(child, page, raised || element.name == "sup", ids, marks, backs);
            }
        }
        if !own.is_empty() {
            ids.pop();
        }
    }
    let (mut marks, mut backs) = (BTreeMap::new(), BTreeSet::new());
    for page in pages {
        walk(&page.body, &page.path, false, &mut Vec::new(), &mut marks, &mut backs);
    }
    (marks, backs)
}

struct Reader {
    archive: Archive,
    marks: BTreeMap<String, String>,
    backs: BTreeSet<String>,
    page: String,
    notes: BTreeMap<String, String>,
    /// Pictures by their paths in the archive: the path in the book, and the bytes.
    pictures: BTreeMap<String, Option<(String, Vec<u8>)>>,
    taken: BTreeSet<String>,
    fault: Option<Diagnostic>,
    missing: Vec<String>,
}

impl Links for Reader {
    fn note(&mut self, link: &Element) -> Option<String> {
        self.marks.get(&place(&self.page, link.attribute("href"))?).cloned()
    }

    fn leads_back(&self, link: &Element) -> bool {
        link.has("role", "doc-backlink") || place(&self.page, link.attribute("href")).is_some_and(|to| self.backs.contains(&to))
    }

    fn note_of(&mut self, element: &Element) -> Option<String> {
        let label = |id: &str| if id.is_empty() { None } else { self.marks.get(&format!("{}#{id}", self.page)).cloned() };
        if let Some(own) = label(element.attribute("id")) {
            return Some(own);
        }
        let mut found = None;
        if html::is_leaf(element) {
            element.walk(&mut |inner| found = found.take().or_else(|| label(inner.attribute("id"))));
        }
        found
    }

    fn keep_note(&mut self, label: String, text: String) {
        self.notes.entry(label).or_insert(text);
    }

    fn picture(&mut self, address: &str) -> Option<String> {
        let path = shown(&resolve(Path::new(&self.page), &percent_decode(address.split('#').next()?))?);
        if let Some(known) = self.pictures.get(&path) {
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
        self.pictures.insert(path, made);
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

/// The text of a page, a line for each of its blocks.
pub(super) fn plain(element: &Element) -> String {
    let mut out = String::new();
    fn walk(element: &Element, out: &mut String) {
        for child in &element.children {
            match child {
                Node::Text(text) => {
                    let text = text
                        .split(['\n', '\r', '\t'])
                        .map(|piece| piece.trim_matches(' '))
                        .filter(|piece| !piece.is_empty())
                        .collect::<Vec<_>>()
                        .join("");
                    out.push_str(&text);
                }
                Node::Element(child) if html::is_dropped(child) || child.name == "rt" => {}
                Node::Element(child) => {
                    let block = html::is_block(child) || child.name == "br";
                    if block && !out.is_empty() && !out.ends_with('\n') {
                        out.push('\n');
                    }
                    walk(child, out);
                    if block && !out.is_empty() && !out.ends_with('\n') {
                        out.push('\n');
                    }
                }
            }
        }
    }
    walk(element, &mut out);
    out.lines().map(|line| format!("{line}\n\n")).collect()
}

/// A page of HTML by itself, with the pictures beside it.
pub(super) fn page(text: &str, folder: &Path) -> Flow {
    let tree = html::parse(text, text.contains("http://www.w3.org/1999/xhtml") && text.trim_start().starts_with("<?xml"));
    let whole = tree.find("body").unwrap_or(&tree);
    // What the page says is its text: the rest is the site's.
    let main = ["article", "main"]
        .iter()
        .find_map(|name| whole.find(name))
        .filter(|main| main.text().chars().count() * 2 > whole.text().chars().count());
    let body = main.unwrap_or(whole).clone();
    let title = tree.find("title").map(|title| title.text().trim().to_owned()).filter(|title| !title.is_empty());
    let mut authors = Vec::new();
    tree.walk(&mut |element| {
        if element.name == "meta" && element.attribute("name").eq_ignore_ascii_case("author") {
            authors.push(element.attribute("content").to_owned());
        }
    });
    let pages = [Page { path: "page".into(), body }];
    let (marks, backs) = notes(&pages);
    let mut reader = Beside { folder, marks, backs, notes: BTreeMap::new(), pictures: BTreeMap::new(), missing: Vec::new() };
    let blocks = html::blocks(&pages[0].body, &mut reader);
    let plain = plain(&pages[0].body);
    Flow { title, authors, blocks, notes: reader.notes, pictures: reader.pictures.into_iter().collect(), plain, missing: reader.missing }
}

struct Beside<'a> {
    folder: &'a Path,
    marks: BTreeMap<String, String>,
    backs: BTreeSet<String>,
    notes: BTreeMap<String, String>,
    pictures: BTreeMap<String, Vec<u8>>,
    missing: Vec<String>,
}

impl Links for Beside<'_> {
    fn note(&mut self, link: &Element) -> Option<String> {
        self.marks.get(&place("page", link.attribute("href"))?).cloned()
    }

    fn leads_back(&self, link: &Element) -> bool {
        place("page", link.attribute("href")).is_some_and(|to| self.backs.contains(&to))
    }

    fn note_of(&mut self, element: &Element) -> Option<String> {
        let label = |id: &str| if id.is_empty() { None } else { self.marks.get(&format!("page#{id}")).cloned() };
        let mut found = label(element.attribute("id"));
        if found.is_none() && html::is_leaf(element) {
            element.walk(&mut |inner| found = found.take().or_else(|| label(inner.attribute("id"))));
        }
        found
    }

    fn keep_note(&mut self, label: String, text: String) {
        self.notes.entry(label).or_insert(text);
    }

    fn picture(&mut self, address: &str) -> Option<String> {
        let here = !address.contains("://") && !address.starts_with("data:");
        let path = here.then(|| resolve(Path::new(""), &percent_decode(address))).flatten().map(|path| shown(&path));
        let read = |path: &String| {
            let size = std::fs::metadata(self.folder.join(path)).ok()?.len();
            (size < 64 << 20).then(|| std::fs::read(self.folder.join(path)).ok())?
        };
        match path.as_ref().and_then(read) {
            Some(bytes) => {
                self.pictures.insert(path.clone()?, bytes);
                path
            }
            None => {
                self.missing.push(address.chars().take(80).collect());
                None
            }
        }
    }
}
