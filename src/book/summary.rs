//! mdBook's `SUMMARY.md`: prefix chapters, parts, numbered chapters by indentation, separators, drafts, suffix chapters.

use super::Listed;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::manifest::Matter;
use crate::source::{FileId, Span};
use crate::text;

/// Reads the list. Lines that are none of its forms are reported and passed over.
pub(super) fn read(file: FileId, source: &str, sink: &Sink) -> Vec<Listed> {
    let mut listed: Vec<Listed> = Vec::new();
    let mut indents: Vec<usize> = Vec::new();
    let mut numbered = false;
    let mut at = 0;
    let mut comment = false;
    let mut titled = false;
    for line in source.split('\n') {
        let span = Span::new(file, at..at + line.len());
        at += line.len() + 1;
        let text = line.trim();
        if comment || text.starts_with("<!--") {
            comment = !text.contains("-->");
            continue;
        }
        if text.is_empty() || (text.len() >= 3 && text.chars().all(|c| "-*_".contains(c))) {
            continue;
        }
        if let Some(heading) = text.strip_prefix('#') {
            let heading = heading.trim_start_matches('#').trim();
            // The first heading, before any chapter, is the file's own title.
            if titled || !listed.is_empty() {
                listed.push(Listed { path: None, title: Some(heading.to_owned()), depth: 0, matter: Matter::Main });
            }
            titled = true;
            continue;
        }
        titled = true;
        let indent = line.len() - line.trim_start().len();
        let (item, rest) = match bullet(text) {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let Some((title, path)) = link(rest) else {
            let report =
                Diagnostic::new(Code::SummarySyntax, text!("this line is no chapter, part or separator", "这一行不是章节、编名或分隔线"));
            sink.report(report.at(span).advise(text!("write - [Title](file.md), # Part or ---", "写成 - [标题](文件.md)、# 编名 或 ---")));
            continue;
        };
        let depth = if item {
            numbered = true;
            while indents.last().is_some_and(|last| *last >= indent) {
                indents.pop();
            }
            indents.push(indent);
            indents.len() - 1
        } else {
            indents.clear();
            0
        };
        // A draft has a title and no file: it is not part of the book yet.
        if !path.is_empty() {
            let matter = if item {
                Matter::Main
            } else if numbered {
                Matter::Back
            } else {
                Matter::Front
            };
            listed.push(Listed { path: Some((path, span)), title: Some(title), depth, matter });
        }
    }
    listed
}

fn bullet(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix(['-', '*', '+']) {
        return rest.starts_with([' ', '\t', '[']).then(|| rest.trim_start());
    }
    let after = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = after.strip_prefix(['.', ')'])?;
    (after.len() < text.len()).then(|| rest.trim_start())
}

/// `[title](path)`: both, the path without `./` and percent signs.
fn link(text: &str) -> Option<(String, String)> {
    let (title, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (path, _) = rest.rsplit_once(')')?;
    let path = path.trim().trim_start_matches('<').trim_end_matches('>');
    let path = path.split(" \"").next().unwrap_or(path);
    let title = title.replace("\\", "").replace(['`', '*'], "");
    Some((title, crate::source::percent_decode(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_summary_is_read() {
        let source = "# Summary\n\n[前言](pre.md)\n\n# 上编\n\n- [一](1.md)\n  - [一之一](1/1.md)\n- [草稿]()\n---\n- [二](<a b.md>)\n\n[后记](post.md)\n";
        let sink = Sink::default();
        let list = read(FileId(0), source, &sink);
        let shape: Vec<_> =
            list.iter().map(|entry| (entry.title.as_deref().unwrap_or(""), entry.depth, entry.matter, entry.path.is_some())).collect();
        assert_eq!(
            shape,
            [
                ("前言", 0, Matter::Front, true),
                ("上编", 0, Matter::Main, false),
                ("一", 0, Matter::Main, true),
                ("一之一", 1, Matter::Main, true),
                ("二", 0, Matter::Main, true),
                ("后记", 0, Matter::Back, true),
            ]
        );
        assert!(sink.sorted().is_empty());
    }
}
