//! Code: a grid of half and whole em, Chinese at exactly two columns, on a pale ground, wrapped with a mark.

use super::flow::{Flow, Row, Setting, baseline};
use super::page::{Area, Glyph, Item, Run, Turn};
use super::tags::Role;
use crate::document::{Highlight, Tone};
use crate::font::Want;
use crate::length::Length;
use crate::script::{Class, is_cjk, is_shared};
use crate::source::Span;
use crate::style::{Colour, Tag, TextStyle};

/// Inks that print: dark, and told apart in grey by weight.
fn ink(tone: Tone, text: TextStyle) -> TextStyle {
    match tone {
        Tone::Comment => text.ink(Colour(0x60, 0x68, 0x60)),
        Tone::Keyword => text.bold().ink(Colour(0x24, 0x36, 0x5c)),
        Tone::String => text.ink(Colour(0x2d, 0x5a, 0x35)),
        Tone::Constant => text.ink(Colour(0x6a, 0x3d, 0x1e)),
        Tone::Name => text.ink(Colour(0x3c, 0x2d, 0x5c)),
    }
}

/// Columns of a tab stop.
const TAB: usize = 4;

/// Sets a listing.
#[expect(clippy::string_slice, reason = "`wrap` cuts `line` only where a character begins or ends, each piece after the one before")]
pub(super) fn set(flow: &mut Flow<'_>, text: &str, highlights: &[Highlight], lines_from: Option<usize>, setting: Setting, span: Span) {
    let paragraph = flow.part(setting, Role::Paragraph);
    let code = flow.context.style.code(setting.text.size).part_of(flow.context.tags.open(paragraph.text.tag, Role::Code));
    let leading = code.size.mille(1450);
    let pad = code.size.mille(500);
    let column = code.size / 2;
    // Numbers stand at the right of their own columns.
    let last = lines_from.map(|from| from + text.split('\n').count() - 1);
    let gutter = last.map_or(0, |last| last.to_string().len() + 2);
    let columns = (((setting.width - pad * 2).0 / column.0) as usize).saturating_sub(gutter).max(4);
    let ground = |height: Length| Item::Rule(Area { x: setting.left, y: Length::ZERO, width: setting.width, height }, Colour::GROUND);
    flow.push(Row { height: setting.leading / 3, blank: true, keep: true, ..Row::default() });
    flow.push(Row { height: pad, items: vec![ground(pad)], keep: true, ..Row::default() });
    let first = flow.rows.len();
    let mut at = 0;
    for (count, line) in text.split('\n').enumerate() {
        for (piece, start) in wrap(line, columns) {
            let mut items = vec![ground(leading)];
            let left = setting.left + pad + column * gutter as i64;
            if let Some(from) = lines_from.filter(|_| !start.continued) {
                let number = (from + count).to_string();
                let x = left - column * (number.len() as i64 + 2);
                let quiet = code.at(code.size).ink(Colour::GREY).part_of(Tag::Decoration);
                items.extend(runs(flow, &number, 0, &[], quiet, x, baseline(leading, code.size), 0));
            }
            let x = left + column * start.indent as i64;
            items.extend(runs(
                flow,
                &line[piece.clone()],
                at + piece.start,
                highlights,
                code,
                x,
                baseline(leading, code.size),
                start.columns,
            ));
            if start.continued {
                // A line that goes on is marked at its start by a small hook.
                let (x, width, thin) = (left - pad * 4 / 5, column.mille(700), Length::pt(0.5));
                items.push(Item::Rule(Area { x, y: leading.mille(280), width: thin, height: leading.mille(300) }, Colour::GREY));
                items.push(Item::Rule(Area { x, y: leading.mille(580), width, height: thin }, Colour::GREY));
            }
            let start = Some(flow.place(span.at(at + piece.start)));
            flow.push(Row { height: leading, items, start, ..Row::default() });
        }
        at += line.len() + 1;
    }
    flow.guard(first);
    flow.keep_last();
    flow.push(Row { height: pad, items: vec![ground(pad)], keep: false, ..Row::default() });
    flow.push(Row { height: setting.leading / 3, blank: true, ..Row::default() });
}

/// Where a piece of a line stands.
struct Start {
    /// Columns from the left.
    indent: usize,
    /// Column of the line at which the piece begins, for tabs.
    columns: usize,
    /// Whether it goes on from the line above.
    continued: bool,
}

fn width(c: char, wide: bool, column: usize) -> usize {
    match c {
        '\t' => TAB - column % TAB,
        _ if Class::of(c) == Class::Extend => 0,
        _ if wide => 2,
        _ => 1,
    }
}

