//! A reader of the structure tree of a finished PDF: what a screen reader walks. It knows nothing of how banxin makes it.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, missing_docs)]

use super::pdf::{Glyph, Mark};
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::BTreeMap;

/// An element.
#[derive(Debug, Default)]
pub struct Node {
    pub role: String,
    pub alt: Option<String>,
    pub actual: Option<String>,
    pub language: Option<String>,
    pub id: Option<String>,
    /// Attributes by name, as written.
    pub attributes: BTreeMap<String, Object>,
    pub kids: Vec<Kid>,
    /// Its own object.
    pub object: ObjectId,
}

#[derive(Debug)]
pub enum Kid {
    Node(Node),
    /// Text of a piece of marked content, with its page, counted from 0.
    Text(String, usize),
    /// An annotation, with its page.
    Annotation(ObjectId, usize),
}

/// Text of a PDF string.
pub fn text(object: &Object) -> String {
    let bytes = object.as_str().unwrap();
    match bytes.strip_prefix(&[0xfe, 0xff]) {
        Some(units) => String::from_utf16(&units.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect::<Vec<_>>()).unwrap(),
        None => String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

pub fn get<'a>(document: &'a Document, dictionary: &'a Dictionary, key: &str) -> Option<&'a Object> {
    dictionary.get(key.as_bytes()).ok().map(|object| document.dereference(object).unwrap().1)
}

/// The tree, from its Document element.
pub fn read(document: &Document, pages: &[Vec<Glyph>]) -> Node {
    let numbers: BTreeMap<ObjectId, usize> = document.get_pages().into_values().enumerate().map(|(at, id)| (id, at)).collect();
    let root = get(document, document.catalog().unwrap(), "StructTreeRoot").unwrap().as_dict().unwrap();
    let whole = root.get(b"K").unwrap().as_reference().unwrap();
    Reader { document, pages, numbers }.node(whole)
}

struct Reader<'a> {
    document: &'a Document,
    pages: &'a [Vec<Glyph>],
    numbers: BTreeMap<ObjectId, usize>,
}

impl Reader<'_> {
    fn node(&self, id: ObjectId) -> Node {
        let dictionary = self.document.get_dictionary(id).unwrap();
        let string = |key: &str| get(self.document, dictionary, key).map(text);
        let mut node = Node {
            role: String::from_utf8(dictionary.get(b"S").unwrap().as_name().unwrap().to_vec()).unwrap(),
            alt: string("Alt"),
            actual: string("ActualText"),
            language: string("Lang"),
            id: string("ID"),
            object: id,
            ..Node::default()
        };
        if let Some(attributes) = get(self.document, dictionary, "A") {
            for (key, value) in attributes.as_dict().unwrap().iter() {
                node.attributes.insert(String::from_utf8(key.clone()).unwrap(), value.clone());
            }
        }
        let page = dictionary.get(b"Pg").ok().map(|page| self.numbers[&page.as_reference().unwrap()]);
        let kids = match dictionary.get(b"K") {
            Err(_) => Vec::new(),
            Ok(Object::Array(list)) => list.clone(),
            Ok(one) => vec![one.clone()],
        };
        for kid in kids {
            node.kids.push(match &kid {
                Object::Integer(piece) => self.piece(page.unwrap(), *piece),
                Object::Reference(id) => {
                    let child = self.node(*id);
                    let parent = self.document.get_dictionary(*id).unwrap().get(b"P").unwrap().as_reference().unwrap();
                    assert_eq!(parent, node.object, "an element's parent is another");
                    Kid::Node(child)
                }
                Object::Dictionary(kid) => {
                    let own = self.numbers[&kid.get(b"Pg").unwrap().as_reference().unwrap()];
                    match kid.get(b"Type").unwrap().as_name().unwrap() {
                        b"MCR" => self.piece(own, kid.get(b"MCID").unwrap().as_i64().unwrap()),
                        b"OBJR" => Kid::Annotation(kid.get(b"Obj").unwrap().as_reference().unwrap(), own),
                        other => panic!("{other:?}"),
                    }
                }
                other => panic!("{other:?}"),
            });
        }
        node
    }

    fn piece(&self, page: usize, piece: i64) -> Kid {
        let own = self.pages[page].iter().filter(|glyph| glyph.mark == Mark::Piece(piece));
        Kid::Text(own.map(|glyph| glyph.text.as_str()).collect(), page)
    }
}

impl Node {
    /// Every element below it, itself first, in the order of reading.
    pub fn all(&self) -> Vec<&Node> {
        let mut found = vec![self];
        self.nodes().for_each(|kid| found.extend(kid.all()));
        found
    }

    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.kids.iter().filter_map(|kid| if let Kid::Node(node) = kid { Some(node) } else { None })
    }

    /// Every element of a role.
    pub fn find(&self, role: &str) -> Vec<&Node> {
        self.all().into_iter().filter(|node| node.role == role).collect()
    }

    /// What it says, without the notes in it.
    pub fn says(&self) -> String {
        let part = |kid: &Kid| match kid {
            Kid::Text(text, _) => text.clone(),
            Kid::Node(node) if node.role == "Note" => String::new(),
            Kid::Node(node) => node.says(),
            Kid::Annotation(..) => String::new(),
        };
        let said: String = self.kids.iter().map(part).collect();
        said.chars().filter(|c| *c != '\u{ad}').collect()
    }

    /// The first page that it has content on.
    pub fn page(&self) -> Option<usize> {
        self.kids.iter().find_map(|kid| match kid {
            Kid::Text(_, page) | Kid::Annotation(_, page) => Some(*page),
            Kid::Node(node) => node.page(),
        })
    }
}
