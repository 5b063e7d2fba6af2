//! Joins the parsed chapters into one manuscript: ids for every heading, numbers, links and cross-references
//! that lead somewhere, images that exist.

use super::{Attrs, Block, BlockKind, Document, Inline, InlineKind, Media, code, images, links, numbering, plain_text, walk};
use crate::book::{Book, EntryKind};
use crate::cache::Key;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::label::Labels;
use crate::manifest::{Loaded, Matter, Numbering, is_language};
use crate::script::{self, numeral};
use crate::source::{Sources, Span, fingerprint};
use crate::text;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The whole book's text, ready for every output.
#[derive(Clone, Debug, Default)]
pub struct Manuscript {
    /// Parts and chapters, in order.
    pub chapters: Vec<Chapter>,
    /// Every heading, in order.
    pub outline: Vec<Heading>,
    /// Every figure and table with a number, in order.
    pub floating: Vec<Floating>,
    /// What ids stand for, by chapter and id.
    pub targets: BTreeMap<(usize, String), Target>,
    /// The images, by path below the book's folder.
    pub media: BTreeMap<PathBuf, Media>,
    /// The cover image, where the manifest names one.
    pub cover: Option<PathBuf>,
    /// What the chapters are made of, as far as it was asked for.
    digests: Vec<OnceLock<Key>>,
}

/// A chapter, or a part page.
#[derive(Clone, Debug, Hash)]
pub struct Chapter {
    /// The file below the book's folder; `None` for a part page.
    pub path: Option<PathBuf>,
    /// The title, plain.
    pub title: String,
    /// What it is.
    pub kind: ChapterKind,
    /// Depth in the chapter tree, from 0.
    pub depth: usize,
    /// Front, main or back matter.
    pub matter: Matter,
    /// The content.
    pub document: Document,
}

/// What a chapter is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ChapterKind {
    /// A chapter of the text.
    #[default]
    Text,
    /// A part page: its document holds the part's heading only.
    Part,
    /// The dedication, from the manifest.
    Dedication,
    /// What is said of the book's making, from the manifest.
    Colophon,
}

/// A figure or table with a number.
#[derive(Clone, Debug)]
pub struct Floating {
    /// Which of the two.
    pub kind: TargetKind,
    /// Its number and caption, plain.
    pub title: String,
    /// Index of its chapter.
    pub chapter: usize,
    /// Its id.
    pub id: String,
}

/// A heading in the outline.
#[derive(Clone, Debug, Hash)]
pub struct Heading {
    /// The text, plain, with its number.
    pub title: String,
    /// Nesting, from 0, without jumps: at most one more than the heading before it.
    pub level: usize,
    /// Index of its chapter.
    pub chapter: usize,
    /// Its id; `None` for a chapter without a heading, which is known by its first words.
    pub id: Option<String>,
}

/// What an id stands for.
#[derive(Clone, Debug)]
pub struct Target {
    /// What it is.
    pub kind: TargetKind,
    /// What a cross-reference says: 第三章, 图 3-2.
    pub label: String,
}

/// Kinds of targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TargetKind {
    /// A heading.
    Heading,
    /// A figure.
    Figure,
    /// A table.
    Table,
    /// Anything else with an id.
    Other,
}

impl Manuscript {
    /// Levels of the outline that a list of so many levels of headings shows: parts are not counted. All where no number is given.
    pub fn listed_levels(&self, depth: Option<u8>) -> usize {
        depth.map_or(usize::MAX, |depth| usize::from(depth) + usize::from(self.has_parts()))
    }

    /// The images that the text shows, by path. A cover that is not among them stands on its own page alone.
    pub fn images(&self) -> BTreeSet<&Path> {
        let mut found = BTreeSet::new();
        for blocks in self.chapters.iter().flat_map(|chapter| chapter.document.texts()) {
            walk::visit_images(blocks, &mut |image, _, _| found.extend(image.path.as_deref()));
        }
        found
    }

    /// A chapter as a number, for what is made of it and kept. It is found once: a chapter is long, and asked for by each output.
    pub fn digest(&self, chapter: usize) -> Key {
        let found = || Key::of("chapter", self.chapters.get(chapter));
        self.digests.get(chapter).map_or_else(found, |known| *known.get_or_init(found))
    }

