//! A reader of finished EPUBs: its documents in the order of the spine, what stands apart put apart. It knows nothing of how they are
//! written.

use super::{Told, is_seen};
use roxmltree::{Document, Node, ParsingOptions};
use std::io::{Cursor, Read};

/// Kinds of documents that are the manifest's, not the text's.
const FRONT: &[&str] = &["cover", "titlepage", "copyright-page", "toc", "landmarks"];

/// Reads an EPUB.
pub(super) fn read(bytes: Vec<u8>) -> Result<Vec<Told>, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut text = |name: &str| -> Result<String, String> {
        let mut text = String::new();
        let mut file = archive.by_name(name).map_err(|error| format!("{name}: {error}"))?;
        file.read_to_string(&mut text).map_err(|error| format!("{name}: {error}"))?;
        Ok(text)
    };
    let container = text("META-INF/container.xml")?;
    let package = parse(&container)?.descendants().find_map(|node| node.attribute("full-path").map(str::to_owned)).ok_or("no package")?;
    let folder = package.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let package = text(&package)?;
    let package = parse(&package)?;
    let href = |id: &str| {
        package
            .descendants()
            .find(|node| node.has_tag_name_local("item") && node.attribute("id") == Some(id))
            .and_then(|item| item.attribute("href"))
    };
    let mut pieces = Vec::new();
    for item in package.descendants().filter(|node| node.has_tag_name_local("itemref")) {
        let Some(href) = item.attribute("idref").and_then(href) else { continue };
        let page = text(&format!("{folder}{href}"))?;
        let document = parse(&page)?;
        let Some(body) = document.descendants().find(|node| node.has_tag_name_local("body")) else { continue };
        // The page's own kind is said by its body or by the first elements in it.
        let mut kinds = body.descendants().filter(Node::is_element).take(6).filter_map(|node| attribute(node, "type"));
        if kinds.any(|kinds| kinds.split(' ').any(|kind| FRONT.contains(&kind))) {
            continue;
        }
        let (mut text, mut told) = (String::new(), Told::default());
        walk(body, &mut text, &mut told);
        told.main = text;
        pieces.push(told);
    }
    Ok(pieces)
}

fn parse(text: &str) -> Result<Document<'_>, String> {
    Document::parse_with_options(text, ParsingOptions { allow_dtd: true, ..Default::default() }).map_err(|error| error.to_string())
}

trait Local {
    fn has_tag_name_local(&self, name: &str) -> bool;
}

impl Local for Node<'_, '_> {
    fn has_tag_name_local(&self, name: &str) -> bool {
        self.tag_name().name() == name
    }
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes().find(|attribute| attribute.name() == name).map(|attribute| attribute.value())
}

fn seen(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| is_seen(*c))
}

fn walk(node: Node, out: &mut String, told: &mut Told) {
    if node.is_text() {
        out.extend(seen(node.text().unwrap_or("")));
        return;
    }
    if !node.is_element() && !node.is_root() {
        return;
    }
    let has = |name: &str, word: &str| attribute(node, name).is_some_and(|value| value.split(' ').any(|own| own == word));
    match node.tag_name().name() {
        "rp" | "script" | "style" => return,
        "rt" => {
            let reading = aside(node, told);
            return told.readings.push(reading);
        }
        // Mathematics is no text; what it says is its source's affair.
        "math" => return,
        "img" => {
            let mark = node.ancestors().any(|node| attribute(node, "type") == Some("noteref"));
            if attribute(node, "role") != Some("presentation") && !mark {
                told.alts.push(seen(attribute(node, "alt").unwrap_or("")).collect());
            } else if !mark {
                told.alts.push(String::new());
            }
            return;
        }
        _ => {}
    }
    if has("type", "noteref") || has("type", "backlink") {
        return;
    }
    if has("type", "footnote") || has("class", "duokan-footnote-item") {
        // Its place is kept, so that notes within notes come after it.
        let place = told.notes.len();
        let text = aside(node, told);
        told.notes.insert(place, text);
        return;
    }
    if has("class", "sidenote") {
        let text = aside(node, told);
        return told.sides.push(text);
    }
    node.children().for_each(|child| walk(child, out, told));
}

fn aside(node: Node, told: &mut Told) -> String {
    let mut text = String::new();
    node.children().for_each(|child| walk(child, &mut text, told));
    text
}
