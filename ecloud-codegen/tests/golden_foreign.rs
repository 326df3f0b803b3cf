//! Holds the crate that the generator makes of `tests/documents/bazaar.yaml` against `tests/golden/bazaar`.
//!
//! `UPDATE_GOLDEN=1` writes the golden files again; read the difference before you commit it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ecloud_codegen::foreign::{self, Options, Reading};
use ecloud_codegen::load::Limits;
use ecloud_codegen::naming::Lock;
use ecloud_codegen::overlay::Overlay;
use ecloud_codegen::resolve::Sources;
use ecloud_codegen::{create, format, render};

fn reading() -> Reading {
    // Relative, so that the places in the model are the same on every machine.
    let path = Path::new("tests/documents/bazaar.yaml");
    let (sources, missing) = Sources::open_tolerant(path, &Limits::default()).expect("it can be read");
    assert!(missing.is_empty(), "{missing}");
    let options = Options { name: "bazaar", overlay: &Overlay::empty(), lock: Lock::default() };
    foreign::read(&sources, options).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The whole crate, by the paths of its files.
fn made(reading: &Reading) -> BTreeMap<String, String> {
    let sources = render::domain(&reading.domain).into_iter().map(|(name, text)| (format!("src/{name}"), text));
    let files = sources
        .chain(create::files(&reading.domain, &create::Options { every_call: true, ..create::Options::default() }));
    let (rust, mut plain): (BTreeMap<_, _>, BTreeMap<_, _>) = files.partition(|(name, _)| name.ends_with(".rs"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents");
    plain.extend(format::all(&rust, &folder).unwrap_or_else(|problems| panic!("{problems}")));
    plain.insert("model.txt".to_owned(), reading.domain.to_string());
    plain.insert("ecloud-codegen.lock".to_owned(), reading.lock.write());
    let lines = reading.degradations.iter().chain(&reading.repairs);
    let told = lines.map(|line| format!("{}: {}; {}\n", line.place, line.what, line.instead)).collect();
    plain.insert("told.txt".to_owned(), told);
    plain
}

#[test]
fn the_crate_of_somebody_elses_document_is_the_golden_text() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/bazaar");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    for (name, text) in made(&reading()) {
        let path = golden.join(&name);
        if update {
            fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
            fs::write(&path, &text).expect("the golden file can be written");
            continue;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        let first = expected.lines().zip(text.lines()).position(|(golden, made)| golden != made);
        let line = first.unwrap_or_else(|| expected.lines().count().min(text.lines().count())) + 1;
        assert!(expected == text, "{name} differs from line {line} on; UPDATE_GOLDEN=1 writes the golden files again");
    }
}

#[test]
fn what_the_crate_says_less_than_the_document_is_told_once_with_its_place() {
    let reading = reading();
    let told: Vec<&str> = reading.degradations.iter().map(|line| line.place.pointer.as_str()).collect();
    assert_eq!(told, ["/components/schemas/Lost/properties/thing"]);
    assert_eq!(reading.domain.operations().count(), 10);
}
