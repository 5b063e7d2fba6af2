//! Notes and their marks, in the form that a family of readers shows beside the text.

use super::files::Part;
use super::profile::NoteForm;
use super::xhtml::{Writer, escape};
use crate::document::{Block, BlockKind, plain_text, visit_inlines};
use crate::script;
use std::fmt::Write;

/// The number that stands for a note in the EPUB: counted through the chapter.
fn note_number(note: usize) -> String {
    script::circled(note + 1).map_or_else(|| format!("[{}]", note + 1), String::from)
}

impl Writer<'_> {
    /// A note's mark, which leads to it.
    #[expect(clippy::indexing_slicing, reason = "`markdown::notes` numbers marks by the chapter's own notes; `marks` has one for each")]
    pub fn note_mark(&mut self, note: usize) -> String {
        self.marks[note] += 1;
        let id = if self.marks[note] == 1 { format!(" id=\"ref-{}\"", note + 1) } else { String::new() };
        let number = self.generated(&note_number(note));
        let file = self.edition.files.holding_note(self.chapter, note);
        let alone = self.edition.files.parts[self.chapter].len() == 1;
        let href = format!("{}#note-{}", if alone { "" } else { file }, note + 1);
        let role = "epub:type=\"noteref\" role=\"doc-noteref\"";
        match self.edition.profile.notes {
            NoteForm::Asides => format!("<sup><a class=\"noteref\" {role} href=\"{href}\"{id}>{number}</a></sup>"),
            NoteForm::Duokan => {
                let mut words = String::new();
                let note = &self.edition.input.manuscript.chapters[self.chapter].document.notes[note];
                visit_inlines(&note.blocks, &mut |_, list| words.push_str(&plain_text(list)));
                let image = super::NOTE_MARK;
                let words = escape(words.trim());
                format!(
                    "<sup><a class=\"noteref duokan-footnote\" {role} href=\"{href}\"{id}><img class=\"qqreader-footnote\" src=\"{image}\" alt=\"{words}\"/></a></sup>"
                )
            }
        }
    }

    /// The notes of a part, for a reader to show beside their marks.
    pub fn notes(&mut self, part: &Part) {
        if part.notes.is_empty() {
            return;
        }
        let label = self.edition.input.style.labels.notes;
        let _ = writeln!(self.out, "<section class=\"notes\" epub:type=\"footnotes\" role=\"doc-endnotes\" aria-label=\"{label}\">");
        let list = self.edition.profile.notes == NoteForm::Duokan;
        if list {
            self.out.push_str("<ol class=\"duokan-footnote-content\">\n");
        }
        part.notes.iter().for_each(|note| self.note(*note));
        self.out.push_str(if list { "</ol>\n</section>\n" } else { "</section>\n" });
    }

    /// A note, with the way back to its first mark.
    #[expect(clippy::indexing_slicing, reason = "callers give places of the chapter's notes: all of them, or those of one of its parts")]
    pub fn note(&mut self, at: usize) {
        let note = &self.edition.input.manuscript.chapters[self.chapter].document.notes[at];
        let (number, id) = (self.generated(&note_number(at)), at + 1);
        let element = match self.edition.profile.notes {
            NoteForm::Asides => {
                let _ = writeln!(self.out, "<aside class=\"note\" epub:type=\"footnote\" role=\"doc-footnote\" id=\"note-{id}\">");
                "aside"
            }
            NoteForm::Duokan => {
                let _ = writeln!(self.out, "<li class=\"note duokan-footnote-item\" id=\"note-{id}\">");
                "li"
            }
        };
        let back = if note.marks > 0 {
            let label = self.edition.input.style.labels.back;
            format!("<a class=\"back\" epub:type=\"backlink\" role=\"doc-backlink\" href=\"#ref-{id}\" title=\"{label}\">{number}</a> ")
        } else {
            format!("{number} ")
        };
        match note.blocks.split_first() {
            Some((Block { kind: BlockKind::Paragraph(content), .. }, rest)) => {
                let inner = self.inlines(content);
                let _ = writeln!(self.out, "<p>{back}{inner}</p>");
                self.blocks(rest);
            }
            _ => {
                let _ = writeln!(self.out, "<p>{back}</p>");
                self.blocks(&note.blocks);
            }
        }
        let _ = writeln!(self.out, "</{element}>");
    }
}
