//! Tables: column widths found from the content, rows that stay whole, a head that is set again on every page.

use super::flow::{Flow, Row, Setting, height_of};
use super::page::{Area, Item};
use super::tags::{CellRole, Role};
use super::{collect, figure, prepare};
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Align, Block, BlockKind, Cell, Table};
use crate::length::Length;
use crate::source::Span;
use crate::style::{Alignment, Colour, Tag, TextStyle};
use crate::text;
use std::sync::Arc;

/// A cell in its place.
struct Placed<'a> {
    cell: &'a Cell,
    row: usize,
    column: usize,
    head: bool,
}

/// Sets a table with its caption above.
#[expect(clippy::indexing_slicing, reason = "lists by row are as long as `rows`, `widths` as `columns`; `place` keeps cells within both")]
pub(super) fn set(flow: &mut Flow<'_>, table: &Table, setting: Setting, span: Span) {
    let (cells, rows, columns) = place(table);
    if columns == 0 {
        return;
    }
    let whole = flow.part(setting, Role::Table);
    let small = Setting { indent: Length::ZERO, depth: 1, ..whole.small(flow.context) };
    let pad = small.text.size.mille(400);
    let widths = column_widths(flow, &cells, columns, small, pad, setting.width);
    let total: Length = widths.iter().copied().sum();
    let too_narrow = total > setting.width - Length::pt(1.0) && widths.iter().any(|width| *width < small.text.size + pad * 2);
    if total > setting.width + Length::pt(0.5) || too_narrow {
        let report =
            Diagnostic::new(Code::Overfull, text!("a table has more columns than the measure can hold", "表格列数过多，版心放不下"));
        flow.context
            .sink
            .report(report.at(span).advise(text!("set it as two tables, or turn rows and columns", "请拆成两个表，或行列对调")));
    }
    let left = setting.left + (setting.width - total).max(Length::ZERO) / 2;
    flow.push(Row { height: setting.leading / 2, blank: true, keep: true, ..Row::default() });
    let first = flow.rows.len();
    figure::set_caption(flow, &figure::numbered(table.number.as_deref(), &table.caption, span), whole, span);
    // It stands above its table, wherever it is written.
    let start = flow.place(span.start);
    flow.rows.iter_mut().skip(first).for_each(|row| row.start = Some(start));
    flow.keep_last();
    flow.push(Row { height: small.leading / 4, keep: true, ..Row::default() });

    let tags = row_tags(flow, whole, table.head.len(), rows);
    let laid: Vec<Vec<Row>> =
        cells.iter().map(|placed| lay_cell(flow, placed, table, &widths, left, small, pad, tags[placed.row])).collect();
    let own_height = |rows: &[Row]| height_of(rows) + pad;
    let mut heights = vec![small.leading + pad; rows];
    let area = flow.context.style.page.depth();
    // A cell that covers several rows holds them together, unless it is too high for that: then it is of its first row alone.
    let reaches: Vec<usize> =
        cells.iter().zip(&laid).map(|(placed, inner)| if own_height(inner) > area / 2 { 1 } else { placed.cell.rows }).collect();
    for ((placed, inner), _) in cells.iter().zip(&laid).zip(&reaches).filter(|(_, reach)| **reach == 1) {
        heights[placed.row] = heights[placed.row].max(own_height(inner));
    }
    for ((placed, inner), reach) in cells.iter().zip(&laid).zip(&reaches).filter(|(_, reach)| **reach > 1) {
        let last = (placed.row + reach).min(rows) - 1;
        let covered: Length = heights[placed.row..=last].iter().copied().sum();
        heights[last] += (own_height(inner) - covered).max(Length::ZERO);
    }
    let head_rows = table.head.len();
    let mut bands: Vec<Row> = heights.iter().map(|height| Row { height: *height, ..Row::default() }).collect();
    let spans: Vec<(usize, usize)> =
        cells.iter().zip(&reaches).filter(|(_, reach)| **reach > 1).map(|(placed, reach)| (placed.row, placed.row + reach)).collect();
    // Rows that are too high to stay whole are divided between the lines of their cells.
    let divides = |row: usize| heights[row] > area / 2 && !cells_reach(&spans, row);
    let mut loose: Vec<Vec<Vec<Row>>> = vec![Vec::new(); rows];
    for ((placed, inner), reach) in cells.iter().zip(laid).zip(&reaches) {
        if divides(placed.row) {
            loose[placed.row].push(inner);
            continue;
        }
        let band = &mut bands[placed.row];
        band.take_in_all(inner, pad / 2);
        if *reach > 1 {
            let last = (placed.row + reach).min(rows) - 1;
            bands.iter_mut().take(last).skip(placed.row).for_each(|band| band.keep = true);
        }
    }
    let line = |from: usize, to: usize, y: Length, height: f64, colour: Colour| {
        let x: Length = widths[..from].iter().copied().sum();
        let width: Length = widths[from..to].iter().copied().sum();
        Item::Rule(Area { x: left + x, y, width, height: Length::pt(height) }, colour)
    };
    // Where a cell reaches over a line into the next row, the line stops.
    let crossed = |row: usize, column: usize| {
        cells.iter().zip(&reaches).any(|(placed, reach)| {
            (placed.column..placed.column + placed.cell.columns).contains(&column) && placed.row <= row && row + 1 < placed.row + reach
        })
    };
    for (at, band) in bands.iter_mut().enumerate() {
        if at == 0 {
            band.items.push(line(0, columns, Length::ZERO, 1.0, Colour::BLACK));
        }
        let (height, colour) = if at + 1 == rows {
            (1.0, Colour::BLACK)
        } else if at + 1 == head_rows {
            (0.6, Colour::BLACK)
        } else {
            (0.3, Colour::HAIRLINE)
        };
        let y = band.height - Length::pt(height);
        let mut from = 0;
        for column in 0..=columns {
            if column == columns || at + 1 < rows && crossed(at, column) {
                if from < column {
                    band.items.push(line(from, column, y, height, colour));
                }
                from = column + 1;
            }
        }
        if at + 1 < rows && at < head_rows {
            band.keep = true;
        }
    }
    // A head that takes half a page is not set again on every page.
    let repeats = head_rows > 0 && head_rows < rows && height_of(bands.iter().take(head_rows)) < area / 2 && !(0..head_rows).any(&divides);
    // What is set again says nothing new.
    let head = repeats.then(|| {
        let mut again: Vec<Row> = bands.iter().take(head_rows).cloned().collect();
        for row in &mut again {
            // Its notes are told where it stands first.
            for mark in std::mem::take(&mut row.notes) {
                if let Some(Item::Run(run)) = row.items.get_mut(mark.item) {
                    run.glyphs.clear();
                }
            }
            row.side.clear();
        }
        if let Some(number) = &table.number {
            let mut above = Flow::new(flow.context);
            let text = small.text.part_of(Tag::Decoration);
            let says = flow.context.style.labels.continued.replace("{}", number);
            above.text_line(&says, Setting { alignment: Alignment::End, left, width: total, text, ..small });
            again.splice(0..0, above.rows);
        }
        again.iter_mut().flat_map(|row| &mut row.items).for_each(|item| item.retag(|_| Tag::Decoration));
        again.iter_mut().for_each(|row| row.items.retain(|item| !matches!(item, Item::Link(..) | Item::Anchor { .. })));
        Arc::new(again)
    });
    for (at, band) in bands.iter_mut().enumerate().skip(head_rows) {
        band.head.clone_from(&head);
        if at == head_rows && at + 1 < rows {
            band.keep = true;
        }
    }
    if !repeats {
        bands.iter_mut().take(head_rows).for_each(|band| band.keep = false);
    }
    for (at, (band, cells)) in bands.into_iter().zip(loose).enumerate() {
        if divides(at) {
            slices(cells, band, pad / 2).into_iter().for_each(|slice| flow.push(slice));
        } else {
            if band.height > area {
                let report = Diagnostic::new(Code::Overfull, text!("a table row is higher than the page", "表格中有一行高过页面"));
                flow.context.sink.report(report.at(span).advise(text!("divide the row, or its cells", "请拆分这一行，或其中的单元格")));
            }
            flow.push(band);
        }
    }
    flow.push(Row { height: setting.leading / 2, blank: true, ..Row::default() });
}

