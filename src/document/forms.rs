//! The special forms for Chinese books, found in the text of a line after Markdown has been read:
//! `{版心|bǎn xīn}`, `[文字]{.dots}`, `{width=60%}` after an image, `[](#id){.page}`.

use super::{Attrs, Block, BlockKind, Inline, InlineKind, Link, Panel};
use crate::source::Span;

/// Reads the forms in one list of siblings.
pub(super) fn apply(inlines: &mut Vec<Inline>, source: &str) {
    let touched = inlines.iter().any(|inline| matches!(&inline.kind, InlineKind::Text(text) if text.contains('{')));
    if touched {
        *inlines = Reader { source, done: Vec::new(), open: Vec::new() }.read(std::mem::take(inlines));
    }
    for inline in inlines.iter_mut() {
        // A link without text is a cross-reference: its text comes from the target.
        if let InlineKind::Link(to @ Link::Written(_), content) = &inline.kind
            && content.is_empty()
        {
            inline.kind = InlineKind::Reference { to: to.clone(), page: inline.attrs.has("page"), text: String::new() };
        }
    }
}

struct Reader<'a> {
    source: &'a str,
    done: Vec<Inline>,
    /// Where in `done` a `[` stands that may open a span.
    open: Vec<usize>,
}

impl Reader<'_> {
    fn read(mut self, inlines: Vec<Inline>) -> Vec<Inline> {
        for inline in inlines {
            match inline.kind {
                InlineKind::Text(text) => self.text(&text, inline.span),
                _ => self.done.push(inline),
            }
        }
        // Brackets that stayed open are text.
        self.done.retain(|inline| !matches!(&inline.kind, InlineKind::Text(text) if text.is_empty()));
        join(self.done)
    }

    fn push_text(&mut self, text: &str, span: Span, offset: usize) {
        if !text.is_empty() {
            let start = (span.start as usize + offset).min(span.end as usize);
            let end = (start + text.len()).min(span.end as usize);
            self.done.push(Inline::new(InlineKind::Text(text.to_owned()), Span { start: start as u32, end: end as u32, ..span }));
        }
    }

    #[expect(clippy::string_slice, reason = "`plain` and `at` are ends of characters of `text`, `plain` never past `at`")]
    fn text(&mut self, text: &str, span: Span) {
        let escaped = self.source.get(..span.start as usize).is_some_and(|before| before.ends_with('\\'));
        let mut plain = 0;
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let c = rest.chars().next().unwrap_or(' ');
            let next = at + c.len_utf8();
            if escaped && at == 0 {
                at = next;
                continue;
            }
            match c {
                '[' => {
                    self.push_text(&text[plain..at], span, plain);
                    self.open.push(self.done.len());
                    self.push_text("[", span, at);
                    (plain, at) = (next, next);
                }
                ']' if rest[1..].starts_with('{') && !self.open.is_empty() => {
                    let Some((attrs, length)) = attributes(&rest[1..]) else {
                        at = next;
                        continue;
                    };
                    self.push_text(&text[plain..at], span, plain);
                    let from = self.open.pop().unwrap_or(0);
                    let inner = join(self.done.split_off(from).into_iter().skip(1).collect());
                    self.done.push(Inline { kind: InlineKind::Span(inner), attrs, span });
                    at = next + length;
                    plain = at;
                }
                ']' => {
                    self.open.pop();
                    at = next;
                }
                '{' if at == 0 && self.takes_attributes() => match attributes(rest) {
                    Some((attrs, length)) => {
                        if let Some(last) = self.done.last_mut() {
                            last.attrs.merge(attrs);
                        }
                        at = length;
                        plain = at;
                    }
                    None => at = self.ruby(text, span, at, &mut plain).unwrap_or(next),
                },
                '{' => at = self.ruby(text, span, at, &mut plain).unwrap_or(next),
                _ => at = next,
            }
        }
        self.push_text(&text[plain..], span, plain);
    }

    /// Reads a base with its reading at byte `at`; where it ends.
    #[expect(clippy::string_slice, reason = "`at` and `plain` are ends of characters of `text`, `plain` never past `at`")]
    fn ruby(&mut self, text: &str, span: Span, at: usize, plain: &mut usize) -> Option<usize> {
        let (pairs, length) = ruby(&text[at..])?;
        self.push_text(&text[*plain..at], span, *plain);
        let start = (span.start as usize + at) as u32;
        let place = Span { start: start.min(span.end), end: (start + length as u32).min(span.end), ..span };
        self.done.push(Inline::new(InlineKind::Ruby(pairs), place));
        *plain = at + length;
        Some(*plain)
    }

    /// Whether attributes may follow what was read last.
    fn takes_attributes(&self) -> bool {
        self.done.last().is_some_and(|last| {
            matches!(
                last.kind,
                InlineKind::Image(_) | InlineKind::Link(..) | InlineKind::Code(_) | InlineKind::Reference { .. } | InlineKind::Math(_)
            )
        })
    }
}

