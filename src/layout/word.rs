//! Western words within the second step: shaped as a whole, divided where a line may end in them.

use super::collect::{Unit, is_invisible};
use super::page::Turn;
use super::prepare::{Breaks, Cluster, Preparer, SetGlyph};
use crate::font::Choice;
use crate::length::Length;
use crate::script::{self, Class};
use crate::style::TextStyle;
use harfrust::Feature;
use std::collections::BTreeSet;

/// Letters that are divided anywhere if nothing else helps.
const ENDLESS: usize = 12;
/// Letters of a word that is long enough to be divided.
const HYPHENATED: usize = 6;
/// Letters of a word that is an address or a path rather than a word.
const ADDRESS: usize = 16;

impl Preparer<'_> {
    /// A run of letters of one style: shaped as a whole, divided where a line may end in it.
    pub fn western(&mut self, units: &[Unit], classes: &[Class]) -> usize {
        let [head, ..] = units else { return 1 };
        let style = self.style(head);
        let same = |(at, (unit, class)): &(usize, (&Unit, &Class))| {
            unit.object == 0
                && unit.style == head.style
                && unit.link == head.link
                && (**class == Class::Western || **class == Class::Extend && *at > 0)
        };
        let count = units.iter().zip(classes).enumerate().take_while(same).count().max(1);
        let mut soft: Vec<usize> = Vec::new();
        let mut bytes = 0;
        for unit in units.iter().take(count) {
            if unit.c == script::SOFT_HYPHEN {
                soft.push(bytes);
            } else if !is_invisible(unit.c) || script::is_combining_mark(unit.c) {
                bytes += unit.c.len_utf8();
            }
        }
        let word: String = units
            .iter()
            .take(count)
            .filter(|unit| unit.c != script::SOFT_HYPHEN && (!is_invisible(unit.c) || script::is_combining_mark(unit.c)))
            .map(|unit| unit.c)
            .collect();
        let mut start = 0;
        if word.is_empty() {
            return count;
        }
        let mut ends = self.word_breaks(&word, style, &soft);
        // Where an author divides a word, no ligature is in the way.
        let shaped = self.shape(&word, TextStyle { verbatim: style.verbatim || !soft.is_empty(), ..style });
        // A ligature is not divided.
        let starts: BTreeSet<usize> = shaped.iter().map(|(cluster, ..)| *cluster).collect();
        ends.retain(|(end, _)| starts.contains(end));
        ends.push((word.len(), Breaks::No));
        let mut shaped = shaped.into_iter().peekable();
        let mut before = None;
        for (end, breaks) in ends {
            let first = self.done.glyphs.len() as u32;
            let counts = self.done.glyphs.last().is_some_and(|glyph| glyph.text.is_ascii_digit());
            let mut x = Length::ZERO;
            while let Some((_, advance, mut glyph)) = shaped.next_if(|(cluster, ..)| *cluster < end) {
                glyph.x += x;
                x += advance;
                self.done.glyphs.push(glyph);
            }
            if self.done.glyphs.len() as u32 == first {
                continue;
            }
            let at = units.iter().zip(word.char_indices()).find(|(_, (at, _))| *at == start).map_or(head.at, |(unit, _)| unit.at);
            let glyphs = first..self.done.glyphs.len() as u32;
            let unit = before.is_none() && counts && script::is_unit(&word);
            self.push(Cluster { at, ..Cluster::of(head, Class::Western, x, glyphs) });
            if let (Some(before), Some(joint)) = (before, self.done.joints.last_mut()) {
                joint.breaks = before;
            }
            // A number keeps its unit.
            if unit && let Some(joint) = self.done.joints.last_mut() {
                joint.breaks = Breaks::No;
            }
            before = Some(breaks);
            start = end;
        }
        count
    }

    /// Where a word may be divided: bytes, and how.
    #[expect(clippy::string_slice, reason = "all are beginnings of letters of `word`, sorted: soft hyphens, `char_indices`, syllables")]
    fn word_breaks(&self, word: &str, style: TextStyle, soft: &[usize]) -> Vec<(usize, Breaks)> {
        let mut found: Vec<(usize, Breaks)> =
            soft.iter().filter(|at| (1..word.len()).contains(*at)).map(|at| (*at, Breaks::Hyphen)).collect();
        for (at, c) in word.char_indices().skip(1) {
            if may_divide(word, at, style) && word[..at].ends_with(|before| before != c || c != '-') {
                found.push((at, Breaks::Yes));
            }
        }
        let own = if style.language == [0; 2] { self.context.style.words } else { style.language };
        let patterns = || hypher::Lang::from_iso(own).or_else(|| hypher::Lang::from_iso(self.context.style.words));
        if soft.is_empty() && self.context.style.hyphenate && !style.verbatim && word.len() < 60 {
            let mut start = 0;
            for part in word.split_inclusive(|c: char| !c.is_alphabetic()) {
                let letters = part.trim_end_matches(|c: char| !c.is_alphabetic());
                let proper = letters.chars().skip(1).any(char::is_uppercase);
                if letters.chars().count() >= HYPHENATED
                    && !proper
                    && let Some(language) = patterns()
                {
                    let mut at = start;
                    for syllable in hypher::hyphenate(letters, language) {
                        at += syllable.len();
                        if at < start + letters.len() {
                            found.push((at, Breaks::Hyphen));
                        }
                    }
                }
                start += part.len();
            }
        }
        found.sort_by_key(|(at, _)| *at);
        found.dedup_by_key(|(at, _)| *at);
        // A stretch of letters that no line may hold can be divided anywhere, if nothing else helps.
        let ends: Vec<usize> = found.iter().map(|(at, _)| *at).chain([word.len()]).collect();
        let mut start = 0;
        for end in ends {
            if word[start..end].chars().count() > ENDLESS {
                let number = word[start..end].chars().take_while(char::is_ascii_digit).count() < ENDLESS * 2;
                found.extend(
                    word[start..end]
                        .char_indices()
                        .skip(2)
                        .filter(|(at, c)| !is_invisible(*c) && !belongs(&word[start..start + at], *c, number))
                        .map(|(at, _)| (start + at, Breaks::Emergency)),
                );
            }
            start = end;
        }
        found.sort_by_key(|(at, _)| *at);
        found
    }

    /// Shapes a word: cluster byte, advance, glyph; by pieces where several faces are needed.
    #[expect(clippy::string_slice, reason = "pieces and clusters begin at letters, and `Face::shape` gives clusters in their order")]
    pub fn shape(&self, word: &str, style: TextStyle) -> Vec<(usize, Length, SetGlyph)> {
        let mut pieces: Vec<(std::ops::Range<usize>, Option<Choice>)> = Vec::new();
        let mut letters = word.char_indices().peekable();
        while let Some((at, c)) = letters.next() {
            let mut end = at + c.len_utf8();
            while let Some((next, mark)) = letters.next_if(|(_, c)| is_invisible(*c)) {
                end = next + mark.len_utf8();
            }
            // A letter with marks is one piece of one face, if any face has them all.
            let alone = self.context.fonts.find(style.want, c, false);
            let choice =
                if end > at + c.len_utf8() { self.context.fonts.find_together(style.want, &word[at..end]).or(alone) } else { alone };
            match pieces.last_mut() {
                Some((range, last))
                    if last.map(|last| (last.face, last.embolden)) == choice.map(|choice| (choice.face, choice.embolden)) =>
                {
                    range.end = end
                }
                _ => pieces.push((at..end, choice)),
            }
        }
        let plain = [
            Feature::new(harfrust::Tag::new(b"liga"), 0, ..),
            Feature::new(harfrust::Tag::new(b"clig"), 0, ..),
            Feature::new(harfrust::Tag::new(b"calt"), 0, ..),
        ];
        // Quotes and dashes of Western words take their own widths in a Chinese font.
        let proportional = [Feature::new(harfrust::Tag::new(b"pwid"), 1, ..)];
        let mut out: Vec<(usize, Length, SetGlyph)> = Vec::new();
        let turn = if self.context.is_vertical() { Turn::Sideways } else { Turn::Across };
        for (range, choice) in pieces {
            let Some(choice) = choice else { continue };
            let face = self.context.fonts.face(choice.face);
            let features: &[Feature] = if style.verbatim {
                &plain
            } else if face.chinese() {
                &proportional
            } else {
                &[]
            };
            for glyph in face.shape(&word[range.clone()], features) {
                let choice = Choice { glyph: glyph.glyph, ..choice };
                let set = SetGlyph {
                    x: style.size.fraction(glyph.x),
                    rise: style.size.fraction(glyph.y),
                    ..SetGlyph::of(choice, style.size, turn, script::NOTHING)
                };
                out.push((range.start + glyph.cluster, style.size.fraction(glyph.advance), set));
            }
        }
        // The first glyph of a cluster carries its text.
        let mut end = word.len();
        for cluster in out.chunk_by_mut(|one, other| one.0 == other.0).rev() {
            let Some((start, _, glyph)) = cluster.first_mut() else { continue };
            let mut letters = word[*start..end].chars();
            glyph.text = letters.next().unwrap_or(script::NOTHING);
            glyph.more = Some(letters.collect::<String>().into_boxed_str()).filter(|rest| !rest.is_empty());
            end = *start;
        }
        out
    }
}

