//! The cases of `judges/clreq` held against the finished PDF, without any program beside: where lines end and how far
//! apart characters stand. (Drawn lines, dots and the ink of marks are `judges/clreq/run.py`'s.)
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic)]

mod common;

use common::pdf::{self, is_han, lines};
use rayon::prelude::*;
use serde_json::Value;

/// Points to the em, in every case.
const SIZE: f64 = 20.0;
/// How far a place may be from where it should be, em.
const TOLERANCE: f64 = 0.03;

fn manifest(case: &Value) -> String {
    let config = &case["expect"]["config"];
    let get = |key: &str, default: &str| config[key].as_str().unwrap_or(default).to_owned();
    let region = get("region", "CN");
    let language = if region == "CN" { "zh-Hans-CN".to_owned() } else { format!("zh-Hant-{region}") };
    format!(
        "[book]\ntitle = \"例\"\nlanguage = \"{language}\"\n[[chapters]]\nfile = \"case.md\"\n[typography]\nregion = \"{region}\"\nline-break = \"{}\"\npunctuation = \"{}\"\nindent = {}\nhyphenate = false\nwriting-mode = \"{}\"\n[pdf]\npage = {{ width = \"420mm\", height = \"420mm\" }}\nfont-size = \"20pt\"\nchars-per-line = {}\ncover = false\ntitle-page = false\ntoc = false\nrunning-heads = false\npage-numbers = false\n",
        get("level", "gb"),
        get("style", "quanjiao"),
        config["indent_em"].as_f64().unwrap_or(0.0),
        get("writing", "horizontal-tb"),
        case["measure_em"]
    )
}

fn check(case: &Value, lines: &[Vec<(char, f64)>]) -> Vec<String> {
    let expect = &case["expect"];
    let plain = |text: &str| text.replace(' ', "").replace('⋯', "…");
    let texts: Vec<String> = lines.iter().map(|line| plain(&line.iter().map(|(c, _)| *c).collect::<String>())).collect();
    let list = |key: &str| expect[key].as_array().cloned().unwrap_or_default();
    let string = |value: &Value| value.as_str().unwrap().to_owned();
    let numbers = |value: &Value| value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect::<Vec<_>>();
    let place = |value: &Value| {
        let wanted = value.as_str().unwrap().chars().next().unwrap();
        lines.iter().enumerate().find_map(|(row, line)| Some((row, line.iter().find(|(c, _)| *c == wanted)?.1)))
    };
    let mut faults = Vec::new();
    let allowed = list("lines");
    if !allowed.is_empty() {
        let same = |answer: &Value| answer.as_array().unwrap().iter().map(|line| plain(&string(line))).eq(texts.iter().cloned());
        if !allowed.iter().any(same) {
            faults.push(format!("lines {texts:?}"));
        }
    }
    for mark in list("forbid_start").iter().map(string).filter(|mark| texts.iter().any(|line| line.starts_with(mark))) {
        faults.push(format!("starts with {mark}"));
    }
    for mark in list("forbid_end").iter().map(string).filter(|mark| texts[..texts.len() - 1].iter().any(|line| line.ends_with(mark))) {
        faults.push(format!("ends with {mark}"));
    }
    for unit in list("together").iter().map(string).filter(|unit| !texts.iter().any(|line| line.contains(unit))) {
        faults.push(format!("split {unit}"));
    }
    for pitch in list("pitch") {
        let found = place(&pitch["from"]).zip(place(&pitch["to"])).filter(|(from, to)| from.0 == to.0).map(|(from, to)| to.1 - from.1);
        if !found.is_some_and(|found| numbers(&pitch["em"]).iter().any(|wanted| (found - wanted).abs() <= TOLERANCE)) {
            faults.push(format!("{} to {}: {found:?}", pitch["from"], pitch["to"]));
        }
    }
    for x in list("x") {
        let found = place(&x["char"]).map(|(_, along)| along);
        if !found.is_some_and(|found| numbers(&x["em"]).iter().any(|wanted| (found - wanted).abs() <= TOLERANCE)) {
            faults.push(format!("{} at {found:?}", x["char"]));
        }
    }
    for gap in list("gap") {
        let found = place(&gap["after"]).zip(place(&gap["before"])).map(|(after, before)| before.1 - after.1 - 1.0);
        let range = numbers(&gap["em"]);
        if !found.is_some_and(|found| (range[0] - TOLERANCE..=range[1] + TOLERANCE).contains(&found)) {
            faults.push(format!("gap {} | {}: {found:?}", gap["after"], gap["before"]));
        }
    }
    // No space within a dash: its two characters stand at one place, or an em or two apart.
    let dashes = lines.iter().flat_map(|line| line.windows(2)).filter(|pair| pair[0].0 == '—' && pair[1].0 == '—');
    if expect["dash_rigid"].is_string() && dashes.map(|pair| pair[1].1 - pair[0].1).any(|by| (by - by.round()).abs() > TOLERANCE) {
        faults.push("a dash has a space in it".into());
    }
    let pairs = || lines.iter().flat_map(|line| line.windows(2)).filter(|pair| is_han(pair[0].0) && is_han(pair[1].0));
    if expect["solid"].as_bool() == Some(true) && pairs().any(|pair| (pair[1].1 - pair[0].1 - 1.0).abs() > TOLERANCE) {
        faults.push("not solid".into());
    }
    if pairs().any(|pair| pair[1].1 - pair[0].1 < 1.0 - TOLERANCE) {
        faults.push("Han closer than an em".into());
    }
    let measure = case["measure_em"].as_f64().unwrap();
    for (c, along) in lines.iter().filter_map(|line| line.last()) {
        if along + if is_han(*c) { 1.0 } else { 0.0 } > measure + TOLERANCE {
            faults.push(format!("{c} runs over the measure: {along}"));
        }
    }
    faults
}

