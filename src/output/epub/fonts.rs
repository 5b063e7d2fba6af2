//! Which characters each face shows in the EPUB, and what its font is called there. A book need not bring all its fonts along:
//! readers choose their own for the body.

use crate::cache::Key;
use crate::document::{Block, BlockKind, Inline, InlineKind};
use crate::font::{FaceId, Role, Want, is_on_devices};
use crate::manifest::{Emphasis, EpubFonts};
use crate::output::Input;
use crate::script::{self, Seen};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

/// What emphasis dots are drawn with; the same in the stylesheet.
const DOT: &str = "・";

/// A font of the EPUB.
pub(super) struct Embedded {
    pub file: String,
    pub family: String,
    pub mime: &'static str,
    pub face: FaceId,
    /// What it shows.
    pub characters: BTreeSet<char>,
    bold: bool,
    italic: bool,
    /// Whether it holds letters only: then the marks that Chinese shares with them are not asked of it.
    letters: bool,
    /// Whether it is also the italic of its family: Chinese characters are never slanted.
    upright_italic: bool,
}

impl Embedded {
    /// The rule that makes the font known.
    pub fn rule(&self) -> String {
        let weight = if self.bold { "bold" } else { "normal" };
        let range =
            if self.letters { "  unicode-range: U+0-B6, U+B8-2013, U+2015-2017, U+201A-201B, U+201E-2025, U+2027-10FFFF;\n" } else { "" };
        let face = |style: &str| {
            format!(
                "@font-face {{\n  font-family: \"{}\";\n  font-weight: {weight};\n  font-style: {style};\n{range}  src: url(fonts/{});\n}}\n",
                self.family, self.file
            )
        };
        match (self.italic, self.upright_italic) {
            (true, _) => face("italic"),
            (false, true) => face("normal") + &face("italic"),
            (false, false) => face("normal"),
        }
    }
}

/// The fonts of the EPUB, and the characters of the body that are in them alone: devices lack these.
#[derive(Default)]
pub(super) struct Fonts {
    pub embedded: Vec<Embedded>,
    pub rare: BTreeSet<char>,
}

/// The faces that the book brings along, and what each shows: all that it uses, or, where the body is the device's, headings, the other
/// voice, and what devices lack.
pub(super) fn gather(input: &Input<'_>) -> Fonts {
    let body = match input.loaded.manifest.epub.fonts {
        EpubFonts::Embed => true,
        EpubFonts::Headings => false,
        EpubFonts::None => return Fonts::default(),
    };
    let look = Key::of("EPUB: voices", &input.loaded.text);
    let chapters = input.manuscript.chapters.par_iter().enumerate().map(|(at, chapter)| {
        let gather = || {
            let mut own = Gatherer::new(input);
            chapter.document.texts().for_each(|blocks| own.blocks(blocks, SERIF));
            Ok::<_, Infallible>(own.letters())
        };
        let Ok(letters) = input.cache.made(Key::of("EPUB: letters", (look, input.manuscript.digest(at))), gather);
        letters
    });
    let chapters: Vec<Letters> = chapters.collect();
    let mut shown = Shown { input, seen: BTreeMap::new(), found: BTreeMap::new(), of_body: BTreeMap::new() };
    // The title stands out whatever the body is.
    shown.add(input.loaded.manifest.book.title.get_ref(), Want { bold: true, ..SERIF }, true);
    let mut book = Gatherer::new(input);
    book.book();
    for (want, letters) in std::iter::once(book.letters()).chain(chapters).flatten() {
        shown.add(&letters, want, body);
    }
    let Shown { mut found, of_body, .. } = shown;
    let region = input.style.region;
    let mut rare = BTreeSet::new();
    for (id, characters) in of_body {
        let lacking: Vec<char> = characters.into_iter().filter(|c| !is_on_devices(*c, region)).collect();
        rare.extend(lacking.iter().copied());
        if !lacking.is_empty() {
            found.entry(id).or_default().extend(lacking);
        }
    }
    let embedded = found.into_iter().map(|(id, characters)| {
        let face = input.fonts.face(id);
        let (ending, mime) = if face.is_truetype() { ("ttf", "font/ttf") } else { ("otf", "font/otf") };
        Embedded {
            file: format!("{}.{ending}", face.name),
            family: face.family.to_string(),
            mime,
            face: id,
            characters,
            bold: face.bold,
            italic: face.italic,
            letters: !face.chinese(),
            upright_italic: face.chinese() && !face.bold,
        }
    });
    Fonts { embedded: embedded.collect(), rare }
}

