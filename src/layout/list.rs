//! Lists: labels that hang, terms with what they mean.

use super::flow::{Flow, Row, Setting};
use super::page::Item;
use super::{line, tags};
use crate::document::{Block, Definition, Item as Entry};
use crate::length::Length;
use crate::script;
use crate::source::Span;

/// Labels of a list that are measured: its last ones are the widest.
const LABELS: usize = 12;

impl Flow<'_> {
    /// A list, numbered from `start` where it is.
    pub fn list(&mut self, start: Option<u64>, tight: bool, items: &[Entry], setting: Setting) {
        let setting = self.part(setting, tags::Role::List { numbered: start.is_some() });
        // Labels of many digits need more room.
        let widest = start.map_or(Length::ZERO, |start| {
            let width = |at: u64| line::alone(self.context, &script::numeral::label(at, self.context.direction), setting.text).1;
            (start..start + items.len() as u64).rev().take(LABELS).map(width).max().unwrap_or(Length::ZERO)
        });
        let half = setting.text.size / 2;
        // In a column the label ends with a mark that has its own blank.
        let gap = if self.context.is_vertical() { Length::ZERO } else { setting.text.size.mille(400) };
        let hang = (half * (widest + gap).ceil_div(half)).max(setting.text.size * 2);
        for (at, item) in items.iter().enumerate() {
            let label = match (item.task, start) {
                (Some(done), _) => script::task_mark(done).to_string(),
                (None, Some(start)) => script::numeral::label(start + at as u64, self.context.direction),
                (None, None) if setting.depth == 0 => String::new(),
                (None, None) => script::bullet(setting.depth).to_string(),
            };
            self.item(&label, &item.blocks, setting, hang);
            if !tight && at + 1 < items.len() && setting.snap {
                // Items with paragraphs of their own stand apart by their indent alone: the grid stays full.
                self.unkeep();
            }
        }
    }

    /// Terms, each in bold on a line of its own, and what they mean further in.
    pub fn definitions(&mut self, entries: &[Definition], setting: Setting, span: Span) {
        let list = self.part(setting, tags::Role::List { numbered: false });
        for entry in entries {
            let item = self.part(list, tags::Role::ListItem);
            let term = self.part(Setting { text: item.text.bold(), indent: Length::ZERO, ..item }, tags::Role::Label);
            self.paragraph(&entry.term, term, Some(span));
            self.keep_last();
            let body = self.part(item, tags::Role::ListBody);
            for meaning in &entry.meanings {
                self.blocks(meaning, Setting { depth: setting.depth + 1, ..body.inset(setting.text.size * 2, Length::ZERO) });
            }
        }
    }

    /// A list's item: its label hangs in two characters at the left.
    fn item(&mut self, label: &str, blocks: &[Block], setting: Setting, hang: Length) {
        let first = self.rows.len();
        let setting = self.part(setting, tags::Role::ListItem);
        let labelled = if label.is_empty() {
            self.context.tags.open_worded(setting.text.tag, tags::Role::Label, &String::from(script::bullet(0)))
        } else {
            self.context.tags.open(setting.text.tag, tags::Role::Label)
        };
        let inner = Setting { depth: setting.depth + 1, indent: Length::ZERO, ..setting.inset(hang, Length::ZERO) };
        self.blocks(blocks, self.part(inner, tags::Role::ListBody));
        if self.rows.len() == first {
            self.push(Row { height: setting.leading, snap: setting.snap, ..Row::default() });
        }
        if label.is_empty()
            && let Some(row) = self.rows.iter_mut().skip(first).find(|row| !row.blank)
        {
            // A drawn dot: fonts do not agree on how large a bullet is.
            let y = setting.baseline() - setting.text.size.mille(360);
            let radius = setting.text.size.mille(140);
            row.items.push(Item::Dot {
                x: setting.left + setting.text.size.mille(1100),
                y,
                radius,
                colour: setting.text.colour,
                tag: labelled,
            });
        }
        let (mut items, width) = line::alone(self.context, label, setting.text.part_of(labelled));
        let room = hang - setting.text.size.mille(400);
        let x = setting.left + (room - width).max(Length::ZERO);
        items.iter_mut().for_each(|item| item.shift(x, setting.baseline()));
        if let Some(row) = self.rows.iter_mut().skip(first).find(|row| !row.blank) {
            row.prepend(items);
        }
    }
}
