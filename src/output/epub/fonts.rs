//! Which characters each face shows in the EPUB, and what its font is called there. A book need not bring all its fonts along:
//! readers choose their own for the body.

use crate::font::{FaceId, Role, Want, is_on_devices};
use crate::manifest::EpubFonts;
use crate::output::Input;
use crate::output::letters::{Gatherer, HEADING, Letters, SERIF};
use crate::script::{self, Seen};
use std::collections::{BTreeMap, BTreeSet};

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
    let mut shown = Shown { input, seen: BTreeMap::new(), found: BTreeMap::new(), of_body: BTreeMap::new() };
    // The title stands out whatever the body is.
    shown.add(input.loaded.manifest.book.title.get_ref(), Want { bold: true, ..SERIF }, true);
    for (want, letters) in std::iter::once(&of_book(input)).chain(input.letters).flatten() {
        shown.add(letters, *want, body);
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

/// Which face shows what.
struct Shown<'a> {
    input: &'a Input<'a>,
    seen: BTreeMap<Want, Seen>,
    found: BTreeMap<FaceId, BTreeSet<char>>,
    /// What is left to the device.
    of_body: BTreeMap<FaceId, BTreeSet<char>>,
}

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

/// What the book itself writes, beside its chapters.
fn of_book(input: &Input<'_>) -> Letters {
    let mut own = Gatherer::new(input.style);
    let voice = own.voice();
    let book = &input.loaded.manifest.book;
    let labels = input.style.labels;
    labels.imprint.iter().for_each(|text| own.text(text, SERIF));
    for text in [&book.edition, &book.isbn, &book.rights].into_iter().flatten() {
        own.text(text, SERIF);
    }
    for text in [&book.subtitle, &book.publisher].into_iter().flatten() {
        own.text(text, voice);
        own.text(text, SERIF);
    }
    book.authors.iter().for_each(|author| own.text(author.name(), voice));
    labels.roles.iter().for_each(|(_, word)| own.text(word, voice));
    own.text("　（）[]0123456789.-", SERIF);
    own.text("　、0123456789-", voice);
    [labels.contents, labels.notes, labels.cover, labels.title_page, labels.landmarks, labels.start]
        .iter()
        .for_each(|text| own.text(text, HEADING));
    labels.callouts.iter().for_each(|text| own.text(text, HEADING));
    for heading in &input.manuscript.outline {
        own.text(&heading.title, Want { bold: false, ..HEADING });
        own.text(&heading.title, SERIF);
        // Numbers before a title are in the lighter weight.
        own.text(&heading.title, HEADING);
    }
    let notes = input.manuscript.chapters.iter().map(|chapter| chapter.document.notes.len()).max().unwrap_or(0);
    (1..=notes).filter_map(script::circled).for_each(|c| own.text(&c.to_string(), SERIF));
    own.letters()
}
