//! The ways through the book: the nested map, the lists of figures and tables, the pages, the landmarks; and the same for
//! readers of EPUB 2.

use super::Edition;
use super::pages;
use super::xhtml::{self, CHAPTER_ID, escape};
use crate::document::{ChapterKind, Link, TargetKind};
use crate::manifest::Matter;
use crate::output::identifier;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A line of the navigation map.
struct Point {
    title: String,
    href: String,
    level: usize,
}

/// The lines of the map, as deep as the manifest asks.
fn points(edition: &Edition<'_>) -> Vec<Point> {
    let manuscript = edition.input.manuscript;
    let depth = manuscript.listed_levels(edition.input.loaded.manifest.epub.toc_depth);
    let mut last: Option<usize> = None;
    let outline = manuscript.outline.iter().filter(|heading| heading.level < depth);
    outline
        .map(|heading| {
            let href = match &heading.id {
                Some(id) => edition.files.href(heading.chapter, Some(id)),
                None => format!("{}#{CHAPTER_ID}", edition.files.holding(heading.chapter, None)),
            };
            let level = heading.level.min(last.map_or(0, |last| last + 1));
            last = Some(level);
            Point { title: heading.title.clone(), href, level }
        })
        .collect()
}

/// Nested lists from levels: what opens an entry, what stands before and after its children, what closes it.
fn nest(points: &[Point], open: &mut dyn FnMut(usize, &Point) -> String, list: (&str, &str), close: &str) -> String {
    let mut out = String::new();
    let mut depth: Option<usize> = None;
    for (at, point) in points.iter().enumerate() {
        match depth {
            Some(last) if point.level > last => out.push_str(list.0),
            Some(last) => {
                out.push_str(close);
                for _ in point.level..last {
                    out.push_str(list.1);
                    out.push_str(close);
                }
            }
            None => {}
        }
        out.push_str(&open(at, point));
        depth = Some(point.level);
    }
    if let Some(last) = depth {
        out.push_str(close);
        for _ in 0..last {
            out.push_str(list.1);
            out.push_str(close);
        }
    }
    out
}

/// The lists of the navigation document: of headings, figures, tables.
const LISTS: [(TargetKind, &str); 3] = [(TargetKind::Heading, "toc"), (TargetKind::Figure, "loi"), (TargetKind::Table, "lot")];

/// The lines of a list of figures or tables.
fn floating(edition: &Edition<'_>, kind: TargetKind) -> Vec<Point> {
    let floating = edition.input.manuscript.floating.iter().filter(|floating| floating.kind == kind);
    floating
        .map(|floating| Point { title: floating.title.clone(), href: edition.files.href(floating.chapter, Some(&floating.id)), level: 0 })
        .collect()
}

/// The navigation document and the pages that begin in it.
struct Lists {
    body: String,
    /// The folios of the pages that begin in it, in order.
    folios: Vec<String>,
}

