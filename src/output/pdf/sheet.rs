//! The sheet that a page is printed on: its trim, the bleed around it, and the margin with the crop marks.

use crate::length::Length;
use crate::manifest::Loaded;
use crate::style::Style;

/// The boxes of every page (ISO 32000-1, 14.11.2).
pub(super) struct Sheet {
    /// Width and height of the finished page.
    pub trim: (Length, Length),
    /// How far colour runs over it.
    pub bleed: Length,
    /// From the edge of the sheet to the trim.
    pub margin: Length,
    /// Where crop marks begin and end, from the trim.
    pub marks: Option<(Length, Length)>,
}

/// Length of a crop mark.
const MARK: f64 = 5.0;
/// What lies between the bleed and the marks at the least, and between the trim and them, mm.
const CLEAR: (f64, f64) = (1.0, 3.0);

impl Sheet {
    /// The sheet of a book.
    pub fn of(loaded: &Loaded, style: &Style) -> Sheet {
        let (page, bleed) = (&style.page, style.bleed);
        let from = (bleed + Length::mm(CLEAR.0)).max(Length::mm(CLEAR.1));
        let marks = loaded.manifest.pdf.crop_marks.then(|| (from, from + Length::mm(MARK)));
        let margin = marks.map_or(bleed, |(_, to)| to + Length::mm(CLEAR.0));
        Sheet { trim: (page.width, page.height), bleed, margin, marks }
    }

    /// A box `beyond` the trim on every side: left, bottom, right, top.
    pub fn around(&self, beyond: Length) -> [Length; 4] {
        let low = self.margin - beyond;
        [low, low, self.margin + self.trim.0 + beyond, self.margin + self.trim.1 + beyond]
    }
}
