//! Joins the parsed chapters into one manuscript: ids for every heading, numbers, links and cross-references
//! that lead somewhere, images that exist.

use super::{Attrs, Block, BlockKind, Document, Image, Inline, InlineKind, Link, Media, code, numbering, plain_text, walk};
use crate::book::{Book, EntryKind};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::label::Labels;
use crate::manifest::{Loaded, Matter, Numbering};
use crate::script::{self, numeral};
use crate::source::{Sources, Span, percent_decode, resolve, shown};
use crate::text;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The whole book's text, ready for every output.
#[derive(Clone, Debug, Default)]
pub struct Manuscript {
    /// Parts and chapters, in order.
    pub chapters: Vec<Chapter>,
    /// Every heading, in order.
    pub outline: Vec<Heading>,
    /// What ids stand for, by chapter and id.
    pub targets: BTreeMap<(usize, String), Target>,
    /// The images, by path below the book's folder.
    pub media: BTreeMap<PathBuf, Media>,
    /// The cover image, where the manifest names one.
    pub cover: Option<PathBuf>,
}

/// A chapter, or a part page.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// The file below the book's folder; `None` for a part page.
    pub path: Option<PathBuf>,
    /// The title, plain.
    pub title: String,
    /// Whether it is a part page; its document holds the part's heading only.
    pub part: bool,
    /// Depth in the chapter tree, from 0.
    pub depth: usize,
    /// Front, main or back matter.
    pub matter: Matter,
    /// The content.
    pub document: Document,
}

/// A part's title that running heads and navigation show above its chapters.
pub type PartHeading = String;

/// A heading in the outline.
#[derive(Clone, Debug)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        let mut chapter = Chapter { part: path.is_none(), path, title: String::new(), depth: entry.depth, matter: entry.matter, document };
        if !chapter.part {
            supply_title(&mut chapter, entry.title.as_deref());
        }
        manuscript.chapters.push(chapter);
    }
    if !manuscript.chapters.iter().any(|chapter| !chapter.part && has_content(&chapter.document)) {
        let report = Diagnostic::new(Code::EmptyBook, text!("no chapter has any text", "所有章节都没有内容"));
        sink.report(report.in_file("book.toml").advise(text!("write something in the first chapter", "先在第一章里写点什么")));
        return None;
    }
    number(&mut manuscript, loaded.manifest.typography.numbering, labels);
    for chapter in &mut manuscript.chapters {
        walk::change_blocks(&mut chapter.document.blocks, &mut |block| {
            if let BlockKind::Code { language, text, highlights } = &mut block.kind {
                *highlights = code::highlight(language, text);
            }
        });
    }
    let slugs = give_ids(&mut manuscript, sink);
    gather(&mut manuscript);
    resolve_links(&mut manuscript, &slugs, loaded, sink);
    resolve_images(&mut manuscript, loaded, sink);
    (!sink.has_errors()).then_some(manuscript)
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
    let mut count = 0;
    for chapter in &mut manuscript.chapters {
        let main = chapter.matter == Matter::Main && !chapter.part;
        if main && numbering == Numbering::Chapter {
            numbering::number_headings(&mut chapter.document.blocks, chapter.depth, &mut count, labels);
        } else if main && chapter.depth == 0 {
            // A chapter that says which it is keeps its own number: 第三章 is 3, whatever came before.
            let written = first_heading(&chapter.document.blocks).and_then(|text| numeral::heading(&text).map(|number| number.value));
            count = written.unwrap_or(count + 1);
        }
        let own = main.then_some(count).filter(|count| *count > 0);
        numbering::number_floats(&mut chapter.document.blocks, own, labels);
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

type Slugs = BTreeMap<(usize, String), String>;

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
        chapter.title = title.unwrap_or_else(|| opening_words(&chapter.document.blocks));
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

/// An id of letters that every reader takes: the slug where it is plain, else a hash of it (FNV-1a).
fn stable_id(slug: &str) -> String {
    let plain =
        slug.starts_with(|c: char| c.is_ascii_alphabetic()) && slug.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if plain {
        return slug.to_owned();
    }
    let hash = slug.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("h{:010x}", hash >> 24)
}

/// Fills the outline and the targets.
fn gather(manuscript: &mut Manuscript) {
    let in_parts = manuscript.chapters.iter().any(|chapter| chapter.part);
    let mut part_open = false;
    let mut last_level: Option<usize> = None;
    for (at, chapter) in manuscript.chapters.iter().enumerate() {
        part_open = chapter.part || part_open && chapter.matter == Matter::Main;
        let base = if chapter.part { 0 } else { chapter.depth + usize::from(in_parts && part_open) };
        let targets = &mut manuscript.targets;
        let outline = &mut manuscript.outline;
        walk::visit_blocks(&chapter.document.blocks, &mut |block| {
            let Some(id) = block.attrs.id.clone() else { return };
            let (kind, label) = match &block.kind {
                BlockKind::Heading { level, number, content } => {
                    let title = heading_text(number.as_deref(), content);
                    let level = (base + usize::from(*level) - 1).min(last_level.map_or(0, |last| last + 1));
                    last_level = Some(level);
                    let label = number.clone().unwrap_or_else(|| match numeral::heading(&title) {
                        Some(found) => title[..found.label].trim().to_owned(),
                        None => title.clone(),
                    });
                    if !title.is_empty() {
                        outline.push(Heading { title, level, chapter: at, id: Some(id.clone()) });
                    }
                    (TargetKind::Heading, label)
                }
                BlockKind::Figure { number, .. } => (TargetKind::Figure, number.clone().unwrap_or_default()),
                BlockKind::Table(table) => (TargetKind::Table, table.number.clone().unwrap_or_default()),
                _ => (TargetKind::Other, String::new()),
            };
            targets.insert((at, id), Target { kind, label });
        });
        walk::visit_inlines(&chapter.document.blocks, &mut |_, list| gather_inlines(list, at, targets));
        if !outline.iter().any(|heading| heading.chapter == at) {
            let level = base.min(last_level.map_or(0, |last| last + 1));
            last_level = Some(level);
            outline.push(Heading { title: chapter.title.clone(), level, chapter: at, id: None });
        }
    }
}

fn gather_inlines(list: &[Inline], chapter: usize, targets: &mut BTreeMap<(usize, String), Target>) {
    for inline in list {
        if let Some(id) = &inline.attrs.id {
            let label = plain_text(std::slice::from_ref(inline));
            targets.insert((chapter, id.clone()), Target { kind: TargetKind::Other, label });
        }
        gather_inlines(inline.children(), chapter, targets);
    }
}

struct Links<'a> {
    targets: &'a BTreeMap<(usize, String), Target>,
    slugs: &'a Slugs,
    paths: BTreeMap<PathBuf, usize>,
    titles: Vec<String>,
    src: PathBuf,
    root: &'a Path,
    sink: &'a Sink,
}

