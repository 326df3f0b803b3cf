//! Holds what the generator makes of `tests/documents` against `tests/golden`.
//!
//! `UPDATE_GOLDEN=1` writes the golden files again; read the difference before you commit it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ecloud_codegen::load::Limits;
use ecloud_codegen::model::{self, Domain};
use ecloud_codegen::resolve::{Sources, short_name};
use ecloud_codegen::{format, render, resolved};

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn sources(name: &str) -> Sources {
    // Relative, so that the places in the model are the same on every machine.
    let path = Path::new("tests/documents").join(name);
    Sources::open(&path, &Limits::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn domain(sources: &Sources) -> Domain {
    model::domain(sources).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Everything that is made of the documents, by its name below `tests/golden`.
fn made() -> BTreeMap<String, String> {
    let store = sources("store.yaml");
    let domain = domain(&store);
    let settings = tests().join("documents");
    let formatted = format::all(&render::domain(&domain), &settings).unwrap_or_else(|problems| panic!("{problems}"));
    let mut made: BTreeMap<String, String> =
        formatted.into_iter().map(|(name, text)| (format!("src/{name}"), text)).collect();
    made.insert("model.txt".to_owned(), domain.to_string());
    let json = resolved::write(&store, &domain).unwrap_or_else(|problems| panic!("{problems}"));
    made.insert("resolved.json".to_owned(), json);
    let identifiers = model::identifiers(&sources("common.yaml")).unwrap_or_else(|problems| panic!("{problems}"));
    let text = render::identifiers(&identifiers, &short_name(&settings.join("common.yaml")));
    made.insert("identifiers.rs".to_owned(), format::one(&text, &settings).expect("rustfmt takes it"));
    made
}

#[test]
fn what_is_made_of_the_documents_is_the_golden_text() {
    let golden = tests().join("golden");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    for (name, text) in made() {
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
fn the_same_document_gives_the_same_text_every_time() {
    assert_eq!(made(), made());
}

#[test]
fn every_file_says_where_it_comes_from() {
    for (name, text) in made().iter().filter(|(name, _)| name.ends_with(".rs")) {
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with(render::MARK), "{name}: {first}");
        assert!(!text.contains(env!("CARGO_MANIFEST_DIR")), "{name} names a folder of this machine");
    }
}

#[test]
fn no_blanket_allowance_is_made() {
    for (name, text) in made() {
        assert!(!text.contains("#![allow") && !text.contains("#[allow"), "{name}");
    }
}
