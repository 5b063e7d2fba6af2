//! The images of a book: found, read once, checked.

use super::{BlockKind, Image, Inline, InlineKind, Manuscript, Media, walk};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::manifest::Loaded;
use crate::source::{Span, percent_decode, resolve, shown};
use crate::text;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Finds, reads and checks every image.
pub(super) fn resolve_images(manuscript: &mut Manuscript, loaded: &Loaded, sink: &Sink) {
    let mut wanted: BTreeMap<PathBuf, Option<Span>> = BTreeMap::new();
    let src = PathBuf::from(&loaded.manifest.book.src);
    for chapter in &mut manuscript.chapters {
        let from = chapter.path.clone().unwrap_or_default();
        let mut one = |image: &mut Image, span: Span| resolve_image(image, span, &from, &src, loaded, &mut wanted, sink);
        walk::change_blocks(&mut chapter.document.blocks, &mut |block| {
            if let BlockKind::Figure { panels, .. } = &mut block.kind {
                panels.iter_mut().for_each(|panel| one(&mut panel.image, panel.span));
            }
        });
        walk::change_inlines(&mut chapter.document.blocks, &mut |list| image_inlines(list, &mut one));
        for note in &mut chapter.document.notes {
            walk::change_blocks(&mut note.blocks, &mut |block| {
                if let BlockKind::Figure { panels, .. } = &mut block.kind {
                    panels.iter_mut().for_each(|panel| one(&mut panel.image, panel.span));
                }
            });
            walk::change_inlines(&mut note.blocks, &mut |list| image_inlines(list, &mut one));
        }
    }
    let mut cover_span = None;
    if let Some(cover) = &loaded.manifest.book.cover {
        let written = cover.get_ref();
        cover_span = Some(loaded.span(cover));
        let below = [src.join("x"), PathBuf::from("x")]
            .iter()
            .filter_map(|base| resolve(base, written))
            .find(|path| loaded.root.join(path).is_file() && loaded.holds(path));
        match below {
            Some(path) => {
                wanted.entry(path.clone()).or_insert(cover_span);
                manuscript.cover = Some(path);
            }
            None => {
                let report = Diagnostic::new(Code::MissingImage, text!("the cover \"{written}\" does not exist", "封面“{written}”不存在"));
                sink.report(report.at(loaded.span(cover)).advise(text!(
                    "paths are below the book's folder; without a cover, one is typeset",
                    "路径以书的目录为准；不写 cover 则自动排一个封面"
                )));
            }
        }
    }
    let read: Vec<_> = wanted.into_par_iter().map(|(path, span)| (Media::read(&loaded.root, &path), path, span)).collect();
    for (media, path, span) in read {
        match media {
            Ok(media) => {
                if let Some(part) = media.unsafe_part() {
                    let shown = shown(&path);
                    let message =
                        text!("{shown} holds {part}, which runs or reaches outside it", "{shown} 中有 {part}，会运行或引用外部内容");
                    let report = Diagnostic::new(Code::UnsafeImage, message);
                    let report = report.advise(text!(
                        "save the drawing without scripts and outside files; a picture of it is used",
                        "请另存为不含脚本与外部文件的图；暂用它的位图"
                    ));
                    sink.report(match span.or(cover_span) {
                        Some(span) => report.at(span),
                        None => report.in_file(shown),
                    });
                }
                manuscript.media.insert(path, media);
            }
            Err(reason) => {
                let shown = shown(&path);
                let report = Diagnostic::new(Code::BrokenImage, text!("{shown} cannot be used: {reason}", "{shown} 无法使用：{reason}"));
                let report = report.advise(text!("save it again as PNG or JPEG", "请重新存为 PNG 或 JPEG"));
                sink.report(match span.or(cover_span) {
                    Some(span) => report.at(span),
                    None => report.in_file(shown),
                });
            }
        }
    }
}

fn image_inlines(list: &mut [Inline], one: &mut dyn FnMut(&mut Image, Span)) {
    for inline in list {
        let span = inline.span;
        if let InlineKind::Image(image) = &mut inline.kind {
            one(image, span);
        }
        if let Some(inner) = inline.children_mut() {
            image_inlines(inner, one);
        }
    }
}

fn resolve_image(
    image: &mut Image,
    span: Span,
    from: &Path,
    src: &Path,
    loaded: &Loaded,
    wanted: &mut BTreeMap<PathBuf, Option<Span>>,
    sink: &Sink,
) {
    let written = &image.source;
    if written.contains("://") || written.starts_with("//") || written.starts_with("data:") {
        let short: String = written.chars().take(60).collect();
        let report =
            Diagnostic::new(Code::RemoteImage, text!("the image {short} is not in the book's folder", "图片 {short} 不在书的目录里"));
        sink.report(report.at(span).advise(text!(
            "save it below the book and name it there; for now its alternative text is set",
            "请把它存到书的目录里再引用；暂以替代文字排出"
        )));
        return;
    }
    let path = percent_decode(written.split(['?', '#']).next().unwrap_or(written));
    let candidates = match path.strip_prefix('/') {
        Some(rooted) => vec![resolve(&src.join("x"), rooted), resolve(Path::new("x"), rooted)],
        None => vec![resolve(from, &path), resolve(&src.join("x"), &path)],
    };
    match candidates.into_iter().flatten().find(|path| loaded.root.join(path).is_file()) {
        Some(found) if !loaded.holds(&found) => {
            let report = Diagnostic::new(
                Code::OutsideBook,
                text!("the image \"{written}\" is a link that leads out of the book's folder", "图片“{written}”是通往书的目录之外的链接"),
            );
            sink.report(report.at(span).advise(text!("put the file itself into the folder", "请把文件本身放进目录")));
        }
        Some(found) => {
            wanted.entry(found.clone()).or_insert(Some(span));
            image.path = Some(found);
        }
        None => {
            let report = Diagnostic::new(Code::MissingImage, text!("the image \"{written}\" does not exist", "图片“{written}”不存在"));
            sink.report(report.at(span).advise(text!("paths are relative to this file", "路径以本文件所在目录为准")));
        }
    }
}
