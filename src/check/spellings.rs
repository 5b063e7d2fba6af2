//! Words that are written in two ways in one book: variant words of the national table, and Western words in other letters.

use super::Text;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::Span;
use crate::text;
use std::collections::BTreeMap;

/// Variant words: the form that publishers recommend first, most of them after GF 1001-2001, 第一批异形词整理表.
const VARIANTS: &[(&str, &str)] = &[
    ("账号", "帐号"),
    ("账户", "帐户"),
    ("账单", "帐单"),
    ("账目", "帐目"),
    ("结账", "结帐"),
    ("图像", "图象"),
    ("好像", "好象"),
    ("想象", "想像"),
    ("录像", "录象"),
    ("其他", "其它"),
    ("唯一", "惟一"),
    ("唯恐", "惟恐"),
    ("人才", "人材"),
    ("部分", "部份"),
    ("成分", "成份"),
    ("身份", "身分"),
    ("交代", "交待"),
    ("仿佛", "彷佛"),
    ("当作", "当做"),
    ("给予", "给与"),
    ("执着", "执著"),
    ("缘故", "原故"),
    ("担心", "耽心"),
    ("倒霉", "倒楣"),
    ("烦琐", "繁琐"),
    ("关联", "关连"),
    ("含义", "涵义"),
    ("宏图", "鸿图"),
    ("保姆", "保母"),
    ("订单", "定单"),
    ("订货", "定货"),
    ("分量", "份量"),
    ("辈分", "辈份"),
    ("本分", "本份"),
    ("参与", "参预"),
    ("掺杂", "搀杂"),
    ("侈靡", "侈糜"),
    ("筹划", "筹画"),
    ("计划", "计画"),
    ("规划", "规画"),
    ("瓷器", "磁器"),
    ("粗鲁", "粗卤"),
    ("搭档", "搭挡"),
    ("耽搁", "担搁"),
    ("调换", "掉换"),
    ("跌宕", "跌荡"),
    ("丁宁", "叮咛"),
    ("恶狠狠", "恶恨恨"),
    ("服侍", "伏侍"),
    ("复信", "覆信"),
    ("覆辙", "复辙"),
    ("干预", "干与"),
    ("告诫", "告戒"),
    ("勾画", "勾划"),
    ("孤苦伶仃", "孤苦零丁"),
    ("骨瘦如柴", "骨瘦如豺"),
    ("过分", "过份"),
    ("轰动", "哄动"),
    ("弘扬", "宏扬"),
    ("红彤彤", "红通通"),
    ("辉映", "晖映"),
    ("浑水摸鱼", "混水摸鱼"),
    ("伙伴", "火伴"),
    ("机灵", "机伶"),
    ("激愤", "激忿"),
    ("寂寥", "寂廖"),
    ("角色", "脚色"),
    ("嘉宾", "佳宾"),
    ("驾驭", "驾御"),
    ("简练", "简炼"),
    ("刻画", "刻划"),
    ("阔佬", "阔老"),
    ("褴褛", "蓝缕"),
    ("烂漫", "烂熳"),
    ("狼藉", "狼籍"),
    ("连贯", "联贯"),
    ("联结", "连结"),
    ("联翩", "连翩"),
    ("凌乱", "零乱"),
    ("马虎", "马糊"),
    ("谩骂", "漫骂"),
    ("茅厕", "毛厕"),
    ("梅雨", "霉雨"),
    ("模仿", "摹仿"),
    ("模拟", "摹拟"),
    ("摹写", "模写"),
    ("磨炼", "磨练"),
    ("木樨", "木犀"),
    ("内讧", "内哄"),
    ("凝练", "凝炼"),
    ("盘踞", "盘据"),
    ("飘零", "漂零"),
    ("飘洋过海", "漂洋过海"),
    ("牵连", "牵联"),
    ("情愫", "情素"),
    ("热衷", "热中"),
    ("日食", "日蚀"),
    ("月食", "月蚀"),
    ("神采", "神彩"),
    ("树荫", "树阴"),
    ("拾遗补阙", "拾遗补缺"),
    ("思维", "思惟"),
    ("死心塌地", "死心踏地"),
    ("踏实", "塌实"),
    ("倘若", "傥若"),
    ("推诿", "推委"),
    ("玩意儿", "玩艺儿"),
    ("无动于衷", "无动于中"),
    ("希罕", "稀罕"),
    ("信口开河", "信口开合"),
    ("序文", "叙文"),
    ("押韵", "压韵"),
    ("掩映", "晻映"),
    ("一锤定音", "一槌定音"),
    ("一股脑儿", "一古脑儿"),
    ("衣襟", "衣衿"),
    ("余晖", "余辉"),
    ("预备", "豫备"),
    ("预告", "豫告"),
    ("原原本本", "源源本本"),
    ("缘分", "缘份"),
    ("月牙", "月芽"),
    ("再接再厉", "再接再励"),
    ("直截了当", "直接了当"),
    ("指手画脚", "指手划脚"),
    ("装潢", "装璜"),
    ("姿势", "姿式"),
    ("自个儿", "自各儿"),
    ("莫名其妙", "莫明其妙"),
    ("毕恭毕敬", "必恭必敬"),
    ("披肝沥胆", "披肝历胆"),
];

