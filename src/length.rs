//! Fixed-point length: the same positions on every machine.

use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// A length in 1/65536 pt (PDF point, 1/72 inch). Exact addition; no platform float maths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Length(pub i64);

impl Length {
    /// The empty length.
    pub const ZERO: Length = Length(0);
    const UNIT: i64 = 1 << 16;

    /// From points.
    pub fn pt(points: f64) -> Length {
        Length((points * Self::UNIT as f64).round() as i64)
    }

    /// From millimetres.
    pub fn mm(millimetres: f64) -> Length {
        Length::pt(millimetres * 72.0 / 25.4)
    }

    /// To points.
    pub fn to_pt(self) -> f64 {
        self.0 as f64 / Self::UNIT as f64
    }

    /// `self * numerator / denominator`, rounded to nearest. `denominator` must not be 0.
    pub fn scale(self, numerator: i64, denominator: i64) -> Length {
        // Lengths of a page fit; a division of 128 bits is many times slower.
        if let Some(product) = self.0.checked_mul(numerator) {
            let half = denominator / 2;
            if let Some(rounded) = if product >= 0 { product.checked_add(half) } else { product.checked_sub(half) } {
                return Length(rounded / denominator);
            }
        }
        let product = i128::from(self.0) * i128::from(numerator);
        let half = i128::from(denominator) / 2;
        let rounded = if product >= 0 { product + half } else { product - half };
        Length((rounded / i128::from(denominator)) as i64)
    }

    /// A fraction of this length, in thousandths: `size.mille(500)` is half an em.
    pub fn mille(self, thousandths: i64) -> Length {
        self.scale(thousandths, 1000)
    }

    /// So many thousandths of it, which a font may give in fractions.
    pub fn fraction(self, thousandths: f64) -> Length {
        self.scale((thousandths * 1000.0).round() as i64, 1_000_000)
    }

    /// The larger of two.
    pub fn max(self, other: Length) -> Length {
        Length(self.0.max(other.0))
    }

    /// The smaller of two.
    pub fn min(self, other: Length) -> Length {
        Length(self.0.min(other.0))
    }

    /// How many whole `step`s cover this length (at least 0). `step` must be positive.
    pub fn ceil_div(self, step: Length) -> i64 {
        if self.0 <= 0 { 0 } else { (self.0 + step.0 - 1) / step.0 }
    }
}

impl Add for Length {
    type Output = Length;
    fn add(self, other: Length) -> Length {
        Length(self.0 + other.0)
    }
}
impl Sub for Length {
    type Output = Length;
    fn sub(self, other: Length) -> Length {
        Length(self.0 - other.0)
    }
}
impl Neg for Length {
    type Output = Length;
    fn neg(self) -> Length {
        Length(-self.0)
    }
}
impl Mul<i64> for Length {
    type Output = Length;
    fn mul(self, factor: i64) -> Length {
        Length(self.0 * factor)
    }
}
impl Div<i64> for Length {
    type Output = Length;
    fn div(self, divisor: i64) -> Length {
        Length(self.0 / divisor)
    }
}
impl AddAssign for Length {
    fn add_assign(&mut self, other: Length) {
        self.0 += other.0;
    }
}
impl SubAssign for Length {
    fn sub_assign(&mut self, other: Length) {
        self.0 -= other.0;
    }
}
impl Sum for Length {
    fn sum<I: Iterator<Item = Length>>(lengths: I) -> Length {
        lengths.fold(Length::ZERO, Add::add)
    }
}
