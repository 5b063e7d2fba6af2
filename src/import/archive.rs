//! Archives (EPUB, DOCX) with bounds: nothing unpacks to more than it may.

use crate::diagnostic::{Code, Diagnostic};
use crate::text;
use std::io::{Cursor, Read};

/// Bytes that one file of an archive unpacks to at most.
const FILE: u64 = 64 << 20;
/// Bytes that all files that are read unpack to together at most.
const ALL: u64 = 512 << 20;

/// An archive in memory.
pub(super) struct Archive {
    zip: zip::ZipArchive<Cursor<Vec<u8>>>,
    shown: String,
    left: u64,
}

impl Archive {
    /// Opens an archive; `shown` is its path in messages.
    pub fn open(bytes: Vec<u8>, shown: &str) -> Result<Archive, Diagnostic> {
        let zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(shown, &error.to_string()))?;
        Ok(Archive { zip, shown: shown.to_owned(), left: ALL })
    }

    pub fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(name).is_some()
    }

    /// The bytes of a file; `None` where there is none of this name.
    pub fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, Diagnostic> {
        let Some(index) = self.zip.index_for_name(name) else { return Ok(None) };
        let file = self.zip.by_index(index).map_err(|error| broken(&self.shown, &format!("{name}: {error}")))?;
        let most = FILE.min(self.left);
        let mut bytes = Vec::new();
        // What the archive says of its sizes may be wrong: what comes out is counted.
        file.take(most + 1).read_to_end(&mut bytes).map_err(|error| broken(&self.shown, &format!("{name}: {error}")))?;
        if bytes.len() as u64 > most {
            let (shown, most) = (&self.shown, most >> 20);
            let message = text!("{name} in {shown} unpacks to more than {most} MB", "{shown} 中的 {name} 解压后超过 {most} MB");
            let advice = text!("this is no book; have a look at where it is from", "这不像一本书，请核对其来源");
            return Err(Diagnostic::new(Code::TooLarge, message).in_file(shown.clone()).advise(advice));
        }
        self.left -= bytes.len() as u64;
        Ok(Some(bytes))
    }

    /// A file as text; an error where there is none.
    pub fn text(&mut self, name: &str) -> Result<String, Diagnostic> {
        let bytes = self.read(name)?.ok_or_else(|| broken(&self.shown, &format!("no {name}")))?;
        Ok(crate::repair::encoding::decode(&bytes).text)
    }

    pub fn shown(&self) -> &str {
        &self.shown
    }
}

/// An archive that cannot be read.
pub(super) fn broken(shown: &str, error: &str) -> Diagnostic {
    let message = text!("{shown} cannot be read: {error}", "无法读取 {shown}：{error}");
    Diagnostic::new(Code::BrokenArchive, message)
        .in_file(shown.to_owned())
        .advise(text!("get the file again; it may be cut short", "请重新取得该文件，它可能不完整"))
}

/// Reads XML. Names that it declares for characters are kept within bounds by the parser.
pub(super) fn xml<'a>(text: &'a str, archive: &Archive, name: &str) -> Result<roxmltree::Document<'a>, Diagnostic> {
    let options = roxmltree::ParsingOptions { allow_dtd: true, nodes_limit: 4_000_000, ..Default::default() };
    roxmltree::Document::parse_with_options(text, options).map_err(|error| broken(archive.shown(), &format!("{name}: {error}")))
}