/// The map and the lists, with the breaks of the printed pages in them.
fn lists(edition: &Edition<'_>, points: &[Point]) -> Lists {
    let labels = edition.input.style.labels;
    let pdf = &edition.input.loaded.manifest.pdf;
    let mut lists = Lists { body: String::new(), folios: Vec::new() };
    for (kind, name) in LISTS {
        let own;
        let (points, title, heading, shown) = match kind {
            TargetKind::Figure => {
                own = floating(edition, kind);
                (own.as_slice(), labels.figures, "h2", pdf.list_of_figures)
            }
            TargetKind::Table => {
                own = floating(edition, kind);
                (own.as_slice(), labels.tables, "h2", pdf.list_of_tables)
            }
            TargetKind::Heading | TargetKind::Other => (points, labels.contents, "h1", true),
        };
        if points.is_empty() {
            continue;
        }
        // Lines that begin a page of the printed list; before the first of them stands its heading.
        let mut begins: BTreeMap<String, &str> = BTreeMap::new();
        let mut first = String::new();
        for (_, line, folio) in edition.pages.lists.iter().filter(|(listed, ..)| *listed == kind) {
            match line {
                Some(Link::Inside { chapter, id }) => {
                    begins.insert(edition.files.href(*chapter, id.as_deref()), folio);
                }
                _ => {
                    first = pages::element(folio);
                    lists.folios.push(folio.clone());
                }
            }
        }
        let mut line = |_: usize, point: &Point| {
            let folio = begins.remove(&point.href);
            lists.folios.extend(folio.map(str::to_owned));
            let page = folio.map(pages::element).unwrap_or_default();
            format!("<li><a href=\"{}\">{page}{}</a>", escape(&point.href), escape(&point.title))
        };
        let entries = nest(points, &mut line, ("\n<ol>\n", "</ol>\n"), "</li>\n");
        let role = if kind == TargetKind::Heading { " role=\"doc-toc\"" } else { "" };
        // One that the printed book has not is for readers that offer it.
        let hidden = if shown { "" } else { " hidden=\"hidden\"" };
        let _ = write!(
            lists.body,
            "{first}<nav epub:type=\"{name}\"{role} id=\"{name}\" aria-labelledby=\"{name}-title\"{hidden}>\n\
             <{heading} id=\"{name}-title\">{title}</{heading}>\n<ol>\n{entries}</ol>\n</nav>\n"
        );
    }
    lists
}

/// The pages of the printed book in the order in which the EPUB is read: where each is, and its folio.
#[expect(clippy::indexing_slicing, reason = "`all` runs over `parts`, which has an entry for each chapter of the manuscript")]
fn page_list(edition: &Edition<'_>, of_lists: &[String]) -> Vec<(String, String)> {
    let breaks = &edition.pages;
    let at = |file: &str, folio: &str| (format!("{file}#{}", pages::id(folio)), folio.to_owned());
    let chapter = |chapter: usize| {
        let parts = edition.files.parts[chapter].iter().enumerate();
        parts.flat_map(move |(part, file)| edition.page_breaks(chapter, part).iter().map(move |page| at(&file.name, &page.folio)))
    };
    let dedicates = |chapter: &usize| edition.input.manuscript.chapters[*chapter].kind == ChapterKind::Dedication;
    let all = 0..edition.files.parts.len();
    let title = breaks.title.iter().map(|folio| at("title.xhtml", folio));
    let front = title.chain(breaks.copyright.iter().map(|folio| at("copyright.xhtml", folio)));
    let contents = of_lists.iter().map(|folio| at("nav.xhtml", folio));
    front
        .chain(all.clone().filter(dedicates).flat_map(chapter))
        .chain(contents)
        .chain(all.filter(|at| !dedicates(at)).flat_map(chapter))
        .collect()
}

/// The navigation document, and the NCX that says the same to readers of EPUB 2.
pub(super) fn documents(edition: &Edition<'_>) -> (String, String) {
    let points = points(edition);
    let Lists { mut body, folios } = lists(edition, &points);
    let pages = page_list(edition, &folios);
    let labels = edition.input.style.labels;
    let mut landmarks: Vec<(&str, String, &str)> = Vec::new();
    if edition.profile.cover_page {
        landmarks.push(("cover", "cover.xhtml".into(), labels.cover));
    }
    landmarks.push(("titlepage", "title.xhtml".into(), labels.title_page));
    let titles = [labels.contents, labels.figures, labels.tables];
    for ((_, name), title) in LISTS.iter().zip(titles) {
        if body.contains(&format!("id=\"{name}\"")) {
            landmarks.push((name, format!("nav.xhtml#{name}"), title));
        }
    }
    if !pages.is_empty() {
        let entries: String =
            pages.iter().map(|(href, folio)| format!("<li><a href=\"{}\">{}</a></li>\n", escape(href), escape(folio))).collect();
        let _ = write!(
            body,
            "<nav epub:type=\"page-list\" role=\"doc-pagelist\" id=\"pages\" aria-label=\"{}\" hidden=\"hidden\">\n<ol>\n{entries}</ol>\n</nav>\n",
            labels.pages
        );
    }
    landmarks.extend(chapters_of_note(edition));
    let landmarks: String = landmarks
        .iter()
        .map(|(kind, href, title)| format!("<li><a epub:type=\"{kind}\" href=\"{}\">{}</a></li>\n", escape(href), escape(title)))
        .collect();
    let _ = write!(
        body,
        "<nav epub:type=\"landmarks\" id=\"landmarks\" hidden=\"hidden\" aria-label=\"{}\">\n<ol>\n{landmarks}</ol>\n</nav>",
        labels.landmarks
    );
    (xhtml::document(edition, labels.contents, &body, false), ncx(edition, &points, &pages))
}

