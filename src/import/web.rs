//! A page of the web by itself, with the pictures beside it.

use super::blocks::blocks;
use super::flow::Flow;
use super::html::{self, plain};
use super::notes::Notes;
use crate::source::{percent_decode, resolve, shown};
use std::collections::BTreeMap;
use std::path::Path;

/// Bytes of the largest picture that is taken along.
const LARGEST: u64 = 64 << 20;

/// Reads a page that lies in a folder.
pub(super) fn read(text: &str, folder: &Path) -> Flow {
    let tree = html::parse(text, text.contains("http://www.w3.org/1999/xhtml") && text.trim_start().starts_with("<?xml"));
    let whole = tree.find("body").unwrap_or(&tree);
    // What the page says is its text: the rest is the site's.
    let main = ["article", "main"]
        .iter()
        .find_map(|name| whole.find(name))
        .filter(|main| main.text().chars().count() * 2 > whole.text().chars().count());
    let body = main.unwrap_or(whole);
    let title = tree.find("title").map(|title| title.text().trim().to_owned()).filter(|title| !title.is_empty());
    let mut authors = Vec::new();
    tree.walk(&mut |element| {
        if element.name == "meta" && element.attribute("name").eq_ignore_ascii_case("author") {
            authors.push(element.attribute("content").to_owned());
        }
    });
    let mut notes = Notes::of(std::iter::once(("", body)));
    let (mut pictures, mut missing) = (BTreeMap::new(), Vec::new());
    let blocks = blocks(body, &mut notes, &mut |address| {
        let here = !address.contains("://") && !address.starts_with("data:");
        let path = here.then(|| resolve(Path::new(""), &percent_decode(address))).flatten().map(|path| shown(&path));
        let small = |path: &&String| std::fs::metadata(folder.join(path)).is_ok_and(|data| data.len() < LARGEST);
        match path.as_ref().filter(small).and_then(|path| std::fs::read(folder.join(path)).ok()) {
            Some(bytes) => {
                pictures.insert(path.clone()?, bytes);
                path
            }
            None => {
                missing.push(address.chars().take(80).collect());
                None
            }
        }
    });
    Flow { title, authors, blocks, notes: notes.texts, pictures: pictures.into_iter().collect(), plain: plain(body), missing, formulas: 0 }
}
