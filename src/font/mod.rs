//! Fonts: the faces that the binary carries and those that a manifest names, the order in which they stand in for
//! one another, shaping, and the subsets that outputs embed. No system font is ever looked at.

mod apart;
mod catalogue;
mod device;
mod face;
mod locale;
mod own;
mod sfnt;
mod subset;

pub use apart::Apart;
pub use catalogue::{FILES, File};
pub use device::is_on_devices;
pub use face::{Face, FaceId, Shaped};
pub use subset::{Subset, for_epub, for_pdf};

use crate::diagnostic::{Code, Diagnostic, Sink, Text};
use crate::manifest::Loaded;
use crate::script::Direction;
use crate::source::{LARGEST_FILE, read_below, resolve};
use crate::text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// What a piece of text is set in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Song, the body.
    Serif,
    /// Hei, headings.
    Sans,
    /// Kai, quotations and emphasis.
    Kai,
    /// FangSong.
    FangSong,
    /// Code.
    Mono,
    /// Mathematics.
    Math,
}

/// Every role, in the order of its number.
pub const ROLES: [(Role, &str); 6] = [
    (Role::Serif, "serif"),
    (Role::Sans, "sans"),
    (Role::Kai, "kai"),
    (Role::FangSong, "fangsong"),
    (Role::Mono, "mono"),
    (Role::Math, "math"),
];

/// A role with weight and slope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Want {
    /// The role.
    pub role: Role,
    /// Bold.
    pub bold: bool,
    /// Italic; for Chinese characters it is Kai.
    pub italic: bool,
}

/// A face that stands in a fallback chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link {
    face: FaceId,
    embolden: bool,
}

/// The glyph found for a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The face.
    pub face: FaceId,
    /// The glyph in it.
    pub glyph: u16,
    /// Whether the weight is missing and must be drawn.
    pub embolden: bool,
    /// Whether it is a Chinese character's one form in the book's language, as wide as its em: nothing more need be asked of the
    /// face.
    pub plain: bool,
}

/// The glyphs of the characters of the first plane, as they were found: a block of them at a time comes to be, and none is
/// looked for twice.
struct Memo(Vec<OnceLock<Box<[AtomicU32; 256]>>>);

impl Memo {
    const UNKNOWN: u32 = 0;
    const NONE: u32 = 1;
    const FOUND: u32 = 1 << 31;

    fn new() -> Memo {
        let mut blocks = Vec::new();
        blocks.resize_with(256, OnceLock::new);
        Memo(blocks)
    }

    /// The place of a character.
    fn place(&self, c: char) -> Option<&AtomicU32> {
        let block = self.0.get(c as usize / 256)?;
        block.get_or_init(|| Box::new([const { AtomicU32::new(Memo::UNKNOWN) }; 256])).get(c as usize % 256)
    }

    fn packed(choice: Option<Choice>) -> u32 {
        choice.map_or(Memo::NONE, |Choice { face, glyph, embolden, plain }| {
            Memo::FOUND | u32::from(plain) << 25 | u32::from(embolden) << 24 | u32::from(face.0) << 16 | u32::from(glyph)
        })
    }

    fn unpacked(known: u32) -> Option<Choice> {
        let [flags, face, ..] = known.to_be_bytes();
        let (embolden, plain) = (flags & 1 == 1, flags & 2 == 2);
        (known != Memo::NONE).then_some(Choice { face: FaceId(face), glyph: known as u16, embolden, plain })
    }
}

/// The fonts of one book.
pub struct Fonts {
    faces: Vec<Face>,
    /// By role, then bold, then italic.
    chains: Vec<Vec<Link>>,
    /// The book's language: fonts may hold other forms of a mark for it.
    language: String,
    /// By face: the forms of a column that differ from a character's ordinary glyph. Found when first asked for.
    forms: Vec<OnceLock<BTreeMap<char, u16>>>,
    /// By face and direction: how far a mark is moved at half width. Found when first asked for.
    halves: Vec<[OnceLock<BTreeMap<char, f64>>; 2]>,
    /// By face: the glyphs that the book's language replaces. Found when first asked for.
    locales: Vec<OnceLock<BTreeMap<u16, u16>>>,
    /// By chain, for letters and for Chinese: the glyphs that were found.
    memos: Vec<[OnceLock<Memo>; 2]>,
}