fn cases() -> Vec<Value> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/clreq");
    let read = |name: &&str| serde_json::from_str::<Vec<Value>>(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap();
    ["cases.json", "more.json"].iter().flat_map(read).collect()
}

/// Builds the book of a case and holds its PDF against it.
fn faults(case: &Value, name: &str) -> Vec<String> {
    let id = case["id"].as_str().unwrap();
    let text = case["text"].as_str().unwrap().replace('\n', "\\\n") + "\n";
    let book = common::book(&format!("clreq-{name}-{id}"), &[("book.toml", &manifest(case)), ("src/case.md", &text)]);
    let output = common::run(&["build", book.0.to_str().unwrap(), "--pdf"]);
    assert!(output.status.success(), "{id}: {}", common::stderr(&output));
    let pages = pdf::pages(&common::made(&book, "pdf"));
    let config = &case["expect"]["config"];
    let vertical = config["writing"].as_str() == Some("vertical-rl");
    let found = lines(&pages[0], vertical, SIZE, config["indent_em"].as_f64().unwrap_or(0.0));
    let mut faults = check(case, &found);
    // In a column Han stand, whatever else is turned.
    if pages[0].iter().any(|glyph| glyph.upright != vertical && glyph.text.chars().any(is_han)) {
        faults.push("a Han character does not stand".into());
    }
    faults
}

#[test]
fn every_case_of_clreq_is_kept_in_the_pdf() {
    let cases = cases();
    assert!(cases.len() > 150, "the cases are gone");
    // What is drawn and where ink lies is for `run.py`; a key that nobody knows would hold nothing.
    const KEYS: &[&str] = &[
        "config",
        "lines",
        "forbid_start",
        "forbid_end",
        "together",
        "pitch",
        "x",
        "gap",
        "solid",
        "dash_rigid",
        "rules",
        "dots",
        "vert_forms",
        "ink",
    ];
    for case in &cases {
        let unknown: Vec<&String> = case["expect"].as_object().unwrap().keys().filter(|key| !KEYS.contains(&key.as_str())).collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", case["id"]);
    }
    let told = |case: &Value| {
        let faults = faults(case, "kept");
        (!faults.is_empty()).then(|| format!("{}: {} [{}]", case["id"], faults.join("; "), case["source"]))
    };
    let failed: Vec<String> = cases.par_iter().filter_map(told).collect();
    assert!(failed.is_empty(), "{} of {} cases fail:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

/// The check itself can fail: every case that says where characters stand does, with those characters moved.
#[test]
fn a_case_that_is_not_kept_is_told() {
    let mut tried = 0;
    for mut case in cases() {
        let moved = |value: &mut Value| *value = Value::from(value.as_f64().unwrap() + 0.4);
        for (key, list) in [("pitch", "em"), ("x", "em")] {
            for place in case["expect"][key].as_array_mut().into_iter().flatten() {
                place[list].as_array_mut().unwrap().iter_mut().for_each(moved);
            }
        }
        if case["expect"]["pitch"].is_array() || case["expect"]["x"].is_array() {
            assert!(!faults(&case, "moved").is_empty(), "{} holds with its places moved", case["id"]);
            tried += 1;
        }
    }
    assert!(tried > 100);
}
