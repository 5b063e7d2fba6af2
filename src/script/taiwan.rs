//! Widths of marks in Taiwan and Hong Kong, where point marks stand in the middle of their em (CLREQ 6.3).

use super::class::Class;
use super::rules::Mark;

/// Lines across, and columns but for what [`VERTICAL`] says: point marks are centred; exclamation and question mark keep
/// their em.
pub const MARKS: &[Mark] = &[
    Mark { class: Class::Open, before: 500, body: 500, after: 0, clause: "CLREQ 6.3.2" },
    Mark { class: Class::Close, before: 0, body: 500, after: 500, clause: "CLREQ 6.3.2" },
    Mark { class: Class::Comma, before: 250, body: 500, after: 250, clause: "CLREQ 6.3.1" },
    Mark { class: Class::Stop, before: 250, body: 500, after: 250, clause: "CLREQ 6.3.1" },
    Mark { class: Class::Colon, before: 250, body: 500, after: 250, clause: "CLREQ 6.3.1" },
    Mark { class: Class::Exclam, before: 0, body: 1000, after: 0, clause: "CLREQ 6.3.1" },
    Mark { class: Class::Stacked, before: 0, body: 1000, after: 0, clause: "CLREQ 6.3.3" },
    Mark { class: Class::Dot, before: 250, body: 500, after: 250, clause: "CLREQ 6.3.1" },
    Mark { class: Class::Connector, before: 0, body: 1000, after: 0, clause: "CLREQ 6.3.1" },
    Mark { class: Class::HalfConnector, before: 0, body: 500, after: 0, clause: "CLREQ 6.3.1" },
    Mark { class: Class::Solidus, before: 0, body: 1000, after: 0, clause: "CLREQ 6.3.1" },
    Mark { class: Class::WideSolidus, before: 0, body: 1000, after: 0, clause: "CLREQ App. A" },
    Mark { class: Class::Long, before: 0, body: 1000, after: 0, clause: "CLREQ 6.3.1" },
];

/// What differs in columns: colon and semicolon keep their em.
pub const VERTICAL: &[Mark] = &[Mark { class: Class::Colon, before: 0, body: 1000, after: 0, clause: "CLREQ 6.3.1" }];
