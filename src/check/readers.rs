//! What a family of readers will not take, or will show otherwise than it is written: told before the upload does.

use crate::Project;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document::{BlockKind, Format, InlineKind, Table, visit_blocks, visit_each_inline, visit_images};
use crate::output::epub::{Profile, faults, must_change};
use crate::source::{Span, shown};
use crate::text;
use std::collections::BTreeSet;

/// Holds a book against what a family of readers takes.
pub fn readers(project: &Project, profile: &Profile, sink: &Sink) {
    let name = profile.name;
    let say = |code, span: Option<Span>, message, advice| {
        let report = Diagnostic::new(code, message).advise(advice);
        sink.report(match span {
            Some(span) => report.at(span),
            None => report.in_file("book.toml"),
        });
    };
    let manifest = &project.loaded.manifest;
    let tag = &manifest.book.language;
    let primary = tag.split('-').next().unwrap_or("").to_ascii_lowercase();
    if !profile.languages.is_empty() && !profile.languages.contains(&primary.as_str()) {
        let message = text!("{name} is not known to take books in \"{tag}\"", "{name} 未必接受语言为“{tag}”的书");
        say(
            Code::ReaderLanguage,
            None,
            message,
            text!("see whether the language is right: language = \"zh-CN\"", "请核对 language，如 \"zh-CN\""),
        );
    }
    cover(project, profile, &say);
    let depth = project.manuscript.outline.iter().map(|heading| heading.level + 1).max().unwrap_or(0);
    let shown_depth = depth.min(project.manuscript.listed_levels(manifest.epub.toc_depth));
    if shown_depth > profile.toc_depth {
        let most = profile.toc_depth;
        let message =
            text!("the contents have {shown_depth} levels; {name} shows {most}", "目录有 {shown_depth} 级，{name} 只显示 {most} 级");
        say(Code::ReaderContents, None, message, text!("set [epub] toc-depth", "可设 [epub] toc-depth"));
    }
    images(project, profile, &say);
    blocks(project, profile, &say);
}

type Say<'a> = dyn Fn(Code, Option<Span>, crate::diagnostic::Text, crate::diagnostic::Text) + 'a;

fn cover(project: &Project, profile: &Profile, say: &Say<'_>) {
    let (name, (least_short, least_long)) = (profile.name, profile.cover_least);
    let Some(media) = project.manuscript.cover.as_ref().and_then(|path| project.manuscript.media.get(path)) else { return };
    let span = project.loaded.manifest.book.cover.as_ref().map(|cover| project.loaded.span(cover));
    let (short, long) = (media.width.min(media.height), media.width.max(media.height));
    if media.format != Format::Svg && (short < least_short || long < least_long) {
        let message = text!(
            "the cover is {short} × {long} pixels; {name} asks for {least_short} × {least_long} at the least",
            "封面为 {short} × {long} 像素，{name} 要求至少 {least_short} × {least_long}"
        );
        say(Code::ReaderCover, span, message, text!("use a larger image, 1600 × 2560 if you can", "请换较大的图，最好 1600 × 2560"));
    }
    if media.width > media.height {
        let message = text!("the cover is wider than it is high", "封面宽大于高");
        say(
            Code::ReaderCover,
            span,
            message,
            text!("readers show covers upright: use an image of about 5 to 8", "阅读器的封面是竖的，宜用约 5 比 8 的图"),
        );
    }
}

fn images(project: &Project, profile: &Profile, say: &Say<'_>) {
    let (name, mut told) = (profile.name, BTreeSet::new());
    let texts = || project.manuscript.chapters.iter().flat_map(|chapter| chapter.document.texts());
    for blocks in texts() {
        visit_images(blocks, &mut |image, _, span| {
            let Some((path, media)) = image.path.as_ref().and_then(|path| Some((path, project.manuscript.media.get(path)?))) else {
                return;
            };
            if must_change(media, profile) && told.insert(path) {
                let (file, why) = (shown(path), reason(media, profile));
                let (en, zh) = (why.en, why.zh);
                let message = text!("{file} {en}", "{file} {zh}");
                say(
                    Code::ReaderImage,
                    Some(span),
                    message,
                    text!(
                        "`build --for {name}` makes it fit; see whether it still looks right",
                        "`build --for {name}` 会自动改好，请看看效果"
                    ),
                );
            }
        });
    }
}

/// Why an image cannot stay as it is.
fn reason(media: &crate::document::Media, profile: &Profile) -> crate::diagnostic::Text {
    let (name, format) = (profile.name, media.format.extension());
    let pixels = u64::from(media.width) * u64::from(media.height);
    if !profile.formats.contains(&media.format) {
        return text!("is {format}, which {name} does not show", "是 {format}，{name} 不能显示");
    }
    if media.is_animated() && !profile.transparency {
        return text!("moves, and stands still on {name}", "是动图，在 {name} 上不会动");
    }
    if pixels > profile.most_pixels {
        let most = profile.most_pixels;
        return text!("has {pixels} pixels; {name} takes {most}", "有 {pixels} 像素，{name} 至多 {most}");
    }
    let (width, height, bytes) = (media.width, media.height, media.bytes.len());
    text!(
        "is {width} × {height} pixels, {bytes} bytes: more than {name} needs",
        "为 {width} × {height} 像素、{bytes} 字节，超出 {name} 所需"
    )
}

fn blocks(project: &Project, profile: &Profile, say: &Say<'_>) {
    let name = profile.name;
    let mut math: Option<Span> = None;
    for blocks in project.manuscript.chapters.iter().flat_map(|chapter| chapter.document.texts()) {
        visit_blocks(blocks, &mut |block| match &block.kind {
            BlockKind::Table(table) => {
                let (rows, columns) = extent(table);
                if rows > profile.table_rows || columns > profile.table_columns {
                    let (most_rows, most_columns) = (profile.table_rows, profile.table_columns);
                    let message = text!(
                        "a table of {rows} rows and {columns} columns; {name} takes {most_rows} and {most_columns}",
                        "表格有 {rows} 行 {columns} 列，{name} 至多 {most_rows} 行 {most_columns} 列"
                    );
                    say(
                        Code::ReaderTable,
                        Some(block.span),
                        message,
                        text!("divide it, or turn rows and columns", "请拆成几个表，或行列对调"),
                    );
                }
            }
            BlockKind::Math(_) => math = math.or(Some(block.span)),
            _ => {}
        });
        visit_each_inline(blocks, &mut |inline| {
            if matches!(inline.kind, InlineKind::Math(_)) {
                math = math.or(Some(inline.span));
            }
        });
    }
    if !profile.math && math.is_some() {
        let message = text!("{name} shows no MathML: formulas are given as their source", "{name} 不支持 MathML，公式以源码显示");
        say(Code::ReaderMath, math, message, text!("use images of formulas where that will not do", "如不合适，请改用公式图片"));
    }
}

fn extent(table: &Table) -> (usize, usize) {
    let rows = || table.head.iter().chain(&table.body);
    let columns = rows().map(|row| row.iter().map(|cell| cell.columns).sum()).max().unwrap_or(0);
    (rows().count(), columns)
}

/// Says where a book that its manifest says was certified as accessible is not.
pub fn certified(project: &Project, sink: &Sink) {
    if project.loaded.manifest.epub.certified_by.is_none() {
        return;
    }
    for (span, message) in faults(&project.manuscript) {
        sink.report(
            Diagnostic::new(Code::NotAccessible, message)
                .at(span)
                .advise(text!("until it is put right, the EPUB does not claim to be accessible", "改正之前，EPUB 不声明符合无障碍标准")),
        );
    }
}
