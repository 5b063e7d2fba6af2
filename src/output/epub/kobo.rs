//! Kobo's own reader (kepub) counts the text in spans: each sentence in one, with the number of its paragraph and its own, so
//! that places and marks stay where they are. The numbers are kepubify's: a paragraph, a list, a table or a heading begins a
//! number, an image is a number of its own. Chinese sentences are divided at their marks as well. Numbers, once released, must
//! stay: readers' marks hang on them.

use crate::script;
use std::fmt::Write;

/// Elements that begin a paragraph's number.
const BLOCKS: [&str; 10] = ["p", "ol", "ul", "table", "h1", "h2", "h3", "h4", "h5", "h6"];

/// Elements whose text stays as it is; of ruby, the base alone is counted; lists of links are no reading.
const CLOSED: [&str; 10] = ["script", "style", "pre", "audio", "video", "svg", "math", "rp", "rt", "nav"];

/// What Kobo's reader puts its columns on.
const STYLE: &str = "<style type=\"text/css\" id=\"kobostylehacks\">div#book-inner { margin-top: 0; margin-bottom: 0; }</style>\n";

/// A page with its sentences in spans, and what Kobo's reader expects around them. A piece of a page gets the spans alone.
pub(super) fn spanned(page: &str) -> String {
    let mut out = String::with_capacity(page.len() * 2);
    let (head, body) = page.split_once("<body>").unwrap_or(("", page));
    if !head.is_empty() {
        out.push_str(&head.replacen("</head>", &format!("{STYLE}</head>"), 1));
        out.push_str("<body>");
        out.push_str("<div id=\"book-columns\"><div id=\"book-inner\">");
    }
    let (body, tail) = body.split_once("</body>").map_or((body, None), |(body, tail)| (body, Some(tail)));
    let mut counter = Counter::default();
    let mut closed: Option<&str> = None;
    let mut open: Vec<&str> = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        counter.text(before, closed.is_some(), open.last().copied(), &mut out);
        let (tag, after) = from.split_at(from.find('>').map_or(from.len(), |end| end + 1));
        rest = after;
        let name = tag.trim_start_matches(['<', '/']).split([' ', '>', '/', '\n']).next().unwrap_or("");
        if tag.starts_with("</") {
            open.pop();
            if closed == Some(name) && !open.contains(&name) {
                closed = None;
            }
            out.push_str(tag);
            continue;
        }
        let image = name == "img" && closed.is_none();
        if image {
            counter.image(&mut out);
        }
        out.push_str(tag);
        if image {
            out.push_str("</span>");
        }
        if !tag.ends_with("/>") {
            open.push(name);
            if CLOSED.contains(&name) && closed.is_none() {
                closed = Some(name);
            }
        }
        counter.begins |= BLOCKS.contains(&name);
    }
    counter.text(rest, closed.is_some(), open.last().copied(), &mut out);
    if let Some(tail) = tail {
        out.push_str(if head.is_empty() { "</body>" } else { "</div></div></body>" });
        out.push_str(tail);
    }
    out
}

/// The number of a paragraph and of a sentence in it.
#[derive(Default)]
struct Counter {
    paragraph: usize,
    sentence: usize,
    /// Whether the next sentence begins a paragraph.
    begins: bool,
}

impl Counter {
    fn text(&mut self, text: &str, closed: bool, parent: Option<&str>, out: &mut String) {
        if closed {
            out.push_str(text);
            return;
        }
        for sentence in sentences(text) {
            if sentence.chars().all(char::is_whitespace) && parent != Some("p") {
                out.push_str(sentence);
                continue;
            }
            if self.begins {
                (self.paragraph, self.sentence, self.begins) = (self.paragraph + 1, 0, false);
            }
            self.sentence += 1;
            let _ = write!(out, "<span class=\"koboSpan\" id=\"kobo.{}.{}\">{sentence}</span>", self.paragraph, self.sentence);
        }
    }

    fn image(&mut self, out: &mut String) {
        (self.paragraph, self.sentence, self.begins) = (self.paragraph + 1, 1, false);
        let _ = write!(out, "<span class=\"koboSpan\" id=\"kobo.{}.1\">", self.paragraph);
    }
}

/// Divides text after each sentence: after a Western stop, a mark that closes and the space that follows; after a Chinese stop
/// and what closes with it.
#[expect(clippy::string_slice, reason = "`start` and `end` are places of characters of `text`, or its end, in order")]
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let mut at = 0;
    while let Some((_, c)) = characters.get(at).copied() {
        let chinese = script::ends_sentence(c);
        if !chinese && !matches!(c, '.' | '!' | '?') {
            at += 1;
            continue;
        }
        let mut next = at + 1;
        let is = |next: usize, test: &dyn Fn(char) -> bool| characters.get(next).is_some_and(|(_, c)| test(*c));
        while is(next, &|c| script::is_closing_mark(c) || chinese && script::ends_sentence(c) || c == '\'') {
            next += 1;
        }
        let spaced = is(next, &|c| c.is_ascii_whitespace());
        while is(next, &|c| c.is_ascii_whitespace()) {
            next += 1;
        }
        if chinese || spaced {
            let end = characters.get(next).map_or(text.len(), |(place, _)| *place);
            found.push(&text[start..end]);
            start = end;
        }
        at = next;
    }
    if start < text.len() {
        found.push(&text[start..]);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_numbered_within_their_paragraphs() {
        let page = "<head></head><body>\n<h1>题</h1>\n<p>甲。乙！”<em>丙</em></p>\n<ul><li><p>One. Two</p></li></ul><p><img src=\"a\"/>丁</p><pre>x. y</pre></body>";
        let out = spanned(page);
        let ids: Vec<&str> = out.split("id=\"kobo.").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(ids, ["1.1", "2.1", "2.2", "2.3", "3.1", "3.2", "4.1", "4.2"]);
        assert!(out.contains("id=\"kobo.2.2\">乙！”</span>") && out.contains("<pre>x. y</pre>"));
        assert!(out.contains("<body><div id=\"book-columns\"><div id=\"book-inner\">") && out.ends_with("</div></div></body>"));
    }

    #[test]
    fn a_stop_within_a_number_ends_nothing() {
        assert_eq!(sentences("3.14 is pi. Yes."), ["3.14 is pi. ", "Yes."]);
        assert_eq!(sentences("“好。”他说……再见。"), ["“好。”", "他说……再见。"]);
        assert!(sentences("").is_empty());
    }
}
