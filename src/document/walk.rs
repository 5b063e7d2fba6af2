//! Walking the model: every block, every inline, the plain text.

use super::{Block, BlockKind, Cell, Image, Inline, InlineKind};
use crate::source::Span;

/// Visits the lists of blocks inside a block.
fn visit_children<'a>(block: &'a Block, visit: &mut dyn FnMut(&'a [Block])) {
    match &block.kind {
        BlockKind::Quote(blocks) | BlockKind::Callout(_, blocks) | BlockKind::Container(_, blocks) => visit(blocks),
        BlockKind::List { items, .. } => items.iter().for_each(|item| visit(&item.blocks)),
        BlockKind::Definitions(list) => list.iter().flat_map(|entry| &entry.meanings).for_each(|meaning| visit(meaning)),
        BlockKind::Table(table) => table.head.iter().chain(&table.body).flatten().for_each(|cell: &Cell| visit(&cell.blocks)),
        _ => {}
    }
}

/// Visits the lists of inlines of a block itself.
fn visit_lines<'a>(block: &'a Block, visit: &mut dyn FnMut(&'a [Inline])) {
    match &block.kind {
        BlockKind::Heading { content, .. } | BlockKind::Paragraph(content) => visit(content),
        BlockKind::Figure { panels, caption, .. } => {
            panels.iter().for_each(|panel| visit(&panel.caption));
            visit(caption);
        }
        BlockKind::Table(table) => visit(&table.caption),
        BlockKind::Definitions(list) => list.iter().for_each(|entry| visit(&entry.term)),
        _ => {}
    }
}

/// Visits every block, outer before inner, in reading order.
pub fn visit_blocks<'a>(blocks: &'a [Block], visit: &mut dyn FnMut(&'a Block)) {
    for block in blocks {
        visit(block);
        visit_children(block, &mut |inner| visit_blocks(inner, visit));
    }
}

/// Visits every list of inlines that makes a text of its own (a paragraph, a heading, a caption), with its block.
pub fn visit_inlines<'a>(blocks: &'a [Block], visit: &mut dyn FnMut(&'a Block, &'a [Inline])) {
    visit_blocks(blocks, &mut |block| visit_lines(block, &mut |list| visit(block, list)));
}

/// Visits every inline, outer before inner, in reading order.
pub fn visit_each_inline<'a>(blocks: &'a [Block], visit: &mut dyn FnMut(&'a Inline)) {
    fn each<'a>(list: &'a [Inline], visit: &mut dyn FnMut(&'a Inline)) {
        for inline in list {
            visit(inline);
            each(inline.children(), visit);
        }
    }
    visit_inlines(blocks, &mut |_, list| each(list, visit));
}

/// Visits every image with its caption, which is empty for an image among text.
pub fn visit_images<'a>(blocks: &'a [Block], visit: &mut dyn FnMut(&'a Image, &'a [Inline], Span)) {
    visit_blocks(blocks, &mut |block| {
        if let BlockKind::Figure { panels, caption, .. } = &block.kind {
            for panel in panels {
                visit(&panel.image, if panel.caption.is_empty() { caption } else { &panel.caption }, panel.span);
            }
        }
    });
    visit_each_inline(blocks, &mut |inline| {
        if let InlineKind::Image(image) = &inline.kind {
            visit(image, &[], inline.span);
        }
    });
}

/// Changes every list of inlines.
pub(super) fn change_inlines(blocks: &mut [Block], change: &mut dyn FnMut(&mut Vec<Inline>)) {
    for block in blocks {
        match &mut block.kind {
            BlockKind::Heading { content, .. } | BlockKind::Paragraph(content) => change(content),
            BlockKind::Figure { panels, caption, .. } => {
                panels.iter_mut().for_each(|panel| change(&mut panel.caption));
                change(caption);
            }
            BlockKind::Quote(inner) | BlockKind::Callout(_, inner) | BlockKind::Container(_, inner) => change_inlines(inner, change),
            BlockKind::List { items, .. } => items.iter_mut().for_each(|item| change_inlines(&mut item.blocks, change)),
            BlockKind::Definitions(list) => {
                for entry in list {
                    change(&mut entry.term);
                    entry.meanings.iter_mut().for_each(|meaning| change_inlines(meaning, change));
                }
            }
            BlockKind::Table(table) => {
                change(&mut table.caption);
                table.head.iter_mut().chain(&mut table.body).flatten().for_each(|cell| change_inlines(&mut cell.blocks, change));
            }
            _ => {}
        }
    }
}

/// Changes every block, outer before inner.
pub(super) fn change_blocks(blocks: &mut [Block], change: &mut dyn FnMut(&mut Block)) {
    for block in blocks {
        change(block);
        match &mut block.kind {
            BlockKind::Quote(inner) | BlockKind::Callout(_, inner) | BlockKind::Container(_, inner) => change_blocks(inner, change),
            BlockKind::List { items, .. } => items.iter_mut().for_each(|item| change_blocks(&mut item.blocks, change)),
            BlockKind::Definitions(list) => {
                list.iter_mut().flat_map(|entry| &mut entry.meanings).for_each(|meaning| change_blocks(meaning, change));
            }
            BlockKind::Table(table) => {
                table.head.iter_mut().chain(&mut table.body).flatten().for_each(|cell| change_blocks(&mut cell.blocks, change));
            }
            _ => {}
        }
    }
}

/// The text of inlines as a reader would say it: without note marks, with the base of ruby.
pub fn plain_text(inlines: &[Inline]) -> String {
    let mut text = String::new();
    collect(inlines, &mut text);
    text
}

/// As [`plain_text`], with the readings of ruby too: for what cannot hold ruby, so that nothing is lost.
pub(super) fn whole_text(inlines: &[Inline]) -> String {
    let one = |inline: &Inline| match &inline.kind {
        InlineKind::Ruby(pairs) => pairs.iter().map(|(base, reading)| format!("{base}{reading}")).collect(),
        _ if !inline.children().is_empty() => whole_text(inline.children()),
        _ => plain_text(std::slice::from_ref(inline)),
    };
    inlines.iter().map(one).collect()
}

fn collect(inlines: &[Inline], out: &mut String) {
    for inline in inlines {
        match &inline.kind {
            InlineKind::Text(text) | InlineKind::Code(text) | InlineKind::Math(text) => out.push_str(text),
            InlineKind::Reference { text, .. } => out.push_str(text),
            InlineKind::Ruby(pairs) => pairs.iter().for_each(|(base, _)| out.push_str(base)),
            InlineKind::Break => out.push(' '),
            InlineKind::Image(image) => out.push_str(&image.alt),
            InlineKind::Note(_) => {}
            _ => collect(inline.children(), out),
        }
    }
}
