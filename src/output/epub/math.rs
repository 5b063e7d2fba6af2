//! Mathematics as MathML.

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser, Storage, push_mathml};

/// A formula in a line. `None` where it cannot be read: its source is shown.
pub(super) fn inline(source: &str) -> Option<String> {
    render(source, DisplayMode::Inline)
}

/// A formula by itself.
pub(super) fn display(source: &str) -> Option<String> {
    render(source, DisplayMode::Block)
}

/// Whether a formula can be read.
pub fn is_readable(source: &str) -> bool {
    inline(source).is_some()
}

fn render(source: &str, display_mode: DisplayMode) -> Option<String> {
    let storage = Storage::new();
    // The renderer shows an error in red among the rest; a reader is better served by the source.
    if Parser::new(source, &storage).any(|event| event.is_err()) {
        return None;
    }
    let storage = Storage::new();
    let mut out = String::new();
    let config = RenderConfig { display_mode, annotation: None, xml: true, ..RenderConfig::default() };
    push_mathml(&mut out, Parser::new(source, &storage), config).ok()?;
    // XML knows no such name, and a script has one base: the blank before an operator stands before its whole.
    let mut out = escaped(&out.replace("&nbsp;", "\u{a0}"));
    for tag in SCRIPTS {
        out = spaces_out(&out, tag);
    }
    if !is_whole(&out) {
        return None;
    }
    let words = source.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    Some(out.replacen("<math ", &format!("<math alttext=\"{}\" ", words.split_whitespace().collect::<Vec<_>>().join(" ")), 1))
}

/// Escapes what the renderer leaves as it is: a `<` that begins no element, an `&` that begins no reference.
fn escaped(math: &str) -> String {
    let begins = |rest: &str| {
        let name: String = rest.trim_start_matches('/').chars().take_while(char::is_ascii_alphabetic).collect();
        ELEMENTS.contains(&name.as_str())
    };
    let refers =
        |rest: &str| rest.split_once(';').is_some_and(|(name, _)| ["lt", "gt", "amp", "quot"].contains(&name) || name.starts_with('#'));
    let mut out = String::with_capacity(math.len());
    let mut rest = math.chars();
    while let Some(c) = rest.next() {
        match c {
            '<' if !begins(rest.as_str()) => out.push_str("&lt;"),
            '&' if !refers(rest.as_str()) => out.push_str("&amp;"),
            _ => out.push(c),
        }
    }
    out
}

/// The elements of MathML Core that the renderer writes.
const ELEMENTS: [&str; 31] = [
    "annotation",
    "maction",
    "math",
    "menclose",
    "merror",
    "mfenced",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "ms",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
    "semantics",
];

/// Elements that hold a base and its scripts.
const SCRIPTS: [&str; 6] = ["munderover", "munder", "mover", "msubsup", "msub", "msup"];

/// Puts a blank that stands as the first thing in an element before it.
fn spaces_out(math: &str, tag: &str) -> String {
    let open = format!("<{tag}><mspace ");
    let mut out = String::with_capacity(math.len());
    let mut rest = math;
    while let Some((before, after)) = rest.split_once(&open) {
        let (space, after) = after.split_once('>').unwrap_or((after, ""));
        out.push_str(before);
        out.push_str(&format!("<mspace {space}><{tag}>"));
        rest = after;
    }
    out + rest
}

/// Whether every element that wants a number of others has so many (MathML Core, 3).
fn is_whole(math: &str) -> bool {
    let wanted = |name: &str| match name {
        "mfrac" | "mroot" | "munder" | "mover" | "msub" | "msup" => Some(2),
        "munderover" | "msubsup" => Some(3),
        _ => None,
    };
    let mut open: Vec<(&str, usize)> = Vec::new();
    for piece in math.split('<').skip(1) {
        let Some((tag, _)) = piece.split_once('>') else { return false };
        if let Some(name) = tag.strip_prefix('/') {
            match open.pop() {
                Some((known, count)) if known == name && wanted(name).is_none_or(|wanted| wanted == count) => {}
                _ => return false,
            }
            continue;
        }
        if let Some((_, count)) = open.last_mut() {
            *count += 1;
        }
        if !tag.ends_with('/') {
            open.push((tag.split([' ', '\n']).next().unwrap_or(tag), 0));
        }
    }
    open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_mathml_or_are_refused() {
        let math = inline(r"\frac{a}{b} < 1").unwrap();
        assert!(
            math.starts_with("<math ") && math.contains("<mfrac>") && math.contains("alttext=") && math.contains("<mo>&lt;</mo>"),
            "{math}"
        );
        assert!(inline(r"a \& b \text{x<y}").unwrap().contains("x&lt;y"));
        assert!(inline(r"\frac{a}{").is_none());
        let limits = display(r"\sum_{c} \max_{p} x \text{ 为奇数}").unwrap();
        assert!(is_whole(&limits) && !limits.contains("&nbsp;") && !limits.contains("<munder><mspace"), "{limits}");
        assert!(!is_whole("<math><msub><mi>a</mi></msub></math>"));
        assert!(display("a").unwrap().contains("display=\"block\""));
    }
}
