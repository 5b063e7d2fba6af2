//! An EPUB one of whose files, by the first byte, is any bytes; or any bytes as the archive.
#![no_main]
mod common;
mod import;
use libfuzzer_sys::fuzz_target;

const CONTAINER: &str = "<container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles><rootfile full-path=\"c.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles></container>";
const PACKAGE: &str = "<package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\"><metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>书</dc:title></metadata><manifest><item id=\"n\" href=\"n.xhtml\" media-type=\"application/xhtml+xml\" properties=\"nav\"/><item id=\"t\" href=\"t.ncx\" media-type=\"application/x-dtbncx+xml\"/><item id=\"a\" href=\"a.xhtml\" media-type=\"application/xhtml+xml\"/></manifest><spine toc=\"t\"><itemref idref=\"a\"/></spine></package>";
const NAV: &str = "<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\"><body><nav epub:type=\"toc\"><ol><li><a href=\"a.xhtml\">第一章</a></li></ol></nav></body></html>";
const NCX: &str = "<ncx xmlns=\"http://www.daisy.org/z3986/2005/ncx/\"><navMap><navPoint><navLabel><text>第一章</text></navLabel><content src=\"a.xhtml\"/></navPoint></navMap></ncx>";
const PAGE: &str = "<html xmlns=\"http://www.w3.org/1999/xhtml\"><body><h1>第一章</h1><p>正文<sup><a href=\"#n\">1</a></sup>。</p><aside id=\"n\">注</aside></body></html>";

fuzz_target!(|data: &[u8]| {
    let files: Vec<(&str, &[u8])> = vec![
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", CONTAINER.as_bytes()),
        ("c.opf", PACKAGE.as_bytes()),
        ("n.xhtml", NAV.as_bytes()),
        ("t.ncx", NCX.as_bytes()),
        ("a.xhtml", PAGE.as_bytes()),
    ];
    import::import_archive("source.epub", data, files);
});