fn resolve_links(manuscript: &mut Manuscript, slugs: &Slugs, loaded: &Loaded, sink: &Sink) {
    let paths = manuscript.chapters.iter().enumerate().filter_map(|(at, chapter)| Some((chapter.path.clone()?, at))).collect();
    let titles = manuscript.chapters.iter().map(|chapter| chapter.title.clone()).collect();
    let targets = std::mem::take(&mut manuscript.targets);
    let links = Links { targets: &targets, slugs, paths, titles, src: PathBuf::from(&loaded.manifest.book.src), root: &loaded.root, sink };
    manuscript.chapters.par_iter_mut().enumerate().for_each(|(at, chapter)| {
        let from = chapter.path.clone().unwrap_or_default();
        let change = &mut |list: &mut Vec<Inline>| links.list(list, at, &from);
        walk::change_inlines(&mut chapter.document.blocks, change);
        for note in &mut chapter.document.notes {
            walk::change_inlines(&mut note.blocks, change);
        }
    });
    manuscript.targets = targets;
}

impl Links<'_> {
    fn list(&self, list: &mut [Inline], chapter: usize, from: &Path) {
        for inline in list {
            let span = inline.span;
            match &mut inline.kind {
                InlineKind::Link(to, inner) => {
                    *to = self.link(to, chapter, from, span);
                    self.list(inner, chapter, from);
                }
                InlineKind::Reference { to, text, .. } => {
                    *to = self.link(to, chapter, from, span);
                    *text = match to {
                        Link::Inside { chapter, id: Some(id) } => self
                            .targets
                            .get(&(*chapter, id.clone()))
                            .map(|target| target.label.clone())
                            .filter(|label| !label.is_empty())
                            .unwrap_or_else(|| id.clone()),
                        Link::Inside { chapter, id: None } => {
                            let title = &self.titles[*chapter];
                            numeral::heading(title).map_or(title.clone(), |found| title[..found.label].to_owned())
                        }
                        Link::Web(url) => url.clone(),
                        Link::Written(_) | Link::Dead => "？".into(),
                    };
                }
                _ => {
                    if let Some(inner) = inline.children_mut() {
                        self.list(inner, chapter, from);
                    }
                }
            }
        }
    }

    fn link(&self, to: &Link, chapter: usize, from: &Path, span: Span) -> Link {
        let Link::Written(written) = to else { return to.clone() };
        let scheme = written.split(':').next().filter(|scheme| {
            scheme.len() > 1 && scheme.len() < written.len() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        });
        if let Some(scheme) = scheme {
            if scheme.eq_ignore_ascii_case("javascript") || scheme.eq_ignore_ascii_case("vbscript") || scheme.eq_ignore_ascii_case("data") {
                let report = Diagnostic::new(Code::DroppedElement, text!("a {scheme}: link is left out", "{scheme}: 链接被略去"));
                self.sink.report(report.at(span).advise(text!("link to a page instead", "请改为指向网页的链接")));
                return Link::Dead;
            }
            let web = scheme.to_ascii_lowercase().starts_with("http");
            let host = written[scheme.len() + 1..].trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or("");
            if web && (host.is_empty() || host.contains(|c: char| c.is_whitespace() || "[]<>\"^`{|}\\".contains(c))) {
                let report = Diagnostic::new(Code::DeadLink, text!("\"{written}\" names no host", "“{written}”没有写出网站"));
                self.sink.report(
                    report
                        .at(span)
                        .advise(text!("write the whole address, e.g. https://example.org/", "请写出完整地址，如 https://example.org/")),
                );
                return Link::Dead;
            }
            return Link::Web(written.clone());
        }
        if let Some(rest) = written.strip_prefix("//") {
            return Link::Web(format!("https://{rest}"));
        }
        let (path, fragment) =
            written.split_once('#').map_or((written.as_str(), None), |(path, fragment)| (path, Some(percent_decode(fragment))));
        let path = percent_decode(path.split('?').next().unwrap_or(path));
        let target = if path.is_empty() {
            chapter
        } else {
            match self.find_chapter(&path, from) {
                Some(target) => target,
                None => return self.dead_link(written, &path, from, span),
            }
        };
        let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty()) else { return Link::Inside { chapter: target, id: None } };
        let own = |at: usize| -> Option<String> {
            let key = (at, fragment.clone());
            self.targets
                .contains_key(&key)
                .then(|| fragment.clone())
                .or_else(|| self.slugs.get(&key).cloned())
                .or_else(|| self.slugs.get(&(at, fragment.to_lowercase())).cloned())
        };
        if let Some(id) = own(target) {
            return Link::Inside { chapter: target, id: Some(id) };
        }
        if path.is_empty()
            && let Some((elsewhere, id)) = (0..self.titles.len()).find_map(|at| Some((at, own(at)?)))
        {
            return Link::Inside { chapter: elsewhere, id: Some(id) };
        }
        let names = self.targets.keys().filter(|(at, _)| path.is_empty() || *at == target).map(|(_, id)| id);
        let near =
            names.map(|id| (strsim::damerau_levenshtein(id, &fragment), id)).filter(|(distance, id)| *distance <= id.len() / 3).min();
        let report = Diagnostic::new(Code::DeadAnchor, text!("nothing has the id \"{fragment}\"", "没有标识为“{fragment}”的内容")).at(span);
        self.sink.report(match near {
            Some((_, near)) => report.advise(text!("did you mean #{near}?", "是否想写 #{near}？")),
            None => report.advise(text!("give the target an id: # Title {{#{fragment}}}", "给目标加上标识：# 标题 {{#{fragment}}}")),
        });
        if path.is_empty() { Link::Dead } else { Link::Inside { chapter: target, id: None } }
    }

    /// A chapter by the path in a link: relative to the chapter, or to the source folder; `.html` stands for `.md`.
    fn find_chapter(&self, path: &str, from: &Path) -> Option<usize> {
        let written = path.strip_suffix(".html").map_or_else(|| path.to_owned(), |stem| format!("{stem}.md"));
        let candidates = match written.strip_prefix('/') {
            Some(rooted) => vec![resolve(&self.src.join("x"), rooted)],
            None => vec![resolve(from, &written), resolve(&self.src.join("x"), &written)],
        };
        let folder_index = |path: &PathBuf| ["README.md", "index.md"].iter().find_map(|name| self.paths.get(&path.join(name)));
        candidates.into_iter().flatten().find_map(|path| self.paths.get(&path).or_else(|| folder_index(&path)).copied())
    }

    fn dead_link(&self, written: &str, path: &str, from: &Path, span: Span) -> Link {
        let exists = resolve(from, path).is_some_and(|path| self.root.join(path).exists());
        let (message, advice) = if exists {
            (
                text!("\"{written}\" leads to a file that is no chapter of the book", "“{written}”指向的文件不是书中的章节"),
                text!("add it to the chapters, or link to where it is published", "把它列入章节，或改为它在网上的地址"),
            )
        } else {
            (
                text!("\"{written}\" leads to no file", "“{written}”指向的文件不存在"),
                text!("paths are relative to this file", "路径以本文件所在目录为准"),
            )
        };
        self.sink.report(Diagnostic::new(Code::DeadLink, message).at(span).advise(advice));
        Link::Dead
    }
}

