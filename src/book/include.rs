//! mdBook's `{{#include file}}`, with line ranges and anchors, so that its books build as they stand.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::{FileId, LARGEST_TEXT, Span, read_below, resolve};
use crate::text;
use std::path::Path;

/// How deep files may include one another.
const DEPTH: usize = 8;

/// The text with its includes put in place. A file that cannot be read is reported and leaves its directive.
pub(super) fn expand(root: &Path, below: &Path, file: FileId, source: &str, sink: &Sink) -> String {
    expand_nested(root, below, source, DEPTH, &mut |range, path| {
        let report = Diagnostic::new(Code::MissingFile, text!("cannot include \"{path}\"", "无法引入“{path}”"));
        sink.report(report.at(Span::new(file, range)).advise(text!("paths are relative to this file", "路径以本文件所在目录为准")));
    })
}

#[expect(clippy::string_slice, reason = "all ends come from `find` on the same text, and `}}` is found past `{{#`")]
fn expand_nested(root: &Path, below: &Path, source: &str, depth: usize, missing: &mut dyn FnMut(std::ops::Range<usize>, &str)) -> String {
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while let Some(found) = source[at..].find("{{#") {
        let start = at + found;
        let Some(length) = source[start..].find("}}") else { break };
        let end = start + length + 2;
        out.push_str(&source[at..start]);
        at = end;
        let directive = &source[start + 3..end - 2];
        let (name, argument) = directive.split_once(char::is_whitespace).unwrap_or((directive, ""));
        if source[..start].ends_with('\\') {
            out.pop();
            out.push_str(&source[start..end]);
            continue;
        }
        match name {
            "include" | "rustdoc_include" | "playground" | "playpen" => {
                let argument = argument.split_whitespace().next().unwrap_or("");
                let (path, part) = argument.split_once(':').map_or((argument, None), |(path, part)| (path, Some(part)));
                let included = resolve(below, path)
                    .and_then(|path| Some((String::from_utf8(read_below(root, &path, LARGEST_TEXT).ok()?).ok()?, path)));
                match included {
                    Some((text, path)) if depth > 0 => {
                        let text = select(&text.replace("\r\n", "\n"), part);
                        out.push_str(&expand_nested(root, &path, text.trim_end_matches('\n'), depth - 1, missing));
                    }
                    _ => {
                        missing(start..end, path);
                        out.push_str(&source[start..end]);
                    }
                }
            }
            "title" => {}
            _ => out.push_str(&source[start..end]),
        }
    }
    out.push_str(&source[at..]);
    out
}

/// A range of lines `2:5`, `:5`, `2:`, one line `2`, or the lines between `ANCHOR: name` and `ANCHOR_END: name`.
fn select(text: &str, part: Option<&str>) -> String {
    let anchor_line = |line: &str| line.contains("ANCHOR: ") || line.contains("ANCHOR_END: ");
    let Some(part) = part else {
        return text.lines().filter(|line| !anchor_line(line)).collect::<Vec<_>>().join("\n");
    };
    let (from, to) = part.split_once(':').unwrap_or((part, part));
    let number = |text: &str, default: usize| if text.is_empty() { Some(default) } else { text.parse().ok() };
    match (number(from, 1), number(to, usize::MAX)) {
        (Some(from), Some(to)) => {
            text.lines().skip(from.saturating_sub(1)).take(to.saturating_sub(from.saturating_sub(1))).collect::<Vec<_>>().join("\n")
        }
        _ => {
            let marker = |line: &str, word: &str| line.split(word).nth(1).is_some_and(|rest| rest.split_whitespace().next() == Some(part));
            text.lines()
                .skip_while(|line| !marker(line, "ANCHOR: "))
                .skip(1)
                .take_while(|line| !marker(line, "ANCHOR_END: "))
                .filter(|line| !anchor_line(line))
                .collect::<Vec<_>>()
                .join("\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_file_are_selected_by_line_and_by_anchor() {
        let text = "a\n// ANCHOR: x\nb\n// ANCHOR_END: x\nc";
        assert_eq!(select(text, Some("x")), "b");
        assert_eq!(select(text, Some("3")), "b");
        assert_eq!(select(text, Some("3:")), "b\n// ANCHOR_END: x\nc");
        assert_eq!(select(text, None), "a\nb\nc");
    }
}