/// Joins neighbouring texts.
fn join(inlines: Vec<Inline>) -> Vec<Inline> {
    let mut joined: Vec<Inline> = Vec::with_capacity(inlines.len());
    for inline in inlines {
        if let (Some(Inline { kind: InlineKind::Text(last), span, .. }), InlineKind::Text(text)) = (joined.last_mut(), &inline.kind)
            && span.end == inline.span.start
        {
            last.push_str(text);
            span.end = inline.span.end;
        } else {
            joined.push(inline);
        }
    }
    joined
}

/// Reads `{#id .class key=value}` at the start of a text: the attributes and the bytes they take.
pub(super) fn attributes(text: &str) -> Option<(Attrs, usize)> {
    let end = text.find('}')?;
    let inner = text.strip_prefix('{')?.get(..end - 1)?;
    let mut attrs = Attrs::default();
    if inner.trim().is_empty() {
        return None;
    }
    for word in inner.split_whitespace() {
        if let Some(id) = word.strip_prefix('#').filter(|id| !id.is_empty()) {
            attrs.id = Some(id.to_owned());
        } else if let Some(class) = word.strip_prefix('.').filter(|class| !class.is_empty()) {
            attrs.classes.push(class.to_owned());
        } else {
            let (key, value) = word.split_once('=')?;
            let value = value.trim_matches(['"', '\'']);
            match key {
                "width" => attrs.width = Some(share(value)?),
                "start" => attrs.lines_from = Some(value.parse::<u32>().ok()? as usize),
                "lang" => attrs.language = Some(value.to_owned()),
                "id" => attrs.id = Some(value.to_owned()),
                "class" => attrs.classes.push(value.to_owned()),
                _ if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') => {}
                _ => return None,
            }
        }
    }
    Some((attrs, end + 1))
}

/// A width as a share of the measure: `60%`, or pixels of a page of 800.
pub(super) fn share(text: &str) -> Option<f64> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok()? / 100.0,
        None => text.trim_end_matches("px").parse::<f64>().ok()? / 800.0,
    };
    (share.is_finite() && share > 0.0).then(|| share.min(1.0))
}

/// Reads `{base|reading}`. A reading of as many words as the base has characters is set character by character.
fn ruby(text: &str) -> Option<(Vec<(String, String)>, usize)> {
    let (inner, _) = text.strip_prefix('{')?.split_once('}')?;
    let (base, reading) = inner.split_once('|')?;
    let (base, reading) = (base.trim(), reading.trim());
    if base.is_empty()
        || reading.is_empty()
        || inner.contains(['{', '\n'])
        || reading.contains('|') && reading.split('|').count() != base.chars().count()
    {
        return None;
    }
    let words: Vec<&str> = if reading.contains('|') { reading.split('|').collect() } else { reading.split_whitespace().collect() };
    let characters: Vec<char> = base.chars().collect();
    let pairs = if words.len() == characters.len() && words.len() > 1 {
        characters.iter().zip(words).map(|(c, word)| (c.to_string(), word.trim().to_owned())).collect()
    } else {
        vec![(base.to_owned(), reading.to_owned())]
    };
    Some((pairs, inner.len() + 2))
}

fn is_blank(inline: &Inline) -> bool {
    matches!(&inline.kind, InlineKind::Text(text) if text.trim().is_empty())
}

/// What a paragraph is: an image alone is a figure, display math alone is a displayed formula.
#[expect(clippy::indexing_slicing, reason = "the image is one of `inlines`, so that there is a first")]
pub(super) fn paragraph(inlines: Vec<Inline>) -> Vec<(BlockKind, Attrs)> {
    let mut solid = inlines.iter().filter(|inline| !is_blank(inline));
    match (solid.next(), solid.next()) {
        (None, _) => Vec::new(),
        (Some(Inline { kind: InlineKind::Image(image), attrs, span }), None) => {
            let caption =
                if image.title.is_empty() { Vec::new() } else { vec![Inline::new(InlineKind::Text(image.title.clone()), inlines[0].span)] };
            let panel = Panel { image: image.clone(), caption: Vec::new(), width: None, span: *span };
            vec![(BlockKind::Figure { panels: vec![panel], caption, number: None }, attrs.clone())]
        }
        (Some(Inline { kind: InlineKind::Math(source), attrs, .. }), None) if attrs.has("display") => {
            vec![(BlockKind::Math(source.clone()), Attrs::default())]
        }
        _ if inlines
            .iter()
            .all(|inline| is_blank(inline) || matches!(&inline.kind, InlineKind::Image(image) if !image.title.is_empty())) =>
        {
            // Images with captions that share a paragraph are figures, one after the other.
            inlines.into_iter().filter(|inline| !is_blank(inline)).flat_map(|inline| paragraph(vec![inline])).collect()
        }
        _ => vec![(BlockKind::Paragraph(trim_end(inlines)), Attrs::default())],
    }
}

