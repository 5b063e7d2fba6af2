//! Links and cross-references: each leads to a chapter, to an id in one, to the web, or is reported.

use super::resolve::Slugs;
use super::{Inline, InlineKind, Link, Manuscript, Target, walk};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::manifest::Loaded;
use crate::script::numeral;
use crate::source::{Span, percent_decode, resolve};
use crate::text;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Schemes that readers follow.
const SCHEMES: &[&str] = &["http", "https", "mailto", "tel", "sms", "ftp", "urn", "geo", "news", "irc", "ircs", "magnet", "xmpp"];

struct Links<'a> {
    targets: &'a BTreeMap<(usize, String), Target>,
    slugs: &'a Slugs,
    paths: BTreeMap<PathBuf, usize>,
    titles: Vec<String>,
    src: PathBuf,
    root: &'a Path,
    sink: &'a Sink,
}

/// Resolves every link of the book.
pub(super) fn resolve_links(manuscript: &mut Manuscript, slugs: &Slugs, loaded: &Loaded, sink: &Sink) {
    let paths = manuscript.chapters.iter().enumerate().filter_map(|(at, chapter)| Some((chapter.path.clone()?, at))).collect();
    let titles = manuscript.chapters.iter().map(|chapter| chapter.title.clone()).collect();
    let targets = std::mem::take(&mut manuscript.targets);
    let links = Links { targets: &targets, slugs, paths, titles, src: PathBuf::from(&loaded.manifest.book.src), root: &loaded.root, sink };
    manuscript.chapters.par_iter_mut().enumerate().for_each(|(at, chapter)| {
        let from = chapter.path.clone().unwrap_or_default();
        let change = &mut |list: &mut Vec<Inline>| links.list(list, at, &from);
        walk::change_inlines(&mut chapter.document.blocks, change);
        for note in &mut chapter.document.notes {
            walk::change_inlines(&mut note.blocks, change);
        }
    });
    manuscript.targets = targets;
}

