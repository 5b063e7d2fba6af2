//! Footnotes of pages of HTML: which links are their marks, which elements hold their texts, which links lead back.

use super::html::{self, Element, Node};
use crate::source::{percent_decode, resolve, shown};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The notes of a book's pages.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Labels by the places of the notes' texts.
    marks: BTreeMap<String, String>,
    /// Places of the marks, to which links lead back.
    backs: BTreeSet<String>,
    /// The page that is read: links are told by it.
    pub page: String,
    /// The texts that were come upon, by their labels.
    pub texts: BTreeMap<String, String>,
}

impl Notes {
    /// Finds the marks of all pages, given with their paths: what a mark leads to is a note.
    pub fn of<'a>(pages: impl Iterator<Item = (&'a str, &'a Element)>) -> Notes {
        let mut notes = Notes::default();
        for (path, body) in pages {
            notes.find(body, path, false, &mut Vec::new());
        }
        notes
    }

    fn find(&mut self, element: &Element, page: &str, raised: bool, ids: &mut Vec<String>) {
        let own = element.attribute("id");
        if !own.is_empty() {
            ids.push(format!("{page}#{own}"));
        }
        if element.name == "a"
            && is_mark(element, raised)
            && let Some(to) = place(page, element.attribute("href"))
            && !self.backs.contains(&to)
        {
            let label = (self.marks.len() + 1).to_string();
            self.marks.entry(to).or_insert(label);
            // The mark's own place, or that of what it stands in.
            self.backs.extend(ids.last().cloned());
            for child in element.elements().filter(|child| !child.attribute("id").is_empty()) {
                self.backs.insert(format!("{page}#{}", child.attribute("id")));
            }
        }
        for child in element.elements() {
            self.find(child, page, raised || element.name == "sup", ids);
        }
        if !own.is_empty() {
            ids.pop();
        }
    }

    /// The label of the note that a link is the mark of.
    pub fn marked_by(&self, link: &Element) -> Option<String> {
        self.marks.get(&place(&self.page, link.attribute("href"))?).cloned()
    }

    /// Whether a link leads from a note's text back to its mark: it is no part of the text.
    pub fn leads_back(&self, link: &Element) -> bool {
        link.has("role", "doc-backlink") || place(&self.page, link.attribute("href")).is_some_and(|to| self.backs.contains(&to))
    }

    /// The label of the note whose text an element holds.
    pub fn held_by(&self, element: &Element) -> Option<String> {
        let label = |id: &str| if id.is_empty() { None } else { self.marks.get(&format!("{}#{id}", self.page)).cloned() };
        let mut found = label(element.attribute("id"));
        if found.is_none() && html::is_leaf(element) {
            element.walk(&mut |inner| found = found.take().or_else(|| label(inner.attribute("id"))));
        }
        found
    }

    /// Keeps a note's text, the first of its label.
    pub fn keep(&mut self, label: String, text: String) {
        self.texts.entry(label).or_insert(text);
    }
}

/// A place in the book: a document's path and an id in it.
fn place(page: &str, href: &str) -> Option<String> {
    let (path, id) = href.split_once('#').filter(|(path, _)| !path.contains("://"))?;
    let path = if path.is_empty() { page.to_owned() } else { shown(&resolve(Path::new(page), &percent_decode(path))?) };
    Some(format!("{path}#{id}"))
}

/// Whether a link is the mark of a note: it says so, or is raised.
fn is_mark(link: &Element, raised: bool) -> bool {
    let says = link.has("epub:type", "noteref") || link.has("role", "doc-noteref");
    says || raised || link.children.iter().any(|child| matches!(child, Node::Element(child) if child.name == "sup"))
}