/// What stands in `::: figure`: its images side by side, each with its own caption, and the last text as the caption of the
/// whole. Gives back the blocks where no image is among them; what is neither image nor caption follows the figure.
pub(super) fn figures(blocks: Vec<Block>) -> Result<(BlockKind, Vec<Block>), Vec<Block>> {
    let all_images = |content: &[Inline]| {
        content.iter().any(|inline| matches!(inline.kind, InlineKind::Image(_)))
            && content.iter().all(|inline| is_blank(inline) || matches!(inline.kind, InlineKind::Image(_) | InlineKind::Break))
    };
    let holds_images = |block: &Block| match &block.kind {
        BlockKind::Figure { .. } => true,
        BlockKind::Paragraph(content) => all_images(content),
        _ => false,
    };
    if !blocks.iter().any(holds_images) {
        return Err(blocks);
    }
    let (mut panels, mut caption, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for block in blocks {
        let images = holds_images(&block);
        match block.kind {
            BlockKind::Figure { panels: own, caption, .. } => {
                let width = block.attrs.width;
                panels.extend(own.into_iter().map(|panel| Panel { caption: caption.clone(), width: width.or(panel.width), ..panel }));
            }
            BlockKind::Paragraph(content) if images => {
                for Inline { kind, attrs, span } in content {
                    if let InlineKind::Image(image) = kind {
                        let title = Inline::new(InlineKind::Text(image.title.clone()), span);
                        let caption = if image.title.is_empty() { Vec::new() } else { vec![title] };
                        panels.push(Panel { image, caption, width: attrs.width, span });
                    }
                }
            }
            BlockKind::Paragraph(content) if caption.is_empty() => caption = content,
            kind => rest.push(Block { kind, ..block }),
        }
    }
    if let [only] = panels.as_mut_slice()
        && caption.is_empty()
    {
        caption = std::mem::take(&mut only.caption);
    }
    Ok((BlockKind::Figure { panels, caption, number: None }, rest))
}

fn trim_end(mut inlines: Vec<Inline>) -> Vec<Inline> {
    while inlines.last().is_some_and(|last| is_blank(last) || matches!(last.kind, InlineKind::Break)) {
        inlines.pop();
    }
    inlines
}

/// Takes `{#id}` off the end of a heading that raw HTML or a trailing text gave.
pub(super) fn trailing_attributes(mut inlines: Vec<Inline>) -> (Vec<Inline>, Attrs) {
    let mut found = Attrs::default();
    if let Some(Inline { kind: InlineKind::Text(text), .. }) = inlines.last_mut()
        && text.trim_end().ends_with('}')
        && let Some((before, braced)) = text.rfind('{').and_then(|at| text.split_at_checked(at))
        && let Some((attrs, _)) = attributes(braced)
    {
        found = attrs;
        let kept = before.trim_end().len();
        text.truncate(kept);
    }
    (trim_end(inlines), found)
}

/// The caption in a paragraph `表：…`, `Table: …`, `: …` after a table.
pub(super) fn table_caption(content: &[Inline]) -> Option<(Vec<Inline>, Attrs)> {
    let [first @ Inline { kind: InlineKind::Text(text), .. }, others @ ..] = content else { return None };
    let rest = ["表：", "表:", "Table: ", "Table：", ": ", "： "].iter().find_map(|lead| text.strip_prefix(lead))?.trim_start().to_owned();
    let mut caption = vec![Inline { kind: InlineKind::Text(rest), ..first.clone() }];
    caption.extend_from_slice(others);
    Some(trailing_attributes(caption))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_or_refused_whole() {
        let (attrs, length) = attributes("{#fig-1 .wide width=60%} rest").unwrap();
        assert_eq!((attrs.id.as_deref(), attrs.width, length), (Some("fig-1"), Some(0.6), 24));
        assert!(attributes("{这不是属性}").is_none());
        assert!(attributes("{}").is_none());
    }

    #[test]
    fn a_reading_of_as_many_words_as_characters_is_paired() {
        let (pairs, _) = ruby("{版心|bǎn xīn}").unwrap();
        assert_eq!(pairs, [("版".into(), "bǎn".into()), ("心".into(), "xīn".into())]);
        let (pairs, _) = ruby("{东京|とうきょう}").unwrap();
        assert_eq!(pairs.len(), 1);
    }
}
