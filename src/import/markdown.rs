//! Plain text as Markdown that says the same: what Markdown would take for its own is escaped.

use super::structure::{Chapter, Piece};

/// A chapter's file.
pub(super) fn chapter(chapter: &Chapter) -> String {
    let mut out = String::new();
    if let Some(title) = &chapter.title {
        out += &format!("# {}\n", escape(title));
    }
    for piece in &chapter.pieces {
        if !out.is_empty() {
            out.push('\n');
        }
        match piece {
            Piece::Section(title) => out += &format!("## {}\n", escape(title)),
            Piece::Paragraph(text) => out += &format!("{}\n", escape(text)),
        }
    }
    out
}

/// Paragraphs alone.
pub(super) fn paragraphs(list: &[String]) -> String {
    list.iter().map(|text| format!("{}\n", escape(text))).collect::<Vec<_>>().join("\n")
}

/// Characters that begin something in Markdown wherever they stand.
const ANYWHERE: &str = "\\`*_[]<>$~|{}";

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    for (at, c) in text.char_indices() {
        let at_start = at == 0 && "#+-=:".contains(c);
        let list = at == digits && digits > 0 && digits < 10 && matches!(c, '.' | ')');
        let entity = c == '&'
            && text[at + 1..].split(';').next().is_some_and(|name| {
                !name.is_empty()
                    && name.len() < 12
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
                    && text[at..].contains(';')
            });
        if ANYWHERE.contains(c) || at_start || list || entity {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_would_take_for_its_own_is_escaped() {
        assert_eq!(escape("# 一 *二* [三]"), "\\# 一 \\*二\\* \\[三\\]");
        assert_eq!(escape("1. 总则"), "1\\. 总则");
        assert_eq!(escape("2035年远景目标"), "2035年远景目标");
        assert_eq!(escape("A&B; &amp;"), "A\\&B; \\&amp;");
    }
}
