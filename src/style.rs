//! The look of a book, resolved from its manifest: page geometry, type sizes, the rules in force (TYPOGRAPHY.md 7, 8).

use crate::font::{Role, Want};
use crate::label::Labels;
use crate::length::Length;
use crate::manifest::{Emphasis, Manifest, NoteNumbers, Region, WritingMode};
use crate::script::{Direction, Rules};
use serde::{Deserialize, Serialize};

/// A colour of ink, red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// Ink.
    pub const BLACK: Colour = Colour(0, 0, 0);
    /// Quiet ink: line numbers, leaders.
    pub const GREY: Colour = Colour(0x6a, 0x6a, 0x6a);
    /// A hairline.
    pub const HAIRLINE: Colour = Colour(0x80, 0x80, 0x80);
    /// The ground of a listing: prints as a pale tint.
    pub const GROUND: Colour = Colour(0xf3, 0xf3, 0xf0);
    /// A link: dark enough to print.
    pub const LINK: Colour = Colour(0x1c, 0x3f, 0x66);
    /// The field of a typeset cover.
    pub const COVER: Colour = Colour(0x2f, 0x4a, 0x4a);
    /// Paper.
    pub const PAPER: Colour = Colour(0xff, 0xff, 0xff);
    /// The frame of the type area, where the layout is shown.
    pub const GUIDE_FRAME: Colour = Colour(0x00, 0x9a, 0xc8);
    /// The baselines of the grid.
    pub const GUIDE_GRID: Colour = Colour(0xbf, 0xe3, 0xf0);
    /// The box of a row.
    pub const GUIDE_ROW: Colour = Colour(0x8c, 0xc8, 0x8c);
    /// The box of a blank row.
    pub const GUIDE_BLANK: Colour = Colour(0xe6, 0xc8, 0x78);
    /// A gap as wide as it is by nature.
    pub const GUIDE_GAP: Colour = Colour(0xe2, 0xe2, 0xe2);
    /// A gap that was stretched.
    pub const GUIDE_WIDE: Colour = Colour(0xa8, 0xc8, 0xff);
    /// A gap that was squeezed.
    pub const GUIDE_TIGHT: Colour = Colour(0xff, 0xa8, 0xa0);
}

/// What something on a page is part of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tag {
    /// Nothing that the book says: a rule, a leader, a head that is set again (an artifact, ISO 32000-1, 14.8.2.2).
    #[default]
    Decoration,
    /// A running head.
    Head,
    /// A folio, or what else stands below the type area.
    Foot,
    /// An element of the structure, by its number.
    Element(u32),
}

impl Tag {
    /// The number of the element that it is.
    pub fn element(self) -> Option<u32> {
        if let Tag::Element(number) = self { Some(number) } else { None }
    }
}

/// How a piece of text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextStyle {
    /// Font.
    pub want: Want,
    /// Type size.
    pub size: Length,
    /// Ink.
    pub colour: Colour,
    /// Baseline raised by; lowered where negative.
    pub rise: Length,
    /// Marks that accompany the text.
    pub marks: Marks,
    /// The language of its words, as its two letters; zeros where it is the book's.
    pub language: [u8; 2],
    /// Added between its characters, thousandths of an em (疏排, CLREQ 6.3.1.1).
    pub spaced: u16,
    /// Whether Western words keep their letters together whatever the measure: code.
    pub verbatim: bool,
    /// What it is part of.
    pub tag: Tag,
}

/// Lines and dots that accompany text. A line bears the number of its span in the paragraph, from 1, and 0 is none: two
/// spans side by side have two lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// 专名号: a line under, or at the left of a column.
    pub underline: u16,
    /// A line through.
    pub strike: u16,
    /// 着重号: a dot under each character, or at the right of it in a column.
    pub dots: bool,
    /// 书名号乙式: a wave under, or at the left of a column.
    pub wave: u16,
    /// 示亡号: a frame around.
    pub frame: u16,
}

impl TextStyle {
    /// The same in the language, spacing, lines and place in the structure of another text: a quotation's letters are its
    /// paragraph's still.
    pub fn like(mut self, other: TextStyle) -> TextStyle {
        (self.language, self.spaced, self.marks, self.tag) = (other.language, other.spaced, other.marks, other.tag);
        self
    }