    /// Whether its chapters stand in parts.
    pub fn has_parts(&self) -> bool {
        self.chapters.iter().any(|chapter| chapter.kind == ChapterKind::Part)
    }
}

/// Parses and joins all chapters. `None` where an error leaves nothing to build.
pub fn assemble(loaded: &Loaded, book: &Book, sources: &Sources, sink: &Sink) -> Option<Manuscript> {
    let labels = Labels::of(&loaded.manifest.book.language);
    let documents: Vec<Document> = book
        .entries
        .par_iter()
        .map(|entry| match &entry.kind {
            EntryKind::Chapter { file, .. } => super::parse(&sources.get(*file).text, *file, sink),
            EntryKind::Part => part_page(entry.title.as_deref().unwrap_or("")),
        })
        .collect();
    let mut manuscript = Manuscript::default();
    for (entry, document) in book.entries.iter().zip(documents) {
        let path = match &entry.kind {
            EntryKind::Chapter { path, .. } => Some(path.clone()),
            EntryKind::Part => None,
        };
        let kind = if path.is_none() { ChapterKind::Part } else { ChapterKind::Text };
        let mut chapter = Chapter { kind, path, title: String::new(), depth: entry.depth, matter: entry.matter, document };
        if kind == ChapterKind::Text {
            supply_title(&mut chapter, entry.title.as_deref());
        }
        manuscript.chapters.push(chapter);
    }
    if !manuscript.chapters.iter().any(|chapter| chapter.kind == ChapterKind::Text && has_content(&chapter.document)) {
        let report = Diagnostic::new(Code::EmptyBook, text!("no chapter has any text", "所有章节都没有内容"));
        sink.report(report.in_file("book.toml").advise(text!("write something in the first chapter", "先在第一章里写点什么")));
        return None;
    }
    own_pages(&mut manuscript, loaded, labels);
    number(&mut manuscript, loaded.manifest.typography.numbering, labels);
    manuscript.chapters.par_iter_mut().for_each(|chapter| {
        walk::change_blocks(&mut chapter.document.blocks, &mut |block| {
            if let BlockKind::Code { language, text, highlights } = &mut block.kind {
                *highlights = code::highlight(language, text);
            }
        });
        languages(&mut chapter.document, sink);
    });
    let slugs = give_ids(&mut manuscript, sink);
    gather(&mut manuscript);
    links::resolve_links(&mut manuscript, &slugs, loaded, sink);
    images::resolve_images(&mut manuscript, loaded, sink);
    manuscript.digests.resize_with(manuscript.chapters.len(), OnceLock::new);
    (!sink.has_errors()).then_some(manuscript)
}

/// The pages that the manifest gives the text of: the dedication before everything, the colophon after it.
fn own_pages(manuscript: &mut Manuscript, loaded: &Loaded, labels: &Labels) {
    let span = Span::new(loaded.file, 0..0);
    let text = |line: &str| Inline::new(InlineKind::Text(line.to_owned()), span);
    let page = |kind, title: &str, matter, blocks| {
        let document = Document { blocks, notes: Vec::new() };
        Chapter { path: None, title: title.to_owned(), kind, depth: 0, matter, document }
    };
    let book = &loaded.manifest.book;
    if let Some(words) = &book.dedication {
        let mut lines: Vec<Inline> = Vec::new();
        for line in words.lines() {
            if !lines.is_empty() {
                lines.push(Inline::new(InlineKind::Break, span));
            }
            lines.push(text(line));
        }
        let blocks = vec![Block::new(BlockKind::Paragraph(lines), span)];
        manuscript.chapters.insert(0, page(ChapterKind::Dedication, labels.dedication, Matter::Front, blocks));
    }
    if let Some(words) = &book.colophon {
        let blocks = words.lines().map(|line| Block::new(BlockKind::Paragraph(vec![text(line)]), span)).collect();
        manuscript.chapters.push(page(ChapterKind::Colophon, labels.colophon, Matter::Back, blocks));
    }
}

