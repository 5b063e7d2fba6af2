//! Marks and characters of one em within the second step: each a body of its class's width with its glyph where the ink
//! asks for it, whatever the font's own advance and blank are (CLREQ 6.3.2).

use super::collect::Unit;
use super::page::Turn;
use super::prepare::{Cluster, Preparer, SetGlyph};
use crate::length::Length;
use crate::script::{self, Class};

/// Ink of a dash of two em, thousandths of an em.
const DASH_INK: f64 = 1880.0;

impl Preparer<'_> {
    /// A half-width mark among the Chinese of a column stands as the full-width one that it means, and keeps its text.
    pub fn widened_mark(&mut self, unit: &Unit, full: char) {
        let first = self.done.glyphs.len();
        self.mark_or_han(&Unit { c: full, ..*unit }, Class::of(full), None, None);
        self.done.glyphs.iter_mut().skip(first).for_each(|glyph| glyph.text = unit.c);
    }

    /// A half-width mark among Chinese: as wide as its font has it.
    pub fn half_mark(&mut self, unit: &Unit, class: Class) {
        let style = self.style(unit);
        let first = self.done.glyphs.len() as u32;
        let mut width = Length::ZERO;
        if let Some(glyph) = self.glyph(unit.c, &style, false) {
            width = style.size.mille(self.context.fonts.face(glyph.face).advance(glyph.id).round() as i64);
            self.done.glyphs.push(glyph);
        }
        let glyphs = first..self.done.glyphs.len() as u32;
        self.push(Cluster::of(unit, class, width, glyphs));
    }

    /// A mark or a character of one em; `selector` picks its variant where a font has one.
    pub fn mark_or_han(&mut self, unit: &Unit, class: Class, selector: Option<char>, composed: Option<SetGlyph>) {
        let style = self.style(unit);
        let mark = self.context.rules().mark(class);
        let width = style.size.mille(mark.body);
        let first = self.done.glyphs.len() as u32;
        if let Some(mut glyph) = composed.or_else(|| self.glyph(unit.c, &style, true)) {
            if let Some((selector, choice)) = selector.and_then(|c| Some((c, self.context.fonts.find_variant(style.want, unit.c, c)?))) {
                (glyph.face, glyph.id, glyph.embolden, glyph.plain) = (choice.face, choice.glyph, choice.embolden, choice.plain);
                glyph.more = Some(String::from(selector).into_boxed_str());
            }
            if !matches!(class, Class::Han | Class::NonStarter | Class::Unit | Class::Currency) {
                let centred = self.context.rules().centred(class);
                glyph.x = style.size.fraction(self.mark_offset(&glyph, class, mark.body, centred));
                let up = style.size.fraction(self.mark_rise(&glyph, class, centred));
                // A point mark amid its em is of the line that it ends, for whoever reads the text.
                if centred { glyph.lift = up } else { glyph.rise = up }
            } else if glyph.turn != Turn::Upright && !glyph.plain {
                let face = self.context.fonts.face(glyph.face);
                // A symbol from a font of letters stands in the middle of its em.
                if !face.fills_em(glyph.id) {
                    glyph.x = style.size.fraction((1000.0 - face.advance(glyph.id)) / 2.0);
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

    /// Where a mark's glyph stands so that its ink lies in the mark's body: as the font's half-width features have it, or found
    /// from its ink, whatever the font's own advance and blank are. Thousandths of an em.
    pub fn mark_offset(&self, glyph: &SetGlyph, class: Class, body: i64, centred: bool) -> f64 {
        let face = self.context.fonts.face(glyph.face);
        // The font's own word, where it has one for this mark and not for what another stands in for.
        let halved = body == 500 && !centred && (class == Class::Open || class.is_closing_side());
        if halved
            && self.context.rules().stands_in(glyph.text).is_none()
            && let Some(moved) = self.context.fonts.half(glyph.face, glyph.text, self.context.direction)
        {
            return moved;
        }
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
    pub fn mark_rise(&self, glyph: &SetGlyph, class: Class, centred: bool) -> f64 {
        let face = self.context.fonts.face(glyph.face);
        let middle = |ink: Option<(f64, f64)>, at: f64| ink.map_or(0.0, |(from, to)| at - (from + to) / 2.0);
        match (glyph.turn, class) {
            (Turn::Across, Class::Comma | Class::Stop | Class::Colon) if centred => -middle(face.ink_down(glyph.id), 500.0),
            (Turn::Upright, Class::Comma | Class::Stop | Class::Colon | Class::Exclam) if centred => {
                middle(face.ink(glyph.id), face.advance(glyph.id) / 2.0)
            }
            (Turn::Sideways, Class::Connector | Class::HalfConnector | Class::Long | Class::Solidus) => {
                -middle(face.ink_down(glyph.id), 500.0)
            }
            _ => 0.0,
        }
    }

    /// A dash of two em: one glyph where the font has one, and rigid in any case (GB/T 15834 5.1.5).
    pub fn long_dash(&mut self, unit: &Unit) {
        let style = self.style(unit);
        let first = self.done.glyphs.len() as u32;
        if let Some(glyph) = self.glyph(unit.c, &style, true) {
            let face = self.context.fonts.face(glyph.face);
            let single = unit.c == script::TWO_EM_DASH;
            let text = if single { String::from(unit.c) } else { String::from_iter([unit.c, unit.c]) };
            let shaped = face.shape(&text, &[]);
            if let [whole] = shaped.as_slice()
                && whole.advance > 1500.0
            {
                // As long as a dash of two em is: the glyph, made for letters, is shorter.
                let (left, right) = face.ink(whole.glyph).unwrap_or((0.0, 2000.0));
                let scale = (DASH_INK / (right - left)).clamp(1.0, 1.25);
                let offset = (2000.0 - (left + right) * scale) / 2.0;
                let more = (!single).then(|| String::from(unit.c).into_boxed_str());
                let (x, size) = (style.size.mille(offset as i64), style.size.mille((scale * 1000.0) as i64));
                // The font has no form of it for columns: it is turned.
                let turn = if self.context.is_vertical() { Turn::Sideways } else { Turn::Across };
                let mut dash = SetGlyph { id: whole.glyph, turn, x, size, more, ..glyph };
                dash.rise = size.mille(self.mark_rise(&dash, Class::Long, false) as i64);
                self.done.glyphs.push(dash);
            } else {
                // In two pieces, or one that no feature made; each where its ink asks for it.
                let body = if single { 2000 } else { 1000 };
                let x = style.size.fraction(self.mark_offset(&glyph, Class::Long, body, false));
                let rise = style.size.fraction(self.mark_rise(&glyph, Class::Long, false));
                self.done.glyphs.push(SetGlyph { x, rise, ..glyph.clone() });
                if !single {
                    self.done.glyphs.push(SetGlyph { x: x + style.size, rise, ..glyph });
                }
            }
        }
        let glyphs = first..self.done.glyphs.len() as u32;
        self.push(Cluster::of(unit, Class::Long, style.size * 2, glyphs));
    }

    /// An ellipsis of two em, rigid (GB/T 15834 5.1.5).
    pub fn long_ellipsis(&mut self, unit: &Unit) {
        let style = self.style(unit);
        let first = self.done.glyphs.len() as u32;
        if let Some(mut glyph) = self.glyph(unit.c, &style, true) {
            glyph.x = style.size.fraction(self.mark_offset(&glyph, Class::Long, 1000, false));
            glyph.rise = style.size.fraction(self.mark_rise(&glyph, Class::Long, false));
            self.done.glyphs.push(glyph.clone());
            self.done.glyphs.push(SetGlyph { x: glyph.x + style.size, ..glyph });
        }
        let glyphs = first..self.done.glyphs.len() as u32;
        self.push(Cluster::of(unit, Class::Long, style.size * 2, glyphs));
    }

    /// A combining mark that nothing took with it: it rides on what is before it, or stands alone.
    pub fn extend(&mut self, unit: &Unit) {
        if !script::is_combining_mark(unit.c) {
            return;
        }
        let style = self.style(unit);
        let Some(mut glyph) = self.glyph(unit.c, &style, true) else { return };
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
    pub fn composed(&self, unit: &Unit, marks: &str) -> Option<SetGlyph> {
        let style = self.style(unit);
        let choice = self.context.fonts.find(style.want, unit.c, true)?;
        let mut text = String::from(unit.c);
        text.push_str(marks);
        let shaped = self.context.fonts.face(choice.face).shape(&text, &[]);
        let [one] = shaped.as_slice() else { return None };
        let glyph = self.glyph(unit.c, &style, true)?;
        (one.glyph != 0).then(|| SetGlyph { id: one.glyph, plain: false, more: Some(marks.into()), ..glyph })
    }
}
