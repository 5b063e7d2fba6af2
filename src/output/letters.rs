//! Which characters a text shows, by the font that is wanted for them: what must have a font at all, and what an EPUB's fonts are cut to.

use crate::cache::{Cache, Key};
use crate::document::{Block, BlockKind, Inline, InlineKind, Manuscript};
use crate::font::{Role, Want};
use crate::manifest::{Emphasis, Loaded};
use crate::script::{self, Characters};
use crate::style::Style;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// What emphasis dots are drawn with; the same in the stylesheet.
const DOT: &str = "・";

/// The body's font.
pub(super) const SERIF: Want = Want { role: Role::Serif, bold: false, italic: false };

/// That of headings.
pub(super) const HEADING: Want = Want { role: Role::Sans, bold: true, italic: false };

/// Characters by the font that is wanted for them, each once.
pub type Letters = Vec<(Want, String)>;

/// Those of each chapter, as they were found before, or anew.
pub(crate) fn by_chapter(manuscript: &Manuscript, loaded: &Loaded, style: &Style, cache: &Cache) -> Vec<Letters> {
    let look = Key::of("voices", &loaded.text);
    let chapters = manuscript.chapters.par_iter().enumerate().map(|(at, chapter)| {
        let gather = || {
            let mut own = Gatherer::new(style);
            chapter.document.texts().for_each(|blocks| own.blocks(blocks, SERIF));
            Ok::<_, Infallible>(own.letters())
        };
        let Ok(letters) = cache.made(Key::of("letters", (look, manuscript.digest(at))), gather);
        letters
    });
    chapters.collect()
}

/// Gathers the characters of texts.
pub(super) struct Gatherer<'a> {
    style: &'a Style,
    met: BTreeMap<Want, Characters>,
}

impl<'a> Gatherer<'a> {
    pub fn new(style: &'a Style) -> Gatherer<'a> {
        Gatherer { style, met: BTreeMap::new() }
    }

    /// All that were met.
    pub fn letters(self) -> Letters {
        self.met.into_iter().map(|(want, met)| (want, met.all().collect())).collect()
    }

    /// A text that is wanted in a font.
    pub fn text(&mut self, text: &str, want: Want) {
        self.met.entry(want).or_insert_with(Characters::none).add(text);
    }

    /// The other voice beside the body's, of quotations and names.
    pub fn voice(&self) -> Want {
        Want { italic: false, ..self.style.quote().want }
    }

    fn blocks(&mut self, blocks: &[Block], want: Want) {
        for block in blocks {
            match &block.kind {
                BlockKind::Heading { level, content, .. } => {
                    let role = if *level > 4 { Role::Kai } else { Role::Sans };
                    self.inlines(content, Want { role, ..HEADING });
                    self.inlines(content, Want { role, bold: false, ..HEADING });
                }
                BlockKind::Paragraph(content) => self.inlines(content, want),
                BlockKind::Quote(blocks) | BlockKind::Callout(_, blocks) => {
                    let role = self.voice().role;
                    self.blocks(blocks, Want { role, ..want });
                }
                BlockKind::Container(kind, blocks) => {
                    use crate::document::Container::{Epigraph, Verse};
                    let role = if matches!(kind, Verse | Epigraph) { self.voice().role } else { want.role };
                    self.blocks(blocks, Want { role, ..want });
                }
                BlockKind::List { items, .. } => {
                    for item in items {
                        item.task.iter().for_each(|done| self.text(&script::task_mark(*done).to_string(), want));
                        self.blocks(&item.blocks, want);
                    }
                }
                BlockKind::Definitions(entries) => {
                    for entry in entries {
                        self.inlines(&entry.term, Want { bold: true, ..want });
                        entry.meanings.iter().for_each(|meaning| self.blocks(meaning, want));
                    }
                }
                BlockKind::Code { text, .. } => {
                    let mono = Want { role: Role::Mono, bold: false, italic: false };
                    self.text(text, mono);
                    self.text(text, Want { bold: true, ..mono });
                }
                BlockKind::Table(table) => {
                    self.inlines(&table.caption, want);
                    self.text(table.number.as_deref().unwrap_or(""), want);
                    for cell in table.head.iter().flatten() {
                        self.blocks(&cell.blocks, HEADING);
                    }
                    for cell in table.body.iter().flatten() {
                        self.blocks(&cell.blocks, if cell.header { HEADING } else { want });
                    }
                }
                BlockKind::Figure { caption, number, panels } => {
                    self.inlines(caption, want);
                    self.text(number.as_deref().unwrap_or(""), want);
                    for (at, panel) in panels.iter().enumerate() {
                        self.inlines(&panel.caption, want);
                        self.text(&panel.image.alt, want);
                        self.text(&script::panel_label(at), want);
                    }
                }
                BlockKind::Math(source) => self.text(source, Want { role: Role::Mono, bold: false, italic: false }),
                BlockKind::Rule | BlockKind::NewPage => {}
            }
        }
    }

    fn inlines(&mut self, inlines: &[Inline], want: Want) {
        for inline in inlines {
            match &inline.kind {
                InlineKind::Text(text) | InlineKind::Reference { text, .. } => self.text(text, want),
                InlineKind::Code(text) | InlineKind::Math(text) => self.text(text, Want { role: Role::Mono, italic: false, ..want }),
                InlineKind::Emphasis(inner) => match self.style.emphasis(inline.attrs.has("em")) {
                    Emphasis::Kai => self.inlines(inner, Want { italic: true, ..want }),
                    Emphasis::Bold => self.inlines(inner, Want { bold: true, ..want }),
                    Emphasis::Dots => {
                        self.text(DOT, want);
                        self.inlines(inner, want);
                    }
                },
                InlineKind::Strong(inner) => self.inlines(inner, Want { bold: true, ..want }),
                InlineKind::Ruby(pairs) => pairs.iter().for_each(|(base, reading)| {
                    self.text(base, want);
                    self.text(reading, want);
                    self.text("（）", want);
                }),
                InlineKind::Image(image) => self.text(&image.alt, want),
                InlineKind::Span(inner) => {
                    if inline.attrs.has("dots") {
                        self.text(DOT, want);
                    }
                    let role = match inline.attrs.classes.iter().find_map(|class| match class.as_str() {
                        "kai" => Some(Role::Kai),
                        "hei" => Some(Role::Sans),
                        "fangsong" => Some(Role::FangSong),
                        _ => None,
                    }) {
                        Some(role) => role,
                        None => want.role,
                    };
                    self.inlines(inner, Want { role, ..want });
                }
                InlineKind::Note(_) | InlineKind::Break => {}
                _ => self.inlines(inline.children(), want),
            }
        }
    }
}
