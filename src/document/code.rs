//! Colours of a listing, by language, found once for all outputs.

use std::str::FromStr;
use std::sync::LazyLock;
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

/// What a piece of code is, as far as a page can show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// A comment.
    Comment,
    /// A keyword.
    Keyword,
    /// A string.
    String,
    /// A number or constant.
    Constant,
    /// The name of a function or type.
    Name,
}

/// A range of bytes in a listing with its tone. Ranges are in order and do not overlap.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Highlight {
    /// Bytes.
    pub range: std::ops::Range<usize>,
    /// The tone.
    pub tone: Tone,
}

/// Scopes of the Sublime grammars, the more particular first.
const TONES: &[(&str, Tone)] = &[
    ("comment", Tone::Comment),
    ("string", Tone::String),
    ("constant", Tone::Constant),
    ("keyword.operator", Tone::Name),
    ("keyword", Tone::Keyword),
    ("storage", Tone::Keyword),
    ("variable.language", Tone::Keyword),
    ("entity.name", Tone::Name),
    ("support.function", Tone::Name),
];

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);
static SCOPES: LazyLock<Vec<(Scope, Tone)>> =
    LazyLock::new(|| TONES.iter().filter_map(|(name, tone)| Some((Scope::from_str(name).ok()?, *tone))).collect());

/// The highlights of a listing; none where the language is not known.
pub(super) fn highlight(language: &str, text: &str) -> Vec<Highlight> {
    let plain = ["", "text", "txt", "plain", "plaintext", "console", "none"];
    if plain.contains(&language) {
        return Vec::new();
    }
    let Some(syntax) = SYNTAXES.find_syntax_by_token(language) else { return Vec::new() };
    let mut state = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    let mut found: Vec<Highlight> = Vec::new();
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let whole = if line.ends_with('\n') { line.to_owned() } else { format!("{line}\n") };
        let Ok(parsed) = state.parse_line(&whole, &SYNTAXES) else { return Vec::new() };
        let mut from = 0;
        for (at, change) in parsed {
            push(&mut found, line_start + from..line_start + at.min(line.len()), &stack);
            from = at.min(line.len());
            if stack.apply(&change).is_err() {
                return Vec::new();
            }
        }
        push(&mut found, line_start + from..line_start + line.len(), &stack);
        line_start += line.len();
    }
    found
}

fn push(found: &mut Vec<Highlight>, range: std::ops::Range<usize>, stack: &ScopeStack) {
    if range.is_empty() {
        return;
    }
    let tone = stack
        .as_slice()
        .iter()
        .rev()
        .find_map(|scope| SCOPES.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope)).map(|(_, tone)| *tone));
    let outer = stack
        .as_slice()
        .iter()
        .find_map(|scope| SCOPES.iter().take(2).find(|(prefix, _)| prefix.is_prefix_of(*scope)).map(|(_, tone)| *tone));
    let Some(tone) = outer.or(tone) else { return };
    match found.last_mut() {
        Some(last) if last.tone == tone && last.range.end == range.start => last.range.end = range.end,
        _ => found.push(Highlight { range, tone }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_a_string_and_a_comment_have_their_tones() {
        let text = "fn main() { let s = \"你好\"; } // 注";
        let tones: Vec<(&str, Tone)> = highlight("rust", text).iter().map(|found| (&text[found.range.clone()], found.tone)).collect();
        assert!(tones.contains(&("\"你好\"", Tone::String)));
        assert!(tones.iter().any(|(piece, tone)| piece.starts_with("//") && *tone == Tone::Comment));
        assert!(tones.iter().any(|(piece, tone)| piece.contains("let") && *tone == Tone::Keyword));
        assert!(highlight("no-such-language", text).is_empty());
    }
}
