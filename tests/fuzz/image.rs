//! Any bytes as an image among text and by itself.
#![no_main]
mod common;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let chapter = "# 图\n\n![图](x.png \"图题\")\n\n文![小](x.png)字。\n";
    common::build(&[("book.toml", common::manifest("").as_bytes()), ("src/x.png", data), ("src/a.md", chapter.as_bytes())]);
});