/// Obfuscates a font, or makes it plain again, with the book's identifier (EPUB 3.3, 4.4: font obfuscation).
pub(super) fn obfuscate(data: &mut [u8], identifier: &str) {
    let identifier: String = identifier.chars().filter(|c| !matches!(c, ' ' | '\t' | '\r' | '\n')).collect();
    let key = sha1_smol::Sha1::from(identifier).digest().bytes();
    data.iter_mut().take(1040).zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
}

/// Characters by the font that is wanted for them: each once, as they were met, but for those beyond the first plane.
type Letters = Vec<(Want, String)>;

/// Gathers the characters of a text.
struct Gatherer<'a> {
    input: &'a Input<'a>,
    met: BTreeMap<Want, (Seen, String)>,
}

/// Which face shows what.
struct Shown<'a> {
    input: &'a Input<'a>,
    seen: BTreeMap<Want, Seen>,
    found: BTreeMap<FaceId, BTreeSet<char>>,
    /// What is left to the device.
    of_body: BTreeMap<FaceId, BTreeSet<char>>,
}

const SERIF: Want = Want { role: Role::Serif, bold: false, italic: false };
const HEADING: Want = Want { role: Role::Sans, bold: true, italic: false };

impl Shown<'_> {
    /// Takes in characters that are wanted in a font; whether the body's own fonts come along.
    fn add(&mut self, letters: &str, want: Want, body: bool) {
        let seen = &*self.seen.entry(want).or_insert_with(Seen::none);
        let new: Vec<char> = seen.unseen(letters).map(|(_, c)| c).filter(|c| seen.add(*c) && !c.is_control()).collect();
        for c in new {
            // A shared mark may be Chinese here and Western there.
            for chinese in [false, true] {
                if let Some(choice) = self.input.fonts.find(want, c, chinese) {
                    let kept = body || self.is_kept(want, choice.face);
                    if kept { &mut self.found } else { &mut self.of_body }.entry(choice.face).or_default().insert(c);
                }
            }
        }
    }

    /// Whether what is set in a face stands out from the body: headings, and Kai.
    fn is_kept(&self, want: Want, face: FaceId) -> bool {
        match want.role {
            Role::Sans => true,
            Role::Kai | Role::FangSong => !want.bold,
            // Emphasis in Kai.
            Role::Serif => want.italic && !want.bold && self.input.fonts.face(face).takes(Role::Kai),
            Role::Mono | Role::Math => false,
        }
    }
}

impl<'a> Gatherer<'a> {
    fn new(input: &'a Input<'a>) -> Gatherer<'a> {
        Gatherer { input, met: BTreeMap::new() }
    }

    /// All that were met.
    fn letters(self) -> Letters {
        self.met.into_iter().map(|(want, (_, letters))| (want, letters)).collect()
    }

    fn text(&mut self, text: &str, want: Want) {
        let (seen, letters) = self.met.entry(want).or_insert_with(|| (Seen::none(), String::new()));
        letters.extend(seen.unseen(text).map(|(_, c)| c).filter(|c| seen.add(*c)));
    }

    /// The other voice beside the body's, of quotations and names.
    fn voice(&self) -> Want {
        Want { italic: false, ..self.input.style.quote().want }
    }

    fn book(&mut self) {
        let voice = self.voice();
        let input = self.input;
        let book = &input.loaded.manifest.book;
        let labels = input.style.labels;
        labels.imprint.iter().for_each(|text| self.text(text, SERIF));
        for text in [&book.edition, &book.isbn, &book.rights].into_iter().flatten() {
            self.text(text, SERIF);
        }
        for text in [&book.subtitle, &book.publisher].into_iter().flatten() {
            self.text(text, voice);
            self.text(text, SERIF);
        }
        book.authors.iter().for_each(|author| self.text(author.name(), voice));
        labels.roles.iter().for_each(|(_, word)| self.text(word, voice));
        self.text("　（）[]0123456789.-", SERIF);
        self.text("　、0123456789-", voice);
        [labels.contents, labels.notes, labels.cover, labels.title_page, labels.landmarks, labels.start]
            .iter()
            .for_each(|text| self.text(text, HEADING));
        labels.callouts.iter().for_each(|text| self.text(text, HEADING));
        for heading in &input.manuscript.outline {
            self.text(&heading.title, Want { bold: false, ..HEADING });
            self.text(&heading.title, SERIF);
            // Numbers before a title are in the lighter weight.
            self.text(&heading.title, HEADING);
        }
        let notes = input.manuscript.chapters.iter().map(|chapter| chapter.document.notes.len()).max().unwrap_or(0);
        (1..=notes).filter_map(script::circled).for_each(|c| self.text(&c.to_string(), SERIF));
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
                InlineKind::Emphasis(inner) => match self.input.style.emphasis(inline.attrs.has("em")) {
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
