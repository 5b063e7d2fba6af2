//! A book in a folder of its own, and the program run on it.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, missing_docs)]

pub mod damage;
pub mod pdf;
pub mod tree;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub struct Folder(pub PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

pub const MANIFEST: &str = "[book]\ntitle = \"书\"\n\n[[chapters]]\nfile = \"a.md\"\n";

/// An empty folder, named for its test.
pub fn folder(name: &str) -> Folder {
    let path = std::env::temp_dir().join(format!("banxin-{}-{name}", std::process::id()));
    drop(std::fs::remove_dir_all(&path));
    std::fs::create_dir_all(&path).unwrap();
    Folder(path)
}

/// A book of these files.
pub fn book(name: &str, files: &[(&str, &str)]) -> Folder {
    let folder = folder(name);
    for (file, text) in files {
        let path = folder.0.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// A copy of a book of the project, without what was built of it.
pub fn copy(name: &str, from: &str) -> Folder {
    fn copy_all(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap().flatten() {
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                if entry.file_name() != "dist" {
                    copy_all(&entry.path(), &target);
                }
            } else {
                std::fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    let folder = folder(name);
    copy_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join(from), &folder.0);
    folder
}

pub fn run(arguments: &[&str]) -> Output {
    run_in(arguments, &[])
}

pub fn run_in(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_banxin"));
    command.args(arguments).env_clear().env("LANG", "C");
    environment.iter().for_each(|(key, value)| {
        command.env(key, value);
    });
    command.output().unwrap()
}

pub fn build(folder: &Folder) -> Output {
    run(&["build", folder.0.to_str().unwrap()])
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The file of this extension in `dist/`.
pub fn made(folder: &Folder, extension: &str) -> Vec<u8> {
    let found: Vec<PathBuf> = std::fs::read_dir(folder.0.join("dist"))
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    std::fs::read(&found[0]).unwrap()
}

/// A file of an EPUB, as text.
pub fn epub_file(epub: &[u8], name: &str) -> String {
    use std::io::Read;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(epub)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap_or_else(|_| panic!("no {name}")).read_to_string(&mut text).unwrap();
    text
}

/// The names of an EPUB's files, in their order.
pub fn epub_names(epub: &[u8]) -> Vec<String> {
    let archive = zip::ZipArchive::new(std::io::Cursor::new(epub)).unwrap();
    (0..archive.len()).map(|at| archive.name_for_index(at).unwrap().to_owned()).collect()
}
