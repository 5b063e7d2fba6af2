//! The stylesheet: the embedded faces, the families by role, the theme.

use super::fonts::Embedded;
use crate::font::{Role, Want};
use crate::manifest::{Emphasis, EpubFonts, Region};
use crate::output::Input;

/// Device fonts that stand behind the embedded ones, by role.
fn device_fonts(role: Role, region: Region) -> &'static str {
    match (role, region) {
        (Role::Serif, Region::China) => "\"Source Han Serif SC\", \"Songti SC\", \"STSong\", \"SimSun\", serif",
        (Role::Serif, Region::Taiwan | Region::HongKong) => "\"Source Han Serif TC\", \"Songti TC\", \"PMingLiU\", serif",
        (Role::Serif, Region::Japan) => "\"Source Han Serif\", \"Hiragino Mincho ProN\", \"Yu Mincho\", serif",
        (Role::Sans, Region::China) => "\"Source Han Sans SC\", \"PingFang SC\", \"Heiti SC\", \"Microsoft YaHei\", sans-serif",
        (Role::Sans, Region::Taiwan | Region::HongKong) => "\"Source Han Sans TC\", \"PingFang TC\", \"Microsoft JhengHei\", sans-serif",
        (Role::Sans, Region::Japan) => "\"Source Han Sans\", \"Hiragino Sans\", \"Yu Gothic\", sans-serif",
        (Role::Kai, Region::Taiwan | Region::HongKong) => "\"Kaiti TC\", \"BiauKai\", \"DFKai-SB\", serif",
        (Role::Kai, _) => "\"Kaiti SC\", \"STKaiti\", \"KaiTi\", serif",
        (Role::FangSong, _) => "\"STFangsong\", \"FangSong\", serif",
        (Role::Mono | Role::Math, _) => "\"Sarasa Mono SC\", \"Menlo\", \"Consolas\", monospace",
    }
}

/// The stylesheet: the embedded faces, the families by role, the theme.
pub(super) fn write(input: &Input<'_>, embedded: &[Embedded]) -> String {
    let mut css = String::from("@charset \"utf-8\";\n");
    embedded.iter().for_each(|font| css.push_str(&font.rule()));
    let family = |role, italic| {
        let names: Vec<String> = input
            .fonts
            .families(Want { role, bold: false, italic })
            .into_iter()
            .filter(|name| embedded.iter().any(|font| font.family == *name))
            .map(|name| format!("\"{name}\""))
            .collect();
        let lead = if names.is_empty() { String::new() } else { names.join(", ") + ", " };
        format!("{lead}{}", device_fonts(role, input.style.region))
    };
    let theme = include_str!("theme.css")
        .replace("var(--serif)", &family(Role::Serif, false))
        .replace("var(--sans)", &family(Role::Sans, false))
        .replace("var(--kai)", &family(Role::Kai, false))
        .replace("var(--voice)", &family(input.style.quote().want.role, false))
        .replace("var(--fangsong)", &family(Role::FangSong, false))
        .replace("var(--mono)", &family(Role::Mono, false))
        .replace("var(--emphasis)", &family(Role::Serif, true))
        .replace("var(--indent)", &format!("{}em", input.style.indent));
    if input.loaded.manifest.epub.fonts == EpubFonts::Embed {
        // Where the body's font comes along it is named once, for the reader to set aside.
        css.push_str(&format!("body {{ font-family: {}; }}\n", family(Role::Serif, false)));
    }
    css.push_str(&theme);
    if !input.style.chinese {
        // Letters take their own quotes and dashes, words may be divided, and what follows a heading is not indented.
        css.push_str("body { font-variant-east-asian: proportional-width; -webkit-hyphens: auto; hyphens: auto; }\nh1 + p, h2 + p, h3 + p, h4 + p, h5 + p, h6 + p { text-indent: 0; }\n");
    }
    let [asterisks, element] = [false, true].map(|element| input.style.emphasis(element));
    if asterisks != Emphasis::Kai {
        css.push_str(&emphasis("em", asterisks));
    }
    if element != asterisks {
        css.push_str(&emphasis("em.em", element));
    }
    css.push_str(if input.style.is_vertical() { include_str!("vertical.css") } else { include_str!("across.css") });
    css
}

/// The look of an emphasised element.
fn emphasis(selector: &str, look: Emphasis) -> String {
    let plain = "font-style: normal; font-family: inherit;";
    match look {
        Emphasis::Kai => format!("{selector} {{ font-style: italic; font-weight: inherit; }}\n"),
        Emphasis::Dots => format!(
            "{selector} {{ {plain} font-weight: inherit; -webkit-text-emphasis: \"・\"; text-emphasis: \"・\"; -webkit-text-emphasis-position: under right; text-emphasis-position: under right; }}\n"
        ),
        Emphasis::Bold => format!("{selector} {{ {plain} font-weight: bold; }}\n"),
    }
}
