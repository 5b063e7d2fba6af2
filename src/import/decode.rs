//! From bytes to text, whatever the encoding, judged by the whole file.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// The text with `\n` line ends, and the name of its encoding.
pub(super) fn decode(bytes: &[u8]) -> (String, &'static str) {
    let encoding = Encoding::for_bom(bytes).map(|(encoding, _)| encoding).unwrap_or_else(|| guess(bytes));
    let (text, _, _) = encoding.decode(bytes);
    (text.replace("\r\n", "\n").replace('\r', "\n"), encoding.name())
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let found = detector.guess(None, Utf8Detection::Allow);
    // GB18030 holds all of GBK, and more.
    if found == encoding_rs::GBK { encoding_rs::GB18030 } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_gb18030_is_read() {
        let sample = "第一章　开篇\n话说天下大势，分久必合，合久必分。周末七国分争，并入于秦。";
        let (bytes, _, _) = encoding_rs::GB18030.encode(sample);
        assert_eq!(decode(&bytes), (sample.to_owned(), "gb18030"));
        let (bytes, _, _) = encoding_rs::BIG5.encode("第一章　開篇\n話說天下大勢，分久必合，合久必分。周末七國分爭，并入於秦。");
        assert_eq!(decode(&bytes).1, "Big5");
    }
}