/// Characters that may take another form in a column: marks, kana, squared words, signs.
const FORMED: &[(char, char)] = &[
    ('\u{B7}', '\u{B7}'),
    ('\u{2C7}', '\u{2D9}'),
    ('\u{2010}', '\u{203F}'),
    ('\u{2190}', '\u{21FF}'),
    ('\u{22EF}', '\u{22EF}'),
    ('\u{2500}', '\u{254B}'),
    ('\u{2E3A}', '\u{2E3B}'),
    ('\u{3000}', '\u{30FF}'),
    ('\u{31F0}', '\u{31FF}'),
    ('\u{3300}', '\u{337F}'),
    ('\u{FF01}', '\u{FF65}'),
];

/// By the faces that the manifest names: the others are the program's.
impl Hash for Fonts {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.language.hash(state);
        self.faces.iter().skip(FILES.len()).for_each(|face| (&face.name, face.data).hash(state));
    }
}

impl Fonts {
    /// The fonts that a manifest asks for. `None` after an error was reported.
    pub fn load(loaded: &Loaded, sink: &Sink) -> Option<Fonts> {
        let mut fonts = Fonts {
            faces: FILES.iter().map(Face::carried).collect(),
            chains: Vec::new(),
            language: loaded.manifest.book.language.clone(),
            forms: Vec::new(),
            halves: Vec::new(),
            locales: Vec::new(),
            memos: Vec::new(),
        };
        let wanted = &loaded.manifest.fonts;
        let mut good = true;
        for (role, _) in ROLES {
            let given = match role {
                Role::Serif => &wanted.serif,
                Role::Sans => &wanted.sans,
                Role::Kai => &wanted.kai,
                Role::FangSong => &wanted.fangsong,
                Role::Mono => &wanted.mono,
                Role::Math => &wanted.math,
            };
            let own = match given {
                Some(given) => match fonts.named(given.get_ref(), &loaded.root) {
                    Ok(faces) => Some(faces),
                    Err(problem) => {
                        sink.report(problem.at(loaded.span(given)));
                        good = false;
                        None
                    }
                },
                None => None,
            };
            fonts.add_chains(role, own);
        }
        // A file that is named for one role stands in for the others, last of all.
        for (at, chain) in fonts.chains.iter_mut().enumerate() {
            let bold = at / 2 % 2 == 1;
            for (at, face) in fonts.faces.iter().enumerate().skip(FILES.len()) {
                let id = FaceId(at as u8);
                if !chain.iter().any(|link| link.face == id) {
                    chain.push(Link { face: id, embolden: bold && !face.bold });
                }
            }
        }
        fonts.forms.resize_with(fonts.faces.len(), Default::default);
        fonts.halves.resize_with(fonts.faces.len(), Default::default);
        fonts.locales.resize_with(fonts.faces.len(), Default::default);
        fonts.memos.resize_with(fonts.chains.len(), Default::default);
        good.then_some(fonts)
    }

