//! What a book's files have to say: the model, read through, every character with its place in the source.

use super::is_seen;
use crate::Project;
use crate::document::{Block, BlockKind, Cell, Document, Image, Inline, InlineKind};
use crate::script::{self, numeral};
use crate::source::Span;

/// A character that a file has to show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Letter {
    pub c: char,
    /// Where it stands in the source.
    pub span: Span,
    /// Whether it is the source's; else the program writes it, and a file may do without.
    pub own: bool,
}

/// Stands for what the program writes and cannot be known here: the text of a reference, a bullet.
pub(super) const ANYTHING: char = '\u{fffc}';

/// What has to be said, in the lists of [`super::Told`].
#[derive(Debug, Default)]
pub(super) struct Story {
    pub main: Vec<Letter>,
    pub notes: Vec<Vec<Letter>>,
    pub sides: Vec<Vec<Letter>>,
    pub readings: Vec<Vec<Letter>>,
    pub alts: Vec<Vec<Letter>>,
    /// The main text with what stands at the side in it: where margins are too narrow.
    pub with_sides: Vec<Letter>,
}

impl Story {
    /// Of a book, for its PDF or an EPUB.
    pub fn of(project: &Project, printed: bool) -> Story {
        let mut teller = Teller { project, printed, story: Story::default(), out: Vec::new(), sides: Vec::new(), depth: 0 };
        for chapter in &project.manuscript.chapters {
            teller.blocks(&chapter.document.blocks);
            let main = std::mem::take(&mut teller.out);
            let with = std::mem::take(&mut teller.sides);
            teller.story.with_sides.extend(merged(&main, &with));
            teller.story.main.extend(main);
            teller.notes(&chapter.document);
        }
        teller.story
    }
}

/// A text with notes at the side put in where they are marked.
fn merged(main: &[Letter], sides: &[(usize, Vec<Letter>)]) -> Vec<Letter> {
    let mut out = Vec::new();
    let mut done = 0;
    for (at, side) in sides {
        out.extend(main.iter().take(*at).skip(done).copied());
        done = *at;
        let Some(span) = side.first().map(|letter| letter.span) else { continue };
        let bracket = |c: char| Letter { c, span, own: false };
        out.push(bracket('（'));
        out.extend_from_slice(side);
        out.push(bracket('）'));
    }
    out.extend(main.iter().skip(done).copied());
    out
}

struct Teller<'a> {
    project: &'a Project,
    printed: bool,
    story: Story,
    out: Vec<Letter>,
    /// Notes at the side of this text, with their places in it.
    sides: Vec<(usize, Vec<Letter>)>,
    depth: usize,
}

