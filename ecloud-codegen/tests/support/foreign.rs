//! Somebody else's documents, made for one test.

// Not every test needs all of it.
#![allow(dead_code)]

#[path = "folder.rs"]
pub(crate) mod folder;

use std::fs;
use std::path::Path;

use ecloud_codegen::foreign::{self, Options, Reading};
use ecloud_codegen::load::Limits;
use ecloud_codegen::model::{Operation, Parameter};
use ecloud_codegen::naming::Lock;
use ecloud_codegen::overlay::Overlay;
use ecloud_codegen::problem::Problems;
use ecloud_codegen::resolve::Sources;

/// Reads a document and an overlay beside it, in a folder of its own.
pub(crate) fn try_read(name: &str, text: &str, overlay: Option<&str>) -> Result<Reading, Problems> {
    let folder = folder::folder(name);
    let path = folder.join("api.yaml");
    fs::write(&path, text).expect("the document can be written");
    let overlay = match overlay {
        Some(text) => {
            let path = folder.join("overlay.yaml");
            fs::write(&path, text).expect("the overlay can be written");
            Overlay::open(&path)?
        }
        None => Overlay::empty(),
    };
    read_file("shop", &path, &overlay, Lock::default())
}

/// Reads the document in a file.
pub(crate) fn read_file(name: &str, path: &Path, overlay: &Overlay, lock: Lock) -> Result<Reading, Problems> {
    let (sources, _) = Sources::open_tolerant(path, &Limits::default())?;
    foreign::read(&sources, Options { name, overlay, lock })
}

/// Reads a document that is readable.
pub(crate) fn read(name: &str, text: &str) -> Reading {
    try_read(name, text, None).expect("the document is read")
}

/// The operation of a method and path: `GET /orders`.
pub(crate) fn operation<'a>(reading: &'a Reading, key: &str) -> &'a Operation {
    let found = reading
        .domain
        .operations()
        .find(|(_, operation)| format!("{} {}", operation.verb.as_str(), operation.path) == key);
    found.unwrap_or_else(|| panic!("{key} is lost")).1
}

/// Reads a document with the names of an earlier run.
pub(crate) fn read_locked(name: &str, text: &str, lock: Lock) -> Reading {
    let path = folder::folder(name).join("api.yaml");
    fs::write(&path, text).expect("the document can be written");
    read_file("shop", &path, &Overlay::empty(), lock).expect("the document is read")
}

/// A document of OpenAPI 3.0 with one operation, `POST /orders/{id}`, of which only these lines are given.
pub(crate) fn posting(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("      {line}\n")).collect();
    format!(
        "openapi: 3.0.3\ninfo: {{title: Shop, version: '1'}}\npaths:\n  /orders/{{id}}:\n    post:\n      operationId: postOrder\n{lines}"
    )
}

/// A document of Swagger 2.0 with one operation, `POST /orders`.
pub(crate) fn swagger(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("      {line}\n")).collect();
    format!(
        "swagger: '2.0'\ninfo: {{title: Shop, version: '1'}}\nhost: api.shop.example\nbasePath: /v1/\nschemes: [http, https]\n\
         paths:\n  /orders:\n    post:\n      operationId: postOrder\n{lines}"
    )
}

/// The only operation.
pub(crate) fn only(reading: &Reading) -> &Operation {
    let mut operations = reading.domain.operations();
    let (_, operation) = operations.next().expect("an operation");
    assert!(operations.next().is_none());
    operation
}

/// The parameter of a name.
pub(crate) fn parameter<'a>(operation: &'a Operation, wire: &str) -> &'a Parameter {
    operation.parameters.iter().find(|parameter| parameter.wire == wire).unwrap_or_else(|| panic!("{wire} is lost"))
}

/// What was degraded, and what was repaired.
pub(crate) fn whats(reading: &Reading) -> (Vec<&str>, Vec<&str>) {
    let degraded = reading.degradations.iter().map(|found| found.what.as_str()).collect();
    let repaired = reading.repairs.iter().map(|found| found.what.as_str()).collect();
    (degraded, repaired)
}
