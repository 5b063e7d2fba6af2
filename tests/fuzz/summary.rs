//! Any text as mdBook's `SUMMARY.md`.
#![no_main]
mod common;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    common::build(&[
        ("book.toml", "[book]\ntitle = \"书\"\n".as_bytes()),
        ("src/SUMMARY.md", data),
        ("src/a.md", "# 甲\n\n正文。\n".as_bytes()),
        ("src/b.md", "# 乙\n\n正文。\n".as_bytes()),
        ("src/c/d.md", "正文。\n".as_bytes()),
    ]);
});
