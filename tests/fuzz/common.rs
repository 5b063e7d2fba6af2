//! A book in a folder of this process, built from what a fuzzer made up: it must end, in files or in diagnostics, never in a panic.
#![allow(dead_code)] // each target uses its own part

use banxin::diagnostic::Sink;
use banxin::output::epub::{Epub, Profile, Reader};
use banxin::output::pdf::Pdf;
use banxin::source::Sources;
use std::path::PathBuf;

/// The folder, with these files in it.
pub fn folder(files: &[(&str, &[u8])]) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("banxin-fuzz-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    for (name, bytes) in files {
        let path = folder.join(name);
        let _ = path.parent().map(std::fs::create_dir_all);
        let _ = std::fs::write(path, bytes);
    }
    folder
}

/// What stands for a cover: to typeset one takes longer than all the rest.
const COVER: &[u8] = include_bytes!("corpus/image/grey.png");

/// Opens, checks and renders a book of these files, and of a cover; writes nothing.
pub fn build(files: &[(&str, &[u8])]) {
    let folder = folder(&[files, &[("cover.png", COVER)]].concat());
    let (mut sources, sink) = (Sources::default(), Sink::default());
    if let Some(project) = banxin::open(&folder, &mut sources, &sink) {
        banxin::check(&project, &sources, &sink);
        let epub = Epub { profile: Profile::of(Reader::Generic) };
        let files = banxin::render(&project, &[&epub, &Pdf], &banxin::cache::Cache::none(), &sink, &|_| {});
        assert!(files.is_some() || sink.has_errors(), "nothing was made and nothing was said");
    } else {
        assert!(sink.has_errors(), "nothing was read and nothing was said");
    }
}

/// A manifest of one chapter, with what is added.
pub fn manifest(more: &str) -> String {
    format!("[book]\ntitle = \"书\"\ncover = \"cover.png\"\n\n[[chapters]]\nfile = \"a.md\"\n\n{more}")
}
