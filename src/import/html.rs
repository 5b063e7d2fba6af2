//! A page of HTML as a tree, of an EPUB or of the web. Read by its tokens, since books are written as XML and as what browsers
//! forgive alike.

use html5gum::{DefaultEmitter, HtmlString, Token, Tokenizer};
use std::collections::BTreeMap;

/// A piece of a page.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Text(String),
    Element(Element),
}

/// An element with its content.
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub children: Vec<Node>,
}

/// Elements without content.
const VOID: &[&str] = &["br", "hr", "img", "image", "input", "wbr", "col", "meta", "link", "source", "area", "base", "track", "param"];
/// Elements that are no text of a book.
const DROPPED: &[&str] = &[
    "script", "style", "head", "template", "noscript", "iframe", "object", "embed", "form", "button", "select", "textarea", "audio",
    "video", "canvas", "rp", "nav",
];
/// Elements that stand on lines of their own.
const BLOCKS: &[&str] = &[
    "html",
    "body",
    "div",
    "p",
    "section",
    "article",
    "main",
    "header",
    "footer",
    "aside",
    "figure",
    "figcaption",
    "blockquote",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "pre",
    "hr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "center",
    "address",
    "details",
    "summary",
    "caption",
    "hgroup",
    "fieldset",
];
/// Elements that an element of the same kind ends: the text of the web leaves their ends out.
const ENDS: &[(&str, &[&str])] = &[
    ("p", &["p"]),
    ("li", &["li", "p"]),
    ("dt", &["dt", "dd", "p"]),
    ("dd", &["dt", "dd", "p"]),
    ("tr", &["tr", "td", "th", "p"]),
    ("td", &["td", "th", "p"]),
    ("th", &["td", "th", "p"]),
    ("rt", &["rt", "rb"]),
];
/// Where a start of an element looks no further for one that it ends.
const SCOPES: &[&str] = &["table", "ul", "ol", "dl", "ruby", "blockquote", "section", "div", "body"];
/// Elements within one another at most; what is deeper stands in the last of them.
const DEEPEST: usize = 200;

impl Element {
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    /// Whether one of the words of an attribute is this one.
    pub fn has(&self, attribute: &str, word: &str) -> bool {
        self.attribute(attribute).split_ascii_whitespace().any(|own| own == word)
    }

    /// The elements right within it.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|child| if let Node::Element(child) = child { Some(child) } else { None })
    }

    /// All elements within it, in order, itself first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Element)) {
        visit(self);
        for child in &self.children {
            if let Node::Element(child) = child {
                child.walk(visit);
            }
        }
    }

    /// The first element of a name within it.
    pub fn find(&self, name: &str) -> Option<&Element> {
        let mut found = None;
        self.walk(&mut |element| {
            if element.name == name {
                found.get_or_insert(element);
            }
        });
        found
    }

    /// Its text, nothing else.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for child in &self.children {
            match child {
                Node::Text(text) => out.push_str(text),
                Node::Element(element) if DROPPED.contains(&element.name.as_str()) || element.name == "rt" => {}
                Node::Element(element) => out.push_str(&element.text()),
            }
        }
        out
    }
}

fn string(text: &HtmlString) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Reads a page into a tree. `xml` says that an element may end where it begins (`<a id="x"/>`).
pub(super) fn parse(page: &str, xml: bool) -> Element {
    let mut open: Vec<Element> = vec![Element::default()];
    let close = |open: &mut Vec<Element>| {
        if open.len() > 1
            && let Some(done) = open.pop()
            && let Some(parent) = open.last_mut()
        {
            parent.children.push(Node::Element(done));
        }
    };
    let mut emitter = DefaultEmitter::<()>::default();
    emitter.naively_switch_states(!xml);
    for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
        match token {
            Token::StartTag(tag) => {
                let whole = string(&tag.name).to_ascii_lowercase();
                let name = whole.rsplit(':').next().unwrap_or(&whole).to_owned();
                if let Some((_, ends)) = ENDS.iter().find(|(own, _)| *own == name).filter(|_| !xml) {
                    let within = open.iter().rposition(|element| SCOPES.contains(&element.name.as_str())).unwrap_or(0);
                    if let Some(at) = open.iter().rposition(|element| ends.contains(&element.name.as_str())).filter(|at| *at > within) {
                        (at..open.len()).for_each(|_| close(&mut open));
                    }
                } else if !xml && BLOCKS.contains(&name.as_str()) && open.last().is_some_and(|element| element.name == "p") {
                    close(&mut open);
                }
                let attributes = tag.attributes.iter().map(|(key, value)| (string(key).to_ascii_lowercase(), string(value))).collect();
                let element = Element { name, attributes, children: Vec::new() };
                let empty = VOID.contains(&element.name.as_str()) || xml && tag.self_closing || open.len() >= DEEPEST;
                if empty {
                    open.last_mut().into_iter().for_each(|parent| parent.children.push(Node::Element(element.clone())));
                } else {
                    open.push(element);
                }
            }
            Token::EndTag(tag) => {
                let whole = string(&tag.name).to_ascii_lowercase();
                let name = whole.rsplit(':').next().unwrap_or(&whole);
                if let Some(at) = open.iter().rposition(|element| element.name == name).filter(|at| *at > 0) {
                    (at..open.len()).for_each(|_| close(&mut open));
                }
            }
            Token::String(text) => {
                let text = string(&text);
                if let Some(parent) = open.last_mut() {
                    match parent.children.last_mut() {
                        Some(Node::Text(last)) => last.push_str(&text),
                        _ => parent.children.push(Node::Text(text)),
                    }
                }
            }
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().unwrap_or_default()
}

/// Whether an element is no text of a book.
pub(super) fn is_dropped(element: &Element) -> bool {
    DROPPED.contains(&element.name.as_str())
}

/// Whether a block holds no blocks.
pub(super) fn is_leaf(element: &Element) -> bool {
    BLOCKS.contains(&element.name.as_str())
        && !element.children.iter().any(|child| matches!(child, Node::Element(child) if is_block(child)))
}

/// Whether an element stands on lines of its own.
pub(super) fn is_block(element: &Element) -> bool {
    let mut found = BLOCKS.contains(&element.name.as_str());
    // A phrase that holds blocks is none: <a><p>…</p></a>.
    if !found {
        found = element.children.iter().any(|child| matches!(child, Node::Element(child) if BLOCKS.contains(&child.name.as_str())));
    }
    found
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
                Node::Element(child) if is_dropped(child) || child.name == "rt" => {}
                Node::Element(child) => {
                    let block = is_block(child) || child.name == "br";
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
