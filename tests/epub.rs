//! What an EPUB promises to the readers that show it, read from the finished file.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic)]

mod common;

use common::{MANIFEST, book, build, copy, epub_file, epub_names, made, run, stderr};
use std::io::Read;

/// A book of one chapter that fills some pages.
fn pages_of(name: &str, manifest: &str) -> common::Folder {
    let paragraph = "天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。寒来暑往，秋收冬藏。闰余成岁，律吕调阳。".repeat(3);
    let text: String = (1..=60).map(|at| format!("{at:03}号{paragraph}\n\n")).collect();
    book(name, &[("book.toml", manifest), ("src/a.md", &format!("# 第一章　千字文\n\n{text}"))])
}

/// The file in `dist/` whose name ends so.
fn ending(folder: &common::Folder, end: &str) -> Vec<u8> {
    let mut found: Vec<_> = std::fs::read_dir(folder.0.join("dist")).unwrap().flatten().map(|entry| entry.path()).collect();
    found.retain(|path| path.to_string_lossy().ends_with(end));
    assert_eq!(found.len(), 1, "{end}: {found:?}");
    std::fs::read(&found[0]).unwrap()
}

fn bytes(epub: &[u8], name: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(epub)).unwrap();
    let mut data = Vec::new();
    archive.by_name(name).unwrap_or_else(|_| panic!("no {name}")).read_to_end(&mut data).unwrap();
    data
}

/// The links of a navigation list: labels and addresses.
fn links(nav: &str, kind: &str) -> Vec<(String, String)> {
    let list = nav.split(&format!("epub:type=\"{kind}\"")).nth(1).map_or("", |rest| rest.split("</nav>").next().unwrap());
    let link = |piece: &str| {
        let (href, rest) = piece.split_once('"').unwrap();
        let label = rest.split_once('>').unwrap().1.split("</a>").next().unwrap();
        (label.to_owned(), href.to_owned())
    };
    list.split("<a href=\"").skip(1).map(link).collect()
}

/// The text of a piece of XHTML.
fn text(page: &str) -> String {
    page.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text)).collect::<String>().split_whitespace().collect()
}

#[test]
fn a_page_of_the_list_begins_where_the_page_of_the_pdf_does() {
    for mode in ["horizontal-tb", "vertical-rl"] {
        let folder = pages_of(mode, &format!("{MANIFEST}[typography]\nwriting-mode = \"{mode}\"\n"));
        assert!(build(&folder).status.success());
        let (epub, pdf) = (made(&folder, "epub"), made(&folder, "pdf"));
        let listed = links(&epub_file(&epub, "OEBPS/nav.xhtml"), "page-list");
        let folios: Vec<&str> = listed.iter().map(|(folio, _)| folio.as_str()).collect();
        assert!(folios.starts_with(&["i", "iii", "1", "2", "3"]) && folios.len() > 8, "{folios:?}");
        let printed = common::pdf::pages(&pdf);
        let first = printed.len() - (folios.len() - 2);
        let chapter = epub_file(&epub, "OEBPS/a.xhtml");
        for (at, (folio, href)) in listed[2..].iter().enumerate() {
            let id = href.strip_prefix("a.xhtml#").unwrap();
            let mark = format!("<span id=\"{id}\" epub:type=\"pagebreak\" role=\"doc-pagebreak\" aria-label=\"{folio}\"></span>");
            let (_, after) = chapter.split_once(&mark).unwrap_or_else(|| panic!("no {mark}"));
            let wanted: String = text(after).chars().take(9).collect();
            let page: String = printed[first + at].iter().map(|glyph| glyph.text.as_str()).collect::<String>().split_whitespace().collect();
            assert!(page.starts_with(&wanted), "{mode}, page {folio}: {wanted} and {}", page.chars().take(20).collect::<String>());
        }
        let package = epub_file(&epub, "OEBPS/content.opf");
        for part in ["property=\"pageBreakSource\">书, PDF, 148 × 210 mm", "pageNavigation", "pageBreakMarkers"] {
            assert!(package.contains(part), "{part}");
        }
        assert_eq!(epub_file(&epub, "OEBPS/toc.ncx").matches("<pageTarget ").count(), folios.len());
    }
}