/// An element for each row, in the head or the body.
fn row_tags(flow: &Flow<'_>, table: Setting, head: usize, rows: usize) -> Vec<Tag> {
    let tags = flow.context.tags;
    // A table of heads alone has no head above a body.
    let head = if rows > head { head } else { 0 };
    let head_tag = (head > 0).then(|| tags.open(table.text.tag, Role::TableHead));
    let open = |count: usize, within: Tag| -> Vec<Tag> { (0..count).map(|_| tags.open(within, Role::Row)).collect() };
    let mut all = head_tag.map(|within| open(head, within)).unwrap_or_default();
    if rows > head {
        let body = tags.open(table.text.tag, Role::TableBody);
        all.extend(open(rows - head, body));
    }
    all
}

/// Whether a cell of several rows covers this one.
fn cells_reach(spans: &[(usize, usize)], row: usize) -> bool {
    spans.iter().any(|(from, to)| (*from..*to).contains(&row))
}

/// A row that is too high to stay whole, divided where no line of any of its cells is cut, so that a page may end within it.
#[expect(clippy::indexing_slicing, reason = "`slices` has a row for each of `starts`, one at least, and `slice_of` finds places in it")]
fn slices(cells: Vec<Vec<Row>>, band: Row, pad: Length) -> Vec<Row> {
    // The edges of each cell's lines, from the top of the row.
    let edges = |lines: &[Row]| -> Vec<Length> {
        let below = lines.iter().scan(pad, |y, line| {
            *y += line.height;
            Some(*y)
        });
        std::iter::once(pad).chain(below).collect()
    };
    let all: Vec<Vec<Length>> = cells.iter().map(|lines| edges(lines)).collect();
    let cuts_none = |y: Length| all.iter().all(|own| own.iter().zip(own.iter().skip(1)).all(|(upper, lower)| y <= *upper || *lower <= y));
    let last = all.iter().filter_map(|own| own.last().copied()).max().unwrap_or(pad);
    let mut cuts: Vec<Length> = all.iter().flatten().copied().filter(|y| *y > pad && *y < last && cuts_none(*y)).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let starts: Vec<Length> = std::iter::once(Length::ZERO).chain(cuts.iter().copied()).collect();
    let ends = cuts.into_iter().chain([band.height]);
    let mut slices: Vec<Row> =
        starts.iter().zip(ends).map(|(from, to)| Row { height: to - *from, head: band.head.clone(), ..Row::default() }).collect();
    let slice_of = |y: Length| starts.iter().rposition(|start| *start <= y).unwrap_or(0);
    for lines in cells {
        let mut y = pad;
        for line in lines {
            let (at, height) = (slice_of(y), line.height);
            slices[at].take_in(line, y - starts[at]);
            y += height;
        }
    }
    // The lines of the table: above the first slice, below the last.
    let count = slices.len();
    for mut item in band.items {
        let at = if matches!(&item, Item::Rule(area, _) if area.y > Length::ZERO) { count - 1 } else { 0 };
        item.shift(Length::ZERO, -starts[at]);
        slices[at].items.push(item);
    }
    if count > 2 {
        slices[0].keep = true;
        slices[count - 2].keep = true;
    }
    slices
}

