//! How large a bundle is.

use std::fs;

use ekiben_tests::measured::{Cell, Table};

use super::Field;

pub(super) fn ask(field: &Field) -> Vec<Table> {
    let mut table = field.table_of("size", "bundle, MB", |_, _, built| {
        Cell::Measured(fs::metadata(&built.bundle).unwrap().len() as f64 / 1e6)
    });
    table.digits = 2;
    table.notes.push("pex and shiv bring no Python along.".to_owned());
    vec![table]
}
