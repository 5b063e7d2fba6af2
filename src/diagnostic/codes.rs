//! Every code: its severity and what it means. A code, once released, keeps its name.

use super::{Language, Severity};
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($variant:ident $severity:ident $name:literal $en:literal $zh:literal)*) => {
        /// What kind of problem a diagnostic reports. The name is stable; scripts may rely on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code { $(#[doc = $en] $variant),* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The code as it is written in reports.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name),* }
            }

            /// The code's severity.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity),* }
            }

            /// What the code means in general.
            pub fn explanation(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Code::$variant, Language::English) => $en, (Code::$variant, Language::Chinese) => $zh),*
                }
            }
        }
    };
}

codes! {
    // the manifest and the files of a book
    NoManifest Error "no-manifest" "The folder has no book.toml." "目录中没有 book.toml。"
    ManifestSyntax Error "manifest-syntax" "book.toml is not valid TOML." "book.toml 不是合法的 TOML。"
    ManifestValue Error "manifest-value" "A value in book.toml has the wrong type or is not one of those allowed." "book.toml 中某个值的类型不对，或不在允许之列。"
    UnknownKey Error "unknown-key" "A key in book.toml is not known." "book.toml 中有不认识的键。"
    EmptyBook Error "empty-book" "The book has no chapter with text." "书中没有任何有内容的章节。"
    MissingFile Error "missing-file" "A file that the book names does not exist or cannot be read." "书中引用的文件不存在或无法读取。"
    NotUtf8 Error "not-utf8" "A text file is not UTF-8." "文本文件不是 UTF-8 编码。"
    OutsideBook Error "outside-book" "A path leaves the book's folder." "路径超出了书的目录。"
    SummarySyntax Warning "summary-syntax" "A line of SUMMARY.md is not a chapter, a part or a separator." "SUMMARY.md 中有一行既不是章节、也不是编名或分隔线。"
    RepeatedFile Error "repeated-file" "A chapter file is named twice." "同一个章节文件出现了两次。"
    // Markdown
    UnknownElement Warning "unknown-element" "An HTML element is not known; its text is kept." "不认识的 HTML 元素；其中文字保留。"
    DroppedElement Warning "dropped-element" "A script, style or event handler was left out." "脚本、样式或事件处理被略去。"
    UnclosedContainer Warning "unclosed-container" "A ::: container is not closed, or closes nothing." "::: 容器没有闭合，或多余地闭合。"
    UnknownContainer Warning "unknown-container" "A ::: container has a name that is not known; its text is kept." "不认识的 ::: 容器名；其中文字保留。"
    UnusedNote Warning "unused-note" "A footnote is defined and never referred to; its text is set at the chapter's end." "脚注有定义而无引用；其文字排在章末。"
    UndefinedNote Warning "undefined-note" "A footnote mark has no definition." "脚注标记没有对应的注文。"
    RepeatedNote Warning "repeated-note" "A footnote is defined twice." "同一脚注定义了两次。"
    Metadata Warning "metadata-block" "A metadata block at the head of a chapter is left alone; book.toml holds the metadata." "章节开头的元数据块不起作用；元数据写在 book.toml 里。"
    MathSource Warning "math-source" "Mathematics is set as its source for now." "数学公式暂以源码排出。"
    NoLanguage Warning "no-language" "A lang attribute is no language tag (BCP 47)." "lang 属性不是语言标签（BCP 47）。"
    BrokenMath Warning "broken-math" "A formula cannot be read as LaTeX; its source is shown." "公式不是可读的 LaTeX，以源码显示。"
    DroppedCell Warning "dropped-cell" "A table row has more cells than its head; GFM drops the surplus." "表格行的单元格多于表头，多出的会被略去。"
    DeepNesting Warning "deep-nesting" "Blocks are nested too deeply; the inner ones are set as one level." "嵌套过深，内层按同一级处理。"
    // references
    DeadLink Warning "dead-link" "A link leads to a file that is not in the book." "链接指向书中没有的文件。"
    DeadAnchor Warning "dead-anchor" "A link or cross-reference leads to an id that no element has." "链接或交叉引用指向不存在的标识。"
    DuplicateId Warning "duplicate-id" "Two elements have the same id." "两个元素用了同一个标识。"
    MissingImage Error "missing-image" "An image file does not exist." "图片文件不存在。"
    BrokenImage Error "broken-image" "An image file cannot be decoded." "图片文件无法解码。"
    UnsafeImage Warning "unsafe-image" "An SVG image holds a script or reaches outside itself; a picture of it is used." "SVG 图片含有脚本或引用外部内容，改用它的位图。"
    RemoteImage Warning "remote-image" "An image lies on the network; it is not fetched." "图片在网络上，不会下载。"
    InlineCaption Warning "inline-caption" "An image among text has a title, which is no caption there." "文字中的图片带有标题，不会排成图注。"
    LowResolution Warning "low-resolution" "An image is coarse at the size at which it is printed." "图片按印出的大小分辨率过低。"
    MissingAlt Warning "missing-alt" "An image has no alternative text." "图片没有替代文字。"
    // lints of the text
    HeadingJump Warning "heading-jump" "A heading is more than one level below the one before it." "标题级别跳级。"
    NumberingSkip Warning "numbering-skip" "The numbers of chapters or sections skip or repeat." "章节编号跳号或重号。"
    HalfWidthPunctuation Warning "half-width-punctuation" "Half-width punctuation stands in Chinese text." "中文里用了半角标点。"
    UnpairedMark Warning "unpaired-mark" "A quote or bracket has no partner." "引号或括号不成对。"
    LookAlike Warning "look-alike" "A character looks like the one that is meant." "形近字：疑为另一字之误。"
    MixedScript Warning "mixed-script" "A traditional form, or a sign of another script, stands in simplified text." "简体文字中混入繁体字或他种文字的符号。"
    WideLetters Warning "wide-letters" "Letters or digits are full-width." "用了全角字母或数字。"
    StrayBlank Warning "stray-blank" "A blank is of a kind, or at a place, where none belongs." "多余的或非常用的空格。"
    UnevenSpacing Warning "uneven-spacing" "Chinese and Western text are spaced in some places and not in others." "中西文之间有的加空格，有的不加。"
    TwoSpellings Warning "two-spellings" "A word is written in two ways." "同一词用了两种写法。"
    RepeatedParagraph Warning "repeated-paragraph" "A paragraph stands in the book twice." "同一段文字出现两次。"
    MissingStop Warning "missing-stop" "A paragraph ends without a mark." "段末没有标点。"
    RunOn Warning "run-on" "Two clauses seem to run together without a mark." "两句之间似缺标点。"
    EmptyHeading Warning "empty-heading" "A heading has no text." "标题没有文字。"
    // fonts
    NotAFont Error "not-a-font" "A file named as a font is not a font that can be used." "指定的字体文件不是可用的字体。"
    UnknownFont Error "unknown-font" "A font family is not among those of fonts/ and is no file." "字体名不在自带字体之列，也不是文件。"
    NoGlyph Error "no-glyph" "No font has a character." "没有字体含有某个字符。"
    Leftward Warning "leftward" "Text that is written from right to left is set from left to right in the PDF." "自右而左书写的文字在 PDF 中按自左而右排出。"
    FangsongFallback Warning "fangsong-fallback" "No FangSong font is at hand; Kai stands in." "没有仿宋字体，以楷体代替。"
    // layout
    LooseLine Warning "loose-line" "A line could not be set well." "有一行排得太松或太紧。"
    Overfull Warning "overfull" "Something is wider than the measure or higher than the page." "有内容宽于版心或高于页面。"
    // the proof of conservation
    NotConserved Error "not-conserved" "A finished file does not say what the source says." "成品文件与原文不符。"
    Unreadable Error "unreadable" "A finished file cannot be read back." "成品文件无法读回。"
    NothingBuilt Error "nothing-built" "There is no finished file to look at." "没有成品文件。"
    // import
    NothingToImport Error "nothing-to-import" "The file holds no text that could be made into a book." "文件中没有可以成书的文字。"
    WouldOverwrite Error "would-overwrite" "The target folder already holds a book." "目标目录中已经有一本书。"
    DoubtfulEncoding Warning "doubtful-encoding" "The encoding of a text was guessed and may be wrong." "文本编码是猜测的，可能有误。"
    MixedEncodings Warning "mixed-encodings" "A text is in two encodings." "文本混有两种编码。"
    TooLarge Error "too-large" "A file is larger than what is read." "文件过大，超过读入的限度。"
    BrokenArchive Error "broken-archive" "An EPUB or DOCX cannot be read." "EPUB 或 DOCX 文件无法读取。"
    MacrosLeftOut Warning "macros-left-out" "A document holds macros; they are left out." "文档含有宏，已略去。"
    NotFixed Warning "not-fixed" "A file was left as it is." "文件未作改动。"
    BrokenLedger Error "broken-ledger" "A ledger cannot be read, or does not fit what it is about." "账本无法读取，或与所记的内容不符。"
    // the EPUB and its readers
    RemoteResource Error "remote-resource" "A stylesheet names a file that is not in the book's folder." "样式表引用了书的目录之外的文件。"
    BrokenStylesheet Error "broken-stylesheet" "A stylesheet cannot be read, or holds what an EPUB must not." "样式表无法读取，或含有 EPUB 不允许的内容。"
    LargeContent Warning "large-content" "A block makes a content document larger than readers like." "某一块内容使内容文件过大。"
    ReaderLanguage Warning "reader-language" "The readers that the book is for do not know its language." "目标阅读器不认识本书的语言。"
    ReaderCover Warning "reader-cover" "The cover is smaller or larger than the readers that the book is for ask." "封面的大小不合目标阅读器的要求。"
    ReaderContents Warning "reader-contents" "The contents have more levels than the readers that the book is for show." "目录的层级多于目标阅读器所能显示的。"
    ReaderImage Warning "reader-image" "An image is changed for the readers that the book is for." "图片须为目标阅读器改动。"
    ReaderTable Warning "reader-table" "A table is larger than the readers that the book is for take." "表格超出目标阅读器的限度。"
    ReaderMath Warning "reader-math" "The readers that the book is for show mathematics as its source." "目标阅读器以源码显示公式。"
    ReaderSize Warning "reader-size" "The book is larger than the readers that it is for take." "全书大小超过目标阅读器的限度。"
    NotAccessible Warning "not-accessible" "The book says that it was certified as accessible, and is not." "书中声明已认证无障碍，实际并未达到。"
    // output
    NoSuchPage Error "no-such-page" "A page that was asked for is not in the book." "书中没有所要的页。"
    CannotWrite Error "cannot-write" "A file could not be written." "无法写入文件。"
    CannotWatch Error "cannot-watch" "A folder cannot be watched for changes." "无法监视目录的改动。"
    Internal Error "internal" "A fault in banxin itself." "banxin 自身的错误。"
}