#[test]
fn pages_are_listed_with_the_pdf_or_where_asked() {
    let lists = |manifest: &str, arguments: &[&str]| {
        let folder = pages_of("when", &format!("{MANIFEST}[epub]\n{manifest}"));
        let output = run(&[&["build", folder.0.to_str().unwrap()], arguments].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        let epub = made(&folder, "epub");
        (
            links(&epub_file(&epub, "OEBPS/nav.xhtml"), "page-list").len() > 8,
            epub_file(&epub, "OEBPS/content.opf").contains("pageBreakSource"),
        )
    };
    assert_eq!(lists("", &[]), (true, true));
    assert_eq!(lists("", &["--epub"]), (false, false));
    assert_eq!(lists("page-list = true\n", &["--epub"]), (true, true));
    assert_eq!(lists("page-list = false\n", &[]), (false, false));
}

#[test]
fn a_reference_to_a_page_says_the_page_of_the_pdf() {
    let text = "# 第一章　甲\n\n见第 [](#b){.page} 页。\n\n::: newpage\n:::\n\n字。\n\n## 第一节　乙 {#b}\n\n字。\n";
    let folder = book("page-reference", &[("book.toml", MANIFEST), ("src/a.md", text)]);
    assert!(build(&folder).status.success());
    assert!(epub_file(&made(&folder, "epub"), "OEBPS/a.xhtml").contains("见第 <a href=\"#b\">2</a> 页"));
    assert!(run(&["build", folder.0.to_str().unwrap(), "--epub"]).status.success());
    assert!(epub_file(&made(&folder, "epub"), "OEBPS/a.xhtml").contains("见第 <a href=\"#b\">第一节</a> 页"));
}

#[test]
fn ids_that_an_author_gives_meet_none_of_the_books_own() {
    let text = "# 甲 {#chapter-start}\n\n字[^1]，[见](#page-1)[上](#note-1)[下](#note-on-style)。\n\n## 乙 {#page-1}\n\n## 丙 {#note-1}\n\n## 丁 {#note-on-style}\n\n[^1]: 注\n";
    let folder = book("own-ids", &[("book.toml", MANIFEST), ("src/a.md", text)]);
    assert!(build(&folder).status.success());
    let page = epub_file(&made(&folder, "epub"), "OEBPS/a.xhtml");
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert!(ids.len() == count && count >= 8, "{ids:?}");
    for href in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(ids.contains(&href), "{href} among {ids:?}");
    }
    assert!(page.contains("<h2 id=\"note-on-style\">"));
}

