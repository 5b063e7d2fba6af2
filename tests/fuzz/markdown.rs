//! Any text as a chapter.
#![no_main]
mod common;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    common::build(&[("book.toml", common::manifest("[pdf]\npage = \"e6\"\n").as_bytes()), ("src/a.md", data), ("src/b.md", "# 乙\n\n引入的。\n".as_bytes())]);
});
