//! What holds for any Chinese text, read from the finished PDF: nothing lost or doubled, no line over the measure, Han never
//! closer than an em, units whole, no mark where no line may begin or end. The texts are the same on every run.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic)]

mod common;

use common::pdf;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Books that are made, unless `PROPERTY_BOOKS` says how many.
const BOOKS: u32 = 160;
/// Characters in a line.
const MEASURE: f64 = 20.0;
const SIZE: f64 = 10.5;

/// One piece of a paragraph.
fn piece() -> impl Strategy<Value = String> {
    let any = |choices: &'static [&'static str]| prop::sample::select(choices).prop_map(str::to_owned);
    prop_oneof![
        10 => "[天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁]{1,7}",
        4 => any(&["，", "、", "。", "：", "；", "！", "？", "？！", "！！！"]),
        2 => any(&["——", "……", "～", "·", "—", "／"]),
        1 => any(&["“天”", "‘地’。", "《玄黄》", "（宇宙）", "「洪」", "『荒』，", "〈日〉、", "。”", "！’”"]),
        2 => any(&["Shakespeare", "ab", "Rust", "x", "print", "EPUB 3", "a/b", "GB/T 15834"]),
        2 => any(&["3", "12", "2026", "3.1416", "50%", "100", "-5", "￥8", "12:30"]),
    ]
}

/// A paragraph: it begins with Han, so that it is one.
fn paragraph() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 1..40).prop_map(|pieces| format!("天{}", pieces.concat()))
}

fn setting() -> impl Strategy<Value = String> {
    let pick = |choices: &'static [&'static str]| prop::sample::select(choices);
    (
        pick(&["horizontal-tb", "vertical-rl"]),
        pick(&["CN", "TW", "HK", "JP"]),
        pick(&["basic", "gb", "strict"]),
        pick(&["quanjiao", "kaiming", "banjiao"]),
        any::<bool>(),
        prop::bool::weighted(0.2),
        0..3u8,
    )
        .prop_map(|(mode, region, level, style, hanging, grid, indent)| {
            format!("writing-mode = \"{mode}\"\nregion = \"{region}\"\nline-break = \"{level}\"\npunctuation = \"{style}\"\nhanging-punctuation = {hanging}\ngrid = {grid}\nindent = {indent}\n")
        })
}

fn text_of(line: &pdf::Line) -> String {
    line.iter().map(|(c, _)| *c).collect()
}

fn holds(setting: &str, paragraphs: &[String]) -> Result<(), TestCaseError> {
    let manifest = format!(
        "[book]\ntitle = \"例\"\n[[chapters]]\nfile = \"a.md\"\n[typography]\nhyphenate = false\n{setting}[pdf]\npage = {{ width = \"300mm\", height = \"300mm\" }}\nfont-size = \"10.5pt\"\nchars-per-line = {MEASURE}\ncover = false\ntitle-page = false\ntoc = false\nrunning-heads = false\npage-numbers = false\n"
    );
    let source = paragraphs.join("\n\n");
    let book = common::book("property", &[("book.toml", &manifest), ("src/a.md", &source)]);
    let output = common::run(&["build", book.0.to_str().unwrap(), "--pdf"]);
    prop_assert!(output.status.success(), "{}", common::stderr(&output));
    prop_assert!(!common::stderr(&output).contains("[overfull]"), "a line is overfull");
    let pages = pdf::pages(&common::made(&book, "pdf"));
    let painted: String = pages.iter().flatten().flat_map(|glyph| glyph.text.chars()).filter(|c| !c.is_whitespace()).collect();
    let written: String = source.chars().filter(|c| !c.is_whitespace()).collect();
    prop_assert_eq!(painted, written);
    let vertical = setting.contains("vertical");
    let units = ["——", "……"];
    for page in &pages {
        let lines = pdf::lines(page, vertical, SIZE, 0.0);
        for line in &lines {
            for pair in line.windows(2).filter(|pair| pdf::is_han(pair[0].0) && pdf::is_han(pair[1].0)) {
                prop_assert!(pair[1].1 - pair[0].1 > 0.998, "Han closer than an em: {}", text_of(line));
            }
            let (last, along) = line[line.len() - 1];
            let end = along + if pdf::is_han(last) { 1.0 } else { 0.0 };
            let hangs = setting.contains("hanging-punctuation = true") && "，、。".contains(last);
            prop_assert!(hangs || end <= MEASURE + 0.01, "over the measure by {}: {}", end - MEASURE, text_of(line));
        }
        let texts: Vec<String> = lines.iter().map(text_of).collect();
        for pair in texts.windows(2) {
            let (before, after) = (pair[0].chars().last().unwrap(), pair[1].chars().next().unwrap());
            prop_assert!(!"，、。：；！？”’》）」』〉·～／".contains(after), "a line begins with {after}");
            prop_assert!(!"“‘《（「『〈".contains(before), "a line ends with {before}");
            prop_assert!(!(before.is_ascii_digit() && (after.is_ascii_digit() || after == '%')), "a number is divided: {pair:?}");
            for unit in units {
                let half = unit.chars().next().unwrap();
                let count = |text: &str, back: bool| {
                    if back {
                        text.chars().rev().take_while(|c| *c == half).count()
                    } else {
                        text.chars().take_while(|c| *c == half).count()
                    }
                };
                prop_assert!(count(&pair[0], true) % 2 == 0 || count(&pair[1], false) == 0, "{unit} is divided: {pair:?}");
            }
        }
    }
    Ok(())
}

#[test]
fn any_text_keeps_the_rules() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let books = std::env::var("PROPERTY_BOOKS").ok().and_then(|count| count.parse().ok()).unwrap_or(BOOKS);
    let config = Config { cases: books, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let books = (setting(), prop::collection::vec(paragraph(), 1..6));
    runner.run(&books, |(setting, paragraphs)| holds(&setting, &paragraphs)).unwrap_or_else(|failure| panic!("{failure}"));
}
