//! The words that a book's pages carry and its author did not write: 目录, 图, 表, by the book's language.

/// The words of one language.
#[derive(Clone, Copy, Debug)]
pub struct Labels {
    /// Heading of the contents.
    pub contents: &'static str,
    /// Before a figure's number.
    pub figure: &'static str,
    /// Before a table's number.
    pub table: &'static str,
    /// Name of the cover in the navigation.
    pub cover: &'static str,
    /// Name of the title page in the navigation.
    pub title_page: &'static str,
    /// Name of the landmarks.
    pub landmarks: &'static str,
    /// Where the text begins, in the landmarks.
    pub start: &'static str,
    /// Heading of notes.
    pub notes: &'static str,
    /// Names of callouts: note, tip, important, warning, caution.
    pub callouts: [&'static str; 5],
    /// Link back from a note to its mark.
    pub back: &'static str,
    /// Between authors.
    pub and: &'static str,
    /// Between a name and its role.
    pub role_gap: &'static str,
    /// After a translator's, an editor's name.
    pub roles: &'static [(&'static str, &'static str)],
}

const HANS: Labels = Labels {
    contents: "目录",
    figure: "图",
    table: "表",
    cover: "封面",
    title_page: "扉页",
    landmarks: "导读",
    start: "正文",
    notes: "注释",
    callouts: ["注", "提示", "重要", "警告", "当心"],
    back: "返回正文",
    and: "　",
    role_gap: "　",
    roles: &[("aut", "著"), ("trl", "译"), ("edt", "编"), ("ill", "绘"), ("com", "编纂"), ("aui", "序")],
};
const HANT: Labels = Labels {
    contents: "目錄",
    figure: "圖",
    table: "表",
    cover: "封面",
    title_page: "扉頁",
    landmarks: "導讀",
    start: "正文",
    notes: "註釋",
    callouts: ["註", "提示", "重要", "警告", "當心"],
    back: "返回正文",
    and: "　",
    role_gap: "　",
    roles: &[("aut", "著"), ("trl", "譯"), ("edt", "編"), ("ill", "繪"), ("com", "編纂"), ("aui", "序")],
};
const JAPANESE: Labels = Labels {
    contents: "目次",
    figure: "図",
    table: "表",
    cover: "表紙",
    title_page: "扉",
    landmarks: "案内",
    start: "本文",
    notes: "注",
    callouts: ["注", "ヒント", "重要", "警告", "注意"],
    back: "本文へ戻る",
    and: "・",
    role_gap: "　",
    roles: &[("aut", "著"), ("trl", "訳"), ("edt", "編"), ("ill", "絵")],
};
const ENGLISH: Labels = Labels {
    contents: "Contents",
    figure: "Figure",
    table: "Table",
    cover: "Cover",
    title_page: "Title Page",
    landmarks: "Landmarks",
    start: "Start of Content",
    notes: "Notes",
    callouts: ["Note", "Tip", "Important", "Warning", "Caution"],
    back: "Back to text",
    and: ", ",
    role_gap: " ",
    roles: &[("trl", "(translator)"), ("edt", "(editor)"), ("ill", "(illustrator)")],
};

impl Labels {
    /// The words for a language tag; Simplified Chinese where the language has none of its own.
    pub fn of(language: &str) -> &'static Labels {
        let tag = language.to_ascii_lowercase();
        let traditional = ["hant", "-tw", "-hk", "-mo"].iter().any(|part| tag.contains(part));
        match tag.split('-').next().unwrap_or("") {
            "zh" if traditional => &HANT,
            "zh" | "yue" | "lzh" => &HANS,
            "ja" => &JAPANESE,
            _ => &ENGLISH,
        }
    }
}
