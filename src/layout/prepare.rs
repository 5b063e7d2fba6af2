//! Second step: characters become clusters, the units that no line divides, and the joints between them, with
//! their natural width, their give, and whether a line may end there.

use super::Context;
use super::annotate;
use super::collect::{Collection, Object, Unit};
use super::page::{AXIS, Turn};
use crate::font::{Choice, FaceId};
use crate::length::Length;
use crate::script::{self, Class, Direction, Gap, Stretch};
use crate::style::TextStyle;
use unicode_vo::Orientation;

/// A glyph in its cluster.
#[derive(Clone, Debug)]
pub(super) struct SetGlyph {
    pub face: FaceId,
    pub id: u16,
    pub embolden: bool,
    /// From the cluster's start.
    pub x: Length,
    /// Raised by.
    pub rise: Length,
    /// Type size, where it is not the style's: ruby.
    pub size: Length,
    /// How it stands to the page.
    pub turn: Turn,
    pub text: char,
    pub more: Option<Box<str>>,
}

/// A unit that no line divides.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    /// What the joint before it sees.
    pub class: Class,
    /// What the joint after it sees: a note's mark shows what it hangs on.
    pub after: Class,
    /// The body's width; blanks are the joints'.
    pub width: Length,
    /// What it keeps free before it at a line's start: a reading that is wider than its base.
    pub start_blank: Length,
    /// The blank that it keeps at a line's end.
    pub end_blank: Length,
    /// Whether that blank goes where the line is too long: the first of the seven steps (CLREQ 6.2.2.3).
    pub end_gives: bool,
    /// How much of it may hang outside the measure at a line's end.
    pub hang: Length,
    /// Range of [`Preparation::glyphs`].
    pub glyphs: std::ops::Range<u32>,
    pub style: u16,
    pub link: u16,
    pub object: u16,
    /// Which column of a double-line note it is.
    pub part: u16,
    /// How far its reading reaches beyond it on each side, less than nothing where the reading is the shorter; `None`
    /// where it has none.
    pub reading: Option<Length>,
    pub at: u32,
}

impl Cluster {
    /// A cluster of one class on both sides, without an object.
    pub fn of(unit: &Unit, class: Class, width: Length, glyphs: std::ops::Range<u32>) -> Cluster {
        let (style, link, at) = (unit.style, unit.link, unit.at);
        Cluster {
            class,
            after: class,
            width,
            start_blank: Length::ZERO,
            end_blank: Length::ZERO,
            end_gives: false,
            hang: Length::ZERO,
            glyphs,
            style,
            link,
            object: 0,
            part: 0,
            reading: None,
            at,
        }
    }
}

/// Whether a line may end at a joint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breaks {
    No,
    Yes,
    /// Better elsewhere: between a number and what it counts.
    Unwelcome,
    /// With a hyphen.
    Hyphen,
    /// Only where the line would run over its edge otherwise.
    Emergency,
}

/// What stands between two clusters.
#[derive(Clone, Debug)]
pub(super) struct Joint {
    pub natural: Length,
    pub shrink: Length,
    /// Step at which it shrinks, 1 to 6; 0 for never.
    pub step: u8,
    pub stretch: Stretch,
    /// How far it stretches in its own step before every gap does.
    pub room: Length,
    pub breaks: Breaks,
    /// The space characters that it stands for.
    pub space: Option<SetGlyph>,
}

/// A paragraph ready to be broken into lines. `joints[i]` follows `clusters[i]`; the last cluster has none.
#[derive(Clone, Debug, Default)]
pub(super) struct Preparation {
    pub clusters: Vec<Cluster>,
    pub joints: Vec<Joint>,
    pub glyphs: Vec<SetGlyph>,
    /// A hyphen in each of the paragraph's styles, and its width.
    pub hyphens: Vec<Option<(SetGlyph, Length)>>,
    /// The double-line notes in it, each with the number of its object.
    pub inner: Vec<(u16, Preparation)>,
}

impl Preparation {
    /// Keeps titles whole where a body would be divided: no hyphens, no number apart from what it counts.
    pub fn into_title(mut self) -> Preparation {
        for at in 0..self.joints.len() {
            let text = |cluster: &Cluster, last: bool| {
                let glyphs = &self.glyphs[cluster.glyphs.start as usize..cluster.glyphs.end as usize];
                if last { glyphs.last() } else { glyphs.first() }.map(|glyph| glyph.text)
            };
            let counted = text(&self.clusters[at], true).is_some_and(|c| c.is_ascii_digit())
                && text(&self.clusters[at + 1], false).is_some_and(script::is_counter);
            if self.joints[at].breaks == Breaks::Hyphen || counted {
                self.joints[at].breaks = Breaks::No;
            }
        }
        self
    }