    /// Upright text of a role.
    pub fn new(role: Role, size: Length) -> TextStyle {
        let want = Want { role, bold: false, italic: false };
        TextStyle {
            want,
            size,
            colour: Colour::BLACK,
            rise: Length::ZERO,
            marks: Marks::default(),
            language: [0; 2],
            spaced: 0,
            verbatim: false,
            tag: Tag::Decoration,
        }
    }

    /// The same in bold.
    pub fn bold(mut self) -> TextStyle {
        self.want.bold = true;
        self
    }

    /// The same at another size.
    pub fn at(mut self, size: Length) -> TextStyle {
        self.size = size;
        self
    }

    /// The same as part of something.
    pub fn part_of(mut self, tag: Tag) -> TextStyle {
        self.tag = tag;
        self
    }

    /// The same in another ink.
    pub fn ink(mut self, colour: Colour) -> TextStyle {
        self.colour = colour;
        self
    }
}

/// How lines stand in their measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// Both edges flush, the last line at the start.
    Justify,
    /// At the start.
    Start,
    /// In the middle.
    Center,
    /// At the end.
    End,
    /// Both edges flush, the last line too (均排, CLREQ 6.2.1.3).
    Even,
}

/// The look of one level of headings.
#[derive(Clone, Copy, Debug)]
pub struct HeadingStyle {
    /// Text.
    pub text: TextStyle,
    /// Alignment.
    pub alignment: Alignment,
    /// Indent, em of the body.
    pub indent: i64,
    /// Lines of the grid above, where it does not begin a page.
    pub above: i64,
    /// Lines of the grid above at the head of a page.
    pub sink: i64,
    /// Lines of the grid below.
    pub below: i64,
    /// Whether number and title stand on lines of their own.
    pub stacked: bool,
}

/// Page geometry. The type area is a whole number of lines deep: high, or wide where lines are columns.
#[derive(Clone, Copy, Debug)]
pub struct Geometry {
    /// Trim width.
    pub width: Length,
    /// Trim height.
    pub height: Length,
    /// Length of a line, or of a column.
    pub measure: Length,
    /// Lines of the type area.
    pub lines: i64,
    /// Distance of baselines.
    pub leading: Length,
    /// From the head of the page to the type area.
    pub top: Length,
    /// From the spine to the type area.
    pub inner: Length,
    /// Whether lines are columns from right to left, and the spine is at the right of a leaf's first page.
    pub vertical: bool,
    /// Whether pages are leaves of a book; a screen shows them one by one.
    pub bound: bool,
}

impl Geometry {
    /// How far the type area reaches across its lines: its height, or its width where they are columns.
    pub fn depth(&self) -> Length {
        self.leading * self.lines
    }

    /// Width and height of the type area on the page.
    pub fn area(&self) -> (Length, Length) {
        if self.vertical { (self.depth(), self.measure) } else { (self.measure, self.depth()) }
    }

    /// The column of notes at the side: its distance from the type area and its width; in a book of columns it stands above
    /// them, and its width is its height.
    pub fn side(&self) -> (Length, Length) {
        let margin = if self.vertical { self.top } else { self.width - self.area().0 - self.inner };
        // What a printer's knife leaves. Above columns the running head is in between.
        let (gap, edge) = (if self.vertical { self.leading.mille(850) + Length::pt(12.0) } else { Length::pt(9.0) }, Length::pt(12.0));
        (gap, margin - gap - edge)
    }

    /// From the left edge of a page to the type area. The spine is at the left of a recto, and at the right where the
    /// book turns from right to left.
    pub fn left(&self, recto: bool) -> Length {
        if recto != self.vertical { self.inner } else { self.width - self.area().0 - self.inner }
    }
}

