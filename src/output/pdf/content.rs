//! Items as a content stream. It is written here, not by printpdf: that takes more than sixty bytes for every glyph, writes
//! them on one thread, and gives each a string of its own.

use super::codes::{Code, Coded, Coder, Key, Shown};
use super::object::{escape, escaped};
use super::sheet::Sheet;
use super::{fonts, picture, structure};
use crate::font::Fonts;
use crate::layout::{Area, Element, Item, Run, Turn, wave, wave_thickness};
use crate::length::Length;
use crate::style::{Colour, Tag};
use serde::{Deserialize, Serialize};
use skrifa::outline::OutlinePen;
use std::io::Write;

/// Stroke that stands in for a missing bold, as a share of the type size.
const EMBOLDEN: f32 = 0.03;

/// Bytes of a short content stream: a page's head and foot.
const SHORT: usize = 512;

/// A content stream under construction.
#[derive(Default)]
struct Stream(Vec<u8>);

impl Stream {
    /// An operator after its operands.
    fn operator(&mut self, name: &str) {
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b'\n');
    }

    /// A number as it is.
    fn number(&mut self, number: f32) {
        // Writing to memory does not fail.
        let _ = write!(self.0, "{number} ");
    }

    /// A number with a fixed point: so many digits after it at the most.
    #[expect(
        clippy::indexing_slicing,
        reason = "a `u64` has 20 digits at the most, `digits` is never more than 3, and there are two signs"
    )]
    fn fixed(&mut self, number: i64, mut digits: usize) {
        let mut rest = number.unsigned_abs();
        while digits > 0 && rest.is_multiple_of(10) {
            rest /= 10;
            digits -= 1;
        }
        // Written from its end.
        let mut text = [0; 26];
        let mut at = text.len();
        let mut put = |byte: u8| {
            at -= 1;
            text[at] = byte;
        };
        let is_whole = digits == 0;
        while digits > 0 {
            put(b'0' + (rest % 10) as u8);
            rest /= 10;
            digits -= 1;
            if digits == 0 {
                put(b'.');
            }
        }
        if is_whole && rest == 0 {
            put(b'0');
        }
        while rest > 0 {
            put(b'0' + (rest % 10) as u8);
            rest /= 10;
        }
        if number < 0 {
            put(b'-');
        }
        self.0.extend_from_slice(&text[at..]);
    }

    /// A length in points, to a thousandth.
    fn length(&mut self, length: Length) {
        self.fixed(thousandths(length), 3);
        self.0.push(b' ');
    }

    fn lengths(&mut self, lengths: &[Length], operator: &str) {
        lengths.iter().for_each(|length| self.length(*length));
        self.operator(operator);
    }

    fn numbers(&mut self, numbers: &[f32], operator: &str) {
        numbers.iter().for_each(|number| self.number(*number));
        self.operator(operator);
    }

    /// A code of two bytes within a string.
    fn code(&mut self, code: u16) {
        let bytes = code.to_be_bytes();
        if bytes.iter().all(|byte| escape(*byte).is_none()) {
            self.0.extend_from_slice(&bytes);
        } else {
            bytes.into_iter().for_each(|byte| escaped(&mut self.0, byte));
        }
    }
}

/// The nearest whole number, halves away from zero: what `f64::round` gives, which is a call where the processor is not known to
/// round. What is larger than a page is cut off.
fn rounded(number: f64) -> i64 {
    // The largest number below a half: with it a number below a half stays below one.
    const HALF: f64 = 0.499_999_999_999_999_94;
    (number + HALF.copysign(number)) as i64
}

/// A length in thousandths of a point.
fn thousandths(length: Length) -> i64 {
    length.scale(1000, Length::pt(1.0).0).0
}

/// An outline as path operators, in font units.
struct Pen<'a> {
    out: &'a mut Stream,
    at: (f32, f32),
}

impl OutlinePen for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.out.numbers(&[x, y], "m");
        self.at = (x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.out.numbers(&[x, y], "l");
        self.at = (x, y);
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let third = |from: f32, control: f32| ((from + 2.0 * control) / 3.0).round();
        self.curve_to(third(self.at.0, cx), third(self.at.1, cy), third(x, cx), third(y, cy), x, y);
    }
    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.out.numbers(&[ax, ay, bx, by, x, y], "c");
        self.at = (x, y);
    }
    fn close(&mut self) {
        self.out.operator("h");
    }
}

