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
    // Characters of its own that XML does not know by name.
    let words = source.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    Some(out.replacen("<math ", &format!("<math alttext=\"{}\" ", words.split_whitespace().collect::<Vec<_>>().join(" ")), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_mathml_or_are_refused() {
        let math = inline(r"\frac{a}{b} < 1").unwrap();
        assert!(math.starts_with("<math ") && math.contains("<mfrac>") && math.contains("alttext="), "{math}");
        assert!(inline(r"\frac{a}{").is_none());
        assert!(display("a").unwrap().contains("display=\"block\""));
    }
}
