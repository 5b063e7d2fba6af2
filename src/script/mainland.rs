//! Widths of marks in mainland China (GB/T 15834-2011 5.1; CLREQ 6.3, horizontal and vertical).

use super::class::Class;
use super::rules::Mark;

/// Horizontal lines: the blank follows a closing or point mark and precedes an opening one.
pub const MARKS: &[Mark] = &[
    Mark { class: Class::Open, before: 500, body: 500, after: 0, clause: "CLREQ 6.3.2, GB/T 15834 5.1.4" },
    Mark { class: Class::Close, before: 0, body: 500, after: 500, clause: "CLREQ 6.3.2, GB/T 15834 5.1.4" },
    Mark { class: Class::Comma, before: 0, body: 500, after: 500, clause: "GB/T 15834 5.1.1" },
    Mark { class: Class::Stop, before: 0, body: 500, after: 500, clause: "GB/T 15834 5.1.1" },
    Mark { class: Class::Colon, before: 0, body: 500, after: 500, clause: "GB/T 15834 5.1.1" },
    Mark { class: Class::Exclam, before: 0, body: 500, after: 500, clause: "GB/T 15834 5.1.1" },
    Mark { class: Class::Stacked, before: 0, body: 1000, after: 0, clause: "GB/T 15834 5.1.2" },
    Mark { class: Class::Dot, before: 0, body: 500, after: 0, clause: "GB/T 15834 5.1.7" },
    Mark { class: Class::Connector, before: 0, body: 1000, after: 0, clause: "GB/T 15834 5.1.6" },
    Mark { class: Class::HalfConnector, before: 0, body: 500, after: 0, clause: "GB/T 15834 5.1.6" },
    Mark { class: Class::Solidus, before: 0, body: 500, after: 0, clause: "GB/T 15834 5.1.9" },
    Mark { class: Class::WideSolidus, before: 0, body: 1000, after: 0, clause: "CLREQ App. A" },
    Mark { class: Class::Long, before: 0, body: 1000, after: 0, clause: "GB/T 15834 5.1.5" },
];

/// Vertical lines: as horizontal, but colon, semicolon, exclamation and question mark keep their em.
pub const VERTICAL: &[Mark] = &[
    Mark { class: Class::Open, before: 500, body: 500, after: 0, clause: "CLREQ 6.3.2" },
    Mark { class: Class::Close, before: 0, body: 500, after: 500, clause: "CLREQ 6.3.2" },
    Mark { class: Class::Comma, before: 0, body: 500, after: 500, clause: "GB/T 15834 5.2.1" },
    Mark { class: Class::Stop, before: 0, body: 500, after: 500, clause: "GB/T 15834 5.2.1" },
    Mark { class: Class::Colon, before: 0, body: 1000, after: 0, clause: "GB/T 15834 5.2.1" },
    Mark { class: Class::Exclam, before: 0, body: 1000, after: 0, clause: "GB/T 15834 5.2.1" },
    Mark { class: Class::Stacked, before: 0, body: 1000, after: 0, clause: "CLREQ 6.3.3" },
    Mark { class: Class::Dot, before: 0, body: 500, after: 0, clause: "GB/T 15834 5.2.4" },
    Mark { class: Class::Connector, before: 0, body: 1000, after: 0, clause: "GB/T 15834 5.2.3" },
    Mark { class: Class::HalfConnector, before: 0, body: 500, after: 0, clause: "GB/T 15834 5.2.3" },
    Mark { class: Class::Solidus, before: 0, body: 500, after: 0, clause: "GB/T 15834 5.2.5" },
    Mark { class: Class::WideSolidus, before: 0, body: 1000, after: 0, clause: "CLREQ App. A" },
    Mark { class: Class::Long, before: 0, body: 1000, after: 0, clause: "GB/T 15834 5.2.3" },
];
