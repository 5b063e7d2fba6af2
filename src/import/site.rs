//! What websites write around and into a text.

use super::lines::Line;
use std::collections::BTreeMap;

/// Phrases that only sites write, and how strongly each speaks, in halves of what is enough.
const PHRASES: [(u8, &[&str]); 2] = [
    (
        2,
        &[
            "我要回帖",
            "随机推荐",
            "随機推薦",
            "本章未完",
            "点击下一页",
            "加入书签",
            "加入書籤",
            "返回目录",
            "返回目錄",
            "返回书页",
            "返回列表",
            "最新章节",
            "首发域名",
            "一秒记住",
            "请记住本站",
            "请记住本书",
            "手机用户请",
            "手机阅读",
            "手机版阅读",
            "请收藏本站",
            "收藏本站",
            "关注公众号",
            "关注微信公众号",
            "扫一扫",
            "扫码关注",
            "阅读全文",
            "下载APP",
            "下载app",
            "免费阅读",
            "无弹窗",
            "全文字更新",
            "更新最快",
            "求月票",
            "求推荐票",
            "求收藏",
            "投推荐票",
            "章节报错",
            "发表评论",
            "热门推荐",
            "相关推荐",
            "猜你喜欢",
            "转载请注明",
            "未经授权",
            "本书来自",
            "本书由",
            "整理制作",
            "仅供试读",
            "版权归原作者",
            "請記住本站",
            "最新網址",
            "最新网址",
            "笔趣阁",
            "新笔趣阁",
            "起点中文网",
            "第一时间更新",
            "防采集",
            "点击进入",
        ],
    ),
    (
        1,
        &[
            "更多关于",
            "上一章",
            "下一章",
            "上一页",
            "下一页",
            "上一回",
            "分享到",
            "版权声明",
            "免责声明",
            "推荐阅读",
            "点击",
            "书签",
            "小说网",
            "中文网",
            "未完待续",
            "网友",
            "楼主",
            "回复",
            "点赞",
            "登录",
            "注册",
            "转发",
            "广告",
            "客户端",
            "的文章",
            "手打",
            "txt",
            "TXT",
            "书友",
            "QQ群",
            "微信",
        ],
    ),
];
/// Parts of addresses.
const ADDRESSES: &[&str] = &["www.", "http://", "https://", ".com", ".net", ".org", ".cn", ".cc", ".top", ".xyz", "ｗｗｗ", "．com"];
/// Characters of the longest line that can be a site's.
const LONGEST: usize = 60;
/// How often a short line stands in a text that is a site's own.
const REPEATED: usize = 4;

/// How likely a line is a site's, 0 to 1, and what speaks for it. `times` is how often the line stands in the text.
pub(super) fn score(text: &str, line: &Line, times: usize) -> (f32, Vec<String>) {
    if line.length > LONGEST || behind(text).is_some() {
        return (0.0, Vec::new());
    }
    let mut why = Vec::new();
    let mut sum = 0.0;
    for (weight, phrases) in &PHRASES {
        for phrase in phrases.iter().filter(|phrase| text.contains(**phrase)) {
            sum += f32::from(*weight);
            why.push(format!("phrase {phrase}"));
        }
    }
    if ADDRESSES.iter().any(|part| text.contains(part)) {
        sum += 1.5;
        why.push("address".into());
    }
    let counts = times >= REPEATED && line.length >= 4 && line.length <= 30;
    if counts && sum > 0.0 {
        sum += 1.5;
        why.push(format!("times {times}"));
    }
    // A sentence of prose may well speak of a site, and an advertisement may stand behind one.
    if text.trim_end_matches(['”', '’', '」']).ends_with(['。', '！', '？']) || text.contains('。') {
        sum -= 1.5;
    }
    if line.length <= 12 && sum > 0.0 {
        sum += 0.5;
    }
    (if sum > 0.0 { 1.0 / (1.0 + (-(sum - 1.5) * 2.5).exp()) } else { 0.0 }, why)
}

/// How often each line stands in the text.
pub(super) fn times(lines: &[Line]) -> BTreeMap<&str, usize> {
    let mut times = BTreeMap::new();
    for line in lines.iter().filter(|line| line.length <= LONGEST) {
        *times.entry(line.key.as_str()).or_default() += 1;
    }
    times
}

/// Passages in brackets within a line that are a site's: `（本章未完，请翻页）`.
#[expect(clippy::string_slice, reason = "each end is right behind a bracket that `find` met in the same text")]
pub(super) fn within(text: &str) -> Vec<std::ops::Range<usize>> {
    const PAIRS: &[(char, char)] = &[('（', '）'), ('(', ')'), ('【', '】'), ('[', ']'), ('〔', '〕')];
    let mut found = Vec::new();
    for (open, close) in PAIRS {
        let mut at = 0;
        while let Some(start) = text[at..].find(*open).map(|offset| at + offset) {
            let Some(end) = text[start..].find(*close).map(|offset| start + offset + close.len_utf8()) else { break };
            let inside = &text[start..end];
            let strong = PHRASES[0].1.iter().any(|phrase| inside.contains(phrase));
            let address = ADDRESSES.iter().take(3).any(|part| inside.contains(part))
                && PHRASES.iter().any(|(_, list)| list.iter().any(|phrase| inside.contains(phrase)));
            if (strong || address) && inside.chars().count() <= LONGEST {
                found.push(start..end);
            }
            at = end;
        }
    }
    found.extend(behind(text));
    found.sort_by_key(|range| range.start);
    let mut end = 0;
    found.retain(|range| {
        let free = range.start >= end;
        end = end.max(range.end);
        free
    });
    found
}

/// An advertisement behind the last sentence of a line.
fn behind(text: &str) -> Option<std::ops::Range<usize>> {
    let (_, tail) = text.rsplit_once(['。', '！', '？', '”'])?;
    let strong = PHRASES[0].1.iter().any(|phrase| tail.contains(phrase));
    (strong && tail.chars().count() <= LONGEST).then_some(text.len() - tail.len()..text.len())
}