/// Finds, reads and checks every image.
fn resolve_images(manuscript: &mut Manuscript, loaded: &Loaded, sink: &Sink) {
    let mut wanted: BTreeMap<PathBuf, Option<Span>> = BTreeMap::new();
    let src = PathBuf::from(&loaded.manifest.book.src);
    for chapter in &mut manuscript.chapters {
        let from = chapter.path.clone().unwrap_or_default();
        let mut one = |image: &mut Image, span: Span| resolve_image(image, span, &from, &src, loaded, &mut wanted, sink);
        walk::change_blocks(&mut chapter.document.blocks, &mut |block| {
            let span = block.span;
            if let BlockKind::Figure { image, .. } = &mut block.kind {
                one(image, span);
            }
        });
        walk::change_inlines(&mut chapter.document.blocks, &mut |list| image_inlines(list, &mut one));
        for note in &mut chapter.document.notes {
            walk::change_blocks(&mut note.blocks, &mut |block| {
                let span = block.span;
                if let BlockKind::Figure { image, .. } = &mut block.kind {
                    one(image, span);
                }
            });
            walk::change_inlines(&mut note.blocks, &mut |list| image_inlines(list, &mut one));
        }
    }
    let mut cover_span = None;
    if let Some(cover) = &loaded.manifest.book.cover {
        let written = cover.get_ref();
        cover_span = Some(loaded.span(cover));
        let below = [src.join("x"), PathBuf::from("x")]
            .iter()
            .filter_map(|base| resolve(base, written))
            .find(|path| loaded.root.join(path).is_file());
        match below {
            Some(path) => {
                wanted.entry(path.clone()).or_insert(cover_span);
                manuscript.cover = Some(path);
            }
            None => {
                let report = Diagnostic::new(Code::MissingImage, text!("the cover \"{written}\" does not exist", "封面“{written}”不存在"));
                sink.report(report.at(loaded.span(cover)).advise(text!(
                    "paths are below the book's folder; without a cover, one is typeset",
                    "路径以书的目录为准；不写 cover 则自动排一个封面"
                )));
            }
        }
    }
    let read: Vec<_> = wanted.into_par_iter().map(|(path, span)| (Media::read(&loaded.root.join(&path)), path, span)).collect();
    for (media, path, span) in read {
        match media {
            Ok(media) => {
                manuscript.media.insert(path, media);
            }
            Err(reason) => {
                let shown = shown(&path);
                let report = Diagnostic::new(Code::BrokenImage, text!("{shown} cannot be used: {reason}", "{shown} 无法使用：{reason}"));
                let report = report.advise(text!("save it again as PNG or JPEG", "请重新存为 PNG 或 JPEG"));
                sink.report(match span.or(cover_span) {
                    Some(span) => report.at(span),
                    None => report.in_file(shown),
                });
            }
        }
    }
}