    /// A part of the paragraph by itself. Its glyphs are left where they are: it serves to be measured.
    pub fn slice(&self, range: std::ops::Range<usize>) -> Preparation {
        let joints = range.start..(range.end - 1).max(range.start);
        Preparation {
            clusters: self.clusters[range].to_vec(),
            joints: self.joints[joints].to_vec(),
            glyphs: Vec::new(),
            hyphens: self.hyphens.clone(),
            inner: Vec::new(),
        }
    }
}

/// Ink of a dash of two em, thousandths of an em.
const DASH_INK: f64 = 1880.0;

/// Height of capitals and figures, thousandths of an em.
const CAPITAL: i64 = 690;

/// Prepares a collection.
pub(super) fn prepare(context: &Context<'_>, text: &Collection) -> Preparation {
    // An object is classified by what it shows: a reading by its base, a note's mark and an anchor by nothing.
    let shown = |unit: &Unit| match unit.object.checked_sub(1).map(|index| &text.objects[usize::from(index)]) {
        None => unit.c,
        Some(Object::Ruby { base, .. }) => base.chars().next().unwrap_or(unit.c),
        Some(Object::DoubleLine(note)) => note.units.first().map_or(unit.c, |unit| unit.c),
        Some(Object::Note(_) | Object::Anchor(_)) => script::WORD_JOINER,
        Some(Object::Image { .. }) => unit.c,
    };
    let characters: Vec<char> = text.units.iter().map(shown).collect();
    let classes = script::classify(&characters);
    let mut preparer = Preparer { context, text, done: Preparation::default(), pending: None, exclaiming: 0, combined: 0 };
    let mut at = 0;
    while at < text.units.len() {
        at += preparer.step(&text.units[at..], &classes[at..]);
    }
    preparer.finish()
}

/// Spaces that have been read and not yet been placed.
struct Pending {
    glyph: Option<SetGlyph>,
    /// Width of the ordinary space of the font, thousandths of an em.
    advance: i64,
    /// Width where the space is as wide as it says.
    fixed: Length,
    may_break: bool,
    /// Whether it stands beside figures in one em of a column, and is nothing.
    tight: bool,
}

pub(super) struct Preparer<'a> {
    pub context: &'a Context<'a>,
    text: &'a Collection,
    pub done: Preparation,
    pending: Option<Pending>,
    /// How many exclamation or question marks stand in a row so far.
    exclaiming: usize,
    /// How many clusters there were when figures were last set in one em of a column; 0 for never.
    combined: usize,
}