    /// The faces of a family of `fonts/`, or of a file.
    fn named(&mut self, name: &str, root: &std::path::Path) -> Result<Vec<FaceId>, Diagnostic> {
        let family: Vec<FaceId> = self.ids().filter(|id| self.face(*id).family.eq_ignore_ascii_case(name.trim())).collect();
        if !family.is_empty() {
            return Ok(family);
        }
        let below = resolve(Path::new("book.toml"), name).filter(|path| root.join(path).is_file());
        let Some(below) = below else {
            let mut families: Vec<&str> = FILES.iter().map(|file| file.family).collect();
            families.dedup();
            let list = families.join(", ");
            let report = Diagnostic::new(
                Code::UnknownFont,
                text!("\"{name}\" is no font family that banxin carries, and no file", "“{name}”不是自带字体，也不是文件"),
            );
            return Err(report.advise(text!(
                "name a font file below the book's folder, or one of: {list}",
                "写出书目录下的字体文件，或以下之一：{list}"
            )));
        };
        let read = read_below(root, &below, LARGEST_FILE).map_err(|error| Text::from(&error));
        let none = || text!("it is no font", "不是字体");
        let face = read.and_then(|bytes| Face::from_file(bytes).ok_or_else(none));
        let face = match face {
            Ok(face) => face,
            Err(Text { en, zh }) => {
                let report =
                    Diagnostic::new(Code::NotAFont, text!("{name} is not a font that can be used: {en}", "{name} 不是可用的字体：{zh}"));
                return Err(report.advise(text!(
                    "it must be a TrueType or OpenType file (.ttf, .otf, .ttc)",
                    "需为 TrueType 或 OpenType 文件（.ttf、.otf、.ttc）"
                )));
            }
        };
        let mut face = face;
        // A file may be another version of a font that is carried: it goes by a name of its own.
        while self.faces.iter().any(|known| known.name == face.name || known.family == face.family) {
            face.name.to_mut().push_str("-file");
            face.family.to_mut().push_str(" (file)");
        }
        self.faces.push(face);
        Ok(vec![FaceId(self.faces.len() as u8 - 1)])
    }

    fn add_chains(&mut self, role: Role, own: Option<Vec<FaceId>>) {
        let first: Vec<FaceId> = match own {
            Some(faces) => faces,
            None => self.ids().filter(|id| self.face(*id).takes(role)).collect(),
        };
        for (bold, italic) in [(false, false), (false, true), (true, false), (true, true)] {
            let mut chain: Vec<Link> = Vec::new();
            let mut push = |face: FaceId, heavy: bool| {
                if !chain.iter().any(|link| link.face == face) {
                    chain.push(Link { face, embolden: bold && !heavy });
                }
            };
            // Italic letters are Source Serif's; Chinese characters in italic are Kai.
            if italic && matches!(role, Role::Serif | Role::Kai | Role::FangSong) {
                self.ids().filter(|id| self.face(*id).italic && self.face(*id).bold == bold).for_each(|id| push(id, bold));
                self.ids().filter(|id| self.face(*id).takes(Role::Kai)).for_each(|id| push(id, false));
            }
            first.iter().filter(|id| self.face(**id).bold == bold && !self.face(**id).italic).for_each(|id| push(*id, bold));
            first.iter().filter(|id| !self.face(**id).bold && !self.face(**id).italic).for_each(|id| push(*id, false));
            if role == Role::Mono {
                self.ids().filter(|id| self.face(*id).takes(Role::Sans) && self.face(*id).bold == bold).for_each(|id| push(id, bold));
            }
            self.ids().filter(|id| self.face(*id).fallback).for_each(|id| push(id, false));
            self.chains.push(chain);
        }
    }

    fn ids(&self) -> impl Iterator<Item = FaceId> + use<> {
        (0..self.faces.len()).map(|at| FaceId(at as u8))
    }

    /// The face of an id that these fonts gave.
    #[expect(clippy::indexing_slicing, reason = "an id is the place of one of these faces, of which none is taken out")]
    pub fn face(&self, id: FaceId) -> &Face {
        &self.faces[usize::from(id.0)]
    }

    /// Every face.
    pub fn faces(&self) -> impl Iterator<Item = (FaceId, &Face)> {
        self.faces.iter().enumerate().map(|(at, face)| (FaceId(at as u8), face))
    }

    /// The glyph for a character: the first face of the chain that has it. Faces of letters only are passed over
    /// for `chinese` characters, whose marks they may hold at another width.
    #[expect(clippy::indexing_slicing, reason = "`load` makes a pair for each chain, four chains for each role")]
    pub fn find(&self, want: Want, c: char, chinese: bool) -> Option<Choice> {
        let memo = self.memos[Fonts::chain_of(want)][usize::from(chinese)].get_or_init(Memo::new);
        let Some(place) = memo.place(c) else { return self.look_up(want, c, chinese) };
        match place.load(Ordering::Relaxed) {
            Memo::UNKNOWN => {
                let found = self.look_up(want, c, chinese);
                place.store(Memo::packed(found), Ordering::Relaxed);
                found
            }
            known => Memo::unpacked(known),
        }
    }

