//! What the package says of the book: contributors, publisher, dates, what it offers to readers who do not see it
//! (schema.org's accessibility terms, EPUB Accessibility 1.1, 2 and 3), what families of readers ask for.

use super::Edition;
use super::accessibility::faults;
use super::xhtml::escape;
use crate::document::{Block, InlineKind, Manuscript, visit_blocks, visit_each_inline, visit_images};
use crate::output::identifier;

/// The conformance that may be claimed (EPUB Accessibility 1.1, 3.5.1).
const CONFORMS: &str = "EPUB Accessibility 1.1 - WCAG 2.1 Level AA";

/// The elements that epub-builder has no word for.
pub(super) fn elements(edition: &Edition<'_>) -> String {
    let book = &edition.input.loaded.manifest.book;
    let mut elements = String::new();
    let mut add = |text: String| {
        elements.push_str(&text);
        elements.push('\n');
    };
    add("<meta refines=\"#book-title\" property=\"title-type\">main</meta>".into());
    if let Some(subtitle) = &book.subtitle {
        add(format!("<dc:title id=\"subtitle\">{}</dc:title>", escape(subtitle)));
        add("<meta refines=\"#subtitle\" property=\"title-type\">subtitle</meta>".into());
    }
    for (at, author) in book.authors.iter().enumerate() {
        let element = if author.role() == "aut" { "creator" } else { "contributor" };
        let id = format!("contributor-{}", at + 1);
        add(format!("<dc:{element} id=\"{id}\">{}</dc:{element}>", escape(author.name())));
        add(format!("<meta refines=\"#{id}\" property=\"role\" scheme=\"marc:relators\">{}</meta>", escape(author.role())));
        if let Some(file_as) = author.file_as() {
            add(format!("<meta refines=\"#{id}\" property=\"file-as\">{}</meta>", escape(file_as)));
        }
    }
    if let Some(publisher) = &book.publisher {
        add(format!("<dc:publisher>{}</dc:publisher>", escape(publisher)));
    }
    if let Some(date) = &book.date {
        add(format!("<dc:date>{}</dc:date>", escape(date.get_ref())));
    }
    if !edition.pages.is_empty() {
        let source = escape(&page_source(edition));
        add(format!("<dc:source>{source}</dc:source>"));
        add(format!("<meta property=\"pageBreakSource\">{source}</meta>"));
    }
    accessibility(edition, &mut add);
    if edition.profile.specified_fonts && edition.input.loaded.manifest.epub.fonts != crate::manifest::EpubFonts::None {
        add("<meta property=\"ibooks:specified-fonts\">true</meta>".into());
    }
    if edition.profile.regional_chinese && edition.input.style.is_vertical() {
        add("<meta name=\"primary-writing-mode\" content=\"vertical-rl\"/>".into());
    }
    elements
}

/// The prefixes that the package declares beside those that EPUB reserves.
pub(super) fn prefixes(edition: &Edition<'_>) -> &'static str {
    if edition.profile.specified_fonts {
        " prefix=\"ibooks: http://vocabulary.itunes.apple.com/rdf/ibooks/vocabulary-extensions-1.0/\""
    } else {
        ""
    }
}

/// What the pages are those of: the printed book's ISBN, else the PDF, told by title, trim and identifier (EPUB Accessibility
/// 1.1, 4.1.3.2).
fn page_source(edition: &Edition<'_>) -> String {
    let loaded = edition.input.loaded;
    if loaded.manifest.book.isbn.is_some() {
        return identifier(loaded);
    }
    let page = &edition.input.style.page;
    let millimetres = |length: crate::length::Length| (length.to_pt() / 72.0 * 25.4).round();
    format!(
        "{}, PDF, {} × {} mm ({})",
        loaded.manifest.book.title.get_ref(),
        millimetres(page.width),
        millimetres(page.height),
        identifier(loaded)
    )
}

/// What a book holds that its metadata tells of.
#[derive(Default)]
struct Holds {
    images: bool,
    /// Whether some image has neither alternative text nor a caption.
    wordless: bool,
    moving: bool,
    math: bool,
    ruby: bool,
}

impl Holds {
    fn of(manuscript: &Manuscript) -> Holds {
        let mut holds = Holds::default();
        let texts = || manuscript.chapters.iter().flat_map(|chapter| chapter.document.texts());
        for blocks in texts() {
            visit_images(blocks, &mut |image, caption, _| {
                holds.images = true;
                holds.wordless |= image.alt.trim().is_empty() && caption.is_empty();
                holds.moving |= image.path.as_ref().and_then(|path| manuscript.media.get(path)).is_some_and(|media| media.is_animated());
            });
            visit_each_inline(blocks, &mut |inline| match &inline.kind {
                InlineKind::Math(_) => holds.math = true,
                InlineKind::Ruby(pairs) => holds.ruby |= pairs.iter().any(|(_, reading)| !reading.is_empty()),
                _ => {}
            });
            visit_blocks(blocks, &mut |block: &Block| holds.math |= matches!(block.kind, crate::document::BlockKind::Math(_)));
        }
        holds
    }
}

fn accessibility(edition: &Edition<'_>, add: &mut dyn FnMut(String)) {
    let manuscript = edition.input.manuscript;
    let holds = Holds::of(manuscript);
    let told = !holds.wordless;
    let mut meta = |property: &str, value: &str| add(format!("<meta property=\"schema:{property}\">{}</meta>", escape(value)));
    meta("accessMode", "textual");
    if holds.images {
        meta("accessMode", "visual");
    }
    meta("accessModeSufficient", if told { "textual" } else { "textual,visual" });
    let pages = !edition.pages.is_empty();
    let features = [
        ("tableOfContents", true),
        ("readingOrder", true),
        ("structuralNavigation", true),
        ("displayTransformability", true),
        ("ARIA", true),
        ("unlocked", true),
        ("alternativeText", holds.images && told),
        ("MathML", holds.math && edition.profile.math),
        ("rubyAnnotations", holds.ruby),
        ("pageNavigation", pages),
        ("pageBreakMarkers", pages),
    ];
    for (feature, _) in features.into_iter().filter(|(_, holds)| *holds) {
        meta("accessibilityFeature", feature);
    }
    // Whether what moves flashes, no program can tell.
    meta("accessibilityHazard", if holds.moving { "unknown" } else { "none" });
    meta("accessibilitySummary", &edition.input.style.labels.summary(holds.images.then_some(told), pages));
    if let Some(name) = &edition.input.loaded.manifest.epub.certified_by
        && faults(manuscript).is_empty()
    {
        add(format!("<meta property=\"dcterms:conformsTo\" id=\"conformance\">{CONFORMS}</meta>"));
        add(format!("<meta property=\"a11y:certifiedBy\" refines=\"#conformance\">{}</meta>", escape(name)));
    }
}
