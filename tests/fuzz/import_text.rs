//! Any bytes as a text to import; the book that comes of it is opened, and its source given back.
#![no_main]
mod common;
mod import;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| import::import("source.txt", data, true));