fn image_inlines(list: &mut [Inline], one: &mut dyn FnMut(&mut Image, Span)) {
    for inline in list {
        let span = inline.span;
        if let InlineKind::Image(image) = &mut inline.kind {
            one(image, span);
        }
        if let Some(inner) = inline.children_mut() {
            image_inlines(inner, one);
        }
    }
}

fn resolve_image(
    image: &mut Image,
    span: Span,
    from: &Path,
    src: &Path,
    loaded: &Loaded,
    wanted: &mut BTreeMap<PathBuf, Option<Span>>,
    sink: &Sink,
) {
    let written = &image.source;
    if written.contains("://") || written.starts_with("//") || written.starts_with("data:") {
        let short: String = written.chars().take(60).collect();
        let report =
            Diagnostic::new(Code::RemoteImage, text!("the image {short} is not in the book's folder", "图片 {short} 不在书的目录里"));
        sink.report(report.at(span).advise(text!(
            "save it below the book and name it there; for now its alternative text is set",
            "请把它存到书的目录里再引用；暂以替代文字排出"
        )));
        return;
    }
    let path = percent_decode(written.split(['?', '#']).next().unwrap_or(written));
    let candidates = match path.strip_prefix('/') {
        Some(rooted) => vec![resolve(&src.join("x"), rooted), resolve(Path::new("x"), rooted)],
        None => vec![resolve(from, &path), resolve(&src.join("x"), &path)],
    };
    match candidates.into_iter().flatten().find(|path| loaded.root.join(path).is_file()) {
        Some(found) => {
            wanted.entry(found.clone()).or_insert(Some(span));
            image.path = Some(found);
        }
        None => {
            let report = Diagnostic::new(Code::MissingImage, text!("the image \"{written}\" does not exist", "图片“{written}”不存在"));
            sink.report(report.at(span).advise(text!("paths are relative to this file", "路径以本文件所在目录为准")));
        }
    }
}
