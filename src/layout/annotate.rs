//! Annotations within the second step: readings beside their base, zhuyin, and notes of two lines in one.

use super::collect::{Collection, Object, Unit};
use super::page::{AXIS, Turn};
use super::prepare::{Breaks, Cluster, Preparation, Preparer, SetGlyph, prepare};
use crate::font::Want;
use crate::length::Length;
use crate::script::{self, Class};
use crate::style::TextStyle;

/// Distance of the readings of neighbours, thousandths of an em of the base (CLREQ 5.5.4.1).
pub(super) const APART: i64 = 250;
/// How far a reading reaches over a neighbour that has none: two from either side are then still a quarter em apart.
pub(super) const OVERHANG: i64 = 375;
/// The grid of a zhuyin's area: thirtieths of the base's em (CLREQ 5.5.3.2, measured in its figures).
const ZHUYIN_GRID: i64 = 30;
/// Width of the area beside the base.
const ZHUYIN_AREA: i64 = 15;

impl Preparer<'_> {
    /// A base with its reading.
    pub fn ruby(&mut self, unit: &Unit, base: &str, reading: &str, style: TextStyle) {
        let mut letters = reading.chars().filter(|c| !c.is_whitespace()).peekable();
        if base.chars().count() == 1 && letters.peek().is_some() && letters.all(script::is_zhuyin) {
            return self.zhuyin(unit, base, reading, style);
        }
        // A reading at half size above its base, or at the right of it, each in the middle of the wider one.
        let small = TextStyle { want: Want { italic: false, ..style.want }, ..style.at(style.size.mille(500)) };
        let (bases, width) = self.loose(base, style);
        let (readings, reading_width) = self.loose(reading, small);
        let overhang = (reading_width - width) / 2;
        let rise = style.size.mille(if self.context.is_vertical() { 770 } else { 920 });
        let first = self.done.glyphs.len() as u32;
        self.done.glyphs.extend(bases);
        self.done.glyphs.extend(readings.into_iter().map(|glyph| SetGlyph {
            x: glyph.x - overhang,
            rise: glyph.rise + rise,
            reading: true,
            ..glyph
        }));
        let glyphs = first..self.done.glyphs.len() as u32;
        let beyond = overhang.max(Length::ZERO);
        self.push(Cluster {
            object: unit.object,
            start_blank: beyond,
            end_blank: beyond,
            reading: Some(overhang),
            ..Cluster::of(unit, Class::Han, width, glyphs)
        });
    }

    /// Text without gaps or breaks: its glyphs and its width.
    fn loose(&self, text: &str, style: TextStyle) -> (Vec<SetGlyph>, Length) {
        let mut x = Length::ZERO;
        let mut glyphs = Vec::new();
        let mut word = String::new();
        let flush = |word: &mut String, x: &mut Length, glyphs: &mut Vec<SetGlyph>| {
            for (_, advance, glyph) in self.shape(word, style) {
                glyphs.push(SetGlyph { x: *x + glyph.x, ..glyph });
                *x += advance;
            }
            word.clear();
        };
        for c in text.chars() {
            if matches!(Class::of(c), Class::Western | Class::Space | Class::Extend) {
                word.push(c);
                continue;
            }
            flush(&mut word, &mut x, &mut glyphs);
            if let Some(glyph) = self.glyph(c, &style, true) {
                glyphs.push(SetGlyph { x, ..glyph });
            }
            x += style.size;
        }
        flush(&mut word, &mut x, &mut glyphs);
        (glyphs, x)
    }

    /// Zhuyin at the right of its base in either direction (CLREQ 5.5.3): signs of three tenths of an em one below the
    /// other, the tone outside the upper right of the last, the light tone above the first.
    #[expect(clippy::indexing_slicing, reason = "`tops` has one place at least, and one for every sign, and `next` counts the signs")]
    fn zhuyin(&mut self, unit: &Unit, base: &str, reading: &str, style: TextStyle) {
        let size = style.size;
        let part = |thirtieths: i64| size.scale(thirtieths, ZHUYIN_GRID);
        let first = self.done.glyphs.len() as u32;
        let (bases, _) = self.loose(base, style);
        self.done.glyphs.extend(bases);
        let sign = |c: &char| script::is_zhuyin(*c) && !script::is_zhuyin_tone(*c) && !script::is_checked_tone(*c);
        let signs: Vec<char> = reading.chars().filter(sign).collect();
        let light = reading.contains(script::LIGHT_TONE);
        // The top of each sign, from the top of the em.
        let tops: Vec<i64> = match (signs.len(), light) {
            (0 | 1, _) => vec![11],
            (2, _) => vec![6, 17],
            (3, false) => vec![2, 11, 20],
            (3, true) => vec![3, 12, 21],
            (count, _) => (0..count as i64).map(|at| at * ZHUYIN_GRID / count as i64).collect(),
        };
        let small = TextStyle { want: Want { italic: false, ..style.want }, ..style.at(size.mille(300)) };
        let right = size + part(1);
        let mut next = 0;
        for c in reading.chars().filter(|c| script::is_zhuyin(*c)) {
            let (style, x, y) = if c == script::LIGHT_TONE {
                (small.at(size.mille(500)), right + part(9) / 2, part(tops[0]) - part(2))
            } else if !sign(&c) {
                // At the upper right of the last sign; a checked tone at the lower.
                let last = tops[next.max(1).min(tops.len()) - 1];
                let (size, top) = if script::is_checked_tone(c) { (size.mille(170), last + 5) } else { (size.mille(500), last - 2) };
                (small.at(size), right + part(9) + part(5) / 2, part(top) + part(5) / 2)
            } else {
                next += 1;
                (small, right + part(9) / 2, part(tops[next - 1]) + part(9) / 2)
            };
            if let Some(glyph) = self.beside(c, style, size, x, y) {
                self.done.glyphs.push(glyph);
            }
        }
        let width = if self.context.is_vertical() { size } else { size + part(ZHUYIN_AREA) };
        let glyphs = first..self.done.glyphs.len() as u32;
        self.push(Cluster { object: unit.object, ..Cluster::of(unit, Class::Han, width, glyphs) });
    }

    /// A sign with its middle `x` right of and `y` below the upper left corner of its base's em square.
    fn beside(&self, c: char, style: TextStyle, base: Length, x: Length, y: Length) -> Option<SetGlyph> {
        let choice = self.context.fonts.find(style.want, c, true)?;
        let face = self.context.fonts.face(choice.face);
        let middle = |ink: Option<(f64, f64)>| ink.map_or(500.0, |(from, to)| (from + to) / 2.0);
        // A tone is placed by its ink, a sign by its em.
        let (across, down) =
            if script::is_zhuyin_tone(c) { (middle(face.ink(choice.glyph)), middle(face.ink_down(choice.glyph))) } else { (500.0, 500.0) };
        let (turn, x, rise) = if self.context.is_vertical() {
            (Turn::Upright, y - style.size.fraction(down), x - base / 2 - style.size.fraction(across - face.advance(choice.glyph) / 2.0))
        } else {
            (Turn::Across, x - style.size.fraction(across), base.mille(AXIS + 500) - y - style.size.fraction((AXIS + 500) as f64 - down))
        };
        Some(SetGlyph { x, rise, reading: true, ..SetGlyph::of(choice, style.size, turn, c) })
    }

    /// A note of two lines in one (夹注; JLREQ 3.4): columns of two clusters each, between which the line may end. The
    /// clusters themselves are put on their two lines once the line's ends are known; see [`divide`].
    pub fn double_line(&mut self, unit: &Unit, note: &Collection) {
        let inner = prepare(self.context, note);
        let count = inner.clusters.len();
        if count == 0 {
            return;
        }
        let advance = |(at, cluster): (usize, &Cluster)| cluster.width + inner.joints.get(at).map_or(Length::ZERO, |joint| joint.natural);
        let advances: Vec<Length> = inner.clusters.iter().enumerate().map(advance).collect();
        let widths: Vec<Length> = advances.chunks(2).map(|pair| pair.iter().copied().sum::<Length>() / pair.len() as i64).collect();
        let columns = widths.len();
        // Set on one line it is as wide as the longer of its lines.
        let missing = (divide(&inner, 0, count).1 - widths.iter().copied().sum()).max(Length::ZERO);
        for (at, (first, width)) in inner.clusters.iter().step_by(2).zip(widths).enumerate() {
            let none = self.done.glyphs.len() as u32;
            let width = if at + 1 == columns { width + missing } else { width };
            let mut cluster = Cluster { object: unit.object, part: at as u16, ..Cluster::of(unit, Class::Han, width, none..none) };
            cluster.at = first.at;
            self.push(cluster);
            if at > 0
                && let Some(joint) = self.done.joints.last_mut()
            {
                // Two columns at least stand on either side of a line's end.
                let may = inner.joints.get(at * 2 - 1).is_some_and(|joint| joint.breaks == Breaks::Yes) && at > 1 && at + 2 <= columns;
                *joint = super::prepare::Joint::rigid();
                joint.breaks = Breaks::of(may);
            }
        }
        self.done.inner.push((unit.object, inner));
    }
}

