//! Pictures of pages, drawn from the page model itself.

use super::{Input, Made, Need, Output};
use crate::diagnostic::{Code, Diagnostic, Text};
use crate::document::Manuscript;
use crate::font::Fonts;
use crate::layout::{Area, Item, Page, Run, wave, wave_thickness};
use crate::length::Length;
use crate::style::Colour;
use crate::text;
use rayon::prelude::*;
use skrifa::outline::OutlinePen;
use std::sync::Arc;
use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, PixmapPaint, PremultipliedColorU8, Rect, Stroke, Transform};

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

    fn render<'a>(&self, input: &Input<'a>) -> Result<Vec<Made<'a>>, Diagnostic> {
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
                Ok(Made { suffix: format!("-{number:0digits$}.png"), bytes: vec![bytes.into()], pages: None })
            })
            .collect()
    }
}

/// Draws a page `pixels` wide. `None` where the size is out of range.
pub(super) fn draw(page: &Page, manuscript: &Manuscript, fonts: &Fonts, width: Length, height: Length, pixels: u32) -> Option<Pixmap> {
    let scale = pixels as f32 / width.to_pt() as f32;
    let mut pixmap = Pixmap::new(pixels, rows(height, scale))?;
    draw_on(&mut pixmap, &marks(page, fonts, scale), manuscript, 0);
    Some(pixmap)
}

/// Rows of a band.
const BAND: u32 = 64;

/// Some pixels of one colour in a row: red, green, blue, how opaque; how many.
pub(super) type Stretch = ([u8; 4], usize);

/// Draws a page `pixels` wide, in bands of rows, on all cores, for a whole picture takes much room; gives the height and what was drawn,
/// band after band. Of a band whose rows are all the same only one is drawn. `None` where the size is out of range.
pub(super) fn draw_in_bands(page: &Page, input: &Input<'_>, size: (Length, Length), pixels: u32) -> Option<(u32, Vec<Vec<Stretch>>)> {
    let scale = pixels as f32 / size.0.to_pt() as f32;
    let height = rows(size.1, scale);
    Some((height, bands(&marks(page, input.fonts, scale), input.manuscript, pixels, height)?))
}

fn bands(marks: &[Mark<'_>], manuscript: &Manuscript, pixels: u32, height: u32) -> Option<Vec<Vec<Stretch>>> {
    let draw = |pixmap: &mut Option<Pixmap>, band: u32| {
        let top = band * BAND;
        let rows = BAND.min(height - top);
        let same = marks.iter().all(|mark| mark.is_even(top, rows));
        let mut row = if same { Pixmap::new(pixels, 1) } else { None };
        let (pixmap, height, times) = match &mut row {
            Some(row) => (row, 1, rows),
            None => (pixmap.as_mut()?, rows, 1),
        };
        draw_on(pixmap, marks, manuscript, top);
        let drawn = pixmap.pixels().get(..(height * pixels) as usize)?;
        let stretch = |same: &[PremultipliedColorU8]| {
            let colour = same.first()?;
            Some(([colour.red(), colour.green(), colour.blue(), colour.alpha()], same.len()))
        };
        let stretches: Vec<Stretch> = drawn.chunk_by(|one, other| one == other).map(stretch).collect::<Option<_>>()?;
        Some(match stretches.as_slice() {
            _ if times == 1 => stretches,
            [(colour, count)] => vec![(*colour, count * times as usize)],
            _ => stretches.repeat(times as usize),
        })
    };
    let bands = (0..height.div_ceil(BAND)).into_par_iter().map_init(|| Pixmap::new(pixels, BAND.min(height)), draw);
    bands.collect()
}

fn rows(height: Length, scale: f32) -> u32 {
    (height.to_pt() as f32 * scale).round() as u32
}

/// Something on a page.
struct Mark<'a> {
    shape: Shape<'a>,
    /// From its upper to its lower end, in pixels from the page's upper edge.
    rows: std::ops::Range<f32>,
}

enum Shape<'a> {
    /// In pixels.
    Ground(Rect, Colour),
    /// An outline, filled; the way to pixels.
    Filled(Arc<Path>, Transform, Colour),
    /// An outline, drawn with a pen; the way to pixels.
    Stroked(Arc<Path>, Stroke, Transform, Colour),
    /// A picture; pixels to the point.
    Image(&'a Area, &'a std::path::Path, f32),
}

