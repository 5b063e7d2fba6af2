//! Tables.

use super::xhtml::Writer;
use crate::document::{Align, Block, BlockKind, Cell, Table};
use std::fmt::Write;

impl Writer<'_> {
    /// A table in a block of its own, with heads that say what they head.
    pub fn table(&mut self, table: &Table, attributes: &str) {
        let _ = writeln!(self.out, "<div{attributes}>\n<table>");
        // It stands above its table, wherever it is written: no page begins in it.
        let pages = std::mem::take(&mut self.pages);
        let caption = self.caption(table.number.as_deref(), &table.caption);
        self.pages = pages;
        if !caption.is_empty() {
            let _ = writeln!(self.out, "<caption>{caption}</caption>");
        }
        for (name, rows, head) in [("thead", &table.head, true), ("tbody", &table.body, false)] {
            if rows.is_empty() {
                continue;
            }
            let _ = writeln!(self.out, "<{name}>");
            for row in rows {
                self.out.push_str("<tr>");
                row.iter().enumerate().for_each(|(column, cell)| self.cell(cell, column, head, table));
                self.out.push_str("</tr>\n");
            }
            let _ = writeln!(self.out, "</{name}>");
        }
        self.out.push_str("</table>\n</div>\n");
    }

    fn cell(&mut self, cell: &Cell, column: usize, head: bool, table: &Table) {
        let empty = cell.blocks.is_empty();
        let header = (head || cell.header) && !empty;
        let name = if header { "th" } else { "td" };
        let mut attributes = String::new();
        if header {
            let scope = if head { "col" } else { "row" };
            let _ = write!(attributes, " scope=\"{scope}\"");
        }
        if cell.columns > 1 {
            let _ = write!(attributes, " colspan=\"{}\"", cell.columns);
        }
        if cell.rows > 1 {
            let _ = write!(attributes, " rowspan=\"{}\"", cell.rows);
        }
        match table.aligns.get(column) {
            Some(Align::Center) => attributes.push_str(" class=\"center\""),
            Some(Align::Right) => attributes.push_str(" class=\"right\""),
            Some(Align::Left) => attributes.push_str(" class=\"left\""),
            _ => {}
        }
        let _ = write!(self.out, "<{name}{attributes}>");
        match cell.blocks.as_slice() {
            [Block { kind: BlockKind::Paragraph(content), attrs, .. }] if attrs.is_empty() => {
                let inner = self.inlines(content);
                self.out.push_str(&inner);
            }
            blocks => self.blocks(blocks),
        }
        let _ = write!(self.out, "</{name}>");
    }
}
