//! A page's items as operations.

use super::fonts::Resources;
use super::sheet::Sheet;
use super::{picture, structure};
use crate::font::Fonts;
use crate::layout::{Area, Element, Item, Page, Run, Turn, wave, wave_thickness};
use crate::length::Length;
use crate::style::{Colour, Tag};
use printpdf::{
    Codepoint, Color, DictItem, FontId, LineCapStyle, Op, PaintMode, PdfFontHandle, Point, Pt, Rect, Rgb, TextItem, TextMatrix,
    WindingOrder, XObjectId, XObjectTransform,
};
use skrifa::outline::OutlinePen;

/// Stroke that stands in for a missing bold, as a share of the type size.
const EMBOLDEN: f32 = 0.03;

/// An operator that printpdf has no word for.
fn operator(key: &str, values: &[f32]) -> Op {
    Op::Unknown { key: key.to_owned(), value: values.iter().map(|value| DictItem::Real(*value)).collect() }
}

/// An outline as path operators, in font units.
struct Pen {
    ops: Vec<Op>,
    at: (f32, f32),
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.ops.push(operator("m", &[x, y]));
        self.at = (x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.ops.push(operator("l", &[x, y]));
        self.at = (x, y);
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let third = |from: f32, control: f32| ((from + 2.0 * control) / 3.0).round();
        self.curve_to(third(self.at.0, cx), third(self.at.1, cy), third(x, cx), third(y, cy), x, y);
    }
    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.ops.push(operator("c", &[ax, ay, bx, by, x, y]));
        self.at = (x, y);
    }
    fn close(&mut self) {
        self.ops.push(operator("h", &[]));
    }
}

/// The state that operations change, to leave out those that change nothing.
struct State<'a> {
    ops: Vec<Op>,
    fonts: &'a Resources,
    height: Length,
    in_text: bool,
    font: Option<(String, Length)>,
    fill: Colour,
    faces: &'a Fonts,
    elements: &'a [Element],
    /// What the open piece of marked content is part of, and whether it was opened within a text.
    open: Option<(Tag, bool)>,
    /// The elements of the page's pieces of marked content, by their number.
    marked: Vec<u32>,
}

/// What a page draws.
pub(super) struct Drawn {
    /// Its operations.
    pub ops: Vec<Op>,
    /// The elements that its pieces of marked content are part of, by their number.
    pub marked: Vec<u32>,
}

/// The operations of a page on its sheet.
pub(super) fn operations(page: &Page, fonts: &Resources, faces: &Fonts, elements: &[Element], sheet: &Sheet) -> Drawn {
    let mut state = State {
        ops: Vec::new(),
        fonts,
        height: sheet.trim.1,
        in_text: false,
        font: None,
        fill: Colour::BLACK,
        faces,
        elements,
        open: None,
        marked: Vec::new(),
    };
    if sheet.margin > Length::ZERO {
        // Items are measured from the trim's corner.
        let margin = points(sheet.margin);
        state.ops.push(operator("cm", &[1.0, 0.0, 0.0, 1.0, margin, margin]));
        state.crop_marks(sheet);
    }
    // Grounds lie under the text, whatever the order of reading.
    let (under, over): (Vec<&Item>, Vec<&Item>) = page.items.iter().partition(|item| matches!(item, Item::Rule(..)));
    for item in under.into_iter().chain(over) {
        state.item(item, sheet);
    }
    state.close();
    state.end_text();
    Drawn { ops: state.ops, marked: state.marked }
}

/// A length in points to a thousandth.
fn points(length: Length) -> f32 {
    ((length.to_pt() * 1000.0).round() / 1000.0) as f32
}

fn ink(colour: Colour) -> Color {
    let part = |value: u8| f32::from(value) / 255.0;
    if colour.0 == colour.1 && colour.1 == colour.2 {
        return Color::Greyscale(printpdf::Greyscale::new(part(colour.0), None));
    }
    Color::Rgb(Rgb::new(part(colour.0), part(colour.1), part(colour.2), None))
}