/// The chapters that readers look for: where the text begins, and the first of each kind of front and back matter.
fn chapters_of_note<'a>(edition: &'a Edition<'_>) -> Vec<(&'static str, String, &'a str)> {
    let manuscript = edition.input.manuscript;
    let href = |chapter: usize| edition.files.holding(chapter, None).to_owned();
    let start = manuscript.chapters.iter().position(|chapter| chapter.matter == Matter::Main).unwrap_or(0);
    let mut found: Vec<(&'static str, String, &str)> = Vec::new();
    for (at, chapter) in manuscript.chapters.iter().enumerate() {
        if at == start {
            found.push(("bodymatter", href(at), edition.input.style.labels.start));
        }
        let (kind, role) = xhtml::kind(edition, at);
        let known = role.is_some() && !matches!(kind, "chapter" | "part");
        if known && found.iter().all(|(other, ..)| *other != kind) {
            found.push((kind, href(at), &chapter.title));
        }
    }
    found
}

/// The NCX, for readers of EPUB 2: the same map, and the same pages.
fn ncx(edition: &Edition<'_>, points: &[Point], list: &[(String, String)]) -> String {
    let input = edition.input;
    let depth = points.iter().map(|point| point.level + 1).max().unwrap_or(1);
    let map = nest(
        points,
        &mut |at, point| {
            let order = at + 1;
            format!(
                "<navPoint id=\"point-{order}\">\n<navLabel><text>{}</text></navLabel>\n<content src=\"{}\"/>\n",
                escape(&point.title),
                escape(&point.href)
            )
        },
        ("", ""),
        "</navPoint>\n",
    );
    let target = |(href, folio): &(String, String)| {
        let kind = if folio.bytes().all(|byte| byte.is_ascii_digit()) { "normal" } else { "front" };
        format!(
            "<pageTarget type=\"{kind}\"><navLabel><text>{}</text></navLabel><content src=\"{}\"/></pageTarget>\n",
            escape(folio),
            escape(href)
        )
    };
    let pages =
        if list.is_empty() { String::new() } else { format!("<pageList>\n{}</pageList>\n", list.iter().map(target).collect::<String>()) };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ncx xmlns=\"http://www.daisy.org/z3986/2005/ncx/\" version=\"2005-1\" xml:lang=\"{}\">\n<head>\n<meta name=\"dtb:uid\" content=\"{}\"/>\n\
         <meta name=\"dtb:depth\" content=\"{depth}\"/>\n<meta name=\"dtb:totalPageCount\" content=\"{}\"/>\n<meta name=\"dtb:maxPageNumber\" content=\"{}\"/>\n</head>\n\
         <docTitle><text>{}</text></docTitle>\n<navMap>\n{map}</navMap>\n{pages}</ncx>\n",
        escape(&input.loaded.manifest.book.language),
        escape(&identifier(input.loaded)),
        list.len(),
        edition.pages.highest(),
        escape(input.loaded.manifest.book.title.get_ref()),
    )
}
