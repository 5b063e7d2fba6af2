//! What the finished files hold, read from the files.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic)]

mod common;

use common::{MANIFEST, book, build, copy, epub_file, epub_names, made, stderr};
use lopdf::{Dictionary, Document, Object};

fn pdf(folder: &common::Folder) -> Document {
    Document::load_mem(&made(folder, "pdf")).unwrap()
}

fn resolved<'a>(document: &'a Document, dictionary: &'a Dictionary, key: &[u8]) -> &'a Object {
    document.dereference(dictionary.get(key).unwrap()).unwrap().1
}

fn text(object: &Object) -> String {
    let bytes = object.as_str().unwrap();
    match bytes.strip_prefix(&[0xfe, 0xff]) {
        Some(units) => String::from_utf16(&units.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect::<Vec<_>>()).unwrap(),
        None => String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

/// The outline as indented lines.
fn outline(document: &Document) -> Vec<String> {
    fn walk(document: &Document, parent: &Dictionary, depth: usize, out: &mut Vec<String>) {
        let mut next = parent.get(b"First").ok().cloned();
        while let Some(reference) = next {
            let item = document.dereference(&reference).unwrap().1.as_dict().unwrap();
            out.push(format!("{}{}", "  ".repeat(depth), text(item.get(b"Title").unwrap())));
            walk(document, item, depth + 1, out);
            next = item.get(b"Next").ok().cloned();
        }
    }
    let root = resolved(document, document.catalog().unwrap(), b"Outlines").as_dict().unwrap();
    let mut out = Vec::new();
    walk(document, root, 0, &mut out);
    out
}

#[test]
fn the_outline_is_nested_as_the_headings_are() {
    let folder = copy("outline", "tests/books/features");
    assert!(build(&folder).status.success());
    let lines = outline(&pdf(&folder));
    let wanted = [
        "说明",
        "上编　行内",
        "  第一章　行内的写法",
        "    第一节　数字与单位",
        "      第三级",
        "        第四级",
        "下编　段落",
        "  第二章　段落的写法",
        "    第一节　脚注",
    ];
    assert_eq!(lines, wanted);
}

#[test]
fn every_font_is_embedded_as_a_subset_and_gives_its_text() {
    let folder = copy("fonts-pdf", "tests/books/features");
    assert!(build(&folder).status.success());
    let document = pdf(&folder);
    let mut count = 0;
    for object in document.objects.values() {
        let Ok(dictionary) = object.as_dict() else { continue };
        if dictionary.get(b"Subtype").and_then(Object::as_name).is_ok_and(|name| name == b"Type0") {
            count += 1;
            let name = String::from_utf8(dictionary.get(b"BaseFont").unwrap().as_name().unwrap().to_vec()).unwrap();
            let (tag, _) = name.split_once('+').unwrap_or_else(|| panic!("{name} is no subset"));
            assert!(tag.len() == 6 && tag.chars().all(|c| c.is_ascii_uppercase()), "{name}");
            assert!(dictionary.has(b"ToUnicode"), "{name}");
            let descendant = document
                .dereference(&resolved(&document, dictionary, b"DescendantFonts").as_array().unwrap()[0])
                .unwrap()
                .1
                .as_dict()
                .unwrap();
            let descriptor = resolved(&document, descendant, b"FontDescriptor").as_dict().unwrap();
            assert!(descriptor.has(b"FontFile2") || descriptor.has(b"FontFile3"), "{name} is not embedded");
        }
    }
    assert!(count >= 4, "{count} fonts");
}

#[test]
fn pages_are_labelled_in_roman_and_from_one() {
    let folder = copy("labels", "tests/books/features");
    assert!(build(&folder).status.success());
    let document = pdf(&folder);
    let labels = resolved(&document, document.catalog().unwrap(), b"PageLabels").as_dict().unwrap();
    let nums = labels.get(b"Nums").unwrap().as_array().unwrap();
    let styles: Vec<(i64, Option<Vec<u8>>)> = nums
        .chunks(2)
        .map(|pair| (pair[0].as_i64().unwrap(), pair[1].as_dict().unwrap().get(b"S").ok().map(|name| name.as_name().unwrap().to_vec())))
        .collect();
    assert_eq!(styles, [(0, None), (2, Some(b"r".to_vec())), (6, Some(b"D".to_vec()))]);
}

#[test]
fn an_epub_holds_what_readers_ask_for() {
    let folder = copy("epub", "tests/books/features");
    assert!(build(&folder).status.success());
    let epub = made(&folder, "epub");
    let names = epub_names(&epub);
    assert_eq!(names[0], "mimetype");
    assert!(names.iter().any(|name| name == "OEBPS/fonts/NotoSerifSC-Regular.ttf"), "{names:?}");
    let package = epub_file(&epub, "OEBPS/content.opf");
    for part in [
        "<dc:language>zh-Hans-CN</dc:language>",
        "<dc:contributor id=\"contributor-2\">乙译者</dc:contributor>",
        "scheme=\"marc:relators\">trl</meta>",
        "property=\"file-as\">Yi</meta>",
        "properties=\"cover-image\"",
        "<dc:publisher>版心书局</dc:publisher>",
        "<dc:date>2021-03-01</dc:date>",
        "<meta property=\"dcterms:modified\">2021-03-01T00:00:00Z</meta>",
    ] {
        assert!(package.contains(part), "{part} in {package}");
    }
    let notes = epub_file(&epub, "OEBPS/notes.xhtml");
    assert!(notes.contains("epub:type=\"noteref\"") && notes.contains("<aside class=\"note\" epub:type=\"footnote\""));
    let css = epub_file(&epub, "OEBPS/stylesheet.css");
    for part in ["text-indent: 2em", "text-align: justify", "line-break: strict", "text-spacing-trim", "text-autospace", "@font-face"] {
        assert!(css.contains(part), "{part}");
    }
    let nav = epub_file(&epub, "OEBPS/nav.xhtml");
    assert!(nav.contains("epub:type=\"landmarks\"") && nav.contains("第一节　数字与单位"));
    assert_eq!(epub_file(&epub, "OEBPS/toc.ncx").matches("<navPoint").count(), 9);
}

#[test]
fn emphasis_beside_chinese_marks_is_emphasis() {
    let folder = book(
        "emphasis",
        &[
            ("book.toml", MANIFEST),
            (
                "src/a.md",
                "# 一\n\n**真，**她说。他说**“好”**了，**甲。**乙**丙**丁。**C++**语言、前**(甲)**后、**`甲`**乙、字*楷*。~~删。~~乙\n",
            ),
        ],
    );
    assert!(build(&folder).status.success());
    let page = epub_file(&made(&folder, "epub"), "OEBPS/a.xhtml");
    for part in [
        "<strong>真，</strong>她",
        "<strong>“好”</strong>了",
        "<strong>甲。</strong>乙<strong>丙</strong>丁",
        "<strong>C++</strong>语言",
        "前<strong>(甲)</strong>后",
        "<strong><code>甲</code></strong>乙",
        "字<em>楷</em>。",
        "<del>删。</del>乙",
    ] {
        assert!(page.contains(part), "{page}");
    }
}

#[test]
fn a_note_in_a_numbered_heading_leads_back_to_its_mark() {
    let folder = book("heading-note", &[("book.toml", MANIFEST), ("src/a.md", "# 第一章　题[^1]\n\n字。\n\n[^1]: 注\n")]);
    assert!(build(&folder).status.success());
    let page = epub_file(&made(&folder, "epub"), "OEBPS/a.xhtml");
    assert_eq!(page.matches("id=\"ref-1\"").count(), 1, "{page}");
}

#[test]
fn no_script_style_or_handler_gets_into_a_file() {
    let text = "# 一\n\n<p onclick=\"evil()\">字</p><script>evil()</script><style>p{}</style>\n\n[去](javascript:evil())\n";
    let folder = book("script", &[("book.toml", MANIFEST), ("src/a.md", text)]);
    let output = build(&folder);
    assert!(output.status.success(), "{}", stderr(&output));
    let page = epub_file(&made(&folder, "epub"), "OEBPS/a.xhtml");
    assert!(!page.contains("evil") && page.contains("<p>字</p>"), "{page}");
}

#[test]
fn a_user_font_is_embedded_in_both() {
    let manifest = "[book]\ntitle = \"书\"\n[[chapters]]\nfile = \"a.md\"\n[fonts]\nserif = \"my.ttf\"\n";
    let folder = book("user-font", &[("book.toml", manifest), ("src/a.md", "字体\n")]);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::copy(root.join("fonts/WenKaiBook-Regular.ttf"), folder.0.join("my.ttf")).unwrap();
    let output = build(&folder);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(epub_names(&made(&folder, "epub")).iter().any(|name| name.contains("WenKaiBook")));
}

#[test]
fn a_font_with_outlines_of_postscript_keeps_them_in_the_epub() {
    use skrifa::MetadataProvider;
    use skrifa::outline::{DrawSettings, OutlinePen};
    /// The lowest point of an outline.
    struct Lowest(f32);
    impl OutlinePen for Lowest {
        fn move_to(&mut self, _: f32, y: f32) {
            self.0 = self.0.min(y);
        }
        fn line_to(&mut self, _: f32, y: f32) {
            self.0 = self.0.min(y);
        }
        fn quad_to(&mut self, _: f32, _: f32, _: f32, _: f32) {}
        fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {}
        fn close(&mut self) {}
    }
    let manifest = format!("{MANIFEST}[fonts]\nserif = \"x.otf\"\n[epub]\nfonts = \"embed\"\n");
    let folder = book("postscript-font", &[("book.toml", &manifest), ("src/a.md", "# 一\n\n字 AB A。\n")]);
    std::fs::copy(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fonts/boxes.otf"), folder.0.join("x.otf")).unwrap();
    let output = build(&folder);
    assert!(output.status.success(), "{}", stderr(&output));
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(made(&folder, "epub"))).unwrap();
    let mut file = Vec::new();
    std::io::Read::read_to_end(&mut archive.by_name("OEBPS/fonts/Boxes-Regular.otf").unwrap(), &mut file).unwrap();
    assert!(file.starts_with(b"OTTO"));
    let font = skrifa::FontRef::new(&file).unwrap();
    // Where the box of each begins, as the font was drawn.
    for (c, lowest, width) in [('A', 10.0, 600.0), ('B', 20.0, 610.0), ('字', 40.0, 1000.0)] {
        let glyph = font.charmap().map(c).unwrap();
        let mut pen = Lowest(f32::MAX);
        let size = skrifa::instance::Size::unscaled();
        let settings = DrawSettings::unhinted(size, skrifa::instance::LocationRef::default());
        font.outline_glyphs().get(glyph).unwrap().draw(settings, &mut pen).unwrap();
        assert_eq!(
            (pen.0, font.glyph_metrics(size, skrifa::instance::LocationRef::default()).advance_width(glyph)),
            (lowest, Some(width)),
            "{c}"
        );
    }
}
