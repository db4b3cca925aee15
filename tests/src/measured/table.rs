//! The answer to one question: who took how much with which app.

use serde_json::{Value, json};

/// The answer to one question.
#[derive(Debug, Clone)]
pub struct Table {
    /// A word for it: `warm`.
    pub name: &'static str,
    /// What was asked, with the unit: `warm start, ms`.
    pub title: String,
    /// What the columns are: apps, most often.
    pub columns: Vec<String>,
    /// In the order in which they are shown.
    pub rows: Vec<Row>,
    /// The row that ratios are to.
    pub base: String,
    /// Figures after the point.
    pub digits: usize,
    /// What a reader has to know, a sentence each.
    pub notes: Vec<String>,
}

/// What one contestant took.
#[derive(Debug, Clone)]
pub struct Row {
    /// The contestant.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// One for each column.
    pub cells: Vec<Cell>,
}

/// What a contestant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// ekiben.
    Ours,
    /// Another tool for the same purpose.
    Peer,
    /// What no tool could do without, or what one has without any tool.
    Reference,
}

/// A figure, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Measured in this run.
    Measured(f64),
    /// Measured when it was put into the cache, alone and once.
    Noted(f64),
    /// The contestant could not be built, and why.
    NotBuilt(String),
    /// The question makes no sense for it, or was not asked.
    Nothing,
}

impl Cell {
    /// A figure of this run, where there is one.
    pub fn measured(figure: Option<f64>) -> Self {
        figure.map_or(Self::Nothing, Self::Measured)
    }

    /// The figure, where there is one.
    pub fn figure(&self) -> Option<f64> {
        match self {
            Self::Measured(figure) | Self::Noted(figure) => Some(*figure),
            Self::NotBuilt(_) | Self::Nothing => None,
        }
    }
}

impl Table {
    /// An empty one, with ratios to ekiben.
    pub fn new(name: &'static str, title: &str, columns: Vec<String>) -> Self {
        let (title, base) = (title.to_owned(), "ekiben".to_owned());
        Self { name, title, columns, rows: Vec::new(), base, digits: 1, notes: Vec::new() }
    }

    /// Puts a cell into a column of the row with this name, which is made if there is none yet and there is something to
    /// tell.
    ///
    /// # Panics
    /// When there is no such column.
    pub fn put(&mut self, kind: Kind, name: &str, column: usize, cell: Cell) {
        if cell == Cell::Nothing {
            return;
        }
        let at = self.rows.iter().position(|row| row.name == name).unwrap_or_else(|| {
            let cells = vec![Cell::Nothing; self.columns.len()];
            self.rows.push(Row { name: name.to_owned(), kind, cells });
            self.rows.len() - 1
        });
        self.rows[at].cells[column] = cell;
    }

    /// The figure in a row and a column.
    pub fn figure(&self, name: &str, column: usize) -> Option<f64> {
        self.rows.iter().find(|row| row.name == name)?.cells.get(column)?.figure()
    }

    /// The figure of this row in this column over that of the base.
    pub fn ratio(&self, row: &Row, column: usize) -> Option<f64> {
        let (figure, base) = (row.cells.get(column)?.figure()?, self.figure(&self.base, column)?);
        // A difference that noise has made negative is in no ratio to anything.
        (figure > 0.0 && base > 0.0).then_some(figure / base)
    }

    /// As Markdown. What was not built is told below, with the reason.
    pub fn markdown(&self) -> String {
        let mut text =
            format!("| {} | {} |\n|---|{}\n", self.title, self.columns.join(" | "), "---|".repeat(self.columns.len()));
        let (mut noted, mut reasons) = (false, Vec::new());
        for row in &self.rows {
            let name = if row.kind == Kind::Ours { format!("**{}**", row.name) } else { row.name.clone() };
            let mut line = format!("| {name} ");
            for (at, cell) in row.cells.iter().enumerate() {
                let shown = match cell {
                    Cell::Measured(figure) => self.shown(*figure, row, at),
                    Cell::Noted(figure) => format!("{}\\*", self.shown(*figure, row, at)),
                    Cell::NotBuilt(reason) => {
                        reasons.push(format!("{}, {}: {reason}", row.name, self.columns[at]));
                        "**not built**".to_owned()
                    }
                    Cell::Nothing => String::new(),
                };
                noted |= matches!(cell, Cell::Noted(_));
                line += &format!("| {shown} ");
            }
            text += &line;
            text += "|\n";
        }
        let mut notes = self.notes.clone();
        if noted {
            notes.push("\\* measured once and alone, when it was put into the cache.".to_owned());
        }
        notes.extend(reasons.into_iter().map(|reason| format!("- **Not built**: {reason}")));
        if notes.is_empty() { text } else { format!("{text}\n{}\n", notes.join("\n")) }
    }

