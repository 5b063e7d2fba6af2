//! What stands before the text: the cover's page, the title page, the copyright page.

use super::Edition;
use super::pages;
use super::xhtml::{document, escape};
use std::fmt::Write;

/// The cover's page.
pub(super) fn cover(edition: &Edition<'_>, image: &str) -> String {
    let title = escape(edition.input.loaded.manifest.book.title.get_ref());
    let body =
        format!("<section class=\"cover\" epub:type=\"cover\">\n<img src=\"{image}\" alt=\"{title}\" role=\"doc-cover\"/>\n</section>");
    document(edition, edition.input.style.labels.cover, &body, true)
}

/// The copyright page: what the manifest says of publisher, edition, rights and ISBN.
pub(super) fn copyright(edition: &Edition<'_>) -> String {
    let book = &edition.input.loaded.manifest.book;
    let labels = edition.input.style.labels;
    let mut body = format!(
        "<section class=\"copyright\" epub:type=\"copyright-page\" aria-label=\"{}\">\n{}<p class=\"name\">{}</p>\n",
        labels.copyright,
        page_breaks(&edition.pages.copyright),
        escape(book.title.get_ref())
    );
    for credit in labels.credits(&book.authors) {
        let _ = writeln!(body, "<p>{}</p>", escape(&credit));
    }
    for (label, fact) in labels.facts(book) {
        let _ = writeln!(body, "<p>{label}　{}</p>", escape(&fact));
    }
    if let Some(rights) = &book.rights {
        let _ = writeln!(body, "<p class=\"rights\">{}</p>", escape(rights));
    }
    body.push_str("</section>");
    document(edition, labels.copyright, &body, true)
}

/// The title page.
pub(super) fn title_page(edition: &Edition<'_>) -> String {
    let book = &edition.input.loaded.manifest.book;
    let labels = edition.input.style.labels;
    let mut body = format!(
        "<section class=\"titlepage\" epub:type=\"titlepage\">\n{}<h1>{}</h1>\n",
        page_breaks(&edition.pages.title),
        escape(book.title.get_ref())
    );
    if let Some(subtitle) = &book.subtitle {
        let _ = writeln!(body, "<p class=\"subtitle\" role=\"doc-subtitle\">{}</p>", escape(subtitle));
    }
    for credit in labels.credits(&book.authors) {
        let _ = writeln!(body, "<p class=\"credit\">{}</p>", escape(&credit));
    }
    let imprint: Vec<String> =
        [book.publisher.clone(), book.date.as_ref().map(|date| labels.date(date.get_ref()))].into_iter().flatten().collect();
    if !imprint.is_empty() {
        let _ = writeln!(body, "<p class=\"imprint\">{}</p>", imprint.iter().map(|text| escape(text)).collect::<Vec<_>>().join("<br/>"));
    }
    body.push_str("</section>");
    document(edition, book.title.get_ref(), &body, true)
}

fn page_breaks<'a>(folios: impl IntoIterator<Item = &'a String>) -> String {
    folios.into_iter().map(|folio| pages::element(folio)).collect()
}
