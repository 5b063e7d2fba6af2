//! Raw HTML in Markdown, read into the model. An element that is not known keeps its text and is reported;
//! scripts, styles and event handlers never get further than here.

use super::builder::{Builder, By, Open, image};
use super::{Attrs, BlockKind, Callout, Container, InlineKind, forms};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::text;
use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};

/// Elements whose content is dropped with them.
const DROPPED: &[&str] = &["script", "style", "iframe", "object", "embed", "applet", "template", "title", "link", "meta", "base"];
/// Elements without content.
const VOID: &[&str] = &["br", "hr", "img", "input", "wbr", "col", "meta", "link", "source", "area", "base", "track", "param"];
/// Elements that say nothing that the model needs; their content stands as it is.
const TRANSPARENT: &[&str] = &[
    "html", "head", "body", "tbody", "tfoot", "colgroup", "col", "source", "picture", "wbr", "rb", "rtc", "hgroup", "noscript", "area",
    "nobr", "param", "track",
];

/// Reads a piece of HTML that starts at byte `start` of the chapter.
pub(super) fn read(html: &str, start: usize, builder: &mut Builder<'_>, sink: &Sink) {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    let mut skipping: Option<String> = None;
    let mut listing: Option<String> = None;
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Token::StartTag(tag) => {
                let range = start + tag.span.start.min(html.len())..start + tag.span.end.min(html.len());
                let name = string(&tag.name);
                if skipping.as_deref() == Some("rp") && matches!(name.as_str(), "rt" | "rb" | "rp" | "rtc") {
                    skipping = None;
                }
                if skipping.is_some() {
                    continue;
                }
                if name == "rp" {
                    // Brackets for readers without ruby: every output makes its own.
                    skipping = Some(name);
                    continue;
                }
                if DROPPED.contains(&name.as_str()) {
                    report_dropped(&name, range, builder, sink);
                    if !tag.self_closing && !VOID.contains(&name.as_str()) {
                        skipping = Some(name);
                    }
                } else if name == "pre" {
                    listing.get_or_insert_default();
                } else if let Some(text) = &mut listing {
                    if name == "br" {
                        text.push('\n');
                    }
                } else {
                    element(&name, &tag, range, builder, sink);
                }
            }
            Token::EndTag(tag) => {
                let name = string(&tag.name);
                if skipping.as_deref() == Some("rp") && name == "ruby" {
                    skipping = None;
                    builder.close_html(&name);
                } else if skipping.as_deref() == Some(name.as_str()) {
                    skipping = None;
                } else if name == "pre"
                    && let Some(text) = listing.take()
                {
                    let text = text.trim_matches('\n').to_owned();
                    let kind = BlockKind::Code { language: String::new(), text, highlights: Vec::new() };
                    builder.block(kind, Attrs::default(), start..start + html.len());
                } else if listing.is_none() && skipping.is_none() {
                    builder.close_html(&name);
                }
            }
            Token::String(text) => {
                let value = String::from_utf8_lossy(&text.value).into_owned();
                let range = start + text.span.start.min(html.len())..start + text.span.end.min(html.len());
                match (&mut listing, &skipping) {
                    (Some(listing), _) => listing.push_str(&value),
                    (None, None) => builder.text(&collapse(&value), range),
                    (None, Some(_)) => {}
                }
            }
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    if let Some(text) = listing {
        let kind = BlockKind::Code { language: String::new(), text: text.trim_matches('\n').to_owned(), highlights: Vec::new() };
        builder.block(kind, Attrs::default(), start..start + html.len());
    }
}

fn string(text: &HtmlString) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// White space in HTML is one space, and nothing between Chinese characters.
fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(['\n', '\t', '\r']) {
        out.push_str(before.trim_end_matches(' '));
        rest = after.trim_start_matches(['\n', '\t', '\r', ' ']);
        let silent =
            matches!((out.chars().next_back(), rest.chars().next()), (Some(a), Some(b)) if crate::script::without_soft_break(a, b));
        if !silent {
            out.push(' ');
        }
    }
    out.push_str(rest);
    out
}

fn report_dropped(name: &str, range: std::ops::Range<usize>, builder: &Builder<'_>, sink: &Sink) {
    let report = Diagnostic::new(Code::DroppedElement, text!("<{name}> is left out", "<{name}> 被略去"));
    sink.report(
        report
            .at(builder.span(range))
            .advise(text!("a book runs no scripts and keeps its styles in the theme", "书不运行脚本，样式由主题决定")),
    );
}

