//! Widths of marks in Japanese text (JLREQ 3.1, Appendix A): as on the mainland, but question and exclamation mark take
//! an em, the middle dot an em of its own, and colons stand in the middle of theirs.

use super::class::Class;
use super::rules::Mark;

/// Lines across, and columns but for what [`VERTICAL`] says.
pub const MARKS: &[Mark] = &[
    Mark { class: Class::Open, before: 500, body: 500, after: 0, clause: "JLREQ A.1" },
    Mark { class: Class::Close, before: 0, body: 500, after: 500, clause: "JLREQ A.2" },
    Mark { class: Class::Comma, before: 0, body: 500, after: 500, clause: "JLREQ A.7" },
    Mark { class: Class::Stop, before: 0, body: 500, after: 500, clause: "JLREQ A.6" },
    Mark { class: Class::Colon, before: 250, body: 500, after: 250, clause: "JLREQ A.5" },
    Mark { class: Class::Exclam, before: 0, body: 1000, after: 0, clause: "JLREQ A.4" },
    Mark { class: Class::Stacked, before: 0, body: 1000, after: 0, clause: "JLREQ A.4" },
    Mark { class: Class::Dot, before: 250, body: 500, after: 250, clause: "JLREQ A.5" },
    Mark { class: Class::Connector, before: 0, body: 1000, after: 0, clause: "JLREQ A.3" },
    Mark { class: Class::HalfConnector, before: 0, body: 500, after: 0, clause: "JLREQ A.3" },
    Mark { class: Class::Solidus, before: 0, body: 500, after: 0, clause: "JLREQ A.3" },
    Mark { class: Class::WideSolidus, before: 0, body: 1000, after: 0, clause: "JLREQ A.3" },
    Mark { class: Class::Long, before: 0, body: 1000, after: 0, clause: "JLREQ A.8" },
];

/// What differs in columns: colon and semicolon keep their em.
pub const VERTICAL: &[Mark] = &[Mark { class: Class::Colon, before: 0, body: 1000, after: 0, clause: "JLREQ A.5" }];