/// The resolved look.
#[derive(Clone, Debug)]
pub struct Style {
    /// Page geometry.
    pub page: Geometry,
    /// Line rules, across and down.
    rules: [Rules; 2],
    /// The way of the text's lines.
    pub direction: Direction,
    /// The region whose conventions rule.
    pub region: Region,
    /// Words that the pages carry.
    pub labels: &'static Labels,
    /// The body.
    pub body: TextStyle,
    /// Notes, captions, tables.
    pub small: TextStyle,
    /// First-line indent, em of the body.
    pub indent: f64,
    /// Whether a comma or full stop may hang at a line's end.
    pub hanging: bool,
    /// Whether the body's characters stand on a grid.
    pub grid: bool,
    /// What emphasis looks like, by asterisks and by the HTML element; see [`Style::emphasis`].
    emphasis: [Emphasis; 2],
    /// Whether Western words may be hyphenated.
    pub hyphenate: bool,
    /// Whether frames, baselines and gaps are drawn over the pages.
    pub debug: bool,
    /// How footnotes are numbered.
    pub note_numbers: NoteNumbers,
    /// How far what reaches the trim runs over it.
    pub bleed: Length,
    /// Whether the book's language is written in Chinese characters.
    pub chinese: bool,
    /// The language whose words are hyphenated where a text does not say its own: the book's, or English in a book of
    /// Chinese characters.
    pub words: [u8; 2],
}

impl Style {
    /// Resolves a manifest.
    pub fn resolve(manifest: &Manifest) -> Style {
        let typography = &manifest.typography;
        let region = typography.region.unwrap_or_else(|| region_of(&manifest.book.language));
        let size = manifest.pdf.font_size.length();
        let chinese = is_chinese(&manifest.book.language);
        Style {
            page: geometry(manifest, size),
            rules: [Direction::Horizontal, Direction::Vertical]
                .map(|direction| Rules::new(region, direction, typography.line_break, typography.punctuation)),
            direction: if typography.writing_mode == WritingMode::VerticalRl { Direction::Vertical } else { Direction::Horizontal },
            labels: Labels::of(&manifest.book.language),
            body: TextStyle::new(Role::Serif, size),
            small: TextStyle::new(Role::Serif, size.mille(857)),
            indent: typography.indent.unwrap_or(match region {
                Region::Japan => 1.0,
                _ if chinese => 2.0,
                _ => 1.5,
            }),
            hanging: typography.hanging_punctuation,
            grid: typography.grid,
            emphasis: [
                typography.emphasis.unwrap_or(if region == Region::Japan { Emphasis::Bold } else { Emphasis::Kai }),
                // Who writes the element means emphasis, whose Chinese form is the dot (CLREQ 5.3.1).
                typography.emphasis.unwrap_or(if chinese { Emphasis::Dots } else { Emphasis::Kai }),
            ],
            hyphenate: typography.hyphenate,
            debug: false,
            note_numbers: manifest.pdf.footnotes,
            bleed: manifest.pdf.bleed.map_or(Length::ZERO, |bleed| bleed.length()),
            chinese,
            region,
            words: if chinese { *b"en" } else { primary(&manifest.book.language) },
        }
    }

    /// What emphasis looks like: of the HTML element `em`, or of asterisks.
    #[expect(clippy::indexing_slicing, reason = "a truth value is 0 or 1, and there are two looks")]
    pub fn emphasis(&self, element: bool) -> Emphasis {
        self.emphasis[usize::from(element)]
    }

    /// The rules of lines of a direction.
    #[expect(clippy::indexing_slicing, reason = "there are two directions, each with its rules")]
    pub fn rules(&self, direction: Direction) -> &Rules {
        &self.rules[direction as usize]
    }

    /// Whether the book is set in columns from right to left.
    pub fn is_vertical(&self) -> bool {
        self.direction == Direction::Vertical
    }

    /// The look of a heading by its level in the book, from 1: chapter, section, and so on. In columns headings stand at
    /// the head, each level lower than the one above it (CLREQ 7.1.3.2).
    pub fn heading(&self, level: usize) -> HeadingStyle {
        let size = |thousandths| self.body.size.mille(thousandths);
        let hei = |size| TextStyle::new(Role::Sans, size).bold();
        let plain = HeadingStyle {
            text: TextStyle::new(Role::Kai, size(1000)),
            alignment: Alignment::Start,
            indent: 0,
            above: 0,
            sink: 0,
            below: 0,
            stacked: false,
        };
        let look = match level {
            0 | 1 => {
                HeadingStyle { text: hei(size(1524)), alignment: Alignment::Center, above: 2, sink: 2, below: 2, stacked: true, ..plain }
            }
            2 => HeadingStyle { text: hei(size(1143)), alignment: Alignment::Center, above: 1, below: 1, ..plain },
            3 => HeadingStyle { text: hei(size(1048)), above: 1, ..plain },
            4 => HeadingStyle { text: hei(size(1000)), indent: 2, ..plain },
            _ => plain,
        };
        if !self.is_vertical() {
            return look;
        }
        // Columns are few: a title takes fewer of them.
        let indent = (level as i64 + 2).clamp(3, 6);
        HeadingStyle {
            alignment: Alignment::Start,
            indent,
            above: look.above.min(1),
            sink: look.sink.min(1),
            below: look.below.min(1),
            ..look
        }
    }

