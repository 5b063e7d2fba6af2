//! The pages as text, for tests: every run with its position, every rule, image and link. Positions in points to
//! one hundredth; a difference between two dumps can be read.

use super::{Input, Made, Need, Output};
use crate::diagnostic::{Diagnostic, Text};
use crate::document::Link;
use crate::layout::{Area, Item, Turn};
use crate::length::Length;
use crate::text;
use std::fmt::Write;

/// The dump as an output.
pub struct Dump;

impl Output for Dump {
    fn needs(&self, _: &Input<'_>) -> Need {
        Need::Items
    }

    fn step(&self) -> Text {
        text!("positions", "位置文本")
    }

    fn render<'a>(&self, input: &Input<'a>) -> Result<Vec<Made<'a>>, Diagnostic> {
        Ok(Made::one(".txt", vec![text(input).into_bytes().into()], None))
    }
}

fn points(length: Length) -> String {
    let text = format!("{:.2}", length.to_pt());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn area(area: &Area) -> String {
    format!("{} {} {}x{}", points(area.x), points(area.y), points(area.width), points(area.height))
}

/// The dump of all pages.
pub fn text(input: &Input<'_>) -> String {
    let mut out = String::new();
    let Some(pages) = input.pages else { return out };
    // Writing to a string does not fail.
    for (number, page) in pages.pages.iter().enumerate() {
        let _ = writeln!(out, "== page {} [{}]", number + 1, page.label);
        for item in &page.items {
            let _ = match item {
                Item::Run(run) => {
                    let text: String = run
                        .glyphs
                        .iter()
                        .flat_map(|glyph| std::iter::once(glyph.text).chain(glyph.more.as_deref().unwrap_or("").chars()))
                        .collect();
                    let last = run.glyphs.last().map_or(Length::ZERO, |glyph| glyph.x);
                    let face = &input.fonts.face(run.face).name;
                    let weight = if run.embolden { "+bold" } else { "" };
                    let (end, way) = match run.turn {
                        Turn::Across => (run.x + last, ""),
                        Turn::Combined(_) => (run.x + last, " combined"),
                        Turn::Upright => (run.y + last, " upright"),
                        Turn::Sideways => (run.y + last, " turned"),
                    };
                    let (x, y, end, size) = (points(run.x), points(run.y), points(end), points(run.size));
                    writeln!(out, "{x} {y} ..{end} {size} {face}{weight}{way} {text}")
                }
                Item::Rule(place, colour) => writeln!(out, "rule {} #{:02x}{:02x}{:02x}", area(place), colour.0, colour.1, colour.2),
                Item::Dot { x, y, radius, .. } => writeln!(out, "dot {} {} {}", points(*x), points(*y), points(*radius)),
                Item::Wave { x, y, length, down, .. } => {
                    let way = if *down { " down" } else { "" };
                    writeln!(out, "wave {} {} {}{way}", points(*x), points(*y), points(*length))
                }
                Item::Image(place, path, _) => writeln!(out, "image {} {}", area(place), crate::source::shown(path)),
                Item::Link(place, to, _) => writeln!(out, "link {} {}", area(place), target(to)),
                Item::Anchor { chapter, id, y } => writeln!(out, "anchor {} {chapter}#{}", points(*y), id.as_deref().unwrap_or("")),
            };
        }
    }
    for entry in &pages.outline {
        let _ = writeln!(out, "outline {}{} -> {}", "  ".repeat(entry.level), entry.title, entry.page + 1);
    }
    out
}

fn target(link: &Link) -> String {
    match link {
        Link::Web(url) | Link::Written(url) => url.clone(),
        Link::Inside { chapter, id } => format!("{chapter}#{}", id.as_deref().unwrap_or("")),
        Link::Dead => "dead".into(),
    }
}