/// Lints the whole book.
pub(super) fn lint(texts: &[Text], sink: &Sink) {
    for (recommended, other) in VARIANTS {
        let (first, count) = find(texts, recommended);
        if first.is_none() {
            continue;
        }
        if let (Some(place), times) = find(texts, other) {
            let report = Diagnostic::new(
                Code::TwoSpellings,
                text!(
                    "{other} ({times}) and {recommended} ({count}) are one word",
                    "“{other}”（{times} 次）与“{recommended}”（{count} 次）是同一个词"
                ),
            );
            sink.report(report.at(place).advise(text!("write {recommended} throughout", "全书统一为“{recommended}”")));
        }
    }
    western(texts, sink);
}

/// The first place of a word in the prose, and how often it stands there.
#[expect(clippy::indexing_slicing, reason = "`partition_point` is at most the number of passages")]
fn find(texts: &[Text], word: &str) -> (Option<Span>, usize) {
    let (mut first, mut count) = (None, 0);
    for text in texts {
        for (at, _) in text.prose.source.match_indices(word) {
            let passages = &text.prose.passages;
            let inside = passages[..passages.partition_point(|passage| passage.range.start <= at)]
                .last()
                .is_some_and(|passage| passage.range.end >= at + word.len() && !passage.holes.iter().any(|hole| hole.contains(&at)));
            if inside {
                first.get_or_insert(Span::new(text.file, at..at + word.len()));
                count += 1;
            }
        }
    }
    (first, count)
}

/// Letters in other cases: GitHub and Github. A word at the start of a sentence, or in capitals altogether, is no other spelling.
fn western(texts: &[Text], sink: &Sink) {
    let mut words: BTreeMap<String, BTreeMap<String, (Span, usize)>> = BTreeMap::new();
    for text in texts {
        for passage in &text.prose.passages {
            let characters: Vec<(usize, char)> =
                passage.characters(text.prose.source).map(|(at, c)| (at, c.unwrap_or('\u{fffc}'))).collect();
            // What is no letter stands alone.
            for run in characters.chunk_by(|(_, one), (_, other)| one.is_ascii_alphabetic() && other.is_ascii_alphabetic()) {
                if let [(start, _), ..] = run
                    && run.len() >= 4
                {
                    let word: String = run.iter().map(|found| found.1).collect();
                    let inner =
                        word.bytes().skip(1).any(|byte| byte.is_ascii_uppercase()) && word.bytes().any(|byte| byte.is_ascii_lowercase());
                    let span = Span::new(text.file, *start..start + run.len());
                    let known = words.entry(word.to_ascii_lowercase()).or_default();
                    known.entry(if inner { word } else { capital(&word) }).or_insert((span, 0)).1 += 1;
                }
            }
        }
    }
    for forms in words.values() {
        let mut forms: Vec<(&String, &(Span, usize))> = forms.iter().collect();
        // Only a word that has capitals within it has a spelling of its own.
        if forms.len() < 2 || !forms.iter().any(|(word, _)| word.bytes().skip(1).any(|byte| byte.is_ascii_uppercase())) {
            continue;
        }
        forms.sort_by_key(|(_, (_, count))| std::cmp::Reverse(*count));
        let [(most, _), (other, (place, count)), ..] = forms[..] else { continue };
        let report = Diagnostic::new(
            Code::TwoSpellings,
            text!("{other} ({count}) is elsewhere {most}", "“{other}”（{count} 次）在别处写作“{most}”"),
        );
        sink.report(report.at(*place).advise(text!("write one of them throughout", "请全书统一")));
    }
}

/// A word that begins a sentence, or is in capitals, is as any other.
fn capital(word: &str) -> String {
    if word.bytes().all(|byte| byte.is_ascii_uppercase()) { word.to_owned() } else { word.to_ascii_lowercase() }
}