impl Teller<'_> {
    fn notes(&mut self, document: &Document) {
        for note in &document.notes {
            self.out.push(Letter { c: ANYTHING, span: note.span, own: false });
            self.blocks(&note.blocks);
            let own = std::mem::take(&mut self.out);
            self.sides.clear();
            self.story.notes.push(own);
        }
    }

    fn own(&mut self, text: &str, span: Span) {
        let letters = text.char_indices().filter(|(_, c)| is_seen(*c)).map(|(at, c)| Letter {
            c,
            span: Span { start: span.at(at), ..span },
            own: true,
        });
        self.out.extend(letters);
    }

    fn written(&mut self, text: &str, span: Span) {
        self.out.extend(text.chars().filter(|c| is_seen(*c)).map(|c| Letter { c, span, own: false }));
    }

    fn anything(&mut self, span: Span) {
        self.out.push(Letter { c: ANYTHING, span, own: false });
    }

    fn blocks(&mut self, blocks: &[Block]) {
        blocks.iter().for_each(|block| self.block(block));
    }

    #[expect(clippy::indexing_slicing, reason = "every kind of callout has a label: five of each")]
    fn block(&mut self, block: &Block) {
        let span = block.span;
        match &block.kind {
            BlockKind::Heading { number, content, .. } => {
                self.written(number.as_deref().unwrap_or(""), span);
                let start = self.out.len();
                self.inlines(content);
                self.label(start);
            }
            BlockKind::Paragraph(content) => self.inlines(content),
            BlockKind::Quote(inner) | BlockKind::Container(_, inner) => self.blocks(inner),
            BlockKind::Callout(kind, inner) => {
                self.written(self.project.style.labels.callouts[*kind as usize], span);
                self.blocks(inner);
            }
            BlockKind::List { start, items, .. } => {
                for (at, item) in items.iter().enumerate() {
                    match (item.task, start) {
                        (Some(done), _) => self.written(&script::task_mark(done).to_string(), span),
                        (None, Some(start)) => self.written(&numeral::label(start + at as u64, self.project.style.direction), span),
                        (None, None) => self.anything(span),
                    }
                    self.depth += 1;
                    self.blocks(&item.blocks);
                    self.depth -= 1;
                }
            }
            BlockKind::Definitions(entries) => {
                for entry in entries {
                    self.inlines(&entry.term);
                    entry.meanings.iter().for_each(|meaning| self.blocks(meaning));
                }
            }
            BlockKind::Code { text, .. } => self.own(text, span),
            BlockKind::Math(source) => self.math(source, span),
            BlockKind::Table(table) => {
                self.written(table.number.as_deref().unwrap_or(""), span);
                self.inlines(&table.caption);
                let cells = table.head.iter().chain(&table.body).flatten();
                cells.for_each(|cell: &Cell| self.blocks(&cell.blocks));
            }
            BlockKind::Figure { panels, caption, number } => {
                let alone = matches!(panels.as_slice(), [only] if only.caption.is_empty());
                for (at, panel) in panels.iter().enumerate() {
                    self.image(&panel.image, if alone { caption } else { &panel.caption }, panel.span);
                    if !alone {
                        self.written(&script::panel_label(at), panel.span);
                        self.inlines(&panel.caption);
                    }
                }
                self.written(number.as_deref().unwrap_or(""), span);
                self.inlines(caption);
            }
            BlockKind::Rule | BlockKind::NewPage => self.anything(span),
        }
    }

    /// The mark between a heading's label and its title (第一章：甲) may give way to a blank or a line's end.
    #[expect(
        clippy::indexing_slicing,
        clippy::string_slice,
        reason = "`out` only grows past `start`; label and title end characters of its text, in order"
    )]
    fn label(&mut self, start: usize) {
        let text: String = self.out[start..].iter().map(|letter| letter.c).collect();
        let Some(found) = numeral::heading(&text) else { return };
        let count = |to: usize| text[..to].chars().count();
        for letter in &mut self.out[start + count(found.label)..start + count(found.title)] {
            letter.own = false;
        }
    }

    /// A formula is its source in print; in an EPUB it is mathematics, or its source.
    fn math(&mut self, source: &str, span: Span) {
        if self.printed { self.own(source, span) } else { self.written(source, span) }
    }

    /// A picture says its words, or those of its caption; one that is not there shows them.
    fn image(&mut self, image: &Image, caption: &[Inline], span: Span) {
        if image.path.is_none() {
            return self.anything(span);
        }
        let words = if image.alt.trim().is_empty() { crate::document::plain_text(caption) } else { image.alt.clone() };
        let own = !image.alt.trim().is_empty();
        let letters: Vec<Letter> = words.chars().filter(|c| is_seen(*c)).map(|c| Letter { c, span, own }).collect();
        self.story.alts.push(letters);
    }

    fn inlines(&mut self, inlines: &[Inline]) {
        inlines.iter().for_each(|inline| self.inline(inline));
    }

    fn inline(&mut self, inline: &Inline) {
        let span = inline.span;
        match &inline.kind {
            InlineKind::Text(text) | InlineKind::Code(text) => self.own(text, span),
            InlineKind::Math(source) => self.math(source, span),
            InlineKind::Ruby(pairs) => {
                for (base, reading) in pairs {
                    self.own(base, span);
                    if !reading.is_empty() {
                        let letters = reading.chars().filter(|c| is_seen(*c)).map(|c| Letter { c, span, own: true }).collect();
                        self.story.readings.push(letters);
                    }
                }
            }
            InlineKind::Image(image) => self.image(image, &[], span),
            InlineKind::Reference { .. } => self.anything(span),
            InlineKind::Note(_) | InlineKind::Break => {}
            InlineKind::Span(inner) if inline.attrs.has("sidenote") => {
                let (outer, others) = (std::mem::take(&mut self.out), std::mem::take(&mut self.sides));
                let told = self.story.sides.len();
                self.inlines(inner);
                let own = std::mem::replace(&mut self.out, outer);
                let within = std::mem::replace(&mut self.sides, others);
                // One within another is part of its text in print; in an EPUB it stands apart, and before it.
                let whole = merged(&own, &within);
                self.sides.push((self.out.len(), whole.clone()));
                if self.printed {
                    self.story.sides.truncate(told);
                    // Where the margin is too narrow it stands in the line, in brackets.
                    self.story.sides.push(merged(&[], &[(0, whole)]));
                } else {
                    self.story.sides.push(own);
                }
            }
            InlineKind::Span(inner) if inline.attrs.has("warichu") => {
                self.written("（", span);
                self.inlines(inner);
                self.written("）", span);
            }
            _ => self.inlines(inline.children()),
        }
    }
}
