//! The bar code of an ISBN (EAN-13, ISO/IEC 15420), drawn as bars with its figures below, in a row of its own.

use super::Context;
use super::flow::Row;
use super::line;
use super::page::{Area, Item};
use super::tags::Role as Part;
use crate::font::Role;
use crate::length::Length;
use crate::style::{Colour, Tag, TextStyle};
use barcoders::sym::ean13::EAN13;

/// Height of the bars; that of the guards is more by [`GUARD`].
const BARS: f64 = 18.0;
/// How far guard bars reach down beside the figures.
const GUARD: f64 = 1.65;
/// Width of a module: the nominal third of a millimetre, mm.
const MODULE: f64 = 0.33;
/// Modules that stay blank at the left of the code.
const QUIET: i64 = 11;

/// The thirteen digits of an ISBN, whether it is written with ten or thirteen.
fn thirteen(isbn: &str) -> Option<String> {
    let digits: String = isbn.chars().filter(|c| c.is_ascii_digit() || matches!(c, 'X' | 'x')).collect();
    match digits.len() {
        13 => Some(digits),
        // The older form has a check digit of its own, which is reckoned anew.
        10 => digits.get(..9).map(|nine| format!("978{nine}")),
        _ => None,
    }
}

/// Sets the code, its words said by its figure. `None` where the text is no ISBN.
pub(super) fn set(context: &Context<'_>, isbn: &str, within: Tag) -> Option<Row> {
    let digits = thirteen(isbn)?;
    // The crate reckons the check digit from the twelve before it.
    let twelve = digits.get(..12)?;
    let code = EAN13::new(twelve).ok()?;
    let modules = code.encode();
    let whole = format!("{twelve}{}", check_digit(twelve)?);
    let (first, halves) = whole.split_at_checked(1)?;
    let (left, right) = halves.split_at_checked(6)?;
    let module = |count: i64| Length::mm(MODULE * count as f64);
    let tag = context.tags.open_worded(within, Part::Figure, &format!("EAN-13 {whole}"));
    let mut row = Row::default();
    let style = TextStyle::new(Role::Sans, Length::pt(8.5)).part_of(tag);
    // The bars: as many modules wide as there are ones in a row.
    let mut at = 0;
    for bar in modules.chunk_by(|one, next| one == next) {
        let width = bar.len();
        if bar.first() == Some(&1) {
            let guard = at < 3 || at >= modules.len() - 3 || (45..50).contains(&at);
            let height = Length::mm(if guard { BARS + GUARD } else { BARS });
            let area = Area { x: module(QUIET + at as i64), y: Length::ZERO, width: module(width as i64), height };
            row.items.push(Item::Rule(area, Colour::BLACK));
        }
        at += width;
    }
    // The first figure stands before the code, six in each half.
    let base = Length::mm(BARS) + Length::pt(8.8);
    let half = |from: i64| (module(QUIET + from), module(42));
    for (text, (x, width)) in [(first, (module(0), module(QUIET - 2))), (left, half(3)), (right, half(50))] {
        let count = text.len() as i64;
        for (place, figure) in text.char_indices() {
            let (mut items, own) = line::alone(context, &figure.to_string(), style);
            let middle = x + width.scale(2 * place as i64 + 1, 2 * count);
            items.iter_mut().for_each(|item| item.shift(middle - own / 2, base));
            row.items.extend(items);
        }
    }
    row.height = base + Length::pt(2.0);
    Some(row)
}

/// The last digit of an EAN-13 (ISO/IEC 15420, annex A).
fn check_digit(twelve: &str) -> Option<u32> {
    let digits: Vec<u32> = twelve.chars().map(|c| c.to_digit(10)).collect::<Option<_>>()?;
    let sum: u32 = digits.iter().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    Some((10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_isbn_of_ten_digits_gets_a_new_check_digit() {
        assert_eq!(thirteen("7-302-01622-X").as_deref(), Some("978730201622"));
        assert_eq!(check_digit("978730201622"), Some(9));
        assert_eq!(check_digit("978030640615"), Some(7));
    }
}
