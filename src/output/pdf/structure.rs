//! The structure tree (ISO 32000-1, 14.7): the elements that have content on some page, each with its pieces of marked
//! content and its links, and the tree by which a reader finds the element of a piece.

use super::file::File;
use super::finish::{real, string};
use super::object::{Entries, list};
use crate::layout::{CellRole, Element, Role};
use crate::length::Length;
use lopdf::{Dictionary, Object, ObjectId, dictionary};
use std::collections::BTreeMap;

/// The standard structure type of a role.
#[expect(clippy::indexing_slicing, reason = "the level is held to 1 to 6, and there are six names")]
pub(super) fn name(role: Role) -> &'static str {
    match role {
        Role::Part => "Part",
        Role::Section => "Sect",
        Role::Group => "Div",
        Role::Heading(level) => ["H1", "H2", "H3", "H4", "H5", "H6"][usize::from(level.clamp(1, 6)) - 1],
        Role::Paragraph => "P",
        Role::Quote => "BlockQuote",
        Role::List { .. } => "L",
        Role::ListItem => "LI",
        Role::Label => "Lbl",
        Role::ListBody => "LBody",
        Role::Table => "Table",
        Role::TableHead => "THead",
        Role::TableBody => "TBody",
        Role::Row => "TR",
        Role::Cell(cell) if cell.heads_column || cell.heads_row => "TH",
        Role::Cell(_) => "TD",
        Role::Caption => "Caption",
        Role::Figure => "Figure",
        Role::Formula => "Formula",
        Role::Code => "Code",
        Role::Note => "Note",
        Role::Reference => "Reference",
        Role::Link => "Link",
        Role::Contents => "TOC",
        Role::ContentsItem => "TOCI",
        Role::Span => "Span",
        Role::Ruby => "Ruby",
        Role::RubyBase => "RB",
        Role::RubyText => "RT",
        Role::Warichu => "Warichu",
        Role::WarichuText => "WT",
    }
}

/// What a note is called: each has a name (ISO 14289-1, 7.9).
fn note(at: usize) -> String {
    format!("note-{at}")
}

/// Something within an element.
#[derive(Clone, Copy)]
enum Kid {
    /// A piece of marked content: page and number.
    Content(usize, usize),
    Element(u32),
    /// A link's annotation, and its page.
    Annotation(ObjectId, usize),
}

/// The element of a picture that says something, and where it is on the sheet.
pub(super) type Stand = (u32, [Length; 4]);

/// The tree under construction.
pub(super) struct Tree<'a> {
    elements: &'a [Element],
    kids: Vec<Vec<Kid>>,
    /// Whether an element is in the tree, as one that has content is and those around it.
    attached: Vec<bool>,
    /// The elements that stand in the book itself.
    roots: Vec<u32>,
    /// The parts of tables by what they are within: all of them are in the tree if the table is.
    fixed: BTreeMap<u32, Vec<u32>>,
    /// Where pictures stand, in the coordinates of the sheet.
    boxes: BTreeMap<u32, [Length; 4]>,
    annotations: Vec<u32>,
}

