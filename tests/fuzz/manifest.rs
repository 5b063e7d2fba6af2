//! Any bytes as `book.toml`.
#![no_main]
mod common;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| common::build(&[("book.toml", data), ("src/a.md", "# 章\n\n正文 text，“引”。[^1]\n\n[^1]: 注\n".as_bytes())]));