fn part_page(title: &str) -> Document {
    let span = Span::default();
    let content = vec![Inline::new(InlineKind::Text(title.to_owned()), span)];
    let attrs = Attrs { classes: vec!["part".into(), "unnumbered".into()], ..Attrs::default() };
    Document { blocks: vec![Block { kind: BlockKind::Heading { level: 1, number: None, content }, attrs, span }], notes: Vec::new() }
}

fn has_content(document: &Document) -> bool {
    document.blocks.iter().any(|block| match &block.kind {
        BlockKind::Paragraph(content) | BlockKind::Heading { content, .. } => !content.is_empty(),
        BlockKind::NewPage | BlockKind::Rule => false,
        _ => true,
    })
}

/// Sees to it that the first heading of a chapter is of level 1, and adds one where the tree gives a title and the
/// file has none.
fn supply_title(chapter: &mut Chapter, listed: Option<&str>) {
    let blocks = &mut chapter.document.blocks;
    let levels: Vec<u8> =
        blocks.iter().filter_map(|block| if let BlockKind::Heading { level, .. } = block.kind { Some(level) } else { None }).collect();
    match (levels.iter().min(), listed) {
        (Some(1), _) => {}
        (_, Some(title)) => {
            let span = blocks.first().map(|block| Span { end: block.span.start, ..block.span }).unwrap_or_default();
            let content = vec![Inline::new(InlineKind::Text(title.to_owned()), span)];
            blocks.insert(0, Block::new(BlockKind::Heading { level: 1, number: None, content }, span));
        }
        (Some(lowest), None) => {
            let shift = lowest - 1;
            for block in blocks.iter_mut() {
                if let BlockKind::Heading { level, .. } = &mut block.kind {
                    *level -= shift;
                }
            }
        }
        (None, None) => {}
    }
}

fn number(manuscript: &mut Manuscript, numbering: Numbering, labels: &Labels) {
    let (mut count, mut section) = (0, 0);
    // Figures and tables of the chapter in force, and of what stands outside chapters.
    let (mut inside, mut outside) = ([0; 2], [0; 2]);
    for chapter in &mut manuscript.chapters {
        let before = count;
        let main = chapter.matter == Matter::Main && chapter.kind != ChapterKind::Part;
        if main && numbering == Numbering::Chapter {
            numbering::number_headings(&mut chapter.document.blocks, chapter.depth, (&mut count, &mut section), labels);
        } else if main && chapter.depth == 0 {
            // A chapter that says which it is keeps its own number: 第三章 is 3, whatever came before.
            let written = first_heading(&chapter.document.blocks).and_then(|text| numeral::heading(&text).map(|number| number.value));
            count = written.unwrap_or(count + 1);
        }
        let own = main.then_some(count).filter(|count| *count > 0);
        if count != before || chapter.depth == 0 {
            inside = [0; 2];
        }
        let counts = if own.is_some() { &mut inside } else { &mut outside };
        numbering::number_floats(&mut chapter.document.blocks, own, counts, labels);
    }
}

fn first_heading(blocks: &[Block]) -> Option<String> {
    blocks.iter().find_map(|block| if let BlockKind::Heading { content, .. } = &block.kind { Some(plain_text(content)) } else { None })
}

/// The text of a heading with its number, white space folded.
pub fn heading_text(number: Option<&str>, content: &[Inline]) -> String {
    let text = plain_text(content);
    let words: Vec<&str> = text.split(char::is_whitespace).filter(|word| !word.is_empty()).collect();
    let mut folded = String::new();
    for word in number.into_iter().chain(words) {
        if let Some(last) = folded.chars().next_back() {
            folded.push(if script::is_western_letter(last) { ' ' } else { script::IDEOGRAPHIC_SPACE });
        }
        folded.push_str(word);
    }
    folded
}

/// The number that a heading bears, 第三章, and its title, apart. `None` where it has no number with a title after it.
#[expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "the plain text begins with the first text, and `title` was found within that"
)]
pub fn split_number(content: &[Inline]) -> Option<(Inline, Vec<Inline>)> {
    let Some(Inline { kind: InlineKind::Text(text), span, .. }) = content.first() else { return None };
    let found = numeral::heading(&plain_text(content)).filter(|found| found.title < text.len() && found.title > found.label)?;
    let piece = |range: std::ops::Range<usize>| {
        let place = |at: usize| (span.start + at as u32).min(span.end);
        let span = Span { start: place(range.start), end: place(range.end), ..*span };
        Inline::new(InlineKind::Text(text[range].to_owned()), span)
    };
    let mut title = content.to_vec();
    title[0] = piece(found.title..text.len());
    Some((piece(0..found.label), title))
}