    /// Leading of the smaller type of notes, captions and tables.
    pub fn small_leading(&self) -> Length {
        self.small.size.mille(1500)
    }

    /// Notes at the side.
    pub fn side(&self) -> TextStyle {
        TextStyle::new(Role::Serif, self.body.size.mille(762))
    }

    /// The other voice beside the body's: Kai, or italic letters in a book of letters.
    pub fn voice(&self, size: Length) -> TextStyle {
        if self.region == Region::Japan {
            return TextStyle::new(Role::Serif, size);
        }
        if self.chinese {
            return TextStyle::new(Role::Kai, size);
        }
        let upright = TextStyle::new(Role::Serif, size);
        TextStyle { want: Want { italic: true, ..upright.want }, ..upright }
    }

    /// A quotation's text.
    pub fn quote(&self) -> TextStyle {
        self.voice(self.body.size)
    }

    /// Code's text: two columns of it are one Chinese character.
    pub fn code(&self, size: Length) -> TextStyle {
        TextStyle { verbatim: true, ..TextStyle::new(Role::Mono, size.mille(900)) }
    }
}

/// The two letters of a language that a tag begins with; zeros where it begins otherwise.
pub fn primary(tag: &str) -> [u8; 2] {
    let first = tag.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
    first.as_bytes().try_into().unwrap_or([0; 2])
}

/// Whether a language is written in Chinese characters.
fn is_chinese(language: &str) -> bool {
    !Labels::of(language).units[0].is_empty()
}

fn region_of(language: &str) -> Region {
    let tag = language.to_ascii_lowercase();
    if tag == "ja" || tag.starts_with("ja-") {
        Region::Japan
    } else if tag.contains("-hk") || tag.contains("-mo") {
        Region::HongKong
    } else if tag.contains("-tw") || tag.contains("hant") {
        Region::Taiwan
    } else {
        Region::China
    }
}

/// The type area: what the manifest says, or, where it says nothing, as many characters and lines as leave about
/// a fifth of the width and of the height to the margins. It stands a little towards the spine and the foot.
fn geometry(manifest: &Manifest, size: Length) -> Geometry {
    let pdf = &manifest.pdf;
    let vertical = manifest.typography.writing_mode == WritingMode::VerticalRl;
    let (width, height) = (pdf.page.width, pdf.page.height);
    let leading = size.mille((pdf.line_height * 1000.0).round() as i64);
    let whole = |room: Length, unit: Length| (room.0 / unit.0).max(1);
    // E-reader screens are small: their margins shrink with them.
    let small = width < Length::mm(125.0);
    // What a line runs along, and what the lines stand along, with the share of each that the type area takes.
    let ((along, share, most), (across, depth)) = match (vertical, small) {
        (false, true) => ((width, 880, 48), (height, 880)),
        (false, false) => ((width, 700, 48), (height, 810)),
        (true, true) => ((height, 880, 55), (width, 880)),
        (true, false) => ((height, 740, 55), (width, 760)),
    };
    let characters = match pdf.chars_per_line {
        Some(count) => size.mille((count * 1000.0).round() as i64),
        None if !vertical && (width - Length::mm(148.0)).0.abs() < 10 => size * 27,
        None => size * whole(along.mille(share), size).min(most),
    };
    let measure = characters.min(along - size);
    let room = whole(across - leading * if vertical { 1 } else { 2 }, leading);
    let lines = i64::from(pdf.lines_per_page.unwrap_or_else(|| whole(across.mille(depth), leading) as u32)).min(room);
    let geometry =
        Geometry { width, height, measure, lines, leading, top: Length::ZERO, inner: Length::ZERO, vertical, bound: !pdf.page.screen };
    let (area_width, area_height) = geometry.area();
    Geometry {
        top: (height - area_height).mille(550),
        inner: (width - area_width).mille(if geometry.bound { 470 } else { 500 }),
        ..geometry
    }
}
