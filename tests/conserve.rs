//! No text is lost, whatever the source does: every Chinese character of these chapters is in both outputs.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic)]

mod common;

use common::{MANIFEST, book, build, epub_file, made, run, stderr, stdout};

/// Chapters that once lost something, or might.
const CASES: &[&str] = &[
    "## 论{版心|bǎn xīn}\n\n## 集合 {甲, 乙}\n\n## 用 {变量}\n\n## 有名 {#id .class}",
    "甲[^a]\n\n[^a]: 乙[^b]\n[^b]: 丙",
    "<dl><dt><p>甲</p></dt><dd>乙</dd></dl>\n\n<dl><dt><h4>丙</h4></dt><dd>丁</dd></dl>",
    "<dl><div><dt>甲</dt><dd>乙</dd></div></dl>",
    "<ul><p>甲</p><li>乙</li></ul>\n\n<ul><div>丙</div></ul>\n\n<ul><h3>丁</h3><li>戊</li></ul>",
    "<ol>\n\n甲\n\n</ol>\n\n<ul>\n\n- 乙\n\n</ul>",
    "<table><tr><p>甲</p><td>乙</td></tr></table>\n\n<table><tr><center>丙</center></tr></table>",
    "<b><div>甲</div></b>\n: 乙",
    "| 词 | 义 |\n|---|---|\n| {版心|bǎn xīn} | 乙 |",
    "![图](x.svg \"题甲\")\n![图](x.svg \"题乙\")",
    "<code>甲[^1]</code>与<ruby>乙[^1]<rt>丙</rt></ruby>\n\n[^1]: 丁",
    "<pre>甲<pre>乙</pre>\n\n丙",
    "<p>甲<div>乙</div>丙</p>丁",
    "> - 甲\n>   > 乙\n>\n>   ```\n>   丙\n>   ```\n\n丁",
    "- 甲\n\n  | 乙 | 丙 |\n  |---|---|\n  | 丁 | 戊 |\n\n  > [!NOTE]\n  > 己",
    "<details><summary>甲</summary>乙\n\n丙</details>丁",
    "<span>甲<span>乙</span>丙\n\n丁",
    "甲<script>x</script>乙<style>y</style>丙",
    "::: verse\n　　甲乙\n丙\n:::\n\n::: unknown\n丁\n:::",
    "# 一级甲\n\n乙\n\n# 一级丙\n\n丁",
    "**甲，**乙*丙*。__丁__戊_己_庚",
    "甲[^1]乙[^1]丙[^2]\n\n[^1]: 丁\n\n    戊\n[^2]: 己\n[^3]: 庚",
    "<table><tr><td rowspan=2>甲<ul><li>乙</ul><td colspan=3>丙<tr><td>丁</table>",
    "甲\u{AD}乙\u{200B}丙\u{FE0F}丁",
    "::: verse\n[甲乙\n丙丁](http://x.org)\n:::\n\n[戊](http://a.org)[己\\\n庚](http://b.org)[辛](http://c.org)",
    "{甲乙|office}丙[[丁]{.proper}戊]{.warichu}己[庚[^1]辛]{.warichu}\n\n[^1]: 壬",
    "か\u{3099}甲\u{302A}乙\u{20DD}丙e\u{301}丁",
    "`ab`{甲|jiǎ}乙[![x](x.svg)]{#a}{丙|bǐng}",
    "甲[乙丙]{.frame}[丁戊]{.spaced}\n\n::: even\n己庚\n:::\n\n::: hanging\n辛\n:::\n\n::: continued\n壬\n\n癸\n:::",
];

fn chinese(text: &str) -> Vec<char> {
    let mut found: Vec<char> = text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c) && !"图注".contains(*c)).collect();
    found.sort_unstable();
    found
}

// 图 and 注 are words of the program's own: captions and callouts.

/// The text of an XHTML body, tags left out.
fn body(page: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in page.split_once("<body>").unwrap().1.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

#[test]
fn every_character_is_in_both_outputs() {
    for (at, text) in CASES.iter().enumerate() {
        let manifest = format!("{MANIFEST}[pdf]\ncover = false\ntitle-page = false\ntoc = false\nrunning-heads = false\n");
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>";
        let folder = book(&format!("conserve-{at}"), &[("book.toml", &manifest), ("src/a.md", text), ("src/x.svg", svg)]);
        let output = build(&folder);
        assert!(output.status.success(), "{text}: {}", stderr(&output));
        let wanted = chinese(text);
        let page = epub_file(&made(&folder, "epub"), "OEBPS/a.xhtml").replace("<span class=\"missing\">", "");
        let flowing = body(&page);
        assert_eq!(chinese(&flowing), wanted, "EPUB of {text}: {page}");
        assert!(run(&["build", folder.0.to_str().unwrap(), "--dump"]).status.success());
        let dump = String::from_utf8(made(&folder, "txt")).unwrap();
        let runs = dump.lines().filter(|line| line.contains("-Regular ") || line.contains("-Bold ") || line.contains("+bold "));
        let printed: String = runs.map(|line| line.rsplit(['r', 'd']).next().unwrap_or(line)).collect::<String>();
        assert_eq!(chinese(&printed), wanted, "PDF of {text}: {dump}");
        // The proof says the same, of every character and of their order.
        let proof = run(&["check", "--proof", folder.0.to_str().unwrap()]);
        assert_eq!(stdout(&proof).matches("proved:").count(), 2, "{text}: {}", stderr(&proof));
    }
}

#[test]
fn nesting_without_end_is_told_and_kept() {
    let deep = format!("{}甲", "> ".repeat(3000));
    let divs = format!("{}乙", "<div>\n\n".repeat(3000));
    let stars = format!("{}丙{}", "*a ".repeat(60), " b*".repeat(60));
    for (name, text) in [("quotes", deep), ("divs", divs), ("stars", stars)] {
        let folder = book(&format!("deep-{name}"), &[("book.toml", MANIFEST), ("src/a.md", &text)]);
        let output = build(&folder);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
    }
}

#[test]
fn nothing_is_set_off_the_page() {
    let cell = "字".repeat(3000);
    let text = format!(
        "# {}\n\n|甲|乙|\n|-|-|\n|{cell}|丙|\n|丁|戊|\n\n{}\n\n[^1]: {}\n\n注[^1]。\n\n| 甲 | {} |\n|-|-|\n| 乙 | 丙 |\n",
        "题".repeat(600),
        "a".repeat(400),
        "e".repeat(300),
        "x".repeat(200)
    );
    for page in ["a5", "e6"] {
        let manifest = format!("{MANIFEST}[pdf]\npage = \"{page}\"\n");
        let folder = book(&format!("off-{page}"), &[("book.toml", &manifest), ("src/a.md", &text)]);
        assert!(run(&["build", folder.0.to_str().unwrap(), "--dump"]).status.success());
        let dump = String::from_utf8(made(&folder, "txt")).unwrap();
        let (width, height) = if page == "a5" { (419.6, 595.3) } else { (255.2, 345.9) };
        for line in dump.lines().filter(|line| line.contains(" ..")) {
            let parts: Vec<&str> = line.split(' ').collect();
            let (y, right): (f64, f64) = (parts[1].parse().unwrap(), parts[2].trim_start_matches("..").parse().unwrap());
            assert!(y < height && right < width, "{page}: {line}");
        }
    }
}