    /// As JSON: each figure with its ratio to the base.
    pub fn json(&self) -> Value {
        let cell = |row: &Row, at: usize| match &row.cells[at] {
            Cell::Measured(figure) => json!({ "figure": figure, "ratio": self.ratio(row, at) }),
            Cell::Noted(figure) => json!({ "figure": figure, "ratio": self.ratio(row, at), "noted": true }),
            Cell::NotBuilt(reason) => json!({ "not_built": reason }),
            Cell::Nothing => Value::Null,
        };
        let row = |row: &Row| {
            let kind = match row.kind {
                Kind::Ours => "ours",
                Kind::Peer => "peer",
                Kind::Reference => "reference",
            };
            let columns = self.columns.iter().enumerate();
            let cells: serde_json::Map<_, _> = columns.map(|(at, column)| (column.clone(), cell(row, at))).collect();
            json!({ "name": row.name, "kind": kind, "figures": cells })
        };
        let rows: Vec<_> = self.rows.iter().map(row).collect();
        json!({ "name": self.name, "title": self.title, "base": self.base, "rows": rows, "notes": self.notes })
    }

    fn shown(&self, figure: f64, row: &Row, column: usize) -> String {
        let figure = format!("{figure:.*}", self.digits);
        match self.ratio(row, column) {
            Some(ratio) if row.name != self.base => format!("{figure} ({})", times(ratio)),
            _ => figure,
        }
    }
}

/// `0.75×`, `13×`: two or three figures that say something.
pub(super) fn times(ratio: f64) -> String {
    let digits = if ratio.abs() < 9.95 { 2 } else { 0 };
    format!("{ratio:.digits$}×")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::measured) fn sample() -> Table {
        let row = |name: &str, kind, cells| Row { name: name.to_owned(), kind, cells };
        Table {
            name: "warm",
            title: "warm start, ms".to_owned(),
            columns: vec!["hello".to_owned(), "data".to_owned()],
            rows: vec![
                row("ekiben", Kind::Ours, vec![Cell::Measured(10.0), Cell::Measured(400.0)]),
                row(
                    "a & <b>",
                    Kind::Peer,
                    vec![Cell::Noted(132.46), Cell::NotBuilt("no \"gcc\" & no <cc>".to_owned())],
                ),
                row("floor", Kind::Reference, vec![Cell::Measured(7.5), Cell::Nothing]),
            ],
            base: "ekiben".to_owned(),
            digits: 1,
            notes: vec!["Medians.".to_owned()],
        }
    }

    #[test]
    fn markdown_has_a_line_for_each_contestant_and_says_loudly_what_is_missing() {
        let expected = "\
| warm start, ms | hello | data |
|---|---|---|
| **ekiben** | 10.0 | 400.0 |
| a & <b> | 132.5 (13×)\\* | **not built** |
| floor | 7.5 (0.75×) |  |

Medians.
\\* measured once and alone, when it was put into the cache.
- **Not built**: a & <b>, data: no \"gcc\" & no <cc>
";
        assert_eq!(sample().markdown(), expected);
    }

    #[test]
    fn json_has_figures_ratios_and_reasons() {
        let json = sample().json();
        assert_eq!(
            (&json["name"], &json["base"], &json["notes"][0]),
            (&json!("warm"), &json!("ekiben"), &json!("Medians."))
        );
        let figures = |row: usize| &json["rows"][row]["figures"];
        assert_eq!(json["rows"][0]["kind"], "ours");
        assert_eq!(figures(0)["data"], json!({ "figure": 400.0, "ratio": 1.0 }));
        assert_eq!(figures(1)["hello"]["noted"], true);
        assert_eq!(figures(1)["data"], json!({ "not_built": "no \"gcc\" & no <cc>" }));
        assert_eq!((&figures(2)["hello"]["ratio"], &figures(2)["data"]), (&json!(0.75), &Value::Null));
    }

    #[test]
    fn without_its_base_a_table_has_no_ratios() {
        let mut table = sample();
        table.rows.remove(0);
        assert!(!table.markdown().contains('×'));
    }
}