/// Where the next glyph is shown if nothing is said, within a text object.
struct Line {
    turn: Turn,
    /// The coordinate that all its glyphs share.
    across: Length,
    /// Along the line, in points.
    pen: f64,
}

/// The state that operators change, to leave out those that change nothing.
struct State<'a> {
    out: Stream,
    coder: &'a Coder<'a>,
    shown: &'a mut Shown,
    codes: Vec<Late>,
    height: Length,
    in_text: bool,
    /// Whether an array of strings is open, and whether a string in it is.
    showing: bool,
    in_string: bool,
    font: Option<(Key, Length)>,
    line: Option<Line>,
    /// Where the line before began, in thousandths of a point, if its text ran across as it is.
    start: Option<(i64, i64)>,
    fill: Colour,
    faces: &'a Fonts,
    elements: &'a [Element],
    /// What the open piece of marked content is part of, and whether it was opened within a text.
    open: Option<(Tag, bool)>,
    /// The elements of the pieces of marked content, in their order.
    marked: Vec<u32>,
    /// How many pieces there are on the page before.
    before: usize,
}

/// A code that is not known yet: four digits of the content stand for it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Late {
    /// Byte of the first of them.
    pub at: u32,
    /// Which of the others that are shown it is of.
    pub other: u32,
}

/// What some items draw.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Drawn {
    /// Their content stream.
    #[serde(with = "serde_bytes")]
    pub content: Vec<u8>,
    /// Where codes are to be put.
    pub late: Vec<Late>,
    /// The elements that its pieces of marked content are part of, in their order.
    pub marked: Vec<u32>,
}

impl Drawn {
    /// Appends the content with the codes that were not known, given by their numbers.
    pub fn append_to(&self, out: &mut Vec<u8>, codes: &[u16]) {
        let start = out.len();
        out.extend_from_slice(&self.content);
        for Late { at, other } in &self.late {
            let digits = format!("{:04x}", codes.get(*other as usize).copied().unwrap_or(0));
            let at = start + *at as usize;
            if let Some(place) = out.get_mut(at..at + 4) {
                place.copy_from_slice(digits.as_bytes());
            }
        }
    }
}

/// What items are drawn with.
#[derive(Clone, Copy)]
pub(super) struct Tools<'a> {
    pub coder: &'a Coder<'a>,
    pub faces: &'a Fonts,
    /// The elements that items bear the numbers of.
    pub elements: &'a [Element],
    pub sheet: &'a Sheet,
    /// The height of what items are measured from the top of.
    pub height: Length,
}

/// Draws items; `before` is how many pieces of marked content stand on the page before them. With crop marks where they are asked
/// for.
pub(super) fn draw(tools: Tools<'_>, items: &[Item], before: usize, crop_marks: bool, shown: &mut Shown) -> Drawn {
    let mut state = State {
        out: Stream(Vec::with_capacity(SHORT)),
        coder: tools.coder,
        shown,
        codes: Vec::new(),
        height: tools.height,
        in_text: false,
        showing: false,
        in_string: false,
        font: None,
        line: None,
        start: None,
        fill: Colour::BLACK,
        faces: tools.faces,
        elements: tools.elements,
        open: None,
        marked: Vec::new(),
        before,
    };
    if crop_marks {
        state.crop_marks(tools.sheet);
    }
    // Grounds lie under the text, whatever the order of reading.
    let (under, over): (Vec<&Item>, Vec<&Item>) = items.iter().partition(|item| matches!(item, Item::Rule(..)));
    for item in under.into_iter().chain(over) {
        state.item(item, tools.sheet);
    }
    state.close();
    state.end_text();
    Drawn { content: state.out.0, late: state.codes, marked: state.marked }
}

/// Moves what is drawn after it.
pub(super) fn moved(x: Length, y: Length) -> Vec<u8> {
    let mut out = Stream::default();
    out.0.extend_from_slice(b"1 0 0 1 ");
    out.lengths(&[x, y], "cm");
    out.0
}

/// What ink is called: in grey where it is grey.
fn ink(out: &mut Stream, colour: Colour, grey: &str, rgb: &str) {
    let part = |value: u8| (i64::from(value) * 1000 + 127) / 255;
    let all = [colour.0, colour.1, colour.2];
    let (parts, operator) = if all == [colour.0; 3] { (&all[..1], grey) } else { (&all[..], rgb) };
    for value in parts {
        out.fixed(part(*value), 3);
        out.0.push(b' ');
    }
    out.operator(operator);
}

