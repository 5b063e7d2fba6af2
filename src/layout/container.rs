//! Groups with a look of their own: callouts, verse, epigraphs, centred text.

use super::breaks;
use super::collect::{self, Collection};
use super::flow::{Flow, Row, Setting};
use super::page::{Area, Item};
use super::{prepare, tags};
use crate::document::{Block, BlockKind, Callout, Container};
use crate::font::Role;
use crate::length::Length;
use crate::style::{Alignment, Colour, TextStyle};

impl Flow<'_> {
    #[expect(clippy::indexing_slicing, reason = "`Callout` has five kinds, and `callouts` is an array of five")]
    pub fn callout(&mut self, kind: Callout, blocks: &[Block], setting: Setting) {
        let label = self.context.style.labels.callouts[kind as usize];
        let setting = self.part(setting, tags::Role::Group);
        self.push(Row::space(setting.leading / 2));
        let first = self.rows.len();
        let inner = setting.inset(setting.text.size * 2, setting.text.size);
        let head = TextStyle { want: crate::font::Want { role: Role::Sans, bold: true, italic: false }, ..setting.text };
        self.text_line(label, self.part(Setting { text: head, indent: Length::ZERO, ..inner }, tags::Role::Paragraph));
        self.keep_last();
        self.blocks(blocks, Setting { text: TextStyle { want: self.context.style.quote().want, ..setting.text }, ..inner });
        let bar = setting.text.size.mille(150);
        for row in self.rows.iter_mut().skip(first) {
            let area = Area { x: setting.left + setting.text.size.mille(900), y: Length::ZERO, width: bar, height: row.height };
            row.items.push(Item::Rule(area, Colour::HAIRLINE));
        }
        self.push(Row::space(setting.leading / 2));
    }

    pub fn container(&mut self, kind: Container, blocks: &[Block], setting: Setting) {
        let apart = matches!(kind, Container::Verse | Container::Epigraph) && setting.snap;
        if apart {
            self.push(Row::space(setting.leading / 2));
        }
        self.contained(kind, blocks, setting);
        if apart {
            self.push(Row::space(setting.leading / 2));
        }
    }

    fn contained(&mut self, kind: Container, blocks: &[Block], setting: Setting) {
        let quote = self.context.style.quote().at(setting.text.size).like(setting.text);
        match kind {
            Container::Plain => self.blocks(blocks, setting),
            Container::Center => self.blocks(blocks, Setting { alignment: Alignment::Center, indent: Length::ZERO, ..setting }),
            Container::Right => self.blocks(blocks, Setting { alignment: Alignment::End, indent: Length::ZERO, ..setting }),
            Container::Even => self.blocks(blocks, Setting { alignment: Alignment::Even, indent: Length::ZERO, strict: false, ..setting }),
            Container::Hanging => {
                let hang = setting.text.size * 2;
                self.blocks(blocks, Setting { indent: -hang, ..setting.inset(hang, Length::ZERO) });
            }
            Container::Continued => {
                let (first, rest) = blocks.split_at(blocks.len().min(1));
                self.blocks(first, Setting { indent: Length::ZERO, ..setting });
                self.blocks(rest, setting);
            }
            Container::Epigraph => {
                let left = if self.context.is_vertical() { setting.text.size * 4 } else { setting.width / 3 };
                self.blocks(blocks, Setting { text: quote, indent: Length::ZERO, ..setting.inset(left, Length::ZERO) });
            }
            Container::Verse => {
                // In Kai, all lines from one edge, the block centred on its longest line.
                let width = blocks.iter().map(|block| self.widest(block, quote)).max().unwrap_or(Length::ZERO).min(setting.width);
                let left =
                    if self.context.is_vertical() { (quote.size * 4).min(setting.width - width) } else { (setting.width - width) / 2 };
                // A line that is too long goes on a character further in.
                let inner = setting.inset(left, Length::ZERO);
                let hang = if width >= setting.width { quote.size } else { Length::ZERO };
                let inner = Setting {
                    text: quote,
                    indent: -hang,
                    alignment: Alignment::Start,
                    left: inner.left + hang,
                    width: inner.width - hang,
                    ..inner
                };
                for (at, block) in blocks.iter().enumerate() {
                    if at > 0 {
                        self.push(Row::space(setting.leading));
                    }
                    self.block(block, inner);
                }
            }
        }
    }

    fn widest(&self, block: &Block, text: TextStyle) -> Length {
        let BlockKind::Paragraph(content) = &block.kind else { return Length::ZERO };
        let width = |line: &Collection| {
            let prepared = prepare::prepare(self.context, line);
            if prepared.clusters.is_empty() { Length::ZERO } else { breaks::natural_width(&prepared, 0, prepared.clusters.len(), false) }
        };
        // A hair more, so that rounding never breaks the longest line.
        collect::collect(self.context, content, text).iter().map(width).max().unwrap_or(Length::ZERO) + Length::pt(0.01)
    }
}
