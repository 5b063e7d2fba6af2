//! The rules of the house (src/README.md), held by reading the source.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The layers, from the ground up: a module imports only from those before it.
const LAYERS: &[&str] = &[
    "length",
    "source",
    "diagnostic",
    "cache",
    "manifest",
    "label",
    "script",
    "repair",
    "book",
    "font",
    "document",
    "style",
    "layout",
    "output",
    "check",
    "import",
    "cli",
];
/// Crates that are named in one room only.
const ROOMS: &[(&str, &str)] = &[
    ("epub_builder", "src/output/epub/"),
    ("printpdf", "src/output/pdf/"),
    ("lopdf", "src/output/pdf/ src/check/proof/"),
    ("pulldown_cmark", "src/document/"),
    ("html5gum", "src/document/ src/import/"),
    ("harfrust", "src/font/ src/layout/"),
    ("moxcms", "src/output/pdf/"),
    ("pulldown_latex", "src/output/epub/"),
    ("barcoders", "src/layout/"),
    ("cssparser", "src/manifest/"),
    ("sha1_smol", "src/output/epub/ src/repair/"),
    ("encoding_rs", "src/repair/ src/font/"),
    ("chardetng", "src/repair/"),
    ("hanconv", "src/repair/"),
    ("unicode_normalization", "src/repair/"),
    ("similar", "src/import/ src/check/proof/"),
    ("clap", "src/cli/"),
    ("indicatif", "src/cli/"),
    ("notify", "src/cli/"),
];

fn sources() -> BTreeMap<String, String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(&root.join("src"), &mut found);
    let read =
        |path: PathBuf| (path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/"), std::fs::read_to_string(&path).unwrap());
    found.into_iter().map(read).collect()
}

/// The code without comments.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

fn module(path: &str) -> &str {
    path.trim_start_matches("src/").split(['/', '.']).next().unwrap()
}

#[test]
fn imports_run_downwards_only() {
    for (path, text) in sources() {
        let Some(own) = LAYERS.iter().position(|layer| *layer == module(&path)) else { continue };
        for part in code(&text).split("crate::").skip(1) {
            let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if let Some(other) = LAYERS.iter().position(|layer| *layer == name) {
                assert!(other <= own, "{path} imports crate::{name}, which stands above it");
            }
        }
    }
}

#[test]
fn every_module_has_its_layer_and_its_line_in_the_readme() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/README.md")).unwrap();
    for path in sources().keys() {
        let name = module(path);
        assert!(LAYERS.contains(&name) || ["lib", "main"].contains(&name), "{path} belongs to no layer");
        assert!(readme.contains(&format!("`{name}")), "src/README.md does not speak of {name}");
    }
}

#[test]
fn crates_stay_in_their_rooms() {
    for (path, text) in sources() {
        for (name, rooms) in ROOMS {
            let named = code(&text).split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).any(|word| word == *name);
            assert!(!named || rooms.split(' ').any(|room| path.starts_with(room)), "{path} names {name}");
        }
    }
}

#[test]
fn only_the_command_line_prints() {
    for (path, text) in sources() {
        let prints = ["println!", "print!(", "eprintln!", "stdout()", "stderr()"].iter().any(|word| code(&text).contains(word));
        assert!(!prints || path.starts_with("src/cli/"), "{path} prints");
    }
}

#[test]
fn layout_holds_no_chinese_literal() {
    for (path, text) in sources().into_iter().filter(|(path, _)| path.starts_with("src/layout/")) {
        let text = code(&text);
        let body = text.split("#[cfg(test)]").next().unwrap();
        // Messages are for people, not for the typesetter.
        let mut rest = body;
        let mut stripped = String::new();
        while let Some(at) = rest.find("text!(") {
            stripped.push_str(&rest[..at]);
            let mut depth = 0;
            let end = rest[at + 5..].char_indices().find(|(_, c)| {
                depth += i32::from(*c == '(') - i32::from(*c == ')');
                depth == 0
            });
            rest = &rest[at + 5 + end.map_or(0, |(end, _)| end + 1)..];
        }
        stripped.push_str(rest);
        let found: String = stripped.chars().filter(|c| !c.is_ascii()).collect();
        assert!(found.is_empty(), "{path} holds {found}: ask script/");
    }
}

#[test]
fn the_program_is_nothing_but_its_exit_code() {
    let main = &sources()["src/main.rs"];
    assert!(main.lines().count() < 15);
}
