//! Answers as a picture: an SVG with a panel for each question and app, and in it a bar for each contestant, all of them
//! beginning at nought.

use super::table::{Cell, Kind, Row, Table, times};

const LABELS: f64 = 290.0;
/// The caption's.
const LEAST_WIDTH: f64 = 840.0;
const PANEL: f64 = 250.0;
const GAP: f64 = 20.0;
/// What a figure beside its bar takes.
const FIGURE: f64 = 105.0;
const LINE: f64 = 19.0;
const BAR: f64 = 12.0;
const HEAD: f64 = 52.0;
const FOOT: f64 = 16.0;

/// Draws these tables one below the other; `caption` says what machine it was.
pub fn plot(tables: &[Table], caption: &str) -> String {
    let columns = tables.iter().map(|table| table.columns.len()).max().unwrap_or(0);
    let width = (LABELS + columns as f64 * (PANEL + GAP) + GAP).max(LEAST_WIDTH);
    let mut body = String::new();
    let mut top = 34.0;
    for table in tables {
        body += &panels(table, top);
        top += HEAD + table.rows.len() as f64 * LINE + FOOT;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {top}\" width=\"{width}\" height=\"{top}\" \
         font-family=\"system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{}{body}</svg>\n",
        text(GAP, 24.0, "", "fill=\"#57606a\"", caption)
    )
}

fn panels(table: &Table, top: f64) -> String {
    let mut drawn = text(GAP, top + 24.0, "", "font-weight=\"600\" font-size=\"15\"", &table.title);
    let line = |at: usize| top + HEAD + at as f64 * LINE;
    for (at, row) in table.rows.iter().enumerate() {
        let style = if row.kind == Kind::Ours { "font-weight=\"600\"" } else { "" };
        drawn += &text(LABELS - 8.0, line(at) + BAR, "end", style, &row.name);
    }
    for (column, name) in table.columns.iter().enumerate() {
        let left = LABELS + column as f64 * (PANEL + GAP);
        let figures = table.rows.iter().filter_map(|row| row.cells.get(column)?.figure());
        let most = figures.fold(f64::MIN_POSITIVE, f64::max);
        drawn += &text(left, top + HEAD - 8.0, "", "font-weight=\"600\"", name);
        for (at, row) in table.rows.iter().enumerate() {
            drawn += &bar(table, row, column, Corner { left, top: line(at) }, most);
        }
    }
    drawn
}

/// Where a bar begins, in pixels.
struct Corner {
    left: f64,
    top: f64,
}

fn bar(table: &Table, row: &Row, column: usize, Corner { left, top }: Corner, most: f64) -> String {
    let colour = match row.kind {
        Kind::Ours => "#cf222e",
        Kind::Peer => "#6e7781",
        Kind::Reference => "#b6d0ea",
    };
    let cell = row.cells.get(column).unwrap_or(&Cell::Nothing);
    let Some(figure) = cell.figure() else {
        let why = if matches!(cell, Cell::NotBuilt(_)) { "not built" } else { "–" };
        return text(left + 4.0, top + BAR - 1.0, "", "fill=\"#8c959f\" font-size=\"11\"", why);
    };
    let width = (figure.max(0.0) / most * (PANEL - FIGURE)).max(1.0);
    let ratio = table.ratio(row, column).filter(|_| row.name != table.base);
    let ratio = ratio.map(|ratio| format!(" · {}", times(ratio))).unwrap_or_default();
    let shown = format!("{figure:.*}{ratio}", table.digits);
    let rectangle =
        format!("<rect x=\"{left}\" y=\"{}\" width=\"{width:.1}\" height=\"{BAR}\" fill=\"{colour}\"/>\n", top + 1.0);
    rectangle + &text(left + width + 5.0, top + BAR - 1.0, "", "font-size=\"11\"", &shown)
}

fn text(x: f64, y: f64, anchor: &str, style: &str, content: &str) -> String {
    let anchor = if anchor.is_empty() { String::new() } else { format!(" text-anchor=\"{anchor}\"") };
    let content = content.replace('`', "").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\"{anchor} {style}>{content}</text>\n")
}

#[cfg(test)]
mod tests {
    use super::super::table::tests::sample;
    use super::*;

    /// The elements of a document without self-made entities, and whether each is closed by its own name.
    fn is_well_formed(xml: &str) -> bool {
        let mut open = Vec::new();
        for tag in xml.split('<').skip(1) {
            let Some((tag, content)) = tag.split_once('>') else { return false };
            if content.contains('>')
                || content.split('&').skip(1).any(|e| !["amp;", "lt;", "gt;"].iter().any(|k| e.starts_with(k)))
            {
                return false;
            }
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    return false;
                }
            } else if !tag.ends_with('/') {
                open.extend(tag.split_whitespace().next());
            }
            if tag.matches('"').count() % 2 == 1 {
                return false;
            }
        }
        open.is_empty()
    }

    #[test]
    fn a_picture_is_well_formed_whatever_contestants_are_called() {
        let svg = plot(&[sample(), sample()], "a machine <&> a day");
        assert!(is_well_formed(&svg), "{svg}");
        assert!(!is_well_formed("<svg><text>a & b</text></svg>") && !is_well_formed("<svg><rect></svg>"));
    }

    #[test]
    fn bars_are_as_long_as_their_figures() {
        let svg = plot(&[sample()], "");
        let widths: Vec<f64> =
            svg.split("width=\"").filter_map(|rest| rest.split_once("\" height=\"12\"")?.0.parse().ok()).collect();
        let full = PANEL - FIGURE;
        let expected = [full * 10.0 / 132.46, full, full * 7.5 / 132.46, full];
        assert_eq!(widths.len(), expected.len(), "{svg}");
        assert!(widths.iter().zip(expected).all(|(width, expected)| (width - expected).abs() < 0.1), "{widths:?}");
        assert!(svg.contains(">132.5 · 13×<") && svg.contains(">not built<") && svg.contains(">–<"));
    }
}