impl Links<'_> {
    #[expect(
        clippy::indexing_slicing,
        clippy::string_slice,
        reason = "a link inside names a chapter of the book; `label` ends a character of its title"
    )]
    fn list(&self, list: &mut [Inline], chapter: usize, from: &Path) {
        for inline in list {
            let span = inline.span;
            match &mut inline.kind {
                InlineKind::Link(to, inner) => {
                    *to = self.link(to, chapter, from, span);
                    self.list(inner, chapter, from);
                }
                InlineKind::Reference { to, text, .. } => {
                    *to = self.link(to, chapter, from, span);
                    *text = match to {
                        Link::Inside { chapter, id: Some(id) } => self
                            .targets
                            .get(&(*chapter, id.clone()))
                            .map(|target| target.label.clone())
                            .filter(|label| !label.is_empty())
                            .unwrap_or_else(|| id.clone()),
                        Link::Inside { chapter, id: None } => {
                            let title = &self.titles[*chapter];
                            numeral::heading(title).map_or(title.clone(), |found| title[..found.label].to_owned())
                        }
                        Link::Web(url) => url.clone(),
                        Link::Written(_) | Link::Dead => "？".into(),
                    };
                }
                _ => {
                    if let Some(inner) = inline.children_mut() {
                        self.list(inner, chapter, from);
                    }
                }
            }
        }
    }

    fn link(&self, to: &Link, chapter: usize, from: &Path, span: Span) -> Link {
        let Link::Written(written) = to else { return to.clone() };
        let scheme = written
            .split_once(':')
            .filter(|(scheme, _)| scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)));
        if let Some((scheme, rest)) = scheme {
            if scheme.eq_ignore_ascii_case("javascript") || scheme.eq_ignore_ascii_case("vbscript") || scheme.eq_ignore_ascii_case("data") {
                let report = Diagnostic::new(Code::DroppedElement, text!("a {scheme}: link is left out", "{scheme}: 链接被略去"));
                self.sink.report(report.at(span).advise(text!("link to a page instead", "请改为指向网页的链接")));
                return Link::Dead;
            }
            if !SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) {
                let report = Diagnostic::new(Code::DeadLink, text!("no reader knows what {scheme}: is", "阅读器不认识 {scheme}:"));
                self.sink.report(
                    report.at(span).advise(text!("link to a web page, or to a chapter of the book", "请改为网页地址，或书中的章节")),
                );
                return Link::Dead;
            }
            let web = scheme.to_ascii_lowercase().starts_with("http");
            let host = rest.trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or("");
            if web && (host.is_empty() || host.contains(|c: char| c.is_whitespace() || "[]<>\"^`{|}\\".contains(c))) {
                let report = Diagnostic::new(Code::DeadLink, text!("\"{written}\" names no host", "“{written}”没有写出网站"));
                self.sink.report(
                    report
                        .at(span)
                        .advise(text!("write the whole address, e.g. https://example.org/", "请写出完整地址，如 https://example.org/")),
                );
                return Link::Dead;
            }
            return Link::Web(written.clone());
        }
        if let Some(rest) = written.strip_prefix("//") {
            return Link::Web(format!("https://{rest}"));
        }
        let (path, fragment) =
            written.split_once('#').map_or((written.as_str(), None), |(path, fragment)| (path, Some(percent_decode(fragment))));
        let path = percent_decode(path.split('?').next().unwrap_or(path));
        let target = if path.is_empty() {
            chapter
        } else {
            match self.find_chapter(&path, from) {
                Some(target) => target,
                None => return self.dead_link(written, &path, from, span),
            }
        };
        let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty()) else { return Link::Inside { chapter: target, id: None } };
        let own = |at: usize| -> Option<String> {
            let key = (at, fragment.clone());
            self.targets
                .contains_key(&key)
                .then(|| fragment.clone())
                .or_else(|| self.slugs.get(&key).cloned())
                .or_else(|| self.slugs.get(&(at, fragment.to_lowercase())).cloned())
        };
        if let Some(id) = own(target) {
            return Link::Inside { chapter: target, id: Some(id) };
        }
        if path.is_empty()
            && let Some((elsewhere, id)) = (0..self.titles.len()).find_map(|at| Some((at, own(at)?)))
        {
            return Link::Inside { chapter: elsewhere, id: Some(id) };
        }
        let names = self.targets.keys().filter(|(at, _)| path.is_empty() || *at == target).map(|(_, id)| id);
        let near =
            names.map(|id| (strsim::damerau_levenshtein(id, &fragment), id)).filter(|(distance, id)| *distance <= id.len() / 3).min();
        let report = Diagnostic::new(Code::DeadAnchor, text!("nothing has the id \"{fragment}\"", "没有标识为“{fragment}”的内容")).at(span);
        self.sink.report(match near {
            Some((_, near)) => report.advise(text!("did you mean #{near}?", "是否想写 #{near}？")),
            None => report.advise(text!("give the target an id: # Title {{#{fragment}}}", "给目标加上标识：# 标题 {{#{fragment}}}")),
        });
        if path.is_empty() { Link::Dead } else { Link::Inside { chapter: target, id: None } }
    }

    /// A chapter by the path in a link: relative to the chapter, or to the source folder; `.html` stands for `.md`.
    fn find_chapter(&self, path: &str, from: &Path) -> Option<usize> {
        let written = path.strip_suffix(".html").map_or_else(|| path.to_owned(), |stem| format!("{stem}.md"));
        let candidates = match written.strip_prefix('/') {
            Some(rooted) => vec![resolve(&self.src.join("x"), rooted)],
            None => vec![resolve(from, &written), resolve(&self.src.join("x"), &written)],
        };
        let folder_index = |path: &PathBuf| ["README.md", "index.md"].iter().find_map(|name| self.paths.get(&path.join(name)));
        candidates.into_iter().flatten().find_map(|path| self.paths.get(&path).or_else(|| folder_index(&path)).copied())
    }

    fn dead_link(&self, written: &str, path: &str, from: &Path, span: Span) -> Link {
        let exists = resolve(from, path).is_some_and(|path| self.root.join(path).exists());
        let (message, advice) = if exists {
            (
                text!("\"{written}\" leads to a file that is no chapter of the book", "“{written}”指向的文件不是书中的章节"),
                text!("add it to the chapters, or link to where it is published", "把它列入章节，或改为它在网上的地址"),
            )
        } else {
            (
                text!("\"{written}\" leads to no file", "“{written}”指向的文件不存在"),
                text!("paths are relative to this file", "路径以本文件所在目录为准"),
            )
        };
        self.sink.report(Diagnostic::new(Code::DeadLink, message).at(span).advise(advice));
        Link::Dead
    }
}