/// Gives every cell its row and column, with the cells above that reach down counted.
fn place(table: &Table) -> (Vec<Placed<'_>>, usize, usize) {
    let rows: Vec<&Vec<Cell>> = table.head.iter().chain(&table.body).collect();
    let mut taken: Vec<Vec<bool>> = vec![Vec::new(); rows.len()];
    let mut cells = Vec::new();
    for (row, line) in rows.iter().enumerate() {
        let mut column = 0;
        for cell in line.iter() {
            while taken.get(row).is_some_and(|own| own.get(column) == Some(&true)) {
                column += 1;
            }
            cells.push(Placed { cell, row, column, head: row < table.head.len() });
            for below in taken.iter_mut().skip(row).take(cell.rows) {
                below.resize(below.len().max(column + cell.columns), false);
                below.iter_mut().skip(column).take(cell.columns).for_each(|place| *place = true);
            }
            column += cell.columns;
        }
    }
    let columns = taken.iter().map(Vec::len).max().unwrap_or(0);
    (cells, rows.len(), columns)
}

/// Each column gets what its content wants, if all fits; else its longest word, and a share of what is left by
/// how much more it wants.
#[expect(clippy::indexing_slicing, reason = "every place is below `columns`, the length of `least`, `most` and `widths`")]
fn column_widths(flow: &Flow<'_>, cells: &[Placed<'_>], columns: usize, small: Setting, pad: Length, width: Length) -> Vec<Length> {
    let mut least = vec![Length::ZERO; columns];
    let mut most = vec![Length::ZERO; columns];
    for placed in cells {
        let (narrow, wide) = extents(flow, &placed.cell.blocks, small.text);
        let covered = placed.cell.columns as i64;
        for column in placed.column..(placed.column + placed.cell.columns).min(columns) {
            least[column] = least[column].max(narrow / covered + pad * 2);
            most[column] = most[column].max(wide / covered + pad * 2);
        }
    }
    let wanted: Length = most.iter().copied().sum();
    if wanted <= width {
        return most;
    }
    // A column that wants no more than an equal part of what is left gets all it wants; the others share the rest
    // by how much more than their longest word they want.
    let mut widths = vec![None; columns];
    let mut left = width;
    loop {
        let open: Vec<usize> = (0..columns).filter(|at| widths[*at].is_none()).collect();
        let Some(fair) = (!open.is_empty()).then(|| left / open.len() as i64) else { break };
        let small: Vec<usize> = open.iter().copied().filter(|at| most[*at] <= fair).collect();
        if small.is_empty() {
            let base: Length = open.iter().map(|at| least[*at].min(fair)).sum();
            let asked: Length = open.iter().map(|at| most[*at] - least[*at].min(fair)).sum();
            let spare = (left - base).max(Length::ZERO);
            for at in open {
                let own = least[at].min(fair);
                let more = if asked > Length::ZERO { spare.scale((most[at] - own).0, asked.0) } else { Length::ZERO };
                widths[at] = Some(own + more);
            }
            break;
        }
        for at in small {
            widths[at] = Some(most[at]);
            left -= most[at];
        }
    }
    widths.into_iter().map(|width| width.unwrap_or(Length::ZERO)).collect()
}

