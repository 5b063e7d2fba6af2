//! What Markdown would take for its own in a plain text.

/// Characters that begin something in Markdown wherever they stand.
const ANYWHERE: &str = "\\`*_[]<>$~|{}";

/// The bytes of a block's text before which a backslash belongs, so that Markdown reads the text as it is.
pub(super) fn escapes(text: &str) -> impl Iterator<Item = usize> + '_ {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let bare = text.is_empty() || ANYWHERE.contains(|c| text.contains(c)) || text.contains('&');
    text.char_indices().filter_map(move |(at, c)| {
        let at_start = at == 0 && "#+-=:".contains(c);
        let list = at == digits && digits > 0 && digits < 10 && matches!(c, '.' | ')');
        (at_start || list || bare && (ANYWHERE.contains(c) || c == '&' && text.get(at + 1..).is_some_and(is_entity))).then_some(at)
    })
}

/// Whether a character begins something in Markdown wherever it stands.
pub(super) fn is_special(c: char) -> bool {
    ANYWHERE.contains(c) || c == '&'
}

fn is_entity(rest: &str) -> bool {
    rest.split_once(';')
        .is_some_and(|(name, _)| !name.is_empty() && name.len() < 12 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#'))
}

/// The text as a block of Markdown that says the same.
#[cfg(test)]
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for at in escapes(text) {
        out.push_str(&text[done..at]);
        out.push('\\');
        done = at;
    }
    out + &text[done..]
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