impl<'a> Tree<'a> {
    /// A tree without content.
    pub fn new(elements: &'a [Element]) -> Tree<'a> {
        let mut fixed: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (at, element) in elements.iter().enumerate() {
            if let (Role::TableHead | Role::TableBody | Role::Row | Role::Cell(_), Some(parent)) = (element.role, element.parent) {
                fixed.entry(parent).or_default().push(at as u32);
            }
        }
        Tree {
            elements,
            kids: vec![Vec::new(); elements.len()],
            attached: vec![false; elements.len()],
            roots: Vec::new(),
            fixed,
            boxes: BTreeMap::new(),
            annotations: Vec::new(),
        }
    }

    /// Takes in the marked content of a page and where its pictures are, in the coordinates of the sheet.
    #[expect(clippy::indexing_slicing, reason = "tags are given by `Tags` and moved with the flow, so each is a place in `elements`")]
    pub fn page(&mut self, number: usize, marked: &[u32], pictures: &[Stand]) {
        for (piece, element) in marked.iter().enumerate() {
            self.attach(*element);
            self.kids[*element as usize].push(Kid::Content(number, piece));
        }
        for (element, place) in pictures {
            self.boxes.entry(*element).or_insert(*place);
        }
    }

    /// Takes in a link's annotation, which belongs to the link around what it covers; gives its key in the parent tree, counted
    /// from 0 after the pages.
    #[expect(clippy::indexing_slicing, reason = "tags and parents are places in `elements`, and `kids` has a list for each")]
    pub fn annotation(&mut self, innermost: u32, id: ObjectId, page: usize) -> usize {
        let mut around = std::iter::successors(Some(innermost), |element| self.elements[*element as usize].parent);
        let element = around.find(|element| self.elements[*element as usize].role == Role::Link).unwrap_or(innermost);
        self.attach(element);
        self.kids[element as usize].push(Kid::Annotation(id, page));
        self.annotations.push(element);
        self.annotations.len() - 1
    }

    /// Puts an element into the tree with those that it is within.
    #[expect(clippy::indexing_slicing, reason = "tags and parents are places in `elements`; `attached` and `kids` have one for each")]
    fn attach(&mut self, element: u32) {
        if std::mem::replace(&mut self.attached[element as usize], true) {
            return;
        }
        match self.elements[element as usize].parent {
            Some(parent) => {
                self.attach(parent);
                self.kids[parent as usize].push(Kid::Element(element));
            }
            None => self.roots.push(element),
        }
        for part in self.fixed.get(&element).cloned().unwrap_or_default() {
            self.attach(part);
        }
    }

    /// Brings what is within an element into the order of reading: a group's as it was written, wherever pages have put
    /// it; a text's as it runs, and its notes after it.
    #[expect(clippy::indexing_slicing, reason = "an element among the kids was put there by `attach`, as a place in `elements`")]
    fn order(&mut self) {
        for (kids, element) in self.kids.iter_mut().zip(self.elements) {
            let own = kids.iter().any(|kid| matches!(kid, Kid::Content(..)));
            let place = |kid: &Kid| match kid {
                Kid::Element(element) if self.elements[*element as usize].role == Role::Note => (1, *element),
                Kid::Element(element) if !own => (0, *element),
                _ => (0, 0),
            };
            if element.role != Role::Part {
                kids.sort_by_key(place);
            }
        }
    }

    /// Writes the tree. `marked` are the elements of the pieces of each page, `firsts` the first of each flow.
    pub fn write(mut self, file: &mut File<'_>, pages: &[ObjectId], marked: &[Vec<u32>], firsts: &[u32]) -> ObjectId {
        self.order();
        let root = file.reserve();
        let whole = file.reserve();
        let mut firsts = firsts.iter().copied().peekable();
        let number = |(at, attached): (u32, &bool)| {
            let mut begins = false;
            while firsts.next_if(|first| *first <= at).is_some() {
                begins = true;
            }
            if begins {
                file.begin_group();
            }
            attached.then(|| file.reserve())
        };
        let ids: Vec<Option<ObjectId>> = (0..).zip(&self.attached).map(number).collect();
        file.begin_group();
        let id_of = |element: u32| ids.get(element as usize).copied().flatten().map_or(Object::Null, Object::Reference);
        let attached: Vec<(ObjectId, usize)> = ids.iter().zip(0..).filter_map(|(id, at)| Some(((*id)?, at))).collect();
        file.put_all(&attached, |out, at| self.element(out, *at, whole, &id_of, pages));
        let roots = self.roots.iter().map(|root| id_of(*root));
        file.put(whole, |out| {
            let mut document = Entries::open(out);
            document.name("S", "Document");
            document.set("P", &root.into());
            document.list("K", roots);
            document.close();
        });
        let with_content: Vec<(i64, &Vec<u32>)> = (0..).zip(marked).filter(|(_, pieces)| !pieces.is_empty()).collect();
        let lists: Vec<(ObjectId, &Vec<u32>)> = with_content.iter().map(|(_, pieces)| (file.reserve(), *pieces)).collect();
        file.put_all(&lists, |out, pieces| list(out, pieces.iter().map(|element| id_of(*element))));
        let mut numbers: Vec<Object> =
            with_content.iter().zip(&lists).flat_map(|((at, _), (id, _))| [(*at).into(), (*id).into()]).collect();
        for (at, element) in self.annotations.iter().enumerate() {
            numbers.push(Object::from((pages.len() + at) as i64));
            numbers.push(id_of(*element));
        }
        let notes = attached.iter().filter(|(_, at)| self.elements.get(*at).is_some_and(|element| element.role == Role::Note));
        let mut names: Vec<(String, Object)> = notes.map(|(id, at)| (note(*at), Object::Reference(*id))).collect();
        let next = (pages.len() + self.annotations.len()) as i64;
        let parents = file.add(&dictionary! { "Nums" => numbers }.into());
        let mut tree = dictionary! { "Type" => "StructTreeRoot", "K" => whole, "ParentTree" => parents, "ParentTreeNextKey" => next };
        if !names.is_empty() {
            names.sort_by(|one, other| one.0.cmp(&other.0));
            let list: Vec<Object> = names.into_iter().flat_map(|(name, object)| [string(&name), object]).collect();
            tree.set("IDTree", dictionary! { "Names" => list });
        }
        file.set(root, &tree.into());
        root
    }

    /// Writes an element.
    fn element(&self, out: &mut Vec<u8>, at: usize, whole: ObjectId, id_of: &impl Fn(u32) -> Object, pages: &[ObjectId]) {
        let (Some(element), Some(kids)) = (self.elements.get(at), self.kids.get(at)) else { return };
        let mut entries = Entries::open(out);
        entries.name("S", name(element.role));
        entries.set("P", &element.parent.map_or(whole.into(), id_of));
        let page_id = |page: usize| pages.get(page).copied().map_or(Object::Null, Object::Reference);
        let page = kids.iter().find_map(|kid| if let Kid::Content(page, _) = kid { Some(*page) } else { None });
        if let Some(page) = page {
            entries.set("Pg", &page_id(page));
        }
        let kids = kids.iter().map(|kid| match kid {
            Kid::Content(own, piece) if Some(*own) == page => Object::from(*piece as i64),
            Kid::Content(own, piece) => dictionary! { "Type" => "MCR", "Pg" => page_id(*own), "MCID" => *piece as i64 }.into(),
            Kid::Element(element) => id_of(*element),
            Kid::Annotation(annotation, own) => dictionary! { "Type" => "OBJR", "Obj" => *annotation, "Pg" => page_id(*own) }.into(),
        });
        entries.one_or_list("K", kids);
        if let Some(language) = &element.language {
            entries.set("Lang", &string(language));
        }
        if let Some(words) = &element.words {
            // A label's words are its text, and those of a character that only its font knows; a picture's tell what is seen.
            let key = if matches!(element.role, Role::Label | Role::Span) { "ActualText" } else { "Alt" };
            entries.set(key, &string(words));
        }
        if let Some(attributes) = self.attributes(at as u32, element.role) {
            entries.set("A", &attributes.into());
        }
        if element.role == Role::Note {
            entries.set("ID", &string(&note(at)));
        }
        entries.close();
    }

    /// The attributes of an element (ISO 32000-1, 14.8.5).
    fn attributes(&self, element: u32, role: Role) -> Option<Dictionary> {
        match role {
            Role::List { numbered } => Some(dictionary! { "O" => "List", "ListNumbering" => if numbered { "Decimal" } else { "Disc" } }),
            Role::Figure => {
                let area = self.boxes.get(&element)?;
                Some(dictionary! { "O" => "Layout", "Placement" => "Block", "BBox" => area.map(real).to_vec() })
            }
            Role::Cell(CellRole { heads_column, heads_row, columns, rows }) => {
                let mut attributes = dictionary! { "O" => "Table" };
                if heads_column || heads_row {
                    attributes.set("Scope", if heads_column { "Column" } else { "Row" });
                }
                if columns > 1 {
                    attributes.set("ColSpan", i64::from(columns));
                }
                if rows > 1 {
                    attributes.set("RowSpan", i64::from(rows));
                }
                (attributes.len() > 1).then_some(attributes)
            }
            _ => None,
        }
    }
}