/// The narrowest and the widest that blocks can be: their longest unit, and their longest line unbroken.
fn extents(flow: &Flow<'_>, blocks: &[Block], text: TextStyle) -> (Length, Length) {
    let (mut least, mut most) = (Length::ZERO, Length::ZERO);
    for block in blocks {
        match &block.kind {
            BlockKind::Paragraph(content) => {
                for line in collect::collect(flow.context, content, text) {
                    let prepared = prepare::prepare(flow.context, &line);
                    let mut unit = Length::ZERO;
                    let mut whole = Length::ZERO;
                    // What a reading reaches beyond its base.
                    let beyond = |cluster: &prepare::Cluster| cluster.start_blank + cluster.end_blank;
                    let reach = prepared.clusters.iter().map(beyond).max().unwrap_or(Length::ZERO);
                    for (at, cluster) in prepared.clusters.iter().enumerate() {
                        unit += cluster.width;
                        whole += cluster.width;
                        least = least.max(unit + reach);
                        if let Some(joint) = prepared.joints.get(at) {
                            whole += joint.natural;
                            unit = if matches!(joint.breaks, prepare::Breaks::No | prepare::Breaks::Emergency) {
                                unit + joint.natural
                            } else {
                                Length::ZERO
                            };
                        }
                    }
                    least = least.max(unit + reach);
                    most = most.max(whole + reach + Length::pt(0.02));
                }
            }
            BlockKind::List { items, .. } => {
                for item in items {
                    let (narrow, wide) = extents(flow, &item.blocks, text);
                    least = least.max(narrow + text.size * 2);
                    most = most.max(wide + text.size * 2);
                }
            }
            _ => {
                least = least.max(text.size * 6);
                most = most.max(text.size * 12);
            }
        }
    }
    (least, most)
}

#[allow(clippy::too_many_arguments)]
fn lay_cell(
    flow: &Flow<'_>,
    placed: &Placed<'_>,
    table: &Table,
    widths: &[Length],
    left: Length,
    small: Setting,
    pad: Length,
    row: Tag,
) -> Vec<Row> {
    let x: Length = widths.iter().take(placed.column).copied().sum();
    let width: Length = widths.iter().skip(placed.column).take(placed.cell.columns).copied().sum();
    let header = placed.head || placed.cell.header;
    let role = CellRole {
        heads_column: placed.head,
        heads_row: !placed.head && placed.cell.header,
        columns: placed.cell.columns as u32,
        rows: placed.cell.rows as u32,
    };
    let small = Setting { text: small.text.part_of(flow.context.tags.open(row, Role::Cell(role))), ..small };
    let alignment = match table.aligns.get(placed.column).copied().unwrap_or_default() {
        Align::Center => Alignment::Center,
        Align::Right => Alignment::End,
        Align::Left => Alignment::Start,
        Align::Auto if placed.head => Alignment::Center,
        Align::Auto => Alignment::Start,
    };
    let text = if header { small.text.bold() } else { small.text };
    let text = if header { TextStyle { want: crate::font::Want { role: crate::font::Role::Sans, ..text.want }, ..text } } else { text };
    let setting = Setting { left: left + x + pad, width: (width - pad * 2).max(small.text.size), text, alignment, ..small };
    let mut inner = Flow::new(flow.context);
    inner.blocks(&placed.cell.blocks, setting);
    inner.rows
}