/// The characters of a text with their places, and whether each takes two columns: Chinese, and the dashes, ellipses and
/// quotes that stand beside it.
fn columned(text: &str) -> Vec<(usize, char, bool)> {
    let is_wide = |c: char| is_cjk(c) || matches!(Class::of(c), Class::IdeographicSpace);
    let mut all: Vec<(usize, char, bool)> = text.char_indices().map(|(at, c)| (at, c, is_wide(c))).collect();
    // What both scripts share is wide where the next that is not shared is, or where what stands before it is.
    let mut after = false;
    for (_, c, wide) in all.iter_mut().rev() {
        if is_shared(*c) {
            *wide |= after;
        } else {
            after = *wide;
        }
    }
    let mut before = false;
    for (_, c, wide) in &mut all {
        *wide |= is_shared(*c) && before;
        before = *wide;
    }
    all
}

/// Divides a line at the columns, after a space or a mark where one is near.
fn wrap(line: &str, columns: usize) -> Vec<(std::ops::Range<usize>, Start)> {
    let indent = line.chars().take_while(|c| *c == ' ').count().min(columns / 3);
    let mut pieces = Vec::new();
    let (mut from, mut column, mut start_column) = (0, 0, 0);
    let mut good: Option<(usize, usize)> = None;
    let all = columned(line);
    // No line begins with a mark that closes.
    let closes = |c: char| Class::of(c).is_closing_side() || Class::of(c) == Class::NonStarter || ")],;.".contains(c);
    for (index, (at, c, wide)) in all.iter().copied().enumerate() {
        let continued = !pieces.is_empty();
        let own = if continued { indent + 2 } else { 0 };
        let step = width(c, wide, column);
        if column - start_column + own + step > columns && at > from {
            let (cut, cut_column) = good.filter(|(cut, _)| *cut > from).unwrap_or((at, column));
            pieces.push((from..cut, Start { indent: own, columns: start_column, continued }));
            (from, start_column, good) = (cut, cut_column, None);
        }
        column += step;
        let next_closes = all.get(index + 1).is_some_and(|(_, next, _)| closes(*next));
        if (c == ' ' || ",;)}|&".contains(c) || wide) && !next_closes {
            good = Some((at + c.len_utf8(), column));
        }
    }
    let continued = !pieces.is_empty();
    pieces.push((from..line.len(), Start { indent: if continued { indent + 2 } else { 0 }, columns: start_column, continued }));
    pieces
}

/// The runs of a piece of code at byte `offset` of its listing.
#[allow(clippy::too_many_arguments)]
fn runs(
    flow: &Flow<'_>,
    text: &str,
    offset: usize,
    highlights: &[Highlight],
    code: TextStyle,
    x: Length,
    y: Length,
    first_column: usize,
) -> Vec<Item> {
    let column_width = code.size / 2;
    let mut items: Vec<Item> = Vec::new();
    let mut open: Option<Run> = None;
    let mut column = first_column;
    for (at, c, wide) in columned(text) {
        let byte = offset + at;
        let tone = highlights.iter().find(|highlight| highlight.range.contains(&byte)).map(|highlight| highlight.tone);
        let style = tone.map_or(code, |tone| ink(tone, code));
        let place = column_width * (column - first_column) as i64;
        let columns = width(c, wide, column);
        column += columns;
        let shown = if c == '\t' { ' ' } else { c };
        let want = Want { italic: false, ..style.want };
        let Some(choice) = flow.context.fonts.find(want, shown, wide && is_shared(c)) else { continue };
        let advance = flow.context.fonts.face(choice.face).advance(choice.glyph);
        // A glyph of another width stands in the middle of its columns.
        let room = columns as f64 * 500.0;
        let shift = if c == '\t' { 0.0 } else { (room - advance) / 2.0 };
        let glyph_x = x + place + code.size.mille(shift.round() as i64);
        let fits =
            open.as_ref().is_some_and(|run| run.face == choice.face && run.colour == style.colour && run.embolden == choice.embolden);
        if !fits {
            items.extend(open.take().map(Item::Run));
            open = Some(Run {
                turn: if flow.context.is_vertical() { Turn::Sideways } else { Turn::Across },
                face: choice.face,
                size: code.size,
                colour: style.colour,
                embolden: choice.embolden,
                tag: code.tag,
                x: glyph_x,
                y,
                lift: Length::ZERO,
                glyphs: Vec::new(),
            });
        }
        if let Some(run) = &mut open {
            run.glyphs.push(Glyph { id: choice.glyph, x: glyph_x - run.x, text: shown, more: None });
        }
    }
    items.extend(open.map(Item::Run));
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_takes_two_columns_and_long_lines_wrap() {
        let wide = |text: &str| columned(text).into_iter().map(|(_, c, wide)| width(c, wide, 0)).sum::<usize>();
        assert_eq!((wide("中a"), wide("再……x"), wide("a…b"), wide("“中”")), (3, 7, 3, 6));
        assert_eq!(width('\t', false, 1), 3);
        let pieces: Vec<_> = wrap("let a = 一二三四五六;", 14).into_iter().map(|(range, _)| range).collect();
        assert!(pieces.len() > 1);
        assert_eq!(pieces.last().unwrap().end, "let a = 一二三四五六;".len());
    }
}
