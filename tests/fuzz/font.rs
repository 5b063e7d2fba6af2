//! Any bytes as the font of a book.
#![no_main]
mod common;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let manifest = common::manifest("[fonts]\nserif = \"f.ttf\"\n");
    common::build(&[("book.toml", manifest.as_bytes()), ("f.ttf", data), ("src/a.md", "# 一\n\n“一”，。——fi fly office 1.\n".as_bytes())]);
});
