//! What was aimed at, and whether it is met.

use super::table::Table;

/// A figure, or a ratio of two figures of one column, that should be no larger than something.
#[derive(Debug, Clone, Copy)]
pub struct Aim {
    /// What it is about, for people.
    pub what: &'static str,
    /// The table.
    pub table: &'static str,
    /// The row.
    pub row: &'static str,
    /// The row that it is compared with; none if the figure itself counts.
    pub over: Option<&'static str>,
    /// The columns; none means all.
    pub columns: &'static [&'static str],
    /// The largest that is fine.
    pub at_most: f64,
}

impl Aim {
    /// What was found in each column where there are both figures.
    fn found<'a>(&self, tables: &'a [Table]) -> Vec<(&'a str, f64)> {
        let Some(table) = tables.iter().find(|table| table.name == self.table) else { return Vec::new() };
        let wanted = |name: &str| self.columns.is_empty() || self.columns.contains(&name);
        let columns = table.columns.iter().enumerate().filter(|(_, name)| wanted(name));
        let found = columns.filter_map(|(at, name)| {
            let figure = table.figure(self.row, at)?;
            let over = self.over.map_or(Some(1.0), |row| table.figure(row, at))?;
            // A difference that noise has made negative says nothing.
            (over > 0.0).then_some((name.as_str(), figure / over))
        });
        found.collect()
    }
}

/// The aims that these tables tell something about, as Markdown.
pub fn aims(aims: &[Aim], tables: &[Table]) -> String {
    let mut text = "| aim | at most | measured |\n|---|---|---|\n".to_owned();
    for aim in aims {
        let found = aim.found(tables);
        if found.is_empty() {
            continue;
        }
        let shown = found.iter().map(|(column, figure)| {
            let missed = if *figure > aim.at_most { " **missed**" } else { "" };
            format!("{column} {figure:.2}{missed}")
        });
        text += &format!("| {} | {} | {} |\n", aim.what, aim.at_most, shown.collect::<Vec<_>>().join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::table::tests::sample;
    use super::*;

    #[test]
    fn an_aim_is_met_or_missed_in_each_column_that_has_figures() {
        let aim = |what, row, over, columns, at_most| Aim { what, table: "warm", row, over, columns, at_most };
        let list = [
            aim("to the floor", "ekiben", Some("floor"), &[][..], 1.25),
            aim("itself", "ekiben", None, &["data"], 400.0),
            aim("to nobody", "ekiben", Some("nobody"), &[], 1.0),
            Aim { what: "elsewhere", table: "cold", row: "ekiben", over: None, columns: &[], at_most: 1.0 },
        ];
        let expected = "\
| aim | at most | measured |
|---|---|---|
| to the floor | 1.25 | hello 1.33 **missed** |
| itself | 400 | data 400.00 |
";
        assert_eq!(aims(&list, &[sample()]), expected);
    }
}
