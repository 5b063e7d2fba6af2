//! An import of what a fuzzer made up.
#![allow(dead_code)] // each target uses its own part

use banxin::diagnostic::Sink;
use banxin::import::{Options, run, undo};
use banxin::source::Sources;

/// Imports a file. A text is given back byte for byte.
pub fn import(name: &str, bytes: &[u8], comes_back: bool) {
    let folder = crate::common::folder(&[(name, bytes)]);
    let (source, book, back) = (folder.join(name), folder.join("book"), folder.join("back"));
    let sink = Sink::default();
    let options = Options { title: None, force: true, confidence: 0.95, dry_run: false, ledger: None, report: None };
    if run(&source, &book, &options, &sink).is_none() {
        assert!(sink.has_errors(), "nothing was made and nothing was said");
        return;
    }
    let sink = Sink::default();
    let _ = banxin::open(&book, &mut Sources::default(), &sink);
    if comes_back {
        let files = undo(&book, &book.join("ledger.jsonl"), &back, true, &sink).expect("the source can be given back");
        assert!(files.len() == 1 && std::fs::read(&files[0]).is_ok_and(|found| found == bytes), "the source comes back as it was");
    }
}

/// Imports an archive of these files, of which one, by the first byte, is what the fuzzer made up, or what it made up as the archive.
pub fn import_archive<'a>(name: &str, data: &'a [u8], mut files: Vec<(&str, &'a [u8])>) {
    let Some((which, rest)) = data.split_first() else { return };
    let count = files.len() + 1;
    match files.get_mut(usize::from(*which) % count) {
        Some(file) => file.1 = rest,
        None => return import(name, rest, false),
    }
    import(name, &archive(&files), false);
}

/// Files as an archive, stored.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in files {
        writer.start_file(*name, options).expect("a file begins");
        std::io::Write::write_all(&mut writer, bytes).expect("a file is written");
    }
    writer.finish().expect("an archive is whole").into_inner()
}