/// Marks that belong to what they end.
const ENDING: &str = ",.;:!?)]}%";

/// Whether a character belongs to the one before it even where a word must be divided anywhere: a figure to a figure, unless
/// no line could hold the `number`, and a mark to what it ends.
fn belongs(before: &str, c: char, number: bool) -> bool {
    number && c.is_ascii_digit() && before.ends_with(|c: char| c.is_ascii_digit() || ",.".contains(c))
        || ENDING.contains(c) && !before.ends_with(|c| ENDING.contains(c))
}

/// Whether a word may be divided before byte `at` without a hyphen: after one that it has, and in an address.
fn may_divide(word: &str, at: usize, style: TextStyle) -> bool {
    let Some((left, right)) = word.split_at_checked(at) else { return false };
    let mut left = left.chars();
    let (Some(before), Some(after)) = (left.next_back(), right.chars().next()) else { return false };
    let second = left.next_back();
    let letters = before.is_alphabetic() || after.is_alphabetic();
    // A number is never divided at its own commas and points.
    let within_number = after.is_ascii_digit() && second.is_some_and(|c| c.is_ascii_digit());
    match before {
        _ if script::is_hyphen(before) => after.is_alphanumeric() && letters && second.is_some_and(char::is_alphanumeric),
        ',' | '.' | ':' if within_number => false,
        '/' | '?' | '&' | '=' | '_' | '.' | ':' | '\\' | ',' | ';' | '|' => {
            (word.len() >= ADDRESS || style.verbatim && word.len() >= 8) && after.is_alphanumeric()
        }
        _ => style.verbatim && word.len() >= ADDRESS && matches!(after, '(' | '[' | '{' | '<'),
    }
}