    fn look_up(&self, want: Want, c: char, chinese: bool) -> Option<Choice> {
        self.chain(want).iter().find_map(|link| {
            let face = self.face(link.face);
            if chinese && !face.chinese() && crate::script::is_mark(c) {
                return None;
            }
            let glyph = face.glyph(c)?;
            let plain = chinese && face.fills_em(glyph) && self.localised(link.face, glyph) == glyph;
            Some(Choice { face: link.face, glyph, embolden: link.embolden, plain })
        })
    }

    /// How far a face moves a full-width mark along the line to set it at half width, in thousandths of an em, through its
    /// `halt` and `vhal` features. `None` where it has none for it.
    #[expect(clippy::indexing_slicing, reason = "`load` makes a pair for each face, and there are two directions")]
    pub fn half(&self, face: FaceId, mark: char, direction: Direction) -> Option<f64> {
        let halves = self.halves[usize::from(face.0)][direction as usize].get_or_init(|| {
            let face = self.face(face);
            let half = |c: char| Some((c, face.half(c, direction, &self.language)?));
            let marks = FORMED.iter().flat_map(|(first, last)| *first..=*last).filter(|c| crate::script::is_mark(*c));
            marks.filter_map(half).collect()
        });
        halves.get(&mark).copied()
    }

    /// The glyph that a face has in the place of another in this book's language, through its `locl` feature; the same glyph
    /// where it makes no difference.
    #[expect(clippy::indexing_slicing, reason = "`load` makes one for each face, and an id is the place of a face")]
    pub fn localised(&self, face: FaceId, glyph: u16) -> u16 {
        let replaced = self.locales[usize::from(face.0)].get_or_init(|| self.face(face).replacements(&self.language));
        if replaced.is_empty() { glyph } else { replaced.get(&glyph).copied().unwrap_or(glyph) }
    }

    /// The glyph of a character with a variation selector, of the first face that tells it from the plain one.
    pub fn find_variant(&self, want: Want, c: char, selector: char) -> Option<Choice> {
        self.chain(want).iter().find_map(|link| {
            let glyph = self.face(link.face).variant(c, selector)?;
            Some(Choice { face: link.face, glyph, embolden: link.embolden, plain: false })
        })
    }

    /// The glyph that a face has for a mark or a small kana in a column and this book's language, where it is not the
    /// ordinary one: through the font's `vert` and `locl` features.
    #[expect(clippy::indexing_slicing, reason = "`load` makes one for each face, and an id is the place of a face")]
    pub fn column_form(&self, face: FaceId, c: char) -> Option<u16> {
        let forms = self.forms[usize::from(face.0)].get_or_init(|| {
            let face = self.face(face);
            let form = |c: char| Some((c, face.column_form(c, &self.language)?));
            FORMED.iter().flat_map(|(first, last)| *first..=*last).filter_map(form).collect()
        });
        forms.get(&c).copied()
    }

    /// The face that has a letter and all the marks that ride on it.
    pub fn find_together(&self, want: Want, letters: &str) -> Option<Choice> {
        let first = letters.chars().next()?;
        self.chain(want).iter().find_map(|link| {
            let face = self.face(link.face);
            let glyph = face.glyph(first)?;
            letters.chars().all(|c| face.glyph(c).is_some()).then_some(Choice {
                face: link.face,
                glyph,
                embolden: link.embolden,
                plain: false,
            })
        })
    }

    fn chain_of(want: Want) -> usize {
        want.role as usize * 4 + usize::from(want.bold) * 2 + usize::from(want.italic)
    }

    #[expect(clippy::indexing_slicing, reason = "`load` makes four chains for each role, in the order that `chain_of` counts")]
    fn chain(&self, want: Want) -> &[Link] {
        &self.chains[Fonts::chain_of(want)]
    }

    /// The families behind a role, in the order in which they are asked.
    pub fn families(&self, want: Want) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for link in self.chain(want) {
            let family = self.face(link.face).family.as_ref();
            if !names.contains(&family) {
                names.push(family);
            }
        }
        names
    }
}
