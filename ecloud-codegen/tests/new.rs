//! The command on somebody else's document: what it writes and says, how it ends, and that a run that fails leaves nothing behind.

#[path = "support/folder.rs"]
mod folder;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use ecloud_codegen::command::{self, Outcome};
use ecloud_codegen::report::Terminal;
use serde_json::Value;

/// A document of somebody else's, with nothing wrong in it.
const SOUND: &str = "\
openapi: 3.0.3
info: {title: Things, version: '2'}
servers: [{url: 'https://api.example.com/v2'}]
tags: [{name: things, description: Things of a store.}]
paths:
  /things:
    get:
      operationId: listThings
      tags: [things]
      summary: Lists things.
      parameters:
        - {name: cursor, in: query, schema: {type: string}}
        - {name: limit, in: query, schema: {type: integer}}
      responses:
        '200': {description: Things., content: {application/json: {schema: {$ref: '#/components/schemas/ThingList'}}}}
        '404': {description: None., content: {application/json: {schema: {$ref: '#/components/schemas/Failure'}}}}
    post:
      operationId: createThing
      tags: [things]
      summary: Makes a thing.
      parameters:
        - {name: Idempotency-Key, in: header, schema: {type: string}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses:
        '201': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
  /things/{id}:
    delete:
      operationId: deleteThing
      tags: [things]
      summary: Removes a thing.
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses: {'204': {description: Gone.}}
components:
  schemas:
    ThingList:
      type: object
      required: [data]
      properties:
        data: {type: array, items: {$ref: '#/components/schemas/Thing'}}
        next_cursor: {type: string}
    Thing:
      type: object
      required: [name]
      properties:
        name: {type: string}
        password: {type: string}
    Failure:
      type: object
      properties: {message: {type: string}}
";

/// The sound document with a reference that leads nowhere.
fn degraded() -> String {
    changed("name: {type: string}\n", "name: {$ref: '#/components/schemas/Missing'}\n")
}

fn changed(from: &str, to: &str) -> String {
    assert!(SOUND.contains(from), "the sound document holds {from}");
    SOUND.replacen(from, to, 1)
}

/// A folder with a document in it.
struct Place {
    root: PathBuf,
}

impl Place {
    fn with(name: &str, document: &str) -> Self {
        let root = folder::folder(&format!("new_{name}"));
        let place = Self { root };
        place.write("things.yaml", document);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the file can be written");
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs the command; words that begin with `@` are paths in the folder. Gives what it printed and what it said without the
    /// folder.
    fn call(&self, terminal: Terminal, line: &str) -> (Outcome, String, String) {
        let words = line.split(' ').map(|word| match word.strip_prefix('@') {
            Some(name) => self.path(name).into(),
            None => OsString::from(word),
        });
        let (mut out, mut log) = (Vec::new(), Vec::new());
        let arguments: Vec<OsString> = words.collect();
        let outcome = command::run_on(terminal, &arguments, &mut out, &mut log).expect("a vector can be written");
        let text = |bytes| String::from_utf8(bytes).expect("text").replace(&format!("{}/", self.root.display()), "");
        (outcome, text(out), text(log))
    }

    /// Makes the crate `crate`, with these options besides.
    fn make(&self, options: &str) -> (Outcome, String) {
        let line = format!("new --spec @things.yaml --name things --out @crate {options}");
        let (outcome, out, log) = self.call(Terminal::none(), line.trim_end());
        assert_eq!(out, "");
        (outcome, log)
    }

    /// What lies in the folder, whatever its name.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.root).expect("the folder can be listed");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Fails unless a value fits one of the crate's JSON Schemas.
fn assert_fits(name: &str, value: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let schema = json(&fs::read_to_string(path).expect("the schema can be read"));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    if let Err(error) = validator.validate(value) {
        panic!("{} at {}", error, error.instance_path());
    }
}

#[test]
fn a_crate_is_made_whole() {
    let place = Place::with("whole", SOUND);
    let (outcome, log) = place.make("");
    assert_eq!(outcome, Outcome::Done, "{log}");
    assert!(log.contains("  operations  3 of 3\n"), "{log}");
    assert!(log.contains("  schemas     3 of 3\n"), "{log}");
    assert!(log.contains("  degraded    nothing\n"), "{log}");
    for name in ["crate/Cargo.toml", "crate/README.md", "crate/src/lib.rs", "crate/ecloud-codegen.lock"] {
        assert!(!place.text(name).is_empty(), "{name}");
    }
    assert_eq!(place.names(), ["crate", "things.yaml"], "nothing is left beside it");
}

#[test]
fn the_same_run_again_changes_nothing() {
    let place = Place::with("again", SOUND);
    place.make("--report @report.json");
    let report = place.text("report.json");
    let (outcome, log) = place.make("");
    assert_eq!(outcome, Outcome::Done);
    assert!(log.contains("crate: 0 files changed"), "{log}");
    place.make("--report @report.json");
    assert_eq!(place.text("report.json"), report);
}

#[test]
fn a_degraded_crate_is_written_and_only_with_strict_a_failure() {
    let place = Place::with("degraded", &degraded());
    let (outcome, log) = place.make("");
    assert_eq!((outcome, outcome.status()), (Outcome::Done, 0), "{log}");
    assert!(log.contains("  degraded    1\n    things.yaml:"), "{log}");
    assert!(log.contains("any JSON"), "{log}");
    fs::remove_dir_all(place.path("crate")).expect("the folder can be removed");
    let (outcome, _) = place.make("--strict");
    assert_eq!((outcome, outcome.status()), (Outcome::Degraded, 2));
    assert!(place.path("crate/src/lib.rs").is_file());
}

#[test]
fn nothing_degraded_is_no_failure_with_strict() {
    let place = Place::with("strict", SOUND);
    assert_eq!(place.make("--strict").0, Outcome::Done);
}

#[test]
fn a_run_that_fails_leaves_nothing_behind() {
    let place = Place::with("fails", SOUND);
    place.write("unknown.yaml", "ecloud-overlay: 1\nnome: x\n");
    place.write("unused.yaml", "ecloud-overlay: 1\noperations: {nothing: {drop: true}}\n");
    place.write("wrong.lock", "<<<<<<< HEAD\n");
    place.write("no.yaml", "a: b\n");
    place.write("cut.yaml", &SOUND[..SOUND.len() / 2].replace("tags: [things]", "tags: [things"));
    for (options, reason) in [
        ("--overlay @unknown.yaml", "unknown.yaml:2: #/nome: `nome` is no key here"),
        ("--overlay @unused.yaml", "no operation is called `nothing` in the document"),
        ("--overlay @missing.yaml", "missing.yaml: can't be opened"),
        ("--lock @wrong.lock", "wrong.lock:1: #: is no lock"),
        ("--report @things.yaml/report.json", "can't be written"),
        ("--strikt", "`--strikt` is no option here"),
    ] {
        let (outcome, log) = place.make(options);
        assert_eq!((outcome, outcome.status()), (Outcome::Failed, 1), "{options}\n{log}");
        assert!(log.contains(reason), "{options}\n{log}");
    }
    for (line, reason) in [
        ("new --spec @no.yaml --name things --out @crate", "no.yaml"),
        ("new --spec @cut.yaml --name things --out @crate", "cut.yaml"),
        ("new --spec @none.yaml --name things --out @crate", "none.yaml: can't be opened"),
        ("new --spec @things.yaml --name Things! --out @crate", "Things!: is no name for a crate"),
        ("new --spec @things.yaml --name self --out @crate", "self: is no name for a crate"),
        ("new --name things --out @crate", "`--spec` is missing"),
        ("new --spec @things.yaml --name things --out @things.yaml", "things.yaml"),
    ] {
        let (outcome, _, log) = place.call(Terminal::none(), line);
        assert_eq!((outcome, outcome.status()), (Outcome::Failed, 1), "{line}\n{log}");
        assert!(log.contains(reason), "{line}\n{log}");
    }
    let left = ["cut.yaml", "no.yaml", "things.yaml", "unknown.yaml", "unused.yaml", "wrong.lock"];
    assert_eq!(place.names(), left);
}

#[test]
fn other_commands_that_are_misused_end_with_two() {
    let place = Place::with("misused", SOUND);
    let (outcome, _, _) = place.call(Terminal::none(), "suggest --overlay @a");
    assert_eq!((outcome, outcome.status()), (Outcome::Misused, 2));
}

#[test]
fn what_somebody_has_written_stays() {
    let place = Place::with("kept", SOUND);
    place.make("");
    place.write("crate/README.md", "Our own.\n");
    place.write("crate/src/old.rs", "// @generated by ecloud-codegen from old.yaml\n");
    let lib = place.text("crate/src/lib.rs");
    place.write("crate/src/lib.rs", &format!("{lib}\n// Changed.\n"));
    let (outcome, log) = place.make("");
    assert_eq!(outcome, Outcome::Done);
    assert!(log.contains("  left alone  crate/README.md"), "{log}");
    assert_eq!(place.text("crate/README.md"), "Our own.\n");
    assert_eq!(place.text("crate/src/lib.rs"), lib, "what is generated is replaced");
    assert!(!place.path("crate/src/old.rs").exists(), "what isn't generated any more goes");
}

#[test]
fn a_source_that_somebody_has_written_is_not_overwritten() {
    let place = Place::with("foreign_folder", SOUND);
    fs::create_dir_all(place.path("crate/src")).expect("the folder can be made");
    place.write("crate/src/lib.rs", "fn ours() {}\n");
    let (outcome, log) = place.make("");
    assert_eq!(outcome, Outcome::Failed);
    assert!(log.contains("crate/src/lib.rs: isn't generated and would be overwritten"), "{log}");
    assert_eq!(place.text("crate/src/lib.rs"), "fn ours() {}\n");
    assert!(!place.path("crate/Cargo.toml").exists());
}

#[test]
fn an_empty_folder_is_as_good_as_none() {
    let place = Place::with("empty", SOUND);
    fs::create_dir(place.path("crate")).expect("the folder can be made");
    assert_eq!(place.make("").0, Outcome::Done);
    assert!(place.path("crate/src/lib.rs").is_file());
    assert_eq!(place.names(), ["crate", "things.yaml"]);
}

#[test]
fn the_lock_keeps_names_when_the_document_grows() {
    let place = Place::with(
        "grows",
        &changed("    Thing:\n", "    thing: {type: object, properties: {a: {type: string}}}\n    Thing:\n"),
    );
    place.make("--report @before.json");
    let before = json(&place.text("before.json"));
    let grown = changed("    Thing:\n", "    THING: {type: object, properties: {b: {type: string}}}\n    Thing:\n");
    let grown =
        grown.replace("    Failure:\n", "    thing: {type: object, properties: {a: {type: string}}}\n    Failure:\n");
    place.write("things.yaml", &grown);
    place.make("--report @after.json");
    let after = json(&place.text("after.json"));
    let type_of = |report: &Value, pointer: &str| -> Value {
        let schemas = report["schemas"].as_array().expect("a list").iter();
        schemas.filter(|schema| schema["pointer"] == pointer).map(|schema| schema["rust_type"].clone()).collect()
    };
    for name in ["Thing", "thing", "Failure", "ThingList"] {
        let pointer = format!("/components/schemas/{name}");
        assert_eq!(type_of(&before, &pointer), type_of(&after, &pointer), "{name}");
    }
    assert_ne!(type_of(&after, "/components/schemas/THING"), type_of(&after, "/components/schemas/Thing"));
}

#[test]
fn lock_and_report_lie_where_they_are_wanted() {
    let place = Place::with("elsewhere", SOUND);
    let (outcome, log) = place.make("--lock @names.lock --report @crate/report.json");
    assert_eq!(outcome, Outcome::Done, "{log}");
    assert!(place.text("names.lock").starts_with("# ecloud-codegen.lock 1\n"));
    assert!(!place.path("crate/ecloud-codegen.lock").exists());
    assert_fits("report.schema.json", &json(&place.text("crate/report.json")));
}

#[test]
fn the_report_has_every_operation_and_every_schema() {
    let place = Place::with("report", &degraded());
    place.write("overlay.yaml", "ecloud-overlay: 1\noperations: {deleteThing: {drop: true}}\n");
    let (outcome, log) = place.make("--report @report.json --overlay @overlay.yaml");
    assert_eq!(outcome, Outcome::Done, "{log}");
    assert!(log.contains("  operations  2 of 3, 1 dropped by the overlay\n"), "{log}");
    let report = json(&place.text("report.json"));
    assert_fits("report.schema.json", &report);
    let totals = &report["totals"];
    for (name, count) in [
        ("operations_in", 3),
        ("operations_out", 2),
        ("operations_dropped", 1),
        ("operations_lost", 0),
        ("schemas_in", 3),
        ("schemas_out", 3),
        ("degradations", 1),
    ] {
        assert_eq!(totals[name], count, "{name}");
    }
    assert_eq!(report["dropped"], serde_json::json!(["DELETE /things/{id}"]));
    assert_eq!(report["document"]["format"], "OpenAPI 3.0.3");
    assert_eq!(report["crate"]["handle"], "things::Things");
    let list = &report["operations"][0];
    assert_eq!((list["method"].as_str(), list["path"].as_str()), (Some("GET"), Some("/things")));
    assert_eq!(list["pointer"], "/paths/~1things/get");
    assert_eq!(list["rust_path"], "things::things::ListThings");
    assert_eq!(list["call"], "Things::things().list");
    assert_eq!(list["page"]["style"], "cursor");
    assert_eq!(list["page"]["position"], "cursor next_cursor");
    let create = &report["operations"][1];
    assert_eq!(create["idempotency_header"], "Idempotency-Key");
    assert_eq!(create["request_type"], create["response_type"]);
    let statuses: Vec<&Value> =
        list["responses"].as_array().expect("a list").iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, ["200", "404"]);
    // The schema that is degraded is part of what both send or answer with.
    for operation in [list, create] {
        assert_eq!(operation["degradations"], report["degradations"]);
    }
}

#[test]
fn the_summary_has_colours_on_a_terminal_only() {
    let place = Place::with("colour", &degraded());
    let terminal = Terminal { colour: true, overwrites: true };
    let line = "new --spec @things.yaml --name things --out @crate";
    let (_, _, log) = place.call(terminal, line);
    assert!(log.contains("\u{1b}[33m"), "{log}");
    let (_, _, log) = place.call(Terminal { colour: false, overwrites: true }, line);
    assert!(!log.contains('\u{1b}'), "{log}");
}

#[test]
fn what_is_suggested_is_an_overlay_that_changes_nothing() {
    let place = Place::with("suggest", SOUND);
    let (outcome, suggested, log) = place.call(Terminal::none(), "suggest --spec @things.yaml");
    assert_eq!(outcome, Outcome::Done, "{log}");
    assert!(suggested.contains("page: { style: cursor, parameter: \"cursor\", size: \"limit\""), "{suggested}");
    assert!(suggested.contains("items: \"/data\", next: \"/next_cursor\""), "{suggested}");
    assert!(suggested.contains("idempotency-header: \"Idempotency-Key\""), "{suggested}");
    assert!(suggested.contains("\"password\": { type: secret }"), "{suggested}");
    place.write("overlay.yaml", &suggested);
    let (_, plain, _) = place.call(Terminal::none(), "model --foreign --spec @things.yaml");
    let (outcome, same, log) =
        place.call(Terminal::none(), "model --foreign --spec @things.yaml --overlay @overlay.yaml");
    assert_eq!(outcome, Outcome::Done, "{log}");
    assert_eq!(plain, same);
    let limits = ecloud_codegen::load::Limits::default();
    let document = ecloud_codegen::load::text_of(&suggested, "overlay.yaml", &limits).expect("YAML");
    assert_fits("overlay.schema.json", &json(&ecloud_codegen::json::Json::of(document.root()).pretty()));
}

#[test]
fn the_model_of_somebody_elses_document_is_printed() {
    let place = Place::with("model", SOUND);
    let (outcome, out, log) = place.call(Terminal::none(), "model --foreign --spec @things.yaml");
    assert_eq!(outcome, Outcome::Done, "{log}");
    assert!(out.contains("resource things") && out.contains("GET /things"), "{out}");
    assert!(log.contains("  operations  3 of 3\n"), "{log}");
}

#[test]
fn a_document_is_taken_apart_by_its_tags() {
    let place =
        Place::with("split", &changed("      operationId: deleteThing\n      tags: [things]", "      tags: [bin]"));
    let (outcome, _, log) = place.call(Terminal::none(), "split --spec @things.yaml --out @parts");
    assert_eq!(outcome, Outcome::Done, "{log}");
    assert_eq!(log, "parts: 3 operations in 2 documents\n");
    let (_, out, log) = place.call(Terminal::none(), "model --foreign --spec @parts/bin.json");
    assert!(out.contains("DELETE /things/{id}") && !out.contains("GET /things"), "{out}{log}");
    let (again, _, log) = place.call(Terminal::none(), "split --spec @things.yaml --out @parts");
    assert_eq!(again, Outcome::Done, "{log}");
}

#[test]
fn a_new_version_is_compared_with_the_old_one() {
    let place = Place::with("diff", SOUND);
    place.write("new.yaml", &changed("      operationId: deleteThing", "      operationId: removeThing"));
    place.write(
        "grown.yaml",
        &changed(
            "        password: {type: string}\n",
            "        password: {type: string}\n        size: {type: integer}\n",
        ),
    );
    let (outcome, out, log) = place.call(Terminal::none(), "diff @things.yaml @things.yaml");
    assert_eq!((outcome, out.as_str()), (Outcome::Done, "Nothing changes for callers: patch.\n"), "{log}");
    let (_, out, log) = place.call(Terminal::none(), "diff @things.yaml @grown.yaml");
    assert!(out.starts_with("Semver level: minor.\n"), "{out}{log}");
    // The lock of the old version is taken along, as it would be in the crate.
    let (_, out, log) = place.call(Terminal::none(), "diff @things.yaml @new.yaml");
    assert_eq!(out, "Nothing changes for callers: patch.\n", "{log}");
}

#[test]
fn schemas_of_the_same_name_in_other_files_are_types_of_their_own() {
    let place = Place::with(
        "files",
        &changed("$ref: '#/components/schemas/Failure'", "$ref: 'common.yaml#/components/schemas/Failure'"),
    );
    place
        .write("common.yaml", "components: {schemas: {Failure: {type: object, properties: {code: {type: string}}}}}\n");
    let (outcome, log) = place.make("--report @report.json");
    assert_eq!(outcome, Outcome::Done, "{log}");
    let report = json(&place.text("report.json"));
    let failure = &report["operations"][0]["responses"][1]["type"];
    let schemas = report["schemas"].as_array().expect("a list").iter();
    let own: Vec<&Value> = schemas.filter(|one| one["pointer"] == "/components/schemas/Failure").collect();
    assert!(failure.as_str().is_some_and(|path| path.contains("::Failure")), "{failure}");
    assert_ne!(own[0]["rust_type"], *failure);
}

#[test]
fn a_document_that_moves_keeps_its_names() {
    let document = changed("name: {type: string}\n", "name: {type: object, properties: {first: {type: string}}}\n");
    let place = Place::with(
        "moves",
        &document.replace("'#/components/schemas/Failure'", "'common.yaml#/components/schemas/Failure'"),
    );
    place
        .write("common.yaml", "components: {schemas: {Failure: {type: object, properties: {code: {type: string}}}}}\n");
    place.make("");
    fs::create_dir(place.path("v2")).expect("the folder can be made");
    fs::rename(place.path("things.yaml"), place.path("v2/api.yaml")).expect("the document can be moved");
    fs::rename(place.path("common.yaml"), place.path("v2/common.yaml")).expect("the document can be moved");
    let line = "new --spec @v2/api.yaml --name things --out @other";
    let (outcome, _, log) = place.call(Terminal::none(), line);
    assert_eq!(outcome, Outcome::Done, "{log}");
    assert_eq!(place.text("other/ecloud-codegen.lock"), place.text("crate/ecloud-codegen.lock"));
}

#[test]
fn an_enum_of_many_parameters_keeps_its_name_when_another_operation_comes_first() {
    let limit = "- {name: limit, in: query, schema: {type: integer}}";
    let shop = "- {name: X-Shop-Id, in: header, schema: {type: string, enum: [a, b]}}";
    let both = changed(limit, &format!("{limit}\n        {shop}"));
    let both = both.replace("- {name: id, in: path,", &format!("{shop}\n        - {{name: id, in: path,"));
    let place = Place::with("shared_enum", &both);
    place.make("");
    let before = place.text("crate/ecloud-codegen.lock");
    let first = "  /first:\n    get:\n      operationId: first\n      parameters:\n        ";
    let grown = both.replacen(
        "  /things:\n",
        &format!("{first}{shop}\n      responses: {{'204': {{description: No.}}}}\n  /things:\n"),
        1,
    );
    place.write("things.yaml", &grown);
    place.make("");
    let after = place.text("crate/ecloud-codegen.lock");
    let enums =
        |lock: &str| lock.lines().filter(|line| line.starts_with("variants ")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(enums(&before).len(), 2, "{before}");
    assert_eq!(enums(&before), enums(&after));
}
