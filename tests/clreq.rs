//! The cases of `judges/clreq` held against the finished PDF, without any program beside: where lines end and how far
//! apart characters stand. (Drawn lines, dots and the ink of marks are `judges/clreq/run.py`'s.)
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/pdf.rs"]
mod pdf;

use pdf::{is_han, lines};
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

#[test]
fn every_case_of_clreq_is_kept_in_the_pdf() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/clreq");
    let cases: Vec<Value> = ["cases.json", "more.json"]
        .iter()
        .flat_map(|name| serde_json::from_str::<Vec<Value>>(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap())
        .collect();
    assert!(cases.len() > 150, "the cases are gone");
    let failed: Vec<String> = cases
        .par_iter()
        .filter_map(|case| {
            let id = case["id"].as_str().unwrap();
            let text = case["text"].as_str().unwrap().replace('\n', "\\\n") + "\n";
            let book = common::book(&format!("clreq-{id}"), &[("book.toml", &manifest(case)), ("src/case.md", &text)]);
            let output = common::run(&["build", book.0.to_str().unwrap(), "--pdf"]);
            assert!(output.status.success(), "{id}: {}", common::stderr(&output));
            let pages = pdf::pages(&common::made(&book, "pdf"));
            let config = &case["expect"]["config"];
            let vertical = config["writing"].as_str() == Some("vertical-rl");
            let faults = check(case, &lines(&pages[0], vertical, SIZE, config["indent_em"].as_f64().unwrap_or(0.0)));
            (!faults.is_empty()).then(|| format!("{id}: {} [{}]", faults.join("; "), case["source"]))
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} cases fail:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

/// The check itself can fail: every case with a place moved by a tenth of an em does.
#[test]
fn a_case_that_is_not_kept_is_told() {
    let case: Value = serde_json::from_str(
        r#"{"id":"x","measure_em":6,"expect":{"lines":[["天地玄"]],"pitch":[{"from":"天","to":"地","em":[1.0]}],"forbid_start":["天"],"together":["地玄"]}}"#,
    )
    .unwrap();
    let good = vec![vec![('天', 0.0), ('地', 1.0), ('玄', 2.0)]];
    assert_eq!(check(&case, &good), ["starts with 天"]);
    let bad = vec![vec![('天', 0.0), ('地', 1.1)], vec![('玄', 0.0)]];
    assert_eq!(check(&case, &bad).len(), 4);
}