impl Preparer<'_> {
    pub fn style(&self, unit: &Unit) -> TextStyle {
        self.text.styles[usize::from(unit.style)]
    }

    /// Reads one unit or one run; says how many characters it took.
    fn step(&mut self, units: &[Unit], classes: &[Class]) -> usize {
        let unit = &units[0];
        if unit.object > 0 {
            self.object(unit);
            return 1;
        }
        match classes[0] {
            Class::Space | Class::IdeographicSpace => self.space(unit, classes[0]),
            Class::Extend => self.extend(unit),
            Class::Western => return self.combined(units, classes).unwrap_or_else(|| self.western(units, classes)),
            Class::Long if script::is_long_dash(unit.c) && units.len() > 1 && units[1].c == unit.c && classes[1] == Class::Long => {
                self.long_dash(unit);
                return 2;
            }
            Class::Long if unit.c == script::TWO_EM_DASH => self.long_dash(unit),
            Class::Long if units.len() > 1 && units[1].c == unit.c && classes[1] == Class::Long => {
                self.long_ellipsis(unit);
                return 2;
            }
            Class::HalfOpen | Class::HalfClose => self.half_mark(unit, classes[0]),
            Class::Exclam if self.context.is_vertical() && units.len() > 1 && classes[1] == Class::Exclam && units[1].object == 0 => {
                self.side_by_side(units);
                return 2;
            }
            class => {
                let selector = units.get(1).map(|next| next.c).filter(|c| script::is_variation_selector(*c));
                let riding = |unit: &&Unit| unit.object == 0 && unit.style == units[0].style && script::is_combining_mark(unit.c);
                let marks: String = units[1..].iter().take_while(riding).map(|unit| unit.c).collect();
                let composed = if marks.is_empty() { None } else { self.composed(unit, &marks) };
                let taken = if composed.is_some() { marks.chars().count() } else { 0 };
                self.mark_or_han(unit, class, selector, composed);
                return 1 + taken;
            }
        }
        1
    }

    fn space(&mut self, unit: &Unit, class: Class) {
        let style = self.style(unit);
        let glyph = self.glyph(unit.c, style, false);
        let advance = glyph.as_ref().map_or(250, |glyph| self.context.fonts.face(glyph.face).advance(glyph.id).round() as i64);
        let wide = class == Class::IdeographicSpace;
        let size = style.size;
        match &mut self.pending {
            Some(pending) => {
                if wide {
                    pending.fixed += size;
                }
                pending.may_break &= !script::is_no_break_space(unit.c);
            }
            None => {
                let fixed = if wide {
                    size
                } else if style.verbatim {
                    size.mille(advance)
                } else {
                    Length::ZERO
                };
                self.pending = Some(Pending {
                    glyph,
                    advance,
                    fixed,
                    may_break: !script::is_no_break_space(unit.c),
                    tight: self.combined == self.done.clusters.len(),
                });
            }
        }
    }

    /// A combining mark that nothing took with it: it rides on what is before it, or stands alone.
    fn extend(&mut self, unit: &Unit) {
        if !script::is_combining_mark(unit.c) {
            return;
        }
        let style = self.style(unit);
        let Some(mut glyph) = self.glyph(unit.c, style, true) else { return };
        let advance = self.context.fonts.face(glyph.face).advance(glyph.id);
        match self.done.clusters.last_mut() {
            Some(last) if glyph.turn == Turn::Upright => {
                // Its ink lies before its origin, above the middle of the em before it.
                glyph.rise = style.size.mille(500 + (advance / 2.0) as i64);
                glyph.x = last.width - style.size;
                self.done.glyphs.push(glyph);
                last.glyphs.end += 1;
            }
            Some(last) => {
                glyph.x = last.width;
                self.done.glyphs.push(glyph);
                last.glyphs.end += 1;
            }
            None => {
                let first = self.done.glyphs.len() as u32;
                self.done.glyphs.push(glyph);
                self.push(Cluster::of(unit, Class::Extend, style.size, first..first + 1));
            }
        }
    }

    /// A character with the marks that ride on it as its font joins them; `None` where it has none, or the font does not.
    fn composed(&self, unit: &Unit, marks: &str) -> Option<SetGlyph> {
        let style = self.style(unit);
        let choice = self.context.fonts.find(style.want, unit.c, true)?;
        let mut text = String::from(unit.c);
        text.push_str(marks);
        let shaped = self.context.fonts.face(choice.face).shape(&text, &[]);
        let [one] = shaped.as_slice() else { return None };
        let glyph = self.glyph(unit.c, style, true)?;
        (one.glyph != 0).then(|| SetGlyph { id: one.glyph, more: Some(marks.into()), ..glyph })
    }

    pub fn glyph(&self, c: char, style: TextStyle, chinese: bool) -> Option<SetGlyph> {
        let choice = self.context.fonts.find(style.want, c, chinese)?;
        let (id, turn) = self.stand(c, choice, chinese);
        Some(SetGlyph {
            face: choice.face,
            id,
            embolden: choice.embolden,
            x: Length::ZERO,
            rise: Length::ZERO,
            size: style.size,
            turn,
            text: c,
            more: None,
        })
    }

    /// The form of a character in the lines' direction, and how it stands: in a column upright where it has a form for
    /// that or is upright by nature (UAX 50), else turned.
    fn stand(&self, c: char, choice: Choice, chinese: bool) -> (u16, Turn) {
        let fonts = self.context.fonts;
        // Han are most of a text, and have one form.
        if !self.context.is_vertical() {
            let form = if !chinese || script::is_han(c) { None } else { fonts.form(choice.face, c, Direction::Horizontal) };
            let plain = if chinese { fonts.localised(choice.face, choice.glyph) } else { choice.glyph };
            return (form.unwrap_or(plain), Turn::Across);
        }
        if script::is_han(c) {
            return (fonts.localised(choice.face, choice.glyph), Turn::Upright);
        }
        if !chinese {
            return (choice.glyph, Turn::Sideways);
        }
        let form = |c| fonts.form(choice.face, c, Direction::Vertical);
        let stand_in = self.context.rules().stands_in(c);
        let corner = stand_in.filter(|_| script::is_opening_mark(c) || script::is_closing_mark(c)).and_then(form);
        if let Some(id) = corner.or_else(|| form(c)).or_else(|| stand_in.and_then(form)) {
            return (id, Turn::Upright);
        }
        match unicode_vo::char_orientation(c) {
            Orientation::Upright | Orientation::TransformedOrUpright => (choice.glyph, Turn::Upright),
            Orientation::Rotated | Orientation::TransformedOrRotated if script::stands_upright(c) => (choice.glyph, Turn::Upright),
            Orientation::Rotated | Orientation::TransformedOrRotated => (choice.glyph, Turn::Sideways),
        }
    }

    /// Two or three digits, 3.0, A+, 2B, or a letter or digit by itself, stand upright in one em of a column (CLREQ
    /// 2.1.3, tate-chu-yoko). `None` where the run is none of these. How many characters it took.
    fn combined(&mut self, units: &[Unit], classes: &[Class]) -> Option<usize> {
        if !self.context.is_vertical() {
            return None;
        }
        let style = self.style(&units[0]);
        let count = (0..units.len()).take_while(|at| units[*at].object == 0 && classes[*at] == Class::Western).count();
        let word: String = units[..count.min(4)].iter().map(|unit| unit.c).collect();
        let styled = units[..count].iter().any(|unit| unit.style != units[0].style) || style.rise != Length::ZERO;
        let goes_on = self.pending.is_none() && self.done.clusters.last().is_some_and(|last| last.after == Class::Western);
        let joined = goes_on
            || matches!(self.done.clusters.last(), Some(last) if last.after == Class::Western) && self.pending.is_some()
            || classes.get(count) == Some(&Class::Space) && classes.get(count + 1) == Some(&Class::Western);
        if style.verbatim || styled || joined || !script::stands_in_one_em(&word) {
            return None;
        }
        let shaped = self.shape(&word, style);
        let width: Length = shaped.iter().map(|(_, advance, _)| *advance).sum();
        // Wider than an em, it is narrowed.
        let narrowed = if width > style.size { (style.size.0 * 1000 / width.0) as u16 } else { 1000 };
        let size = style.size;
        let first = self.done.glyphs.len() as u32;
        let mut at = width.mille(narrowed.into()) / 2;
        for ((cluster, advance, glyph), c) in shaped.into_iter().zip(word.chars()) {
            debug_assert!(word[cluster..].starts_with(c));
            // Capitals and figures stand in the middle of the em.
            let x = style.size / 2 + size.mille(CAPITAL / 2);
            self.done.glyphs.push(SetGlyph { turn: Turn::Combined(narrowed), x, rise: size.mille(AXIS) - at, text: c, ..glyph });
            at -= advance.mille(narrowed.into());
        }
        let glyphs = first..self.done.glyphs.len() as u32;
        let priced = self.pending.is_none() && self.done.clusters.last().is_some_and(|last| last.class == Class::Currency);
        if let Some(pending) = &mut self.pending {
            pending.tight = true;
        }
        self.push(Cluster::of(&units[0], Class::Han, style.size, glyphs));
        if priced && let Some(joint) = self.done.joints.last_mut() {
            *joint = Joint::rigid();
        }
        self.combined = self.done.clusters.len();
        Some(count)
    }

    /// A half-width mark among Chinese: as wide as its font has it.
    fn half_mark(&mut self, unit: &Unit, class: Class) {
        let style = self.style(unit);
        let first = self.done.glyphs.len() as u32;
        let mut width = Length::ZERO;
        if let Some(glyph) = self.glyph(unit.c, style, false) {
            width = style.size.mille(self.context.fonts.face(glyph.face).advance(glyph.id).round() as i64);
            self.done.glyphs.push(glyph);
        }
        let glyphs = first..self.done.glyphs.len() as u32;
        self.push(Cluster::of(unit, class, width, glyphs));
    }

    /// A mark or a character of one em; `selector` picks its variant where a font has one.
    fn mark_or_han(&mut self, unit: &Unit, class: Class, selector: Option<char>, composed: Option<SetGlyph>) {
        let style = self.style(unit);
        let mark = self.context.rules().mark(class);
        let width = style.size.mille(mark.body);
        let first = self.done.glyphs.len() as u32;
        if let Some(mut glyph) = composed.or_else(|| self.glyph(unit.c, style, true)) {
            if let Some((selector, choice)) = selector.and_then(|c| Some((c, self.context.fonts.find_variant(style.want, unit.c, c)?))) {
                (glyph.face, glyph.id, glyph.embolden) = (choice.face, choice.glyph, choice.embolden);
                glyph.more = Some(String::from(selector).into_boxed_str());
            }
            if !matches!(class, Class::Han | Class::NonStarter | Class::Unit | Class::Currency) {
                let exact = |mille: f64| style.size.scale((mille * 1000.0).round() as i64, 1_000_000);
                let centred = self.context.rules().centred(class);
                glyph.x = exact(self.mark_offset(&glyph, class, mark.body, centred));
                glyph.rise = exact(self.mark_rise(&glyph, class, centred));
            } else if glyph.turn != Turn::Upright {
                let advance = self.context.fonts.face(glyph.face).advance(glyph.id);
                // A symbol from a font of letters stands in the middle of its em.
                if advance > 1.0 && advance < 990.0 {
                    glyph.x = style.size.scale(((1000.0 - advance) * 500.0).round() as i64, 1_000_000);
                }
            }
            self.done.glyphs.push(glyph);
        }
        let end_blank = if self.context.rules().trims_line_end(class) { Length::ZERO } else { style.size.mille(mark.after) };
        let glyphs = first..self.done.glyphs.len() as u32;
        let hanging = self.context.style.hanging && self.context.rules().may_hang(class);
        // The blank before it goes with it.
        let hang = if hanging { width + style.size.mille(mark.before) } else { Length::ZERO };
        self.push(Cluster { end_blank, end_gives: true, hang, ..Cluster::of(unit, class, width, glyphs) });
    }

    /// Where a mark's glyph stands so that its ink lies in the mark's body, whatever the font's own advance and
    /// blank are. Thousandths of an em.
    fn mark_offset(&self, glyph: &SetGlyph, class: Class, body: i64, centred: bool) -> f64 {
        let face = self.context.fonts.face(glyph.face);
        let upright = glyph.turn == Turn::Upright;
        let (advance, body) = (if upright { 1000.0 } else { face.advance(glyph.id) }, body as f64);
        let Some((left, right)) = (if upright { face.ink_down(glyph.id) } else { face.ink(glyph.id) }) else { return 0.0 };
        let middle = (body - left - right) / 2.0;
        match class {
            Class::Open if advance > 900.0 => body - 1000.0,
            Class::Open => body - advance,
            Class::Close => 0.0,
            Class::Comma | Class::Stop | Class::Colon | Class::Exclam if !centred && right <= body => 0.0,
            _ => middle,
        }
    }

    /// How far a mark's glyph is raised so that it stands in the middle of the line's other way: point marks where the
    /// region centres them, whatever the font was drawn for; dashes turned into a column, on its axis.
    fn mark_rise(&self, glyph: &SetGlyph, class: Class, centred: bool) -> f64 {
        let face = self.context.fonts.face(glyph.face);
        let middle = |ink: Option<(f64, f64)>, at: f64| ink.map_or(0.0, |(from, to)| at - (from + to) / 2.0);
        match (glyph.turn, class) {
            (Turn::Across, Class::Comma | Class::Stop | Class::Colon) if centred => -middle(face.ink_down(glyph.id), 500.0),
            (Turn::Upright, Class::Comma | Class::Stop | Class::Colon | Class::Exclam) if centred => {
                middle(face.ink(glyph.id), face.advance(glyph.id) / 2.0)
            }
            (Turn::Across, Class::Connector | Class::HalfConnector)
            | (Turn::Sideways, Class::Connector | Class::HalfConnector | Class::Long | Class::Solidus) => {
                -middle(face.ink_down(glyph.id), 500.0)
            }
            _ => 0.0,
        }
    }

    /// A dash of two em: one glyph where the font has one, and rigid in any case (GB/T 15834 5.1.5).
    fn long_dash(&mut self, unit: &Unit) {
        let style = self.style(unit);
        let first = self.done.glyphs.len() as u32;
        if let Some(glyph) = self.glyph(unit.c, style, true) {
            let face = self.context.fonts.face(glyph.face);
            let single = unit.c == script::TWO_EM_DASH;
            let text = if single { String::from(unit.c) } else { String::from_iter([unit.c, unit.c]) };
            let shaped = face.shape(&text, &[]);
            let whole = shaped.len() == 1 && shaped[0].advance > 1500.0;
            if whole {
                // As long as a dash of two em is: the glyph, made for letters, is shorter.
                let (left, right) = face.ink(shaped[0].glyph).unwrap_or((0.0, 2000.0));
                let scale = (DASH_INK / (right - left)).clamp(1.0, 1.25);
                let offset = (2000.0 - (left + right) * scale) / 2.0;
                let more = (!single).then(|| String::from(unit.c).into_boxed_str());
                let (x, size) = (style.size.mille(offset as i64), style.size.mille((scale * 1000.0) as i64));
                // The font has no form of it for columns: it is turned.
                let turn = if self.context.is_vertical() { Turn::Sideways } else { Turn::Across };
                let mut dash = SetGlyph { id: shaped[0].glyph, turn, x, size, more, ..glyph };
                dash.rise = size.mille(self.mark_rise(&dash, Class::Long, false) as i64);
                self.done.glyphs.push(dash);
            } else if single {
                let offset = face.ink(glyph.id).map_or(0, |(left, right)| ((2000.0 - left - right) / 2.0) as i64);
                self.done.glyphs.push(SetGlyph { x: style.size.mille(offset), ..glyph });
            } else {
                let offset = face.ink(glyph.id).map_or(0, |(left, right)| ((1000.0 - left - right) / 2.0) as i64);
                self.done.glyphs.push(SetGlyph { x: style.size.mille(offset), ..glyph.clone() });
                self.done.glyphs.push(SetGlyph { x: style.size.mille(1000 + offset), ..glyph });
            }
        }
        let glyphs = first..self.done.glyphs.len() as u32;
        self.push(Cluster::of(unit, Class::Long, style.size * 2, glyphs));
    }

    /// Two exclamation or question marks side by side in one em of a column (CLREQ 5.1.1.3).
    fn side_by_side(&mut self, units: &[Unit]) {
        let style = self.style(&units[0]);
        let exact = |mille: f64| style.size.scale((mille * 1000.0).round() as i64, 1_000_000);
        let first = self.done.glyphs.len() as u32;
        for (unit, middle) in units[..2].iter().zip([-220.0, 220.0]) {
            let Some(choice) = self.context.fonts.find(style.want, unit.c, true) else { continue };
            let face = self.context.fonts.face(choice.face);
            let centre = |ink: Option<(f64, f64)>| ink.map_or(500.0, |(from, to)| (from + to) / 2.0);
            // Its ink in the middle of its half, and of the em.
            let (x, rise) = (
                style.size / 2 + exact((AXIS + 500) as f64 - centre(face.ink_down(choice.glyph))),
                style.size.mille(AXIS) - exact(centre(face.ink(choice.glyph)) - middle),
            );
            let (face, id, embolden) = (choice.face, choice.glyph, choice.embolden);
            self.done.glyphs.push(SetGlyph {
                face,
                id,
                embolden,
                x,
                rise,
                size: style.size,
                turn: Turn::Combined(1000),
                text: unit.c,
                more: None,
            });
        }
        let glyphs = first..self.done.glyphs.len() as u32;
        self.push(Cluster::of(&units[0], Class::Stacked, style.size, glyphs));
    }

    /// An ellipsis of two em, rigid (GB/T 15834 5.1.5).
    fn long_ellipsis(&mut self, unit: &Unit) {
        let style = self.style(unit);
        let first = self.done.glyphs.len() as u32;
        if let Some(mut glyph) = self.glyph(unit.c, style, true) {
            let exact = |mille: f64| style.size.scale((mille * 1000.0).round() as i64, 1_000_000);
            glyph.x = exact(self.mark_offset(&glyph, Class::Long, 1000, false));
            glyph.rise = exact(self.mark_rise(&glyph, Class::Long, false));
            self.done.glyphs.push(glyph.clone());
            self.done.glyphs.push(SetGlyph { x: glyph.x + style.size, ..glyph });
        }
        let glyphs = first..self.done.glyphs.len() as u32;
        self.push(Cluster::of(unit, Class::Long, style.size * 2, glyphs));
    }

    fn object(&mut self, unit: &Unit) {
        let style = self.style(unit);
        let object = &self.text.objects[usize::from(unit.object) - 1];
        let first = self.done.glyphs.len() as u32;
        let (class, width) = match object {
            Object::Note(_) => {
                let mark = note_mark(style);
                let text = Context::note_placeholder();
                let mut x = Length::ZERO;
                for c in text.chars() {
                    if let Some(mut glyph) = self.glyph(c, mark, true) {
                        let advance = self.context.fonts.face(glyph.face).advance(glyph.id);
                        glyph.x = x;
                        x += mark.size.mille(advance.round() as i64);
                        glyph.rise = mark.rise - style.rise;
                        self.done.glyphs.push(glyph);
                    }
                }
                (Class::Extend, x)
            }
            Object::Image { width, .. } => (Class::Han, *width),
            Object::Ruby { base, reading } => return self.ruby(unit, base, reading, style),
            Object::DoubleLine(note) => return self.double_line(unit, note),
            Object::Anchor(_) => (Class::Extend, Length::ZERO),
        };
        let after = match class {
            Class::Extend => self.done.clusters.last().map_or(Class::Extend, |last| last.after),
            class => class,
        };
        let glyphs = first..self.done.glyphs.len() as u32;
        self.push(Cluster { after, object: unit.object, ..Cluster::of(unit, class, width, glyphs) });
    }

    /// Adds a cluster and the joint before it.
    pub fn push(&mut self, cluster: Cluster) {
        let rules = self.context.rules();
        let style = self.text.styles[usize::from(cluster.style)];
        let pending = self.pending.take();
        let Some(last) = self.done.clusters.last() else {
            if let Some(pending) = pending.filter(|pending| pending.fixed > Length::ZERO) {
                // Space at a line's start that is meant: an indented line of verse or code.
                let class = Class::IdeographicSpace;
                let strut = Cluster {
                    class,
                    after: class,
                    width: pending.fixed,
                    start_blank: Length::ZERO,
                    end_blank: Length::ZERO,
                    end_gives: false,
                    hang: Length::ZERO,
                    glyphs: 0..0,
                    link: 0,
                    object: 0,
                    part: 0,
                    reading: None,
                    ..cluster
                };
                self.done.clusters.push(strut);
                self.done.joints.push(Joint::rigid());
            }
            self.exclaiming = usize::from(cluster.class == Class::Exclam);
            self.done.clusters.push(cluster);
            return;
        };
        let (before, after) = (last.after, cluster.class);
        let size = self.text.styles[usize::from(last.style)].size.max(style.size);
        let stacked = self.exclaiming > 0 && self.exclaiming.is_multiple_of(2) && rules.stacks(Class::Exclam, Class::Exclam);
        let joint = match pending {
            Some(pending) if pending.fixed > Length::ZERO => Joint {
                natural: pending.fixed,
                breaks: Breaks::of(pending.may_break && rules.may_break_at_space(before, after)),
                space: pending.glyph,
                ..Joint::rigid()
            },
            Some(pending) => {
                let gap = if pending.tight { rules.gap(before, after) } else { rules.space(before, after, pending.advance) };
                Joint {
                    breaks: Breaks::of(pending.may_break && rules.may_break_at_space(before, after)),
                    space: pending.glyph,
                    ..Joint::of(gap, size)
                }
            }
            // Two and four marks in a row are set in whole em: no blank follows them (GB/T 15834 5.1.2).
            None if stacked && before == Class::Exclam && after != Class::Exclam => {
                Joint { breaks: Breaks::of(rules.may_break(before, after)), ..Joint::of(Gap::SOLID, size) }
            }
            None if before == Class::Exclam && after == Class::Exclam => Joint::rigid(),
            None => Joint { breaks: Breaks::of(rules.may_break(before, after)), ..Joint::of(rules.gap(before, after), size) },
        };
        let mut joint = joint;
        // Readings of neighbours stand a quarter em apart; a reading may reach over a neighbour that has none.
        // A note's mark or an anchor hands on what the reading before it reaches.
        let mut cluster = cluster;
        let (apart, last) = (size.mille(annotate::APART), self.done.clusters.last());
        let over = |reading: Length, neighbour: Class, width: Length| {
            let letters = matches!(neighbour, Class::Western | Class::HalfClose | Class::HalfOpen);
            let free = if letters { Length::ZERO } else { ((width - apart) / 2).min(size.mille(annotate::OVERHANG)).max(Length::ZERO) };
            (reading - free).max(Length::ZERO)
        };
        if cluster.class == Class::Extend {
            cluster.reading = last.and_then(|last| last.reading).map(|reading| reading - cluster.width);
        } else {
            let first = last.is_some_and(|last| last.class == Class::Extend && last.width == Length::ZERO)
                && self.done.clusters.iter().all(|known| known.class == Class::Extend && known.width == Length::ZERO);
            let (needed, over_blank) = match (last.and_then(|last| last.reading), cluster.reading) {
                // Only anchors stand before it.
                _ if first => (cluster.start_blank, false),
                (Some(one), Some(other)) => ((one + other + apart).max(Length::ZERO), false),
                (Some(reading), None) => (over(reading, after, cluster.width), true),
                (None, Some(reading)) => (over(reading, before, last.map_or(Length::ZERO, |last| last.width)), true),
                (None, None) => (Length::ZERO, false),
            };
            // A blank that is there serves, and then gives no more than it can.
            let there = if over_blank { needed.min(joint.natural) } else { Length::ZERO };
            joint.shrink = joint.shrink.min(joint.natural - there);
            joint.natural += needed - there;
        }
        // Text set loose has a blank between any two of its characters.
        let loose = self.done.clusters.last().is_some_and(|last| self.text.styles[usize::from(last.style)].spaced > 0);
        if loose && style.spaced > 0 && cluster.class != Class::Extend {
            joint.natural += size.mille(style.spaced.into());
        }
        // A number keeps its figures and its signs, and what is raised or lowered keeps to what it stands at (CLREQ 6.1.2).
        let text = |at: u32| self.done.glyphs.get(at as usize).map(|glyph| glyph.text);
        let (left, right) = (
            self.done.clusters.last().and_then(|last| text(last.glyphs.end.wrapping_sub(1))).unwrap_or(' '),
            text(cluster.glyphs.start).unwrap_or(' '),
        );
        let wide = (script::is_wide_digit(left) || before == Class::Currency) && script::is_wide_digit(right)
            || script::is_wide_digit(left) && matches!(after, Class::Unit | Class::Currency)
            || self.combined == self.done.clusters.len() && after == Class::Unit;
        let raised = style.rise != Length::ZERO && joint.space.is_none() && cluster.class == Class::Western;
        if wide || raised {
            joint = Joint { natural: if raised { Length::ZERO } else { joint.natural }, ..Joint::rigid() };
        }
        // Better not between a number and what it counts.
        let counted = before == Class::Western && after == Class::Han && left.is_ascii_digit() && script::is_counter(right);
        if counted && joint.breaks == Breaks::Yes && joint.space.is_none() {
            joint.breaks = Breaks::Unwelcome;
        }
        // A mark in the middle of its em gives up the blank before it as well.
        let closing = style.size.mille(rules.closes_up(before, after));
        if closing > Length::ZERO
            && self.done.joints.last().is_some_and(|last| last.natural >= closing)
            && let Some(last) = self.done.joints.last_mut()
        {
            last.natural -= closing;
            last.shrink = (last.shrink - closing).max(Length::ZERO);
        }
        self.exclaiming = match cluster.class {
            Class::Exclam => self.exclaiming + 1,
            Class::Extend => self.exclaiming,
            _ => 0,
        };
        self.done.joints.push(joint);
        self.done.clusters.push(cluster);
    }

    fn finish(mut self) -> Preparation {
        let hyphen = |style: &TextStyle| {
            self.glyph(script::HYPHEN, *style, false).map(|glyph| {
                let width = style.size.mille(self.context.fonts.face(glyph.face).advance(glyph.id).round() as i64);
                (SetGlyph { text: script::SOFT_HYPHEN, ..glyph }, width)
            })
        };
        self.done.hyphens = self.text.styles.iter().map(hyphen).collect();
        self.done
    }
}

/// How a note's mark is set in a text of this style.
pub(super) fn note_mark(style: TextStyle) -> TextStyle {
    TextStyle { rise: style.rise + style.size.mille(300), ..style.at(style.size.mille(650)) }
}

impl Breaks {
    pub fn of(may: bool) -> Breaks {
        if may { Breaks::Yes } else { Breaks::No }
    }
}

impl Joint {
    pub fn rigid() -> Joint {
        Joint::of(Gap::RIGID, Length::ZERO)
    }

    fn of(gap: Gap, size: Length) -> Joint {
        let room = match gap.stretch {
            Stretch::Word | Stretch::HanWestern => (size.mille(500) - size.mille(gap.natural)).max(Length::ZERO),
            Stretch::Other | Stretch::Rigid => Length::ZERO,
        };
        Joint {
            natural: size.mille(gap.natural),
            shrink: size.mille(gap.shrink),
            step: gap.step,
            stretch: gap.stretch,
            room,
            breaks: Breaks::No,
            space: None,
        }
    }
}
