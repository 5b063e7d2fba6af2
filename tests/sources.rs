//! Books that are brought in from other forms: mdBook, GitBook, Markdown, EPUB, HTML, DOCX. What they say is kept, and `build` takes it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic)]

mod common;

use common::{Folder, book, copy, folder, made, run, stderr, stdout};
use std::io::Write;
use std::path::Path;

fn import(source: &Path, target: &Folder) -> std::process::Output {
    run(&["import", source.to_str().unwrap(), "-o", target.0.join("book").to_str().unwrap()])
}

fn read(target: &Folder, name: &str) -> String {
    std::fs::read_to_string(target.0.join("book").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn assert_builds(target: &Folder) {
    let output = run(&["build", target.0.join("book").to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
}

/// Undoing gives these files of the source.
fn assert_undone(source: &Path, target: &Folder, files: &[&str]) {
    let (made, back) = (target.0.join("book"), target.0.join("back"));
    std::fs::create_dir_all(&back).unwrap();
    let output =
        run(&["import", made.to_str().unwrap(), "--undo", made.join("ledger.jsonl").to_str().unwrap(), "-o", back.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
    for file in files {
        assert_eq!(std::fs::read(back.join(file)).unwrap(), std::fs::read(source.join(file)).unwrap(), "{file}");
    }
}

fn han(text: &str) -> Vec<char> {
    text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).collect()
}

fn archive(path: &Path, files: &[(&str, &str)]) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, text) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

#[test]
fn an_mdbook_stays_one() {
    let source = copy("sources-mdbook", "tests/books/mdbook");
    let target = folder("sources-mdbook-made");
    let output = import(&source.0, &target);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(read(&target, "book.toml").contains("title = \"排版小记\""));
    assert!(read(&target, "src/SUMMARY.md").contains("  - [标点的宽度](chapter_1/punctuation.md)"));
    assert_builds(&target);
    assert_undone(&source.0, &target, &["src/preface.md", "src/chapter_1/punctuation.md", "src/chapter_3.md"]);
}

#[test]
fn a_gitbook_is_read_by_its_summary() {
    let summary = "# Summary\n\n* [介绍](README.md)\n\n## 第一部分\n\n* [第一章](ch/a.md)\n    * [一节](ch/a.md#x)\n    * [二节](ch/b.md)\n* [缺](ch/none.md)\n* 未写\n* [外](http://a.example/)\n";
    let chapter = "# 第一章\r\n\r\n囷平的路上,天色晚了。`a,b`与[甲,乙](b.md)。\r\n\r\n```\r\n甲,乙\r\n```\r\n";
    let source = book(
        "sources-gitbook",
        &[
            ("book.json", "{\"title\":\"小书\",\"author\":\"某人\"}"),
            ("SUMMARY.md", summary),
            ("README.md", "# 介绍\n\n你好,世界。\n"),
            ("ch/a.md", chapter),
            ("ch/b.md", "# 二节\n\n丙。\n"),
        ],
    );
    let target = folder("sources-gitbook-made");
    let output = import(&source.0, &target);
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stdout(&output);
    assert!(said.contains("ch/none.md is listed and does not exist") && said.contains("http://a.example/"), "{said}");
    assert!(read(&target, "book.toml").contains("authors = [\"某人\"]"));
    let made = read(&target, "src/ch/a.md");
    assert!(made.contains("和平的路上，天色晚了。`a,b`与[甲，乙](b.md)。") && made.contains("```\n甲,乙\n```"), "{made}");
    assert_builds(&target);
    assert_undone(&source.0, &target, &["README.md", "ch/a.md", "ch/b.md"]);
}

#[test]
fn a_folder_of_markdown_is_in_the_order_of_its_names() {
    let source = book(
        "sources-folder",
        &[("10.md", "# 十\n\n字。\n"), ("2.md", "# 二\n\n字。\n"), ("README.md", "# 序\n\n字。\n"), ("a/1.md", "# 甲\n\n字。\n")],
    );
    let target = folder("sources-folder-made");
    let output = import(&source.0, &target);
    assert!(output.status.success(), "{}", stderr(&output));
    let manifest = read(&target, "book.toml");
    let order: Vec<&str> = manifest.lines().filter_map(|line| line.strip_prefix("file = ")).collect();
    assert_eq!(order, ["\"README.md\"", "\"2.md\"", "\"10.md\"", "\"a/1.md\""]);
    assert_builds(&target);
    let target = folder("sources-one-made");
    assert!(import(&source.0.join("2.md"), &target).status.success());
    assert_builds(&target);
    // Chapters that were joined into one text are many again.
    let text = "书前的话。\n\n# 第一章　甲\n\n> 囷平的诗句,\n> 一行又一行。\n\n```\n# 不是\n```\n\n# 第二章　乙\n\n## 一节\n\n字。\n";
    std::fs::write(source.0.join("joined.txt"), text).unwrap();
    // Only the pictures that it shows come along.
    std::fs::write(source.0.join("other.png"), "x").unwrap();
    let target = folder("sources-joined-made");
    assert!(import(&source.0.join("joined.txt"), &target).status.success());
    assert_eq!(read(&target, "src/ch01.md"), "# 第一章　甲\n\n> 和平的诗句，\n> 一行又一行。\n\n```\n# 不是\n```\n\n");
    assert!(read(&target, "src/ch02.md").starts_with("# 第二章　乙\n\n## 一节"));
    assert!(!target.0.join("book/src/other.png").exists());
    assert_builds(&target);
    let (made, back) = (target.0.join("book"), target.0.join("back.txt"));
    let output =
        run(&["import", made.to_str().unwrap(), "--undo", made.join("ledger.jsonl").to_str().unwrap(), "-o", back.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(back).unwrap(), text);
}

/// A book of every form goes out as an EPUB and comes in again: every character that stood in it, in its order.
#[test]
fn an_epub_comes_in_as_it_went_out() {
    for name in ["tests/books/features", "tests/books/languages/zh-Hant-TW", "book"] {
        let source = copy(&format!("sources-epub-{}", name.replace('/', "-")), name);
        let output = run(&["build", source.0.to_str().unwrap(), "--epub"]);
        assert!(output.status.success(), "{}", stderr(&output));
        std::fs::write(source.0.join("a.epub"), made(&source, "epub")).unwrap();
        let target = folder(&format!("sources-epub-made-{}", name.replace('/', "-")));
        let output = import(&source.0.join("a.epub"), &target);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        assert_builds(&target);
        let count = |folder: &Path| {
            let mut all: Vec<char> = std::fs::read_dir(folder.join("src"))
                .unwrap()
                .flatten()
                .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
                .flat_map(|text| han(&text))
                .collect();
            all.sort_unstable();
            all
        };
        // Captions and references have words of the program's; nothing is missing.
        let (mut was, is) = (count(&source.0), count(&target.0.join("book")));
        let mut left = is.iter().peekable();
        was.retain(|c| {
            while left.next_if(|other| *other < c).is_some() {}
            left.next_if(|other| *other == c).is_none()
        });
        assert!(was.len() < 40, "{name}: {was:?}");
    }
}

const CONTAINER: &str = "<container><rootfiles><rootfile full-path=\"OEBPS/p.opf\"/></rootfiles></container>";

#[test]
fn an_old_epub_has_its_titles_from_the_ncx_and_its_notes_from_another_page() {
    let package = "<package><metadata><dc:title xmlns:dc='x'>旧书</dc:title></metadata><manifest><item id='n' href='toc.ncx'/><item id='a' href='a.html'/><item id='b' href='b.html'/></manifest><spine toc='n'><itemref idref='a'/><itemref idref='b'/></spine></package>";
    let ncx = "<!DOCTYPE ncx PUBLIC '-//NISO//DTD ncx 2005-1//EN' 'http://www.daisy.org/z3986/2005/ncx-2005-1.dtd'><ncx><navMap><navPoint><navLabel><text>第一回 来</text></navLabel><content src='a.html'/></navPoint></navMap></ncx>";
    let page = "<html xmlns='http://www.w3.org/1999/xhtml'><head><title/></head><body><p class='title'>第一回 来</p><p>　　话说他来了<sup><a id='r1' href='b.html#n1'>[1]</a></sup>，<ruby>版<rt>bǎn</rt></ruby>心。<a id='x'/>后来<b>又</b>去。</p><p>价 1 * 2 _ 3 # 4</p></body></html>";
    let notes = "<html xmlns='http://www.w3.org/1999/xhtml'><body><p id='n1'><a href='a.html#r1'>[1]</a> 注文。</p></body></html>";
    let source = folder("sources-old");
    let path = source.0.join("old.epub");
    archive(
        &path,
        &[
            ("META-INF/container.xml", CONTAINER),
            ("OEBPS/p.opf", package),
            ("OEBPS/toc.ncx", ncx),
            ("OEBPS/a.html", page),
            ("OEBPS/b.html", notes),
        ],
    );
    let target = folder("sources-old-made");
    let output = import(&path, &target);
    assert!(output.status.success(), "{}", stderr(&output));
    let made = read(&target, "src/ch01.md");
    assert_eq!(made, "# 第一回 来\n\n话说他来了[^1]，{版|bǎn}心。后来**又**去。\n\n价 1 \\* 2 \\_ 3 # 4\n\n[^1]: 注文。\n");
    assert_builds(&target);
}

#[test]
fn a_page_without_headings_is_read_by_evidence() {
    let body = "<p>　　这一天，他沿着河岸走了很久，直到天色完全暗了下来，才慢慢地往回走。</p>";
    let page = format!(
        "<!DOCTYPE html><html><head><title>河岸</title></head><body><nav>首页</nav><div><p>第一章 来{body}<p>第二章 去{body}<br>我要回帖</div><script>alert(1)</script></body></html>"
    );
    let source = book("sources-html", &[("a.html", &page)]);
    let target = folder("sources-html-made");
    let output = import(&source.0.join("a.html"), &target);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(read(&target, "src/ch02.md").starts_with("# 第二章　去\n\n这一天"));
    assert!(read(&target, "left-out.txt").contains("我要回帖") && read(&target, "book.toml").contains("河岸"));
    assert_builds(&target);
}

const WORD: &str = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'";

#[test]
fn a_word_document_is_read_by_its_styles() {
    let styles = format!(
        "<w:styles {WORD}><w:style w:styleId='a1'><w:name w:val='heading 1'/></w:style><w:style w:styleId='b2'><w:name w:val='自定'/><w:basedOn w:val='a1'/><w:pPr><w:outlineLvl w:val='1'/></w:pPr></w:style></w:styles>"
    );
    let numbering = format!(
        "<w:numbering {WORD}><w:abstractNum w:abstractNumId='7'><w:lvl w:ilvl='0'><w:numFmt w:val='decimal'/></w:lvl></w:abstractNum><w:num w:numId='3'><w:abstractNumId w:val='7'/></w:num></w:numbering>"
    );
    let run = |text: &str| format!("<w:r><w:t>{text}</w:t></w:r>");
    let heading = |style: &str, text: &str| format!("<w:p><w:pPr><w:pStyle w:val='{style}'/></w:pPr>{}</w:p>", run(text));
    let item = |text: &str| format!("<w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='3'/></w:numPr></w:pPr>{}</w:p>", run(text));
    let body = [
        heading("a1", "第一章 来"),
        format!("<w:p>{}<w:r><w:rPr><w:b/></w:rPr><w:t>重</w:t></w:r>{}<w:r><w:footnoteReference w:id='2'/></w:r><w:del><w:r><w:delText>删</w:delText></w:r></w:del></w:p>", run("囷平,"), run("文 *1*")),
        item("甲"),
        item("乙"),
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>名</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>数</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:tc><w:p><w:r><w:t>丙</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>".into(),
        heading("b2", "一节"),
        "<w:p><w:r><w:ruby><w:rt><w:r><w:t>bǎn</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>版</w:t></w:r></w:rubyBase></w:ruby></w:r><w:r><w:t>心</w:t><w:br/><w:t>换行</w:t></w:r></w:p>".into(),
        heading("a1", "第二章 去"),
        format!("<w:p>{}</w:p>", run("# 去了。")),
    ];
    let document = format!("<w:document {WORD}><w:body>{}</w:body></w:document>", body.concat());
    let notes = format!(
        "<w:footnotes {WORD}><w:footnote w:id='2'><w:p><w:r><w:footnoteRef/></w:r>{}</w:p></w:footnote></w:footnotes>",
        run("注文。")
    );
    let source = folder("sources-word");
    let path = source.0.join("文.docx");
    archive(
        &path,
        &[
            ("word/document.xml", &document),
            ("word/styles.xml", &styles),
            ("word/numbering.xml", &numbering),
            ("word/footnotes.xml", &notes),
            ("word/vbaProject.bin", "x"),
        ],
    );
    let target = folder("sources-word-made");
    let output = import(&path, &target);
    assert!(output.status.success() && stderr(&output).contains("macros-left-out"), "{}", stderr(&output));
    assert_eq!(
        read(&target, "src/ch01.md"),
        "# 第一章 来\n\n和平，**重**文 \\*1\\*[^1]\n\n1. 甲\n2. 乙\n\n| 名 | 数 |\n| --- | --- |\n| 丙 |  |\n\n## 一节\n\n{版|bǎn}心\\\n换行\n\n[^1]: 注文。\n"
    );
    assert_eq!(read(&target, "src/ch02.md"), "# 第二章 去\n\n\\# 去了。\n");
    assert_builds(&target);
}

#[test]
fn what_is_no_book_is_told_and_nothing_is_written() {
    let source = folder("sources-bad");
    let refused = |name: &str, files: &[(&str, &str)], code: &str| {
        let path = source.0.join(name);
        archive(&path, files);
        let target = folder(&format!("sources-bad-{name}"));
        let output = import(&path, &target);
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(stderr(&output).contains(code), "{name}: {}", stderr(&output));
        assert!(!target.0.join("book").exists(), "{name}");
    };
    let package = "<package><manifest><item id='a' href='a.html'/></manifest><spine><itemref idref='a'/></spine></package>";
    // 100 MB of nought are some 100 kB in the archive.
    let bomb = "0".repeat(100 << 20);
    refused("bomb.epub", &[("META-INF/container.xml", CONTAINER), ("OEBPS/p.opf", package), ("OEBPS/a.html", &bomb)], "too-large");
    refused("bomb.docx", &[("word/document.xml", &bomb)], "too-large");
    let laughs = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'><!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'><!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;'><!ENTITY g '&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;'><!ENTITY h '&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;'>]><container><x>&h;</x></container>";
    refused("laughs.epub", &[("META-INF/container.xml", laughs)], "broken-archive");
    refused(
        "empty.epub",
        &[("META-INF/container.xml", CONTAINER), ("OEBPS/p.opf", package), ("OEBPS/a.html", "<html><body/></html>")],
        "nothing-to-import",
    );
    refused("none.docx", &[("word/document.xml", "<document/>")], "nothing-to-import");
    refused("cut.docx", &[("word/document.xml", "<document><body><p>")], "broken-archive");
    refused("other.zip", &[("a.txt", "甲")], "nothing-to-import");
    let locked = "<encryption><CipherReference URI=\"OEBPS/a.html\"/></encryption>";
    refused(
        "locked.epub",
        &[("META-INF/container.xml", CONTAINER), ("META-INF/encryption.xml", locked), ("OEBPS/p.opf", package), ("OEBPS/a.html", "x")],
        "locked",
    );
    let whole = std::fs::read(source.0.join("empty.epub")).unwrap();
    std::fs::write(source.0.join("half.epub"), &whole[..whole.len() / 2]).unwrap();
    let target = folder("sources-bad-half");
    let output = import(&source.0.join("half.epub"), &target);
    assert!(output.status.code() == Some(1) && stderr(&output).contains("broken-archive"), "{}", stderr(&output));
    // A path of the archive that leads outside.
    let outside = "<package><manifest><item id='a' href='../../../etc/passwd'/></manifest><spine><itemref idref='a'/></spine></package>";
    refused("outside.epub", &[("META-INF/container.xml", CONTAINER), ("OEBPS/p.opf", outside)], "nothing-to-import");
}
