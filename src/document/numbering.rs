//! Numbers that the book gives: chapters and sections where the manifest asks for them, figures and tables by chapter.

use super::{Block, BlockKind, walk};
use crate::label::Labels;
use crate::script::numeral;

/// Sets 第一章, 第一节 before headings: level 1 counts chapters through the book, level 2 sections within one.
/// `counts` are those of the chapters and of the sections of the last one so far, and are moved on: a chapter below another goes
/// on with its sections.
pub(super) fn number_headings(blocks: &mut [Block], depth: usize, counts: (&mut u32, &mut u32), labels: &Labels) {
    let (chapter, section) = counts;
    walk::change_blocks(blocks, &mut |block| {
        let unnumbered = block.attrs.has("unnumbered");
        if let BlockKind::Heading { level, number, content } = &mut block.kind {
            // A heading that bears its own number keeps it, and the count goes on from there.
            let written = numeral::heading(&super::plain_text(content));
            let [chapter_unit, section_unit] = labels.units;
            match usize::from(*level) + depth {
                _ if unnumbered => {}
                1 if written.is_some() => {
                    *chapter = written.map_or(*chapter, |found| found.value);
                    *section = 0;
                }
                2 if written.is_some() => *section = written.map_or(*section, |found| found.value),
                1 => {
                    *chapter += 1;
                    *section = 0;
                    *number = Some(if chapter_unit.is_empty() {
                        format!("Chapter {chapter}")
                    } else {
                        format!("第{}{chapter_unit}", numeral::chinese(*chapter))
                    });
                }
                2 => {
                    *section += 1;
                    *number = Some(if section_unit.is_empty() {
                        format!("{chapter}.{section}")
                    } else {
                        format!("第{}{section_unit}", numeral::chinese(*section))
                    });
                }
                _ => {}
            }
        }
    });
}

/// Numbers figures and tables that have a caption or an id: 图 3-2 in chapter 3, 图 2 outside chapters. `counts` are those of both so
/// far, and are moved on.
pub(super) fn number_floats(blocks: &mut [Block], chapter: Option<u32>, counts: &mut [u32; 2], labels: &Labels) {
    let [figures, tables] = counts;
    walk::change_blocks(blocks, &mut |block| {
        let named = block.attrs.id.is_some();
        // Lists of them lead there.
        let place = |word: &str, count: u32| format!("{word}-{}-{count}", chapter.unwrap_or(0));
        let label = |word: &str, count: u32| match chapter {
            Some(chapter) => format!("{word} {chapter}-{count}"),
            None => format!("{word} {count}"),
        };
        match &mut block.kind {
            BlockKind::Figure { caption, number, .. } if named || !caption.is_empty() => {
                *figures += 1;
                *number = Some(label(labels.figure, *figures));
                block.attrs.id.get_or_insert_with(|| place("figure", *figures));
            }
            BlockKind::Table(table) if named || !table.caption.is_empty() => {
                *tables += 1;
                table.number = Some(label(labels.table, *tables));
                block.attrs.id.get_or_insert_with(|| place("table", *tables));
            }
            _ => {}
        }
    });
}
