//! The words that a book's pages carry and its author did not write: 目录, 图, 表, by the book's language.

use crate::manifest::{Contributor, Metadata};

/// The words of one language.
#[derive(Clone, Copy, Debug)]
pub struct Labels {
    /// Units that headings are numbered by: chapter and section; empty where numbers stand alone.
    pub units: [&'static str; 2],
    /// What the book offers to readers who do not see it, in words: its text; with and without words for all its images; its
    /// pages.
    pub offers: [&'static str; 4],
    /// Name of the list of pages.
    pub pages: &'static str,
    /// Kinds of front and back matter by words in their titles: the words, the EPUB type, the ARIA role.
    pub matters: &'static [(&'static [&'static str], &'static str, &'static str)],
    /// Heading of the contents.
    pub contents: &'static str,
    /// Before a figure's number.
    pub figure: &'static str,
    /// Before a table's number.
    pub table: &'static str,
    /// Above the head of a table that goes on: `{}` is its number.
    pub continued: &'static str,
    /// Heading of the list of figures.
    pub figures: &'static str,
    /// Heading of the list of tables.
    pub tables: &'static str,
    /// Name of the dedication.
    pub dedication: &'static str,
    /// Name of the colophon.
    pub colophon: &'static str,
    /// Name of the copyright page.
    pub copyright: &'static str,
    /// What the copyright page states: publisher, edition, date, ISBN.
    pub imprint: [&'static str; 4],
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

/// Names of the months in English.
const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

const CHINESE_MATTERS: &[(&[&str], &str, &str)] = &[
    (&["参考文献", "參考文獻", "参考書目", "书目", "書目"], "bibliography", "doc-bibliography"),
    (&["附录", "附錄", "付録"], "appendix", "doc-appendix"),
    (&["后记", "後記", "跋", "あとがき"], "afterword", "doc-afterword"),
    (&["引言", "导言", "導言", "绪论", "緒論", "導論", "导论"], "introduction", "doc-introduction"),
    (&["致谢", "致謝", "謝辞"], "acknowledgments", "doc-acknowledgments"),
    (&["前言", "自序", "序", "まえがき", "弁言"], "preface", "doc-preface"),
];

const HANS: Labels = Labels {
    units: ["章", "节"],
    offers: ["全书为可重排文本，有目录与各级标题", "图片均有替代文字", "部分图片没有替代文字", "页码与印本一致"],
    pages: "页码",
    matters: CHINESE_MATTERS,
    contents: "目录",
    figure: "图",
    table: "表",
    continued: "续{}",
    figures: "插图目录",
    tables: "表格目录",
    dedication: "献词",
    colophon: "书末题记",
    copyright: "版权页",
    imprint: ["出版", "版次", "日期", "ISBN"],
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
    units: ["章", "節"],
    offers: ["全書為可重排文本，有目錄與各級標題", "圖片均有替代文字", "部分圖片沒有替代文字", "頁碼與印本一致"],
    pages: "頁碼",
    matters: CHINESE_MATTERS,
    contents: "目錄",
    figure: "圖",
    table: "表",
    continued: "續{}",
    figures: "插圖目錄",
    tables: "表格目錄",
    dedication: "獻詞",
    colophon: "書末題記",
    copyright: "版權頁",
    imprint: ["出版", "版次", "日期", "ISBN"],
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
    units: ["章", "節"],
    offers: [
        "リフロー型の本文に目次と見出しがあります",
        "画像には代替テキストがあります",
        "代替テキストのない画像があります",
        "ページ番号は印刷版と同じです",
    ],
    pages: "ページ",
    matters: CHINESE_MATTERS,
    contents: "目次",
    figure: "図",
    table: "表",
    continued: "{}（続き）",
    figures: "図版目次",
    tables: "表目次",
    dedication: "献辞",
    colophon: "奥付",
    copyright: "著作権",
    imprint: ["発行", "版", "発行日", "ISBN"],
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
    units: ["", ""],
    offers: [
        "Reflowable text with a table of contents and headings",
        "images have alternative text",
        "some images have no alternative text",
        "page numbers agree with the printed book",
    ],
    pages: "Pages",
    matters: &[
        (&["Bibliography", "References"], "bibliography", "doc-bibliography"),
        (&["Appendix"], "appendix", "doc-appendix"),
        (&["Afterword", "Epilogue"], "afterword", "doc-afterword"),
        (&["Introduction"], "introduction", "doc-introduction"),
        (&["Acknowledg"], "acknowledgments", "doc-acknowledgments"),
        (&["Preface", "Foreword"], "preface", "doc-preface"),
    ],
    contents: "Contents",
    figure: "Figure",
    table: "Table",
    continued: "{} (continued)",
    figures: "List of Figures",
    tables: "List of Tables",
    dedication: "Dedication",
    colophon: "Colophon",
    copyright: "Copyright",
    imprint: ["Published by", "Edition", "Date", "ISBN"],
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
    /// Names, one line for each part in the book: 曹雪芹　高鹗　著.
    pub fn credits(&self, authors: &[Contributor]) -> Vec<String> {
        let mut roles: Vec<&str> = Vec::new();
        authors.iter().for_each(|author| {
            if !roles.contains(&author.role()) {
                roles.push(author.role());
            }
        });
        let line = |role: &str| {
            let names: Vec<&str> = authors.iter().filter(|author| author.role() == role).map(Contributor::name).collect();
            let joined = names.join(self.and);
            match self.roles.iter().find(|(code, _)| *code == role) {
                Some((_, word)) => format!("{joined}{}{word}", self.role_gap),
                None => joined,
            }
        };
        roles.into_iter().map(line).collect()
    }

    /// What the book offers to readers who do not see it, in one sentence: `told` is whether all its images have words, `None`
    /// where it has none; `pages` whether it has those of the printed book.
    pub fn summary(&self, told: Option<bool>, pages: bool) -> String {
        let [text, with, without, paged] = self.offers;
        let parts: Vec<&str> =
            std::iter::once(text).chain(told.map(|told| if told { with } else { without })).chain(pages.then_some(paged)).collect();
        let (gap, stop) = if self.units[0].is_empty() { ("; ", ".") } else { ("；", "。") };
        parts.join(gap) + stop
    }

    /// What the copyright page states of a book, each fact with its name: publisher, edition, date, ISBN.
    pub fn facts(&self, book: &Metadata) -> Vec<(&'static str, String)> {
        let date = book.date.as_ref().map(|date| self.date(date.get_ref()));
        let facts = [book.publisher.clone(), book.edition.clone(), date, book.isbn.clone()];
        self.imprint.into_iter().zip(facts).filter_map(|(label, fact)| Some((label, fact?))).collect()
    }

    /// A date as the language writes it: 2021年3月1日, 1 March 2021.
    pub fn date(&self, date: &str) -> String {
        if self.units[0].is_empty() {
            let mut parts: Vec<String> = date.split('-').map(|part| part.trim_start_matches('0').to_owned()).collect();
            if let Some(month) = parts.get_mut(1)
                && let Some(name) = month.parse::<usize>().ok().and_then(|number| MONTHS.get(number.wrapping_sub(1)))
            {
                *month = (*name).to_owned();
            }
            parts.reverse();
            return parts.join(" ");
        }
        let units = ["年", "月", "日"];
        date.split('-').zip(units).map(|(part, unit)| format!("{}{unit}", part.trim_start_matches('0'))).collect()
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_the_language_has_them() {
        assert_eq!(Labels::of("zh-Hans-CN").date("2021-03-01"), "2021年3月1日");
        assert_eq!(Labels::of("en").date("2021-03-01"), "1 March 2021");
        assert_eq!(Labels::of("en").date("2021"), "2021");
    }
}
