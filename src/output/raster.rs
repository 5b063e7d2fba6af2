//! Pictures of pages, drawn from the page model itself.

use super::{Input, Made, Need, Output};
use crate::diagnostic::{Code, Diagnostic, Text};
use crate::document::Manuscript;
use crate::font::Fonts;
use crate::layout::{Item, Page, Run, wave, wave_thickness};
use crate::length::Length;
use crate::style::Colour;
use crate::text;
use rayon::prelude::*;
use skrifa::outline::OutlinePen;
use tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, PixmapPaint, PremultipliedColorU8, Rect, Stroke, Transform};

/// Pixels to the inch of a page's picture.
const DOTS: f64 = 150.0;

/// Pages as pictures, a PNG file each.
pub struct Pictures {
    /// Which pages, counted from 1 for the first of the file: the first and the last.
    pub pages: std::ops::RangeInclusive<usize>,
}

impl Output for Pictures {
    fn needs(&self, _: &Input<'_>) -> Need {
        Need::Items
    }

    fn step(&self) -> Text {
        text!("pictures", "图片")
    }

    fn render(&self, input: &Input<'_>) -> Result<Vec<Made>, Diagnostic> {
        let Some(pages) = input.pages else { return Ok(Vec::new()) };
        let digits = pages.pages.len().to_string().len();
        let wanted: Vec<(usize, &Page)> = (1..).zip(&pages.pages).filter(|(number, _)| self.pages.contains(number)).collect();
        if wanted.is_empty() {
            let (from, count) = (*self.pages.start(), pages.pages.len());
            let report = Diagnostic::new(
                Code::NoSuchPage,
                text!("there is no page {from}: the book has {count}", "没有第 {from} 页：全书共 {count} 页"),
            );
            return Err(report.advise(text!("pages are counted from the cover, which is 1", "页数从封面算起，封面是第 1 页")));
        }
        let pixels = (pages.width.to_pt() / 72.0 * DOTS).round() as u32;
        wanted
            .into_par_iter()
            .map(|(number, page)| {
                let picture = draw(page, input.manuscript, input.fonts, pages.width, pages.height, pixels);
                let bytes = picture.and_then(|picture| picture.encode_png().ok()).ok_or_else(|| {
                    let message = text!("page {number} is too large for a picture", "第 {number} 页太大，无法画成图片");
                    Diagnostic::new(Code::Internal, message).advise(text!("choose a smaller page", "请改用较小的页面"))
                })?;
                Ok(Made { suffix: format!("-{number:0digits$}.png"), bytes, pages: None })
            })
            .collect()
    }
}

/// Draws a page `pixels` wide. `None` where the size is out of range.
pub(super) fn draw(page: &Page, manuscript: &Manuscript, fonts: &Fonts, width: Length, height: Length, pixels: u32) -> Option<Pixmap> {
    let scale = pixels as f32 / width.to_pt() as f32;
    let mut pixmap = Pixmap::new(pixels, rows(height, scale))?;
    draw_on(&mut pixmap, page, manuscript, fonts, scale, 0.0);
    Some(pixmap)
}

/// Rows of a band.
const BAND: u32 = 128;

/// Some pixels of one colour in a row: red, green, blue, how opaque; how many.
pub(super) type Stretch = ([u8; 4], usize);

/// Draws a page `pixels` wide, in bands of rows, on all cores, for a whole picture takes much room; gives the height and what was drawn,
/// band after band. `None` where the size is out of range.
pub(super) fn draw_in_bands(page: &Page, input: &Input<'_>, size: (Length, Length), pixels: u32) -> Option<(u32, Vec<Vec<Stretch>>)> {
    let scale = pixels as f32 / size.0.to_pt() as f32;
    let height = rows(size.1, scale);
    let draw = |pixmap: &mut Option<Pixmap>, band: u32| {
        let pixmap = pixmap.as_mut()?;
        let top = band * BAND;
        draw_on(pixmap, page, input.manuscript, input.fonts, scale, top as f32);
        let drawn = pixmap.pixels().get(..(BAND.min(height - top) * pixels) as usize)?;
        let stretch = |same: &[PremultipliedColorU8]| {
            let colour = same.first()?;
            Some(([colour.red(), colour.green(), colour.blue(), colour.alpha()], same.len()))
        };
        drawn.chunk_by(|one, other| one == other).map(stretch).collect()
    };
    let bands = (0..height.div_ceil(BAND)).into_par_iter().map_init(|| Pixmap::new(pixels, BAND.min(height)), draw);
    Some((height, bands.collect::<Option<_>>()?))
}

fn rows(height: Length, scale: f32) -> u32 {
    (height.to_pt() as f32 * scale).round() as u32
}