impl Mark<'_> {
    /// Whether each of some rows shows the same of it.
    fn is_even(&self, top: u32, rows: u32) -> bool {
        let (top, bottom) = (top as f32, (top + rows) as f32);
        let outside = self.rows.end.ceil() <= top || self.rows.start.floor() >= bottom;
        let covers = matches!(self.shape, Shape::Ground(..)) && self.rows.start.ceil() <= top && self.rows.end.floor() >= bottom;
        outside || covers
    }
}

/// What stands on a page, in the order in which it is drawn.
fn marks<'a>(page: &'a Page, fonts: &Fonts, scale: f32) -> Vec<Mark<'a>> {
    let onto = Transform::from_scale(scale, scale);
    let mut marks = Vec::new();
    // Grounds lie under the text.
    let (under, over): (Vec<&Item>, Vec<&Item>) = page.items.iter().partition(|item| matches!(item, Item::Rule(..)));
    for item in under.into_iter().chain(over) {
        match item {
            Item::Run(run) => run_marks(&mut marks, fonts, run, scale),
            Item::Rule(area, colour) => {
                let (x, y) = (area.x.to_pt() as f32 * scale, area.y.to_pt() as f32 * scale);
                // A hairline is never thinner than a pixel.
                let (w, h) = ((area.width.to_pt() as f32 * scale).max(1.0), (area.height.to_pt() as f32 * scale).max(1.0));
                marks.extend(Rect::from_xywh(x, y, w, h).map(|rect| Mark { shape: Shape::Ground(rect, *colour), rows: y..y + h }));
            }
            Item::Dot { x, y, radius, colour, .. } => {
                let path = PathBuilder::from_circle(x.to_pt() as f32, y.to_pt() as f32, radius.to_pt() as f32);
                marks.extend(path.map(|path| filled(&Arc::new(path), onto, *colour)));
            }
            Item::Image(area, path, _) => {
                let (y, height) = (area.y.to_pt() as f32 * scale, area.height.to_pt() as f32 * scale);
                marks.push(Mark { shape: Shape::Image(area, path, scale), rows: y - 1.0..y + height + 1.0 });
            }
            Item::Wave { x, y, length, size, down } => marks.extend(wave_mark(&wave(*x, *y, *length, *size, *down), *size, onto)),
            Item::Link(..) | Item::Anchor { .. } => {}
        }
    }
    marks
}

/// From the upper to the lower end of an outline where it stands, and so far beyond.
fn ends(path: &Path, place: Transform, beyond: f32) -> std::ops::Range<f32> {
    let bounds = path.bounds();
    let corners = [
        (bounds.left(), bounds.top()),
        (bounds.left(), bounds.bottom()),
        (bounds.right(), bounds.top()),
        (bounds.right(), bounds.bottom()),
    ];
    let ys = corners.map(|(x, y)| place.ky * x + place.sy * y + place.ty);
    ys.iter().copied().fold(f32::INFINITY, f32::min) - beyond..ys.iter().copied().fold(f32::NEG_INFINITY, f32::max) + beyond
}

fn filled(path: &Arc<Path>, place: Transform, colour: Colour) -> Mark<'static> {
    Mark { rows: ends(path, place, 0.0), shape: Shape::Filled(path.clone(), place, colour) }
}

fn stroked(path: &Arc<Path>, stroke: Stroke, place: Transform, colour: Colour) -> Mark<'static> {
    // Where two lines meet, the pen goes beyond them, so many times its width at the most.
    let beyond = stroke.width * stroke.miter_limit * place.get_scale().0.max(place.get_scale().1);
    Mark { rows: ends(path, place, beyond), shape: Shape::Stroked(path.clone(), stroke, place, colour) }
}

fn wave_mark(curves: &[[(Length, Length); 3]], size: Length, onto: Transform) -> Option<Mark<'static>> {
    let place = |(x, y): (Length, Length)| (x.to_pt() as f32, y.to_pt() as f32);
    let mut path = PathBuilder::new();
    for (at, curve) in curves.iter().enumerate() {
        let [(ax, ay), (bx, by), (cx, cy)] = curve.map(place);
        if at == 0 { path.move_to(cx, cy) } else { path.cubic_to(ax, ay, bx, by, cx, cy) }
    }
    let stroke = Stroke { width: wave_thickness(size).to_pt() as f32, line_cap: tiny_skia::LineCap::Round, ..Stroke::default() };
    Some(stroked(&Arc::new(path.finish()?), stroke, onto, Colour::BLACK))
}

