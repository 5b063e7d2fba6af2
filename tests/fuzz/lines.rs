//! Any text as one paragraph, set in any way: the first bytes choose the way.
#![no_main]
mod common;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((ways, text)) = data.split_first_chunk::<3>() else { return };
    let pick = |at: usize, of: &[&str]| of[usize::from(ways[at]) % of.len()].to_owned();
    let mode = pick(0, &["horizontal-tb", "vertical-rl"]);
    let language = pick(1, &["zh-Hans-CN", "zh-Hant-TW", "zh-Hant-HK", "ja", "en"]);
    let hanging = ways[0] & 2 > 0;
    let grid = ways[0] & 4 > 0;
    let page = pick(2, &["d32k", "a5", "e6", "32k"]);
    let manifest = format!(
        "[book]\ntitle = \"书\"\ncover = \"cover.png\"\nlanguage = \"{language}\"\n\n[[chapters]]\nfile = \"a.md\"\n\n[pdf]\npage = \"{page}\"\n\n[typography]\nwriting-mode = \"{mode}\"\nhanging-punctuation = {hanging}\ngrid = {grid}\n"
    );
    // What Markdown reads is another target's.
    let text: String = String::from_utf8_lossy(text).chars().filter(|c| !c.is_control() && !"\\`*_{}[]<>()#+-.!|~^$&:=@/".contains(*c)).collect();
    common::build(&[("book.toml", manifest.as_bytes()), ("src/a.md", text.as_bytes())]);
});