/// Opens one element, or adds it where it has no content.
fn element(name: &str, tag: &StartTag<usize>, range: std::ops::Range<usize>, builder: &mut Builder<'_>, sink: &Sink) {
    let value = |key: &str| tag.attributes.get(key.as_bytes()).map(|value| String::from_utf8_lossy(&value.value).into_owned());
    if let Some((handler, _)) = tag.attributes.iter().find(|(key, _)| key.starts_with(b"on")) {
        let handler = string(handler);
        report_dropped(&format!("{name} {handler}"), range.clone(), builder, sink);
    }
    let attrs = Attrs {
        lines_from: None,
        id: value("id").filter(|id| !id.trim().is_empty()),
        classes: value("class").map(|list| list.split_whitespace().map(str::to_owned).collect()).unwrap_or_default(),
        width: value("width").and_then(|width| forms::share(&width)),
        language: value("lang").or_else(|| value("xml:lang")),
    };
    let mut attrs = attrs;
    if name == "em" {
        attrs.classes.push("em".into());
    }
    let count =
        |key: &str| value(key).and_then(|text| text.trim().parse::<usize>().ok()).filter(|count| (1..1000).contains(count)).unwrap_or(1);
    let open = match name {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "div" | "section" | "center" | "address" if builder.inside_line() => Open::Span,
        "div" if builder.among_terms() => return,
        "p" => Open::Paragraph,
        "h1" => Open::Heading(1),
        "h2" => Open::Heading(2),
        "h3" => Open::Heading(3),
        "h4" => Open::Heading(4),
        "h5" => Open::Heading(5),
        "h6" => Open::Heading(6),
        "blockquote" => Open::Quote,
        "center" => Open::Container(Container::Center),
        "div" | "section" | "article" | "header" | "footer" | "main" | "aside" | "nav" | "details" | "address" | "fieldset" | "form"
        | "dialog" => match attrs.classes.first().map(String::as_str) {
            Some("verse" | "poem") => Open::Container(Container::Verse),
            Some("epigraph") => Open::Container(Container::Epigraph),
            Some("warning") => Open::Callout(Callout::Warning),
            Some("note") => Open::Callout(Callout::Note),
            _ => match value("align").or_else(|| value("style").and_then(|style| alignment(&style))).as_deref() {
                Some("center") => Open::Container(Container::Center),
                Some("right") => Open::Container(Container::Right),
                _ => Open::Container(Container::Plain),
            },
        },
        "summary" | "legend" => {
            builder.open(Open::Paragraph, By::Html, name, Attrs::default(), range.clone());
            return builder.open(Open::Strong, By::Html, "summary text", Attrs::default(), range);
        }
        "ul" | "menu" | "dir" => Open::List { start: None },
        // A browser takes no larger number either.
        "ol" => Open::List { start: Some(value("start").and_then(|text| text.parse::<u32>().ok()).unwrap_or(1).into()) },
        "li" => Open::Item,
        "dl" => Open::Definitions,
        "dt" => Open::Term,
        "dd" => Open::Meaning,
        "table" => Open::Table(Vec::new()),
        "thead" => Open::Head,
        "tr" => Open::Row,
        "td" | "th" => Open::Cell { header: name == "th", columns: count("colspan"), rows: count("rowspan") },
        "caption" | "figcaption" => Open::Caption,
        "figure" => Open::Figure,
        "em" | "i" | "cite" | "dfn" | "var" => Open::Emphasis,
        "strong" | "b" => Open::Strong,
        "del" | "s" | "strike" => Open::Strike,
        "u" | "ins" => Open::Underline,
        "sub" => Open::Subscript,
        "sup" => Open::Superscript,
        "code" | "tt" | "samp" | "kbd" => Open::Code,
        "span" | "font" | "mark" | "small" | "big" | "abbr" | "acronym" | "q" | "time" | "label" | "bdi" | "bdo" | "data" | "output"
        | "button" => Open::Span,
        "a" => match value("href") {
            Some(to) => Open::Link(to),
            None => Open::Span,
        },
        "ruby" => Open::Ruby,
        "rt" => {
            builder.close_html("rb");
            Open::RubyText
        }
        "br" => return builder.inline(InlineKind::Break, attrs, range),
        "hr" => return builder.block(BlockKind::Rule, attrs, range),
        "img" => {
            let picture = image(&value("src").unwrap_or_default(), &value("alt").unwrap_or_default(), &value("title").unwrap_or_default());
            return builder.inline(InlineKind::Image(picture), attrs, range);
        }
        "input" => {
            if value("type").as_deref() == Some("checkbox") {
                builder.task(tag.attributes.contains_key(b"checked".as_slice()));
            }
            return;
        }
        _ if TRANSPARENT.contains(&name) => return,
        _ => {
            let report =
                Diagnostic::new(Code::UnknownElement, text!("<{name}> is not known; its text is kept", "不认识 <{name}>，其中文字保留"));
            sink.report(
                report
                    .at(builder.span(range))
                    .advise(text!("write it in Markdown, or leave the tag out", "改用 Markdown 写法，或去掉这个标签")),
            );
            return;
        }
    };
    if tag.self_closing && !matches!(open, Open::Link(_) | Open::Span) {
        return;
    }
    builder.open(open, By::Html, name, attrs, range.clone());
    if tag.self_closing {
        builder.close_html(name);
    }
}

fn alignment(style: &str) -> Option<String> {
    let (_, rest) = style.split_once("text-align")?;
    Some(rest.trim_start_matches([':', ' ']).split([';', ' ']).next()?.trim().to_owned())
}