/// Draws some of a page's rows, from one on.
fn draw_on(pixmap: &mut Pixmap, marks: &[Mark<'_>], manuscript: &Manuscript, top: u32) {
    pixmap.fill(Color::WHITE);
    let here = top as f32..(top + pixmap.height()) as f32;
    let up = -(top as f32);
    for mark in marks.iter().filter(|mark| mark.rows.start < here.end && mark.rows.end > here.start) {
        match &mark.shape {
            Shape::Ground(rect, colour) => {
                if let Some(rect) = Rect::from_xywh(rect.x(), rect.y() + up, rect.width(), rect.height()) {
                    pixmap.fill_rect(rect, &paint(*colour), Transform::identity(), None);
                }
            }
            Shape::Filled(path, place, colour) => {
                pixmap.fill_path(path, &paint(*colour), FillRule::Winding, place.post_translate(0.0, up), None);
            }
            Shape::Stroked(path, stroke, place, colour) => {
                pixmap.stroke_path(path, &paint(*colour), stroke, place.post_translate(0.0, up), None);
            }
            Shape::Image(area, path, scale) => draw_image(pixmap, manuscript, area, path, *scale, top as f32),
        }
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

fn run_marks(marks: &mut Vec<Mark<'_>>, fonts: &Fonts, run: &Run, scale: f32) {
    let face = fonts.face(run.face);
    let size = run.size.to_pt() as f32 / f32::from(face.units()) * scale;
    for glyph in &run.glyphs {
        let (x, y) = run.origin(glyph, face.advance(glyph.id));
        let mut pen = Pen(PathBuilder::new());
        face.draw(glyph.id, &mut pen);
        let Some(path) = pen.0.finish().map(Arc::new) else { continue };
        let [a, b, c, d] = run.turn.matrix().map(|part| part * size);
        let place = Transform::from_row(a, -b, c, -d, x.to_pt() as f32 * scale, y.to_pt() as f32 * scale);
        marks.push(filled(&path, place, run.colour));
        if run.embolden {
            let stroke = Stroke { width: f32::from(face.units()) * 0.03, ..Stroke::default() };
            marks.push(stroked(&path, stroke, place, run.colour));
        }
    }
}

fn draw_image(pixmap: &mut Pixmap, manuscript: &Manuscript, area: &Area, path: &std::path::Path, scale: f32, top: f32) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_the_picture() {
        let (width, height) = (40, 5 * BAND - 7);
        let manuscript = Manuscript::default();
        let ground =
            |y: f32, h: f32, colour| Mark { shape: Shape::Ground(Rect::from_xywh(3.0, y, 20.0, h).unwrap(), colour), rows: y..y + h };
        let circle = Arc::new(PathBuilder::from_circle(20.3, 257.1, 5.0).unwrap());
        let marks = [
            // It ends amid a row, right after a band's end.
            ground(0.0, BAND as f32 + 0.5, Colour(10, 20, 30)),
            // Two whole bands; over the edge of the second there is a circle.
            ground(BAND as f32 * 2.0, BAND as f32 * 2.0, Colour(40, 50, 60)),
            filled(&circle, Transform::identity(), Colour::BLACK),
        ];
        let mut whole = Pixmap::new(width, height).unwrap();
        draw_on(&mut whole, &marks, &manuscript, 0);
        let even: Vec<bool> =
            (0..5).map(|band| marks.iter().all(|mark| mark.is_even(band * BAND, BAND.min(height - band * BAND)))).collect();
        assert_eq!(even, [true, false, true, false, false]);
        let bands = bands(&marks, &manuscript, width, height).unwrap();
        let drawn: Vec<[u8; 4]> = bands.into_iter().flatten().flat_map(|(colour, count)| vec![colour; count]).collect();
        let pixels = whole.pixels().iter().map(|pixel| [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]);
        assert_eq!(drawn.len(), whole.pixels().len());
        // Where an outline's edge runs through a sample of a pixel, of which there are sixteen, it may be in or out by where rows are
        // counted from.
        let apart = |(one, other): ([u8; 4], [u8; 4])| one.iter().zip(other).map(|(one, other)| one.abs_diff(other)).max();
        let differences: Vec<u8> = pixels.zip(drawn).filter_map(apart).filter(|difference| *difference > 1).collect();
        assert!(differences.len() <= 8 && differences.iter().all(|difference| *difference <= 32), "{differences:?}");
    }
}