/// Draws what stands on a page from a row on.
fn draw_on(pixmap: &mut Pixmap, page: &Page, manuscript: &Manuscript, fonts: &Fonts, scale: f32, top: f32) {
    pixmap.fill(Color::WHITE);
    let onto = Transform::from_scale(scale, scale).post_translate(0.0, -top);
    // Grounds lie under the text.
    let (under, over): (Vec<&Item>, Vec<&Item>) = page.items.iter().partition(|item| matches!(item, Item::Rule(..)));
    for item in under.into_iter().chain(over) {
        match item {
            Item::Run(run) => draw_run(pixmap, fonts, run, scale, top),
            Item::Rule(area, colour) => {
                let (x, y) = (area.x.to_pt() as f32 * scale, area.y.to_pt() as f32 * scale - top);
                // A hairline is never thinner than a pixel.
                let (w, h) = ((area.width.to_pt() as f32 * scale).max(1.0), (area.height.to_pt() as f32 * scale).max(1.0));
                if let Some(rect) = Rect::from_xywh(x, y, w, h) {
                    pixmap.fill_rect(rect, &paint(*colour), Transform::identity(), None);
                }
            }
            Item::Dot { x, y, radius, colour, .. } => {
                if let Some(path) = PathBuilder::from_circle(x.to_pt() as f32, y.to_pt() as f32, radius.to_pt() as f32) {
                    pixmap.fill_path(&path, &paint(*colour), FillRule::Winding, onto, None);
                }
            }
            Item::Image(area, path, _) => draw_image(pixmap, manuscript, area, path, scale, top),
            Item::Wave { x, y, length, size, down } => draw_wave(pixmap, &wave(*x, *y, *length, *size, *down), *size, onto),
            Item::Link(..) | Item::Anchor { .. } => {}
        }
    }
}

fn draw_wave(pixmap: &mut Pixmap, curves: &[[(Length, Length); 3]], size: Length, onto: Transform) {
    let place = |(x, y): (Length, Length)| (x.to_pt() as f32, y.to_pt() as f32);
    let mut path = PathBuilder::new();
    for (at, curve) in curves.iter().enumerate() {
        let [(ax, ay), (bx, by), (cx, cy)] = curve.map(place);
        if at == 0 { path.move_to(cx, cy) } else { path.cubic_to(ax, ay, bx, by, cx, cy) }
    }
    let stroke = Stroke { width: wave_thickness(size).to_pt() as f32, line_cap: tiny_skia::LineCap::Round, ..Stroke::default() };
    if let Some(path) = path.finish() {
        pixmap.stroke_path(&path, &paint(Colour::BLACK), &stroke, onto, None);
    }
}

fn paint(colour: Colour) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(colour.0, colour.1, colour.2, 255);
    paint
}

struct Pen(PathBuilder);

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.0.quad_to(cx, cy, x, y);
    }
    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.0.cubic_to(ax, ay, bx, by, x, y);
    }
    fn close(&mut self) {
        self.0.close();
    }
}

fn draw_run(pixmap: &mut Pixmap, fonts: &Fonts, run: &Run, scale: f32, top: f32) {
    let face = fonts.face(run.face);
    let size = run.size.to_pt() as f32 / f32::from(face.units) * scale;
    let paint = paint(run.colour);
    // No glyph has ink as far as this from where it stands.
    let reach = run.size.to_pt() as f32 * scale * 4.0;
    let near = -reach..pixmap.height() as f32 + reach;
    for glyph in &run.glyphs {
        let (x, y) = run.origin(glyph, face.advance(glyph.id));
        let (x, y) = (x.to_pt() as f32 * scale, y.to_pt() as f32 * scale - top);
        if !near.contains(&y) {
            continue;
        }
        let mut pen = Pen(PathBuilder::new());
        face.draw(glyph.id, &mut pen);
        let Some(path) = pen.0.finish() else { continue };
        let [a, b, c, d] = run.turn.matrix().map(|part| part * size);
        let place = Transform::from_row(a, -b, c, -d, x, y);
        pixmap.fill_path(&path, &paint, FillRule::Winding, place, None);
        if run.embolden {
            let stroke = Stroke { width: f32::from(face.units) * 0.03, ..Stroke::default() };
            pixmap.stroke_path(&path, &paint, &stroke, place, None);
        }
    }
}

fn draw_image(pixmap: &mut Pixmap, manuscript: &Manuscript, area: &crate::layout::Area, path: &std::path::Path, scale: f32, top: f32) {
    let Some(picture) = manuscript.media.get(path).and_then(|media| media.decode().ok()) else { return };
    let Some(mut source) = Pixmap::new(picture.width, picture.height) else { return };
    for (at, (pixel, [red, green, blue])) in source.pixels_mut().iter_mut().zip(picture.pixels()).enumerate() {
        let alpha = picture.alpha.as_ref().and_then(|alpha| alpha.get(at)).map_or(255, |alpha| *alpha);
        let part = |value: u8| (u16::from(value) * u16::from(alpha) / 255) as u8;
        if let Some(colour) = PremultipliedColorU8::from_rgba(part(*red), part(*green), part(*blue), alpha) {
            *pixel = colour;
        }
    }
    let place = Transform::from_row(
        area.width.to_pt() as f32 * scale / picture.width as f32,
        0.0,
        0.0,
        area.height.to_pt() as f32 * scale / picture.height as f32,
        area.x.to_pt() as f32 * scale,
        area.y.to_pt() as f32 * scale - top,
    );
    pixmap.draw_pixmap(
        0,
        0,
        source.as_ref(),
        &PixmapPaint { quality: tiny_skia::FilterQuality::Bilinear, ..PixmapPaint::default() },
        place,
        None,
    );
}
