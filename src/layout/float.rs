//! Blocks that may move: figures and tables at a page's head or foot, or where they are written.

use super::build::Builder;
use super::flow::{Row, height_of, seen};
use super::notes::Note;
use crate::document::FloatPlace;
use crate::length::Length;
use std::sync::Arc;

/// A block that may stand at a page's head or foot.
#[derive(Clone, Debug)]
pub(super) struct Float {
    pub place: FloatPlace,
    pub rows: Vec<Row>,
}

impl Builder<'_> {
    /// Puts a figure where it stands, or lets it wait for a page's head or foot.
    pub fn float(&mut self, float: Arc<Float>) {
        let notes: Vec<Vec<Note>> = float.rows.iter().map(|row| self.new_notes(row)).collect();
        let all: Vec<&Note> = notes.iter().flatten().collect();
        let first = self.waiting.is_empty();
        let fits = first && self.fits(&float.rows, &all);
        match float.place {
            FloatPlace::Here => self.group_with(float.rows.clone(), notes),
            FloatPlace::Auto if fits => self.group_with(float.rows.clone(), notes),
            FloatPlace::Head if fits && self.empty => self.group_with(float.rows.clone(), notes),
            FloatPlace::Foot if first && self.low_fits(&float, &all) => {
                self.low.extend(float.rows.iter().cloned());
                self.add_notes(notes.into_iter().flatten().collect(), false);
            }
            _ => self.waiting.push_back((float, notes)),
        }
    }

    fn low_fits(&self, float: &Float, notes: &[&Note]) -> bool {
        let notes: Length = notes.iter().map(|note| height_of(*note)).sum();
        self.carried.is_empty() && self.room(self.y + seen(&float.rows), notes) >= Length::ZERO
    }

    /// Sets the figures that wait at the head or the foot of a new page, as many as leave it some text. One that no page holds with
    /// its notes is divided.
    pub fn set_waiting(&mut self) {
        // Where no text is to come, figures may fill the page.
        let most = self.context.style.page.depth().mille(if self.ending { 1000 } else { 800 });
        while !self.dividing
            && let Some((float, notes)) = self.waiting.pop_front()
        {
            let all: Vec<&Note> = notes.iter().flatten().collect();
            let taken = self.y + height_of(&self.low);
            let alone = taken == Length::ZERO && self.carried.is_empty();
            let fits = self.low_fits(&float, &all) && (alone || taken + height_of(&float.rows) <= most);
            if !fits && !alone {
                self.waiting.push_front((float, notes));
                return;
            }
            if !fits {
                self.dividing = true;
                self.group_with(float.rows.clone(), notes);
                self.dividing = false;
                return;
            }
            if float.place == FloatPlace::Foot {
                self.low.extend(float.rows.iter().cloned());
            } else {
                // A figure at the head begins there.
                for row in float.rows.iter().skip_while(|row| row.blank) {
                    let (start, end) = self.extent(row, self.y, false);
                    self.y = end;
                    self.begin(row);
                    self.page.take_in(row.clone(), start);
                }
                // The text goes on a line below, on its grid.
                self.y = self.leading() * self.y.ceil_div(self.leading());
            }
            self.add_notes(notes.into_iter().flatten().collect(), true);
        }
    }

    /// Sets the figures at the foot of the type area above the notes.
    pub fn set_low(&mut self) {
        let low = std::mem::take(&mut self.low);
        let y = self.context.style.page.depth() - self.foot_total(Length::ZERO) - seen(&low);
        self.put_all(low, y);
    }
}