/// Puts languages into the form of their tags, and leaves out what is none.
fn languages(document: &mut Document, sink: &Sink) {
    let one = |attrs: &mut Attrs, span: Span| {
        let Some(written) = attrs.language.take() else { return };
        let tag = written.trim().replace('_', "-");
        if is_language(&tag) {
            attrs.language = Some(tag);
            return;
        }
        let report = Diagnostic::new(Code::NoLanguage, text!("\"{written}\" is no language tag", "“{written}”不是语言标签"));
        sink.report(report.at(span).advise(text!("write one such as en, ja or zh-Hant; it is left out", "如 en、ja、zh-Hant；此处略去")));
    };
    fn inlines(list: &mut [Inline], one: &dyn Fn(&mut Attrs, Span)) {
        for inline in list {
            one(&mut inline.attrs, inline.span);
            if let Some(inner) = inline.children_mut() {
                inlines(inner, one);
            }
        }
    }
    let notes = document.notes.iter_mut().map(|note| &mut note.blocks);
    for blocks in std::iter::once(&mut document.blocks).chain(notes) {
        walk::change_blocks(blocks, &mut |block| one(&mut block.attrs, block.span));
        walk::change_inlines(blocks, &mut |list| inlines(list, &one));
    }
}

/// Slugs, as web pages make them, by chapter, and the id that each leads to.
pub(super) type Slugs = BTreeMap<(usize, String), String>;

/// Gives every heading an id that stays the same while its text does, and says which slug, as web pages make it,
/// leads to which id. Written ids that repeat are reported; the first keeps its name.
fn give_ids(manuscript: &mut Manuscript, sink: &Sink) -> Slugs {
    let mut slugs = BTreeMap::new();
    let mut written: BTreeMap<String, usize> = BTreeMap::new();
    for (at, chapter) in manuscript.chapters.iter_mut().enumerate() {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let mut claim = |id: &mut Option<String>, span: Span| {
            let Some(name) = id else { return };
            if !taken.insert(name.clone()) || *written.entry(name.clone()).or_insert(at) != at {
                let report = Diagnostic::new(Code::DuplicateId, text!("the id \"{name}\" stands twice", "标识“{name}”重复"));
                sink.report(
                    report
                        .at(span)
                        .advise(text!("references lead to the first; give this one a name of its own", "引用指向第一处；请给这里另起一个")),
                );
                *id = None;
            }
        };
        walk::change_blocks(&mut chapter.document.blocks, &mut |block| claim(&mut block.attrs.id, block.span));
        walk::change_inlines(&mut chapter.document.blocks, &mut |list| claim_inlines(list, &mut claim));
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        let mut title = None;
        walk::change_blocks(&mut chapter.document.blocks, &mut |block| {
            let BlockKind::Heading { content, number, .. } = &block.kind else { return };
            let text = plain_text(content);
            if title.is_none() {
                title = Some(heading_text(number.as_deref(), content)).filter(|title| !title.is_empty());
            }
            let mut slug = slug(&text);
            let times = count.entry(slug.clone()).and_modify(|times| *times += 1).or_insert(0);
            if *times > 0 {
                slug = format!("{slug}-{times}");
            }
            let id = block.attrs.id.clone().unwrap_or_else(|| {
                let mut id = stable_id(&slug);
                while taken.contains(&id) {
                    id.push('x');
                }
                id
            });
            taken.insert(id.clone());
            slugs.entry((at, slug)).or_insert_with(|| id.clone());
            block.attrs.id = Some(id);
        });
        if chapter.title.is_empty() {
            chapter.title = title.unwrap_or_else(|| opening_words(&chapter.document.blocks));
        }
    }
    slugs
}

fn claim_inlines(list: &mut [Inline], claim: &mut dyn FnMut(&mut Option<String>, Span)) {
    for inline in list {
        claim(&mut inline.attrs.id, inline.span);
        if let Some(inner) = inline.children_mut() {
            claim_inlines(inner, claim);
        }
    }
}

