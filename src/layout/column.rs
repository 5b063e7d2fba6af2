//! How characters stand in a column within the second step (CLREQ 2.1.3): upright, turned, or several in one em.

use super::collect::Unit;
use super::page::{AXIS, Turn};
use super::prepare::{Cluster, Joint, Preparer, SetGlyph};
use crate::font::Choice;
use crate::length::Length;
use crate::script::{self, Class};
use unicode_vo::Orientation;

/// Height of capitals and figures, thousandths of an em.
const CAPITAL: i64 = 690;

impl Preparer<'_> {
    /// The form of a character in the lines' direction, and how it stands: in a column upright where it has a form for
    /// that or is upright by nature (UAX 50), else turned.
    pub fn stand(&self, c: char, choice: Choice, chinese: bool) -> (u16, Turn) {
        let fonts = self.context.fonts;
        let local = || if choice.plain { choice.glyph } else { fonts.localised(choice.face, choice.glyph) };
        if !self.context.is_vertical() {
            return (if chinese { local() } else { choice.glyph }, Turn::Across);
        }
        // Han are most of a text, and have one form.
        if script::is_han(c) {
            return (local(), Turn::Upright);
        }
        if !chinese {
            return (choice.glyph, Turn::Sideways);
        }
        let form = |c| fonts.column_form(choice.face, c);
        let stand_in = self.context.rules().stands_in(c);
        let corner = stand_in.filter(|_| script::is_opening_mark(c) || script::is_closing_mark(c)).and_then(form);
        if let Some(id) = corner.or_else(|| form(c)).or_else(|| stand_in.and_then(form)) {
            return (id, Turn::Upright);
        }
        let upright = matches!(unicode_vo::char_orientation(c), Orientation::Upright | Orientation::TransformedOrUpright);
        (choice.glyph, if upright || script::stands_upright(c) { Turn::Upright } else { Turn::Sideways })
    }

    /// Two or three digits, A+, 2B, or a letter or digit by itself, stand upright in one em of a column (CLREQ
    /// 2.1.3, tate-chu-yoko). `None` where the run is none of these. How many characters it took.
    pub fn combined(&mut self, units: &[Unit], classes: &[Class]) -> Option<usize> {
        if !self.context.is_vertical() {
            return None;
        }
        let lead = units.first()?;
        let style = self.style(lead);
        let count = units.iter().zip(classes).take_while(|(unit, class)| unit.object == 0 && **class == Class::Western).count();
        let word: String = units.iter().take(count.min(4)).map(|unit| unit.c).collect();
        let styled = units.iter().take(count).any(|unit| unit.style != lead.style) || style.rise != Length::ZERO;
        // One word among others of its kind lies on its side with them.
        let joined = self.done.clusters.last().is_some_and(|last| last.after == Class::Western)
            || classes.get(count) == Some(&Class::Space) && classes.get(count + 1) == Some(&Class::Western);
        let marked = units.get(count).is_some_and(|next| script::is_combining_mark(next.c));
        if style.verbatim || styled || joined || marked || !script::stands_in_one_em(&word) {
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
            debug_assert!(word.get(cluster..).is_some_and(|rest| rest.starts_with(c)));
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
        self.push(Cluster::of(lead, Class::Han, style.size, glyphs));
        if priced && let Some(joint) = self.done.joints.last_mut() {
            *joint = Joint::rigid();
        }
        self.one_em_end = Some(self.done.clusters.len());
        Some(count)
    }

    /// Two exclamation or question marks side by side in one em of a column (CLREQ 5.1.1.3).
    #[expect(clippy::indexing_slicing, reason = "`step`, its one caller, asks for `units.len() > 1` before")]
    pub fn side_by_side(&mut self, units: &[Unit]) {
        let style = self.style(&units[0]);
        let first = self.done.glyphs.len() as u32;
        for (unit, middle) in units[..2].iter().zip([-220.0, 220.0]) {
            let Some(choice) = self.context.fonts.find(style.want, unit.c, true) else { continue };
            let face = self.context.fonts.face(choice.face);
            let centre = |ink: Option<(f64, f64)>| ink.map_or(500.0, |(from, to)| (from + to) / 2.0);
            // Its ink in the middle of its half, and of the em.
            let (x, rise) = (
                style.size / 2 + style.size.fraction((AXIS + 500) as f64 - centre(face.ink_down(choice.glyph))),
                style.size.mille(AXIS) - style.size.fraction(centre(face.ink(choice.glyph)) - middle),
            );
            self.done.glyphs.push(SetGlyph { x, rise, ..SetGlyph::of(choice, style.size, Turn::Combined(1000), unit.c) });
        }
        let glyphs = first..self.done.glyphs.len() as u32;
        self.push(Cluster::of(&units[0], Class::Stacked, style.size, glyphs));
    }
}