#[test]
fn each_reader_gets_what_it_takes() {
    let folder = copy("readers", "tests/books/showcase");
    let output = run(&["build", folder.0.to_str().unwrap(), "--epub", "--for", "weread,generic,kindle", "--for", "kobo,apple"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let [generic, kindle, kobo, apple, weread] =
        ["小识.epub", "-kindle.epub", ".kepub.epub", "-apple.epub", "-weread.epub"].map(|end| ending(&folder, end));
    let has = |epub: &[u8], end: &str| epub_names(epub).iter().any(|name| name.ends_with(end));
    let package = |epub: &[u8]| epub_file(epub, "OEBPS/content.opf");
    // Formats: the book has SVG and WebP.
    assert!(has(&generic, ".svg") && has(&generic, ".webp"));
    assert!(!has(&kindle, ".svg") && !has(&kindle, ".webp") && has(&kindle, ".png"));
    assert!(has(&kobo, ".svg") && !has(&kobo, ".webp") && has(&apple, ".svg") && !has(&apple, ".webp"));
    // The cover's own page, which Kindle would show twice.
    assert!(has(&generic, "/cover.xhtml") && !has(&kindle, "/cover.xhtml") && package(&kindle).contains("properties=\"cover-image\""));
    // Languages as they are known.
    assert!(package(&generic).contains("<dc:language>zh-Hans-CN<") && package(&kindle).contains("<dc:language>zh-CN<"));
    assert!(
        package(&apple).contains("<meta property=\"ibooks:specified-fonts\">true</meta>") && package(&apple).contains("prefix=\"ibooks: ")
    );
    // Kobo's spans, in every document; the numbers of a paragraph begin anew with each.
    for name in epub_names(&kobo).iter().filter(|name| name.ends_with(".xhtml") && !name.ends_with("/nav.xhtml")) {
        let page = epub_file(&kobo, name);
        assert!(page.contains("<div id=\"book-columns\"><div id=\"book-inner\">") && page.contains("id=\"kobo."), "{name}");
        let body = |page: &str| text(page.split_once("<body>").unwrap().1);
        assert_eq!(body(&page), body(&epub_file(&generic, name)), "{name}");
    }
    // Notes as Duokan and WeRead want them; two lines in one where they can be shown.
    let notes = |epub: &[u8]| -> String {
        epub_names(epub).iter().filter(|name| name.ends_with(".xhtml")).map(|name| epub_file(epub, name)).collect()
    };
    let (plain, listed) = (notes(&generic), notes(&weread));
    assert!(plain.contains("<aside class=\"note\" epub:type=\"footnote\"") && !plain.contains("duokan"));
    assert!(
        listed.contains("<ol class=\"duokan-footnote-content\">")
            && listed.contains("<li class=\"note duokan-footnote-item\" id=\"note-1\">")
    );
    assert!(listed.contains("class=\"qqreader-footnote\"") && has(&weread, "/note-mark.png") && !listed.contains("<aside"));
    assert!(plain.contains("<math ") && !listed.contains("<math "));
    assert!(plain.contains("class=\"lines\"") && !notes(&kindle).contains("class=\"lines\""));
    // Marks lead to notes of the same file, which lead back.
    for page in [plain, listed] {
        assert!(page.contains("href=\"#note-1\" id=\"ref-1\"") && page.contains("href=\"#ref-1\""));
    }
}

#[test]
fn the_body_is_the_readers_unless_its_fonts_are_asked_for() {
    let fonts = |setting: &str| {
        let folder = copy("fonts", "tests/books/features");
        let manifest = std::fs::read_to_string(folder.0.join("book.toml")).unwrap();
        std::fs::write(folder.0.join("book.toml"), format!("{manifest}\n[epub]\n{setting}\n")).unwrap();
        let output = run(&["build", folder.0.to_str().unwrap(), "--epub"]);
        assert!(output.status.success(), "{}", stderr(&output));
        made(&folder, "epub")
    };
    let (own, embed, none) = (fonts(""), fonts("fonts = \"embed\""), fonts("fonts = \"none\""));
    let size = |epub: &[u8], name: &str| epub_names(epub).iter().find(|known| known.ends_with(name)).map(|name| bytes(epub, name).len());
    let css = |epub: &[u8]| epub_file(epub, "OEBPS/stylesheet.css");
    // Headings and Kai come along whole; of Song only what devices lack and the title has.
    assert!(size(&own, "NotoSansSC-Bold.ttf").unwrap() * 2 > size(&embed, "NotoSansSC-Bold.ttf").unwrap());
    assert!(size(&own, "WenKaiBook-Regular.ttf").is_some() && size(&own, "IosevkaCharonMono-Regular.ttf").is_none());
    assert!(size(&own, "NotoSerifSC-Regular.ttf").unwrap() * 4 < size(&embed, "NotoSerifSC-Regular.ttf").unwrap());
    assert!(!css(&own).contains("body { font-family") && css(&embed).contains("body { font-family: \"Noto Serif SC\""));
    let page = epub_file(&own, "OEBPS/inline.xhtml");
    assert!(page.contains("<span class=\"rare\">") && !epub_file(&none, "OEBPS/inline.xhtml").contains("class=\"rare\""));
    assert!(!epub_names(&none).iter().any(|name| name.contains("/fonts/")) && !css(&none).contains("@font-face"));
    // Nothing locks what the reader chooses.
    for epub in [&own, &none] {
        let body = css(epub).split("\nbody {").nth(1).unwrap().split('}').next().unwrap().to_owned();
        for property in ["font-family", "font-size", "color", "background", "margin: 1", "padding"] {
            assert!(!body.contains(property), "{property} in {body}");
        }
    }
    // Obfuscated, the first 1,040 bytes are told by the book's identifier; they become what they were.
    let hidden = fonts("obfuscate-fonts = true");
    let name = "OEBPS/fonts/NotoSansSC-Bold.ttf";
    let (plain, mut data) = (bytes(&own, name), bytes(&hidden, name));
    assert!(plain != data && plain[1040..] == data[1040..]);
    assert!(epub_file(&hidden, "META-INF/encryption.xml").contains("<enc:CipherReference URI=\"OEBPS/fonts/NotoSansSC-Bold.ttf\"/>"));
    let package = epub_file(&hidden, "OEBPS/content.opf");
    let identifier = package.split("<dc:identifier id=\"epub-id-1\">").nth(1).unwrap().split('<').next().unwrap();
    let key = sha1_smol::Sha1::from(identifier).digest().bytes();
    data.iter_mut().take(1040).zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
    assert_eq!(plain, data);
}

#[test]
fn a_chapter_that_is_too_large_is_divided_and_its_addresses_stay() {
    let paragraph = "字里行间，".repeat(240);
    let text = |more: &str| -> String {
        let sections = (1..=40).map(|section| {
            let text: String =
                (0..5).map(|at| format!("{paragraph}[^n{section}-{at}]\n\n[^n{section}-{at}]: 注 {section}-{at}\n\n")).collect();
            format!("## 第{section}节 {{#s{section}}}\n\n见[前节](#s{})。{more}\n\n{text}", (section - 1).max(1))
        });
        format!("# 第一章　大\n\n{}", sections.collect::<String>())
    };
    let built = |text: &str, arguments: &[&str]| {
        let folder = book("large", &[("book.toml", MANIFEST), ("src/a.md", text), ("src/b.md", "")]);
        let output = run(&[&["build", folder.0.to_str().unwrap(), "--epub"], arguments].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(!stderr(&output).contains("large-content"));
        made(&folder, "epub")
    };
    for readers in ["generic", "kobo"] {
        let epub = built(&text(""), &["--for", readers]);
        let documents: Vec<String> =
            epub_names(&epub).into_iter().filter(|name| name.starts_with("OEBPS/a") && name.ends_with(".xhtml")).collect();
        assert!(documents.len() > 3, "{documents:?}");
        let mut notes = 0;
        for name in &documents {
            let page = epub_file(&epub, name);
            assert!(page.len() <= 300_000, "{name}: {}", page.len());
            // Each mark's note is in its own file, and every address leads somewhere.
            for href in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).filter(|href| href.contains('#')) {
                let (file, id) = href.split_once('#').unwrap();
                let target = if file.is_empty() { page.clone() } else { epub_file(&epub, &format!("OEBPS/{file}")) };
                assert!(target.contains(&format!("id=\"{id}\"")), "{href} in {name}");
            }
            let asides = page.matches("<aside ").count();
            assert_eq!(page.matches("epub:type=\"noteref\"").count(), asides);
            notes += asides;
        }
        assert_eq!(notes, 200);
        let map = links(&epub_file(&epub, "OEBPS/nav.xhtml"), "toc");
        assert_eq!(map.len(), 41);
        for (_, href) in &map {
            let (file, id) = href.split_once('#').unwrap();
            assert!(epub_file(&epub, &format!("OEBPS/{file}")).contains(&format!("id=\"{id}\"")), "{href}");
        }
        // A word more in every section moves no address.
        let again = built(&text("又及。"), &["--for", readers]);
        assert_eq!(map, links(&epub_file(&again, "OEBPS/nav.xhtml"), "toc"));
    }
    // One block that no part can hold is told of.
    let folder = book("block", &[("book.toml", MANIFEST), ("src/a.md", &format!("# 一\n\n{}\n\n二\n", "字".repeat(120_000)))]);
    assert!(stderr(&run(&["build", folder.0.to_str().unwrap(), "--epub"])).contains("large-content"));
}

#[test]
fn stylesheets_of_the_manifest_come_after_the_themes() {
    let manifest = format!("{MANIFEST}[epub]\ncss = [\"look/one.css\", \"two.css\"]\n");
    let one = "h1 { background: url( \"../img/星 空.png\" ) }\n@font-face { font-family: \"甲\"; src: url(face.ttf) }\n";
    let files =
        [("book.toml", manifest.as_str()), ("src/a.md", "# 一\n\n字\n"), ("look/one.css", one), ("two.css", "p { text-indent: 0 }\n")];
    let folder = book("css", &files);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::create_dir_all(folder.0.join("img")).unwrap();
    std::fs::copy(root.join("tests/books/features/src/images/square.png"), folder.0.join("img/星 空.png")).unwrap();
    std::fs::copy(root.join("fonts/SourceSerif4-Italic.ttf"), folder.0.join("look/face.ttf")).unwrap();
    let output = run(&["build", folder.0.to_str().unwrap(), "--epub"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let epub = made(&folder, "epub");
    let page = epub_file(&epub, "OEBPS/a.xhtml");
    let [theme, first, second] = ["stylesheet.css", "own-1.css", "own-2.css"].map(|name| page.find(&format!("href=\"{name}\"")).unwrap());
    assert!(theme < first && first < second);
    assert_eq!(
        epub_file(&epub, "OEBPS/own-1.css"),
        "h1 { background: url(own/2.png) }\n@font-face { font-family: \"甲\"; src: url(own/1.ttf) }\n"
    );
    let names = epub_names(&epub);
    assert!(["OEBPS/own/1.ttf", "OEBPS/own/2.png", "OEBPS/own-2.css"].iter().all(|name| names.contains(&(*name).to_owned())), "{names:?}");
    // What an EPUB must not hold is an error at its place, and nothing is built.
    for (css, code, place) in [
        ("p { background: url(http://x.org/a.png) }", "remote-resource", "x.css:1:17"),
        ("\n  p { background: url('//x.org/a.png') }", "remote-resource", "x.css:2:19"),
        ("p { background: url(../../../etc/passwd) }", "remote-resource", "x.css:1:17"),
        ("p { background: image-set(\"https://x.org/a.png\" 1x) }", "remote-resource", "x.css:1:27"),
        ("@import \"b.css\";", "broken-stylesheet", "x.css:1:1"),
        ("p { direction : rtl }", "broken-stylesheet", "x.css:1:5"),
        ("p { background: url(book.toml) }", "broken-stylesheet", "book.toml"),
    ] {
        let manifest = format!("{MANIFEST}[epub]\ncss = \"x.css\"\n");
        let folder = book("bad-css", &[("book.toml", &manifest), ("src/a.md", "# 一\n\n字\n"), ("x.css", css)]);
        let output = run(&["build", folder.0.to_str().unwrap(), "--epub"]);
        assert_eq!(output.status.code(), Some(1), "{css}");
        assert!(stderr(&output).contains(code) && stderr(&output).contains(place), "{css}: {}", stderr(&output));
        assert!(!folder.0.join("dist").exists());
    }
}

/// What must not get into an EPUB, the code that tells of it, and whether the book is built all the same.
const ATTEMPTS: &[(&str, &str, bool)] = &[
    ("<script src=\"http://evil.example/x.js\">evil()</script>", "dropped-element", true),
    ("<p onclick=\"evil()\">字</p>", "dropped-element", true),
    ("<iframe src=\"http://evil.example/\"></iframe>", "dropped-element", true),
    ("<object data=\"http://evil.example/x.swf\"></object>", "dropped-element", true),
    ("<link rel=\"stylesheet\" href=\"http://evil.example/x.css\">", "dropped-element", true),
    ("<style>@import url(http://evil.example/x.css);</style>", "dropped-element", true),
    ("[去](javascript:evil())", "dropped-element", true),
    ("[去](JaVaScRiPt:evil())", "dropped-element", true),
    ("<a href=\"data:text/html,evil\">去</a>", "dropped-element", true),
    ("[去](file:///etc/passwd)", "dead-link", true),
    ("[去](../../etc/passwd)", "dead-link", true),
    ("![图](http://evil.example/x.png)", "remote-image", true),
    ("![图](//evil.example/x.png)", "remote-image", true),
    ("![图](data:image/svg+xml,evil)", "remote-image", true),
    ("<img src=\"http://evil.example/x.png\" alt=\"图\" onerror=\"evil()\">", "remote-image", true),
    ("![图](../../../../../../etc/passwd)", "missing-image", false),
    ("![图](/etc/passwd)", "missing-image", false),
    ("![图](..%2f..%2f..%2fetc%2fpasswd)", "missing-image", false),
    ("![图](link.png)", "outside-book", false),
    ("![图](script.svg)", "unsafe-image", true),
    ("![图](remote.svg)", "unsafe-image", true),
    ("![图](handler.svg)", "unsafe-image", true),
    ("![图](file.svg)", "unsafe-image", true),
    ("![图](style.svg)", "unsafe-image", true),
    ("$\\href{javascript:evil()}{x}$", "broken-math", true),
];

#[test]
fn nothing_gets_into_an_epub_that_runs_or_reaches_out() {
    let svg = |inner: &str| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"20\" height=\"20\">{inner}</svg>"
        )
    };
    for (at, (attempt, code, builds)) in ATTEMPTS.iter().enumerate() {
        let files = [
            ("book.toml", MANIFEST.to_owned()),
            ("src/a.md", format!("# 一\n\n字\n\n{attempt}\n")),
            ("src/script.svg", svg("<script>evil()</script>")),
            ("src/remote.svg", svg("<image xlink:href=\"http://evil.example/x.png\" width=\"9\" height=\"9\"/>")),
            ("src/handler.svg", svg("<rect width=\"9\" height=\"9\" onclick=\"evil()\"/>")),
            ("src/file.svg", svg("<image href=\"../../secret.png\" width=\"9\" height=\"9\"/>")),
            ("src/style.svg", svg("<style>@import url(http://evil.example/x.css);</style><rect width=\"9\" height=\"9\"/>")),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let folder = book(&format!("attempt-{at}"), &files);
        #[cfg(unix)]
        {
            let outside = common::folder(&format!("outside-{at}"));
            let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
            std::fs::copy(root.join("tests/books/features/src/images/square.png"), outside.0.join("x.png")).unwrap();
            std::os::unix::fs::symlink(outside.0.join("x.png"), folder.0.join("src/link.png")).unwrap();
            let output = build(&folder);
            assert!(stderr(&output).contains(code), "{attempt}: {}", stderr(&output));
            assert_eq!(output.status.success(), *builds, "{attempt}: {}", stderr(&output));
        }
        if !*builds {
            assert!(!folder.0.join("dist").exists());
            continue;
        }
        let epub = made(&folder, "epub");
        for name in epub_names(&epub) {
            assert!(!name.contains("..") && !name.starts_with('/') && !name.contains('\\') && !name.contains("passwd"), "{name}");
            if [".xhtml", ".svg", ".css", ".opf", ".ncx"].iter().any(|end| name.ends_with(end)) {
                let mut file = epub_file(&epub, &name).to_ascii_lowercase();
                if !name.ends_with(".css") {
                    // A text may well speak of it; no markup does it.
                    file = file.split('<').map(|piece| format!("<{}>", piece.split('>').next().unwrap())).collect();
                }
                for part in [
                    "<script",
                    "evil",
                    "javascript:",
                    "onclick",
                    "file:",
                    "src=\"http",
                    "src=\"//",
                    "src=\"data",
                    "<iframe",
                    "<object",
                    "url(http",
                ] {
                    assert!(!file.contains(part), "{part} in {name} of {attempt}");
                }
            }
        }
    }
}

#[test]
fn what_is_said_of_accessibility_is_true() {
    let claims = |text: &str| {
        let manifest = format!("{MANIFEST}[epub]\ncertified-by = \"某社\"\n");
        let folder = book("certified", &[("book.toml", &manifest), ("src/a.md", text)]);
        std::fs::copy(
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/books/features/src/images/square.png"),
            folder.0.join("src/x.png"),
        )
        .unwrap();
        let output = run(&["build", folder.0.to_str().unwrap(), "--epub"]);
        assert!(output.status.success(), "{}", stderr(&output));
        (epub_file(&made(&folder, "epub"), "OEBPS/content.opf"), stderr(&output))
    };
    let (good, said) = claims("# 一\n\n{字|zì}$x^2$\n\n![方形](x.png)\n\n| 甲 | 乙 |\n|--|--|\n| 丙 | 丁 |\n");
    assert!(!said.contains("not-accessible"), "{said}");
    for part in [
        "<meta property=\"dcterms:conformsTo\" id=\"conformance\">EPUB Accessibility 1.1 - WCAG 2.1 Level AA</meta>",
        "<meta property=\"a11y:certifiedBy\" refines=\"#conformance\">某社</meta>",
        "accessModeSufficient\">textual<",
        "accessibilityFeature\">alternativeText<",
        "accessibilityFeature\">MathML<",
        "accessibilityFeature\">rubyAnnotations<",
        "accessibilityHazard\">none<",
    ] {
        assert!(good.contains(part), "{part}");
    }
    assert!(!good.contains("pageNavigation"));
    for text in ["# 一\n\n![](x.png)\n", "# 一\n\n### 跳级\n\n字\n", "# 一\n\n<table><tr><td>甲</td><td>乙</td></tr></table>\n"] {
        let (bad, said) = claims(text);
        assert!(said.contains("not-accessible") && !bad.contains("conformsTo"), "{text}: {said}");
    }
    let (plain, _) = claims("# 一\n\n字\n");
    assert!(!plain.contains("visual") && !plain.contains("alternativeText"));
    let (wordless, _) = claims("# 一\n\n![](x.png)\n");
    assert!(wordless.contains("accessModeSufficient\">textual,visual<") && !wordless.contains("alternativeText"));
}

#[test]
fn check_tells_what_a_reader_will_not_take() {
    let folder = copy("check-readers", "tests/books/showcase");
    let told = |readers: &str| {
        let output = run(&["check", folder.0.to_str().unwrap(), "--for", readers]);
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output)
    };
    let kindle = told("kindle");
    for part in ["reader-contents", "reader-image", "which kindle does not show", ".md:"] {
        assert!(kindle.contains(part), "{part}: {kindle}");
    }
    assert!(told("weread").contains("reader-math") && !told("generic").contains("reader-"));
    let manifest = "[book]\ntitle = \"书\"\nlanguage = \"xx\"\ncover = \"c.png\"\n[[chapters]]\nfile = \"a.md\"\n";
    let wide = format!("# 一\n\n|{}\n|{}\n|{}\n", " 甲 |".repeat(12), "--|".repeat(12), " 乙 |".repeat(12));
    let folder = book("check-cover", &[("book.toml", manifest), ("src/a.md", &wide)]);
    std::fs::copy(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/books/features/src/images/square.png"),
        folder.0.join("c.png"),
    )
    .unwrap();
    let said = stderr(&run(&["check", folder.0.to_str().unwrap(), "--for", "kindle,apple"]));
    for part in ["reader-language", "reader-cover", "reader-table", "12 columns; kindle takes 100 and 10"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let wrong = run(&["check", folder.0.to_str().unwrap(), "--for", "nook"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("kindle"));
}