/// The first words of a chapter that has no heading: its name in the navigation.
fn opening_words(blocks: &[Block]) -> String {
    let mut text = String::new();
    walk::visit_inlines(blocks, &mut |_, list| {
        if text.is_empty() {
            text = plain_text(list).trim().chars().take(16).collect();
        }
    });
    if text.is_empty() { "—".into() } else { text }
}

/// A slug as GitHub and mdBook make it.
fn slug(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    lower
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_' || c.is_whitespace())
        .map(|c| if c.is_whitespace() { '-' } else { c })
        .collect()
}

/// An id of letters that every reader takes: the slug where it is plain, else a hash of it.
fn stable_id(slug: &str) -> String {
    let plain =
        slug.starts_with(|c: char| c.is_ascii_alphabetic()) && slug.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if plain {
        return slug.to_owned();
    }
    format!("h{:010x}", fingerprint(slug.as_bytes()) >> 24)
}

/// Fills the outline and the targets.
#[expect(clippy::string_slice, reason = "`label` is where `heading` found a character of this title to end")]
fn gather(manuscript: &mut Manuscript) {
    let in_parts = manuscript.has_parts();
    let mut part_open = false;
    let mut last_level: Option<usize> = None;
    for (at, chapter) in manuscript.chapters.iter().enumerate() {
        let part = chapter.kind == ChapterKind::Part;
        part_open = part || part_open && chapter.matter == Matter::Main;
        let base = if part { 0 } else { chapter.depth + usize::from(in_parts && part_open) };
        let targets = &mut manuscript.targets;
        let outline = &mut manuscript.outline;
        let floating = &mut manuscript.floating;
        let mut list = |kind, number: Option<&str>, caption: &[Inline], id: &str| {
            if let Some(number) = number {
                let caption = heading_text(None, caption);
                let title = if caption.is_empty() { number.to_owned() } else { format!("{number}{}{caption}", script::IDEOGRAPHIC_SPACE) };
                floating.push(Floating { kind, title, chapter: at, id: id.to_owned() });
            }
        };
        walk::visit_blocks(&chapter.document.blocks, &mut |block| {
            let Some(id) = block.attrs.id.clone() else { return };
            let (kind, label) = match &block.kind {
                BlockKind::Heading { level, number, content } => {
                    let title = heading_text(number.as_deref(), content);
                    let level = (base + usize::from(*level) - 1).min(last_level.map_or(0, |last| last + 1));
                    let label = number.clone().unwrap_or_else(|| match numeral::heading(&title) {
                        Some(found) => title[..found.label].trim().to_owned(),
                        None => title.clone(),
                    });
                    if !title.is_empty() {
                        last_level = Some(level);
                        outline.push(Heading { title, level, chapter: at, id: Some(id.clone()) });
                    }
                    (TargetKind::Heading, label)
                }
                BlockKind::Figure { number, caption, .. } => {
                    list(TargetKind::Figure, number.as_deref(), caption, &id);
                    (TargetKind::Figure, number.clone().unwrap_or_default())
                }
                BlockKind::Table(table) => {
                    list(TargetKind::Table, table.number.as_deref(), &table.caption, &id);
                    (TargetKind::Table, table.number.clone().unwrap_or_default())
                }
                _ => (TargetKind::Other, String::new()),
            };
            targets.insert((at, id), Target { kind, label });
        });
        walk::visit_each_inline(&chapter.document.blocks, &mut |inline| {
            if let Some(id) = &inline.attrs.id {
                let label = plain_text(std::slice::from_ref(inline));
                targets.insert((at, id.clone()), Target { kind: TargetKind::Other, label });
            }
        });
        // Pages of the manifest's own stand in no map.
        let listed = matches!(chapter.kind, ChapterKind::Text | ChapterKind::Part);
        if listed && outline.last().is_none_or(|heading| heading.chapter != at) {
            let level = base.min(last_level.map_or(0, |last| last + 1));
            last_level = Some(level);
            outline.push(Heading { title: chapter.title.clone(), level, chapter: at, id: None });
        }
    }
}