impl State<'_> {
    /// The stream, between operators.
    fn out(&mut self) -> &mut Stream {
        self.end_show();
        &mut self.out
    }

    /// Begins a piece of content that is part of something, unless one is open.
    fn mark(&mut self, tag: Tag) {
        if self.open.is_some_and(|(open, _)| open == tag) {
            return;
        }
        self.close();
        match tag {
            Tag::Decoration => self.out().operator("/Artifact BMC"),
            Tag::Head => self.out().operator("/Artifact/Head BDC"),
            Tag::Foot => self.out().operator("/Artifact/Foot BDC"),
            Tag::Element(number) => {
                let role = self.elements.get(number as usize).map_or("Span", |element| structure::name(element.role));
                let piece = self.before + self.marked.len();
                self.marked.push(number);
                let _ = writeln!(self.out().0, "/{role}<</MCID {piece}>>BDC");
            }
        }
        self.open = Some((tag, self.in_text));
    }

    /// Ends the open piece of marked content. What was begun outside a text is ended outside it.
    fn close(&mut self) {
        if let Some((_, in_text)) = self.open {
            if self.in_text && !in_text {
                self.out().operator("ET");
                (self.in_text, self.font, self.line) = (false, None, None);
            }
            self.out().operator("EMC");
            self.open = None;
        }
    }

    /// Marks in the corners outside the trim, by which a printer cuts (8 mm long in all, clear of the bleed).
    fn crop_marks(&mut self, sheet: &Sheet) {
        let Some((from, to)) = sheet.marks else { return };
        self.mark(Tag::Decoration);
        let (width, height) = sheet.trim;
        self.out.operator(".25 w");
        for (x, sign) in [(Length::ZERO, -1), (width, 1)] {
            for (y, up) in [(Length::ZERO, -1), (height, 1)] {
                for [x0, y0, x1, y1] in [[x + from * sign, y, x + to * sign, y], [x, y + from * up, x, y + to * up]] {
                    self.out.lengths(&[x0, y0], "m");
                    self.out.lengths(&[x1, y1], "l");
                    self.out.operator("S");
                }
            }
        }
    }

    fn item(&mut self, item: &Item, sheet: &Sheet) {
        match item {
            Item::Run(run) => self.run(run),
            Item::Rule(area, colour) => {
                self.end_text();
                self.mark(Tag::Decoration);
                self.fill(*colour);
                self.out.lengths(&[area.x, self.height - area.y - area.height, area.width, area.height], "re");
                self.out.operator("f");
            }
            Item::Dot { x, y, radius, colour, tag } => {
                self.end_text();
                self.mark(*tag);
                self.fill(*colour);
                // A circle as four curves.
                let (x, y, r) = (*x, self.height - *y, *radius);
                let k = r.fraction(552.3);
                self.out.lengths(&[x + r, y], "m");
                for ((ax, ay), (bx, by)) in [((1, 0), (0, 1)), ((0, 1), (-1, 0)), ((-1, 0), (0, -1)), ((0, -1), (1, 0))] {
                    let curve =
                        [x + r * ax + k * bx, y + r * ay + k * by, x + r * bx + k * ax, y + r * by + k * ay, x + r * bx, y + r * by];
                    self.out.lengths(&curve, "c");
                }
                self.out.operator("f");
            }
            Item::Wave { x, y, length, size, down } => self.wave(*x, *y, *length, *size, *down),
            Item::Image(area, path, tag) => {
                self.end_text();
                self.mark(*tag);
                self.out.operator("q");
                self.clip(*area, sheet);
                self.out.length(area.width);
                self.out.0.extend_from_slice(b"0 0 ");
                self.out.lengths(&[area.height, area.x, self.height - area.y - area.height], "cm");
                let _ = writeln!(self.out.0, "/{} Do", picture::name(path));
                self.out.operator("Q");
            }
            Item::Link(..) | Item::Anchor { .. } => {}
        }
    }

    /// Keeps a picture that is larger than the page within its bleed.
    fn clip(&mut self, area: Area, sheet: &Sheet) {
        let (bleed, (width, height)) = (sheet.bleed, sheet.trim);
        let within = area.x >= -bleed && area.y >= -bleed && area.x + area.width <= width + bleed && area.y + area.height <= height + bleed;
        if !within {
            self.out.lengths(&[-bleed, -bleed, width + bleed * 2, height + bleed * 2], "re");
            self.out.operator("W n");
        }
    }

    /// A wave along a title.
    fn wave(&mut self, x: Length, y: Length, length: Length, size: Length, down: bool) {
        self.end_text();
        self.mark(Tag::Decoration);
        ink(&mut self.out, Colour::BLACK, "G", "RG");
        self.out.lengths(&[wave_thickness(size)], "w");
        self.out.operator("1 J");
        let height = self.height;
        for (at, curve) in wave(x, y, length, size, down).into_iter().enumerate() {
            let [a, b, end] = curve.map(|(x, y)| [x, height - y]);
            if at == 0 { self.out.lengths(&end, "m") } else { self.out.lengths(&[a, b, end].concat(), "c") }
        }
        self.out.operator("S");
    }

    fn fill(&mut self, colour: Colour) {
        if self.fill != colour {
            ink(self.out(), colour, "g", "rg");
            self.fill = colour;
        }
    }

    fn end_text(&mut self) {
        if self.in_text {
            if self.open.is_some_and(|(_, in_text)| in_text) {
                self.close();
            }
            self.out().operator("ET");
            (self.in_text, self.font, self.line) = (false, None, None);
        }
    }

    /// Draws the weight that a face lacks: a stroke along each glyph's outline. It is drawing, not text, so that
    /// copied text has each character once, as a text that is both filled and stroked has not in every reader.
    fn embolden(&mut self, run: &Run) {
        self.end_text();
        ink(&mut self.out, run.colour, "G", "RG");
        self.outlines(run, Some(f32::from(self.faces.face(run.face).units()) * EMBOLDEN));
    }

    /// Draws the outlines of a run's glyphs where they stand: filled, or as strokes of some width.
    fn outlines(&mut self, run: &Run, stroke: Option<f32>) {
        self.end_text();
        self.mark(Tag::Decoration);
        let face = self.faces.face(run.face);
        let scale = run.size.to_pt() as f32 / f32::from(face.units());
        for glyph in &run.glyphs {
            let mut outline = Stream::default();
            face.draw(glyph.id, &mut Pen { out: &mut outline, at: (0.0, 0.0) });
            if outline.0.is_empty() {
                continue;
            }
            let (x, y) = run.origin(glyph, face.advance(glyph.id));
            self.out.operator("q");
            run.turn.matrix().iter().for_each(|part| self.out.number(part * scale));
            self.out.lengths(&[x, self.height - y], "cm");
            if let Some(width) = stroke {
                self.out.numbers(&[width], "w");
            }
            self.out.0.append(&mut outline.0);
            self.out.operator(if stroke.is_some() { "S" } else { "f" });
            self.out.operator("Q");
        }
    }

    /// The glyphs of a run, each at its place: where the stated widths do not lead there, by an offset.
    fn run(&mut self, run: &Run) {
        if self.open.is_some_and(|(open, in_text)| open != run.tag && !in_text) {
            self.close();
        }
        if !self.in_text {
            self.out().operator("BT");
            (self.in_text, self.start) = (true, Some((0, 0)));
        }
        self.mark(run.tag);
        self.fill(run.colour);
        // The text of lifted ink stays on its line, unseen: a reader would take it for a line of its own.
        let lifted = run.lift != Length::ZERO;
        if lifted {
            self.out().operator("3 Tr");
        }
        // A thousandth of an em along the line, in points.
        let narrowed = if let Turn::Combined(narrowed) = run.turn { f64::from(narrowed) / 1000.0 } else { 1.0 };
        let mille = run.size.to_pt() * narrowed / 1000.0;
        let (from, across) = run.line();
        let upright = run.turn == Turn::Upright;
        for glyph in &run.glyphs {
            let Coded { layer, code, width } = self.coder.show(run, glyph, self.shown);
            let key = Key { face: run.face, upright, layer };
            if self.font != Some((key, run.size)) {
                self.font = Some((key, run.size));
                let _ = write!(self.out().0, "/{} ", fonts::name(key));
                self.out.lengths(&[run.size], "Tf");
            }
            let target = from + glyph.x;
            if self.line.as_ref().is_none_or(|line| line.turn != run.turn || line.across != across) {
                self.begin_line(run, target, across);
            }
            let Some(line) = &mut self.line else { continue };
            // Tenths of a thousandth of an em.
            let offset = rounded((line.pen - target.to_pt()) / mille * 10.0);
            line.pen += (if upright { 1000.0 } else { f64::from(width) } - offset as f64 / 10.0) * mille;
            self.show(code, if upright { -offset } else { offset });
        }
        if lifted {
            self.out().operator("0 Tr");
            self.outlines(run, None);
        }
        if run.embolden {
            self.embolden(run);
        }
    }

    /// Goes to where a line begins, by the step from the line before where both run across as they are.
    fn begin_line(&mut self, run: &Run, along: Length, across: Length) {
        let down = matches!(run.turn, Turn::Upright | Turn::Sideways);
        let (x, y) = if down { (across, self.height - along) } else { (along, self.height - across) };
        let at = (thousandths(x), thousandths(y));
        self.end_show();
        let plain = matches!(run.turn, Turn::Across | Turn::Upright);
        match self.start.filter(|_| plain) {
            Some(before) => {
                for step in [at.0 - before.0, at.1 - before.1] {
                    self.out.fixed(step, 3);
                    self.out.0.push(b' ');
                }
                self.out.operator("Td");
            }
            None => {
                run.turn.matrix().iter().for_each(|part| self.out.number(*part));
                self.out.lengths(&[x, y], "Tm");
            }
        }
        self.start = plain.then_some(at);
        // Where it really begins: the file has thousandths.
        let pen = if down { self.height.to_pt() - at.1 as f64 / 1000.0 } else { at.0 as f64 / 1000.0 };
        self.line = Some(Line { turn: run.turn, across, pen });
    }

    /// Shows a glyph after an offset, in tenths of a thousandth of an em. In a column what is taken from a glyph's height takes
    /// the next one further (ISO 32000-1, 9.4.4).
    fn show(&mut self, code: Code, offset: i64) {
        if !self.showing {
            self.out.0.push(b'[');
            self.showing = true;
        }
        if offset != 0 {
            self.end_string();
            self.out.fixed(offset, 1);
        }
        match code {
            Code::Known(code) => {
                if !self.in_string {
                    self.out.0.push(b'(');
                    self.in_string = true;
                }
                self.out.code(code);
            }
            Code::Other(other) => {
                self.end_string();
                self.codes.push(Late { at: self.out.0.len() as u32 + 1, other });
                self.out.0.extend_from_slice(b"<0000>");
            }
        }
    }

    fn end_string(&mut self) {
        if self.in_string {
            self.out.0.push(b')');
            self.in_string = false;
        }
    }

    fn end_show(&mut self) {
        if self.showing {
            self.end_string();
            self.out.operator("]TJ");
            self.showing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_short() {
        let written = |number, digits| {
            let mut out = Stream::default();
            out.fixed(number, digits);
            String::from_utf8(out.0).unwrap()
        };
        assert_eq!([0, 5, -50, 1500, -12_345, 1_000_000].map(|number| written(number, 3)), ["0", ".005", "-.05", "1.5", "-12.345", "1000"]);
        assert_eq!(written(-7, 1), "-.7");
    }

    #[test]
    fn a_number_is_rounded_as_it_always_is() {
        let odd = [0.0, -0.0, 0.5, -0.5, 1.5, -2.5, 0.499_999_999_999_999_94, 1e15, -1e15];
        let many = (0..100_000_u32).map(|at| f64::from(at.wrapping_mul(2_654_435_761) as i32) / 1024.0);
        for number in odd.into_iter().chain(many) {
            assert_eq!(rounded(number), number.round() as i64, "{number}");
        }
    }

    #[test]
    fn codes_survive_in_a_string() {
        let mut out = Stream::default();
        out.0.extend_from_slice(b"[(");
        let codes = [0x2829, 0x5c0d, 0x0a0d, 0x0001, 0x0c5c];
        codes.iter().for_each(|code| out.code(*code));
        out.operator(")]TJ");
        let read = lopdf::content::Content::decode(&out.0).unwrap();
        let string = read.operations[0].operands[0].as_array().unwrap()[0].as_str().unwrap();
        assert_eq!(string.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect::<Vec<_>>(), codes);
    }
}
