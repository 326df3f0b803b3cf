//! Real documents: `../shared/specs`, or where `ECLOUD_SPECS` points.

#[path = "support/foreign.rs"]
mod foreign;

use std::path::PathBuf;

use ecloud_codegen::naming::Lock;
use ecloud_codegen::overlay::Overlay;

#[test]
fn no_operation_of_a_real_document_is_lost() {
    let folder = std::env::var_os("ECLOUD_SPECS").map_or_else(|| PathBuf::from("../../shared/specs"), PathBuf::from);
    let Ok(index) = std::fs::read_to_string(folder.join("INDEX.md")) else {
        eprintln!("skipped: there are no documents in {}; ECLOUD_SPECS says where they are", folder.display());
        return;
    };
    let rows = index.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let is_document = cells.len() > 6 && (cells[1].ends_with(".json") || cells[1].ends_with(".yaml"));
        is_document.then(|| (cells[1].to_owned(), cells[6].parse::<usize>().expect("a number of operations")))
    });
    let mut documents = 0;
    for (name, operations) in rows {
        let stem = name.split('.').next().unwrap_or_default();
        let reading = foreign::read_file(stem, &folder.join(&name), &Overlay::empty(), Lock::default());
        let reading = reading.unwrap_or_else(|problems| panic!("{name}: {problems}"));
        assert_eq!(reading.domain.operations().count(), operations, "{name}");
        documents += 1;
    }
    assert!(documents > 0, "the index names no document");
}