/// Where clusters `start..end` of a double-line note are divided into two lines of about one length, the second never
/// longer than the first where that can be, and the width of the longer one.
#[expect(clippy::indexing_slicing, reason = "`start..=end` are ends of clusters, each with a place; joints are one less than clusters")]
pub(super) fn divide(inner: &Preparation, start: usize, end: usize) -> (usize, Length) {
    // The place of each cluster on a line that begins with the first.
    let mut places = vec![Length::ZERO];
    for at in start..end {
        let joint = inner.joints.get(at).map_or(Length::ZERO, |joint| joint.natural);
        places.push(places[at - start] + inner.clusters[at].width + joint);
    }
    let width = |from: usize, to: usize| {
        if from == to {
            return Length::ZERO;
        }
        let joint = inner.joints.get(to - 1).map_or(Length::ZERO, |joint| joint.natural);
        places[to - start] - places[from - start] - joint + inner.clusters[to - 1].end_blank
    };
    let mut best: Option<(usize, Length, bool)> = None;
    for at in start + 1..=end {
        let legal = at == end || matches!(inner.joints[at - 1].breaks, Breaks::Yes | Breaks::Unwelcome);
        if !legal {
            continue;
        }
        let (upper, lower) = (width(start, at), width(at, end));
        let (longer, leads) = (upper.max(lower), upper >= lower);
        if best.is_none_or(|(_, known, known_leads)| longer < known || longer == known && leads && !known_leads) {
            best = Some((at, longer, leads));
        }
    }
    best.map_or((end, width(start, end)), |(at, width, _)| (at, width))
}

/// The collection of a double-line note, where an object is one.
pub(super) fn note_of(object: &Object) -> Option<&Collection> {
    match object {
        Object::DoubleLine(note) => Some(note),
        _ => None,
    }
}