impl State<'_> {
    /// Begins a piece of content that is part of something, unless one is open.
    fn mark(&mut self, tag: Tag) {
        if self.open.is_some_and(|(open, _)| open == tag) {
            return;
        }
        self.close();
        let name = |name: &str| DictItem::Name(name.as_bytes().to_vec());
        let artifact = |place: &str| {
            let map = [("Type", "Pagination"), ("Subtype", place)].map(|(key, value)| (key.to_owned(), name(value))).into();
            Op::Unknown { key: "BDC".into(), value: vec![name("Artifact"), DictItem::Dict { map }] }
        };
        self.ops.push(match tag {
            Tag::Decoration => Op::Unknown { key: "BMC".into(), value: vec![name("Artifact")] },
            Tag::Head => artifact("Header"),
            Tag::Foot => artifact("Footer"),
            Tag::Element(number) => {
                let role = self.elements.get(number as usize).map_or("Span", |element| structure::name(element.role));
                let map = [("MCID".to_owned(), DictItem::Int(self.marked.len() as i64))].into();
                self.marked.push(number);
                Op::Unknown { key: "BDC".into(), value: vec![name(role), DictItem::Dict { map }] }
            }
        });
        self.open = Some((tag, self.in_text));
    }

    /// Ends the open piece of marked content. What was begun outside a text is ended outside it.
    fn close(&mut self) {
        if let Some((_, in_text)) = self.open {
            if self.in_text && !in_text {
                self.ops.push(Op::EndTextSection);
                (self.in_text, self.font) = (false, None);
            }
            self.ops.push(operator("EMC", &[]));
            self.open = None;
        }
    }

    /// Marks in the corners outside the trim, by which a printer cuts (8 mm long in all, clear of the bleed).
    fn crop_marks(&mut self, sheet: &Sheet) {
        let Some((from, to)) = sheet.marks else { return };
        self.mark(Tag::Decoration);
        let (width, height) = (points(sheet.trim.0), points(sheet.trim.1));
        let (from, to) = (points(from), points(to));
        self.ops.push(operator("w", &[0.25]));
        for (x, sign) in [(0.0, -1.0), (width, 1.0)] {
            for (y, up) in [(0.0, -1.0), (height, 1.0)] {
                for [x0, y0, x1, y1] in [[x + sign * from, y, x + sign * to, y], [x, y + up * from, x, y + up * to]] {
                    self.ops.push(operator("m", &[x0, y0]));
                    self.ops.push(operator("l", &[x1, y1]));
                    self.ops.push(operator("S", &[]));
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
                let rectangle = Rect {
                    x: Pt(points(area.x)),
                    y: Pt(points(self.height - area.y - area.height)),
                    width: Pt(points(area.width)),
                    height: Pt(points(area.height)),
                    mode: Some(PaintMode::Fill),
                    winding_order: Some(WindingOrder::NonZero),
                };
                self.ops.push(Op::DrawRectangle { rectangle });
            }
            Item::Dot { x, y, radius, colour, tag } => {
                self.end_text();
                self.mark(*tag);
                self.fill(*colour);
                // A circle as four curves.
                let (x, y, r) = (points(*x), points(self.height - *y), points(*radius));
                let k = r * 0.5523;
                self.ops.push(operator("m", &[x + r, y]));
                for (from, to) in
                    [((1.0, 0.0), (0.0, 1.0)), ((0.0, 1.0), (-1.0, 0.0)), ((-1.0, 0.0), (0.0, -1.0)), ((0.0, -1.0), (1.0, 0.0))]
                {
                    let (a, b): ((f32, f32), (f32, f32)) = (from, to);
                    let curve = [
                        x + a.0 * r + b.0 * k,
                        y + a.1 * r + b.1 * k,
                        x + b.0 * r + a.0 * k,
                        y + b.1 * r + a.1 * k,
                        x + b.0 * r,
                        y + b.1 * r,
                    ];
                    self.ops.push(operator("c", &curve));
                }
                self.ops.push(operator("f", &[]));
            }
            Item::Wave { x, y, length, size, down } => self.wave(*x, *y, *length, *size, *down),
            Item::Image(area, path, tag) => {
                self.end_text();
                self.mark(*tag);
                let clipped = self.clip(*area, sheet);
                let transform = XObjectTransform {
                    translate_x: Some(Pt(points(area.x))),
                    translate_y: Some(Pt(points(self.height - area.y - area.height))),
                    scale_x: Some(points(area.width)),
                    scale_y: Some(points(area.height)),
                    no_auto_scale: true,
                    ..XObjectTransform::default()
                };
                self.ops.push(Op::UseXobject { id: XObjectId(picture::name(path)), transform });
                if clipped {
                    self.ops.push(Op::RestoreGraphicsState);
                }
            }
            Item::Link(..) | Item::Anchor { .. } => {}
        }
    }

    /// Keeps a picture that is larger than the page within its bleed.
    fn clip(&mut self, area: Area, sheet: &Sheet) -> bool {
        let (bleed, (width, height)) = (sheet.bleed, sheet.trim);
        let within = area.x >= -bleed && area.y >= -bleed && area.x + area.width <= width + bleed && area.y + area.height <= height + bleed;
        if !within {
            self.ops.push(Op::SaveGraphicsState);
            self.ops.push(operator("re", &[points(-bleed), points(-bleed), points(width + bleed * 2), points(height + bleed * 2)]));
            self.ops.push(operator("W", &[]));
            self.ops.push(operator("n", &[]));
        }
        !within
    }

    /// A wave along a title.
    fn wave(&mut self, x: Length, y: Length, length: Length, size: Length, down: bool) {
        self.end_text();
        self.mark(Tag::Decoration);
        self.ops.push(Op::SetOutlineColor { col: ink(Colour::BLACK) });
        self.ops.push(Op::SetOutlineThickness { pt: Pt(points(wave_thickness(size))) });
        self.ops.push(Op::SetLineCapStyle { cap: LineCapStyle::Round });
        let place = |(x, y): (Length, Length)| [points(x), points(self.height - y)];
        let mut ops = Vec::new();
        for (at, curve) in wave(x, y, length, size, down).into_iter().enumerate() {
            let [[ax, ay], [bx, by], [cx, cy]] = curve.map(place);
            ops.push(if at == 0 { operator("m", &[cx, cy]) } else { operator("c", &[ax, ay, bx, by, cx, cy]) });
        }
        ops.push(operator("S", &[]));
        self.ops.append(&mut ops);
    }

    fn point(&self, x: Length, y: Length) -> Point {
        Point { x: Pt(points(x)), y: Pt(points(self.height - y)) }
    }

    fn fill(&mut self, colour: Colour) {
        if self.fill != colour {
            self.ops.push(Op::SetFillColor { col: ink(colour) });
            self.fill = colour;
        }
    }

    fn end_text(&mut self) {
        if self.in_text {
            if self.open.is_some_and(|(_, in_text)| in_text) {
                self.close();
            }
            self.ops.push(Op::EndTextSection);
            self.in_text = false;
            self.font = None;
        }
    }

    /// Draws the weight that a face lacks: a stroke along each glyph's outline. It is drawing, not text, so that
    /// copied text has each character once, as a text that is both filled and stroked has not in every reader.
    fn embolden(&mut self, run: &Run) {
        self.end_text();
        self.ops.push(Op::SetOutlineColor { col: ink(run.colour) });
        let width = f32::from(self.faces.face(run.face).units) * EMBOLDEN;
        self.outlines(run, &[operator("w", &[width])], "S");
    }

    /// Draws the outlines of a run's glyphs where they stand, after some operators and with one that paints.
    fn outlines(&mut self, run: &Run, before: &[Op], paint: &str) {
        self.end_text();
        self.mark(Tag::Decoration);
        let face = self.faces.face(run.face);
        let scale = points(run.size) / f32::from(face.units);
        for glyph in &run.glyphs {
            let (x, y) = run.origin(glyph, face.advance(glyph.id));
            let at = self.point(x, y);
            let mut pen = Pen { ops: Vec::new(), at: (0.0, 0.0) };
            face.draw(glyph.id, &mut pen);
            if pen.ops.is_empty() {
                continue;
            }
            self.ops.push(Op::SaveGraphicsState);
            let [a, b, c, d] = run.turn.matrix().map(|part| part * scale);
            self.ops.push(operator("cm", &[a, b, c, d, at.x.0, at.y.0]));
            self.ops.extend_from_slice(before);
            self.ops.append(&mut pen.ops);
            self.ops.push(operator(paint, &[]));
            self.ops.push(Op::RestoreGraphicsState);
        }
    }

    /// The glyphs of a run, each at its place: where the stated widths do not lead there, by an offset.
    fn run(&mut self, run: &Run) {
        if self.open.is_some_and(|(open, in_text)| open != run.tag && !in_text) {
            self.close();
        }
        if !self.in_text {
            self.ops.push(Op::StartTextSection);
            self.in_text = true;
        }
        self.mark(run.tag);
        self.fill(run.colour);
        // The text of lifted ink stays on its line, unseen: a reader would take it for a line of its own.
        let lifted = run.lift != Length::ZERO;
        if lifted {
            self.ops.push(operator("Tr", &[3.0]));
        }
        let mut items: Vec<TextItem> = Vec::new();
        let mut codes: Vec<Codepoint> = Vec::new();
        let mut key = None;
        let upright = run.turn == Turn::Upright;
        // Where the reader's pen is, and where it started; thousandths of the type size, as the file states them.
        let (mut pen, mut origin) = (0.0, 0.0);
        let narrowed = if let Turn::Combined(narrowed) = run.turn { f64::from(narrowed) / 1000.0 } else { 1.0 };
        let mille = |length: Length| length.0 as f64 * 1000.0 / run.size.0 as f64 / narrowed;
        for glyph in &run.glyphs {
            let Some(place) = self.fonts.place(run, glyph) else { continue };
            let target = mille(glyph.x);
            if key != Some(place.key) {
                self.show(&mut items, &mut codes);
                key = Some(place.key);
                let font = (place.font.to_owned(), run.size);
                if self.font.as_ref() != Some(&font) {
                    self.ops.push(Op::SetFont { font: PdfFontHandle::External(FontId(font.0.clone())), size: Pt(points(run.size)) });
                    self.font = Some(font);
                }
                let at = match run.turn {
                    Turn::Across | Turn::Combined(_) => self.point(run.x + glyph.x, run.y),
                    Turn::Upright | Turn::Sideways => self.point(run.x, run.y + glyph.x),
                };
                let [a, b, c, d] = run.turn.matrix();
                let matrix = [a, b, c, d, at.x.0, at.y.0];
                // printpdf joins lines of text that stand at one height, as if all of them ran across.
                self.ops.push(if upright { operator("Tm", &matrix) } else { Op::SetTextMatrix { matrix: TextMatrix::Raw(matrix) } });
                (pen, origin) = (0.0, target);
            }
            let offset = ((pen - (target - origin)) * 100.0).round() / 100.0;
            if offset.abs() >= 0.05 {
                if !codes.is_empty() {
                    items.push(TextItem::GlyphIds(std::mem::take(&mut codes)));
                }
                // In a column the pen moves down, and what is taken from its height takes it further (ISO 32000-1, 9.4.4).
                items.push(TextItem::Offset(if upright { -offset } else { offset } as f32));
                pen -= f64::from(offset as f32);
            }
            let mut text = String::from(glyph.text);
            text.push_str(glyph.more.as_deref().unwrap_or(""));
            codes.push(Codepoint::with_cid(place.code, 0.0, text));
            pen += if upright { 1000.0 } else { place.width as f64 };
        }
        self.show(&mut items, &mut codes);
        if lifted {
            self.ops.push(operator("Tr", &[0.0]));
            self.outlines(run, &[], "f");
        }
        if run.embolden {
            self.embolden(run);
        }
    }

    fn show(&mut self, items: &mut Vec<TextItem>, codes: &mut Vec<Codepoint>) {
        if !codes.is_empty() {
            items.push(TextItem::GlyphIds(std::mem::take(codes)));
        }
        if !items.is_empty() {
            self.ops.push(Op::ShowText { items: std::mem::take(items) });
        }
    }
}
