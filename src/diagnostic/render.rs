//! Renderings of a diagnostic: with a picture of the line for people, one JSON object a line for programs.

use super::{Diagnostic, Language, Place, Severity};
use crate::source::{Sources, Span};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

/// For people: code, message, the place as `path:line:column`, a picture of the line, advice.
pub fn human(diagnostic: &Diagnostic, sources: &Sources, language: Language, colour: bool) -> String {
    let (level, help) = match (diagnostic.severity(), language) {
        (Severity::Error, Language::English) => (Level::ERROR, "help"),
        (Severity::Warning, Language::English) => (Level::WARNING, "help"),
        (Severity::Error, Language::Chinese) => (Level::ERROR.with_name(Some("错误")), "办法"),
        (Severity::Warning, Language::Chinese) => (Level::WARNING.with_name(Some("警告")), "办法"),
    };
    let title = level.primary_title(diagnostic.message.in_language(language)).id(diagnostic.code.name());
    let excerpt;
    let mut group = match &diagnostic.place {
        Some(Place::Span(span)) => {
            excerpt = Excerpt::around(sources, *span);
            let annotation = AnnotationKind::Primary.span(excerpt.marked.clone());
            let snippet = Snippet::source(&excerpt.text).line_start(excerpt.line).annotation(annotation);
            title.element(Origin::path(&excerpt.path).line(excerpt.line).char_column(excerpt.column)).element(snippet)
        }
        Some(Place::File(path)) => title.element(Origin::path(path)),
        None => annotate_snippets::Group::with_title(title),
    };
    if let Some(advice) = &diagnostic.advice {
        group = group.element(Level::HELP.with_name(Some(help)).message(advice.in_language(language)));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let rendered = renderer.decor_style(DecorStyle::Ascii).term_width(100).render(&[group]);
    // The place stands above the picture already; the renderer would name the picture's own once more.
    rendered.lines().filter(|line| !line.trim_end().ends_with(":::")).collect::<Vec<_>>().join("\n")
}

/// For programs: `code`, `severity`, `message`, `advice`, `file`, `line`, `column` (from 1, in characters).
#[expect(clippy::indexing_slicing, reason = "`json!` makes an object here, which takes any key")]
pub fn json(diagnostic: &Diagnostic, sources: &Sources, language: Language) -> String {
    let severity = match diagnostic.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut object = serde_json::json!({
        "code": diagnostic.code.name(),
        "severity": severity,
        "message": diagnostic.message.in_language(language),
        "advice": diagnostic.advice.as_ref().map(|advice| advice.in_language(language)),
    });
    match &diagnostic.place {
        Some(Place::Span(span)) => {
            let at = sources.line_column(*span);
            object["file"] = sources.get(span.file).path.clone().into();
            object["line"] = at.line.into();
            object["column"] = at.column.into();
        }
        Some(Place::File(path)) => object["file"] = path.clone().into(),
        None => {}
    }
    object.to_string()
}

/// The line of a span, cut to a width that a terminal shows: Chinese paragraphs are one long line each.
struct Excerpt {
    path: String,
    line: usize,
    column: usize,
    text: String,
    marked: std::ops::Range<usize>,
}

/// Characters kept before and after the marked place.
const CONTEXT: usize = 20;

impl Excerpt {
    #[expect(clippy::string_slice, reason = "each end is a boundary of `text`, floored or found in it, and they stand in this order")]
    fn around(sources: &Sources, span: Span) -> Excerpt {
        let source = sources.get(span.file);
        let text = &source.text;
        let at = sources.line_column(span);
        let start = floor_boundary(text, span.start as usize);
        let line_start = text[..start].rfind('\n').map_or(0, |found| found + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |found| start + found);
        let end = floor_boundary(text, span.end as usize).clamp(start, line_end.max(start));
        let from = text[line_start..start].char_indices().rev().nth(CONTEXT - 1).map_or(line_start, |(at, _)| line_start + at);
        let marked_end = text[start..end].char_indices().nth(CONTEXT * 2).map_or(end, |(at, _)| start + at);
        let to = text[marked_end..line_end].char_indices().nth(CONTEXT).map_or(line_end, |(at, _)| marked_end + at);
        let before = if from > line_start { "…" } else { "" };
        let after = if to < line_end { "…" } else { "" };
        let shift = before.len();
        Excerpt {
            path: source.path.clone(),
            line: at.line,
            column: at.column,
            text: format!("{before}{}{after}", &text[from..to]),
            marked: shift + start - from..shift + marked_end - from,
        }
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
