//! The report as JSON.

use std::collections::HashMap;

use super::rust::Paths;
use super::{Report, Totals, totals};
use crate::foreign::{Degradation, SchemaType};
use crate::json::Json;
use crate::model::graph::Graph;
use crate::model::{Body, Domain, Model, Operation, Page, Position, Resource, Shape};
use crate::problem::Place;

/// The version of the report's format.
const VERSION: u32 = 1;

pub(super) fn report(report: &Report<'_>) -> Json {
    let domain = &report.reading.domain;
    let paths = Paths::of(domain);
    let reached = Reached::of(domain, &report.degradations);
    let operations =
        domain.operations().map(|(resource, operation)| one(report, &paths, &reached, resource, operation));
    let files = report.sources.documents().iter().map(|document| document.name().into());
    Json::map([
        ("report", VERSION.into()),
        ("generator", format!("ecloud-codegen {}", env!("CARGO_PKG_VERSION")).as_str().into()),
        (
            "document",
            Json::map([
                ("name", domain.source.as_str().into()),
                ("title", domain.title.as_str().into()),
                ("version", domain.version.as_str().into()),
                ("format", totals::format(report.sources).as_str().into()),
                ("files", Json::List(files.collect())),
            ]),
        ),
        (
            "crate",
            Json::map([
                ("package", domain.package.as_str().into()),
                ("name", paths.root.as_str().into()),
                ("handle", format!("{}::{}", paths.root, domain.handle).as_str().into()),
            ]),
        ),
        ("totals", figures(&report.totals)),
        ("operations", Json::List(operations.collect())),
        ("dropped", Json::texts(&report.dropped)),
        ("schemas", Json::List(report.reading.types.iter().map(|schema| type_of(&paths, schema)).collect())),
        ("degradations", degradations(report.degradations.iter())),
        ("repairs", degradations(report.repairs.iter())),
    ])
}

fn figures(totals: &Totals) -> Json {
    let pairs = [
        ("operations_in", totals.operations_in),
        ("operations_out", totals.operations_out),
        ("operations_dropped", totals.operations_dropped),
        ("operations_lost", totals.operations_lost()),
        ("schemas_in", totals.schemas_in),
        ("schemas_out", totals.schemas_out),
        ("degradations", totals.degradations),
        ("repairs", totals.repairs),
        ("files", totals.files),
        ("lines", totals.lines),
    ];
    Json::map(pairs.map(|(name, count)| (name, Json::Number(count.to_string()))))
}

fn type_of(paths: &Paths<'_>, schema: &SchemaType) -> Json {
    Json::map([
        ("pointer", schema.pointer.trim_start_matches('#').into()),
        ("file", schema.place.file.as_str().into()),
        ("rust_type", paths.ty(&schema.ty).as_str().into()),
    ])
}

fn one(
    report: &Report<'_>,
    paths: &Paths<'_>,
    reached: &Reached<'_>,
    resource: &Resource,
    operation: &Operation,
) -> Json {
    let domain = &report.reading.domain;
    let (root, module) = (&paths.root, &resource.module);
    let text = |text: Option<String>| text.as_deref().into();
    let id = Some(operation.operation_id.as_str()).filter(|id| !id.is_empty());
    let request = operation.body.as_ref().map(|body| paths.ty(&body.ty));
    let degraded = reached.degradations(operation);
    let degraded = degraded.into_iter().map(|index| &report.degradations[index]);
    Json::map([
        ("method", operation.verb.as_str().into()),
        ("path", operation.path.as_str().into()),
        ("operation_id", id.into()),
        ("file", operation.place.file.as_str().into()),
        ("pointer", operation.place.pointer.as_str().into()),
        ("resource", resource.name.as_str().into()),
        ("rust_path", format!("{root}::{module}::{}", operation.type_name).as_str().into()),
        ("call", format!("{}::{module}().{}", domain.handle, operation.method).as_str().into()),
        ("request_type", text(request)),
        ("request_media", operation.body.as_ref().map(|body: &Body| body.content_type.as_str()).into()),
        ("response_type", text(paths.output(&operation.output))),
        ("responses", responses(paths, operation)),
        ("page", page(paths, operation)),
        ("retry", operation.retry.as_str().into()),
        ("idempotency_header", operation.idempotency_header.as_deref().into()),
        ("deprecated", operation.deprecated.into()),
        ("degradations", degradations(degraded)),
    ])
}

/// What comes by status, successes first.
fn responses(paths: &Paths<'_>, operation: &Operation) -> Json {
    let response = |status: String, success: bool, ty: Option<String>| {
        Json::map([("status", status.as_str().into()), ("success", success.into()), ("type", ty.as_deref().into())])
    };
    let successes = match operation.output.model().and_then(|name| paths.get(name)) {
        Some(Model { shape: Shape::Answers(cases), .. }) => {
            let each = cases.iter().map(|case| {
                let status = match case.status {
                    0 => "default".to_owned(),
                    few @ 1..=9 => format!("{few}XX"),
                    status => status.to_string(),
                };
                response(status, true, paths.output(&case.output))
            });
            each.collect()
        }
        _ => vec![response(operation.status.to_string(), true, paths.output(&operation.output))],
    };
    let failures = operation.failures.iter().map(|failure| {
        let ty = failure.ty.as_ref().map(|ty| paths.ty(ty));
        response(failure.status.clone(), false, ty)
    });
    Json::List(successes.into_iter().chain(failures).collect())
}

fn page(paths: &Paths<'_>, operation: &Operation) -> Json {
    let Some(paging) = &operation.page else {
        return Json::Null;
    };
    let found = of_model(paths, operation);
    let position = found.map(|page| position(&page.position));
    Json::map([
        ("style", paging.style.as_str().into()),
        ("parameter", paging.parameter.as_deref().into()),
        ("size", paging.size.as_deref().into()),
        ("first", paging.first.into()),
        ("items", found.map(|page| page.items.join(".")).as_deref().into()),
        ("item_type", found.map(|page| paths.ty(&page.item)).as_deref().into()),
        ("position", position.as_deref().into()),
    ])
}

/// How the model of an operation's answer is a page.
fn of_model<'a>(paths: &Paths<'a>, operation: &Operation) -> Option<&'a Page> {
    match &paths.get(operation.output.model()?)?.shape {
        Shape::Struct(shape) => shape.page.as_ref(),
        _ => None,
    }
}

fn position(position: &Position) -> String {
    match position {
        Position::Cursor(way) => format!("cursor {}", way.join(".")),
        Position::Number => "number".to_owned(),
        Position::Url(way) => format!("url {}", way.join(".")),
        Position::More(way) => format!("more {}", way.join(".")),
        Position::Total(way) => format!("total {}", way.join(".")),
        Position::Open => "open".to_owned(),
    }
}

fn degradations<'a>(degradations: impl Iterator<Item = &'a Degradation>) -> Json {
    let each = degradations.map(|degradation| {
        let Place { file, line, pointer } = &degradation.place;
        Json::map([
            ("file", file.as_str().into()),
            ("line", Json::Number(line.to_string())),
            ("pointer", pointer.as_str().into()),
            ("operation", degradation.operation.as_deref().into()),
            ("what", degradation.what.as_str().into()),
            ("instead", degradation.instead.as_str().into()),
        ])
    });
    Json::List(each.collect())
}

/// Which degradations an operation meets: in itself, and in the models that it sends or answers with.
struct Reached<'a> {
    graph: Graph,
    /// The degradations within each model.
    of_models: Vec<Vec<usize>>,
    by_operation: HashMap<&'a str, Vec<usize>>,
    by_place: HashMap<(&'a str, &'a str), Vec<usize>>,
}

impl<'a> Reached<'a> {
    fn of(domain: &'a Domain, degradations: &'a [Degradation]) -> Self {
        let mut by_operation: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut by_place: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (index, degradation) in degradations.iter().enumerate() {
            if let Some(operation) = &degradation.operation {
                by_operation.entry(operation).or_default().push(index);
            }
            // Under its own place and every place that holds it.
            let Place { file, pointer, .. } = &degradation.place;
            let ends = pointer.match_indices('/').map(|(end, _)| end).chain([pointer.len()]);
            for end in ends {
                by_place.entry((file, &pointer[..end])).or_default().push(index);
            }
        }
        let graph = Graph::of(domain.models().map(|(_, model)| model).collect::<Vec<_>>().into_iter());
        let of_models = domain.models().map(|(_, model)| {
            let place = (model.place.file.as_str(), model.place.pointer.as_str());
            by_place.get(&place).cloned().unwrap_or_default()
        });
        Self { of_models: of_models.collect(), graph, by_operation, by_place }
    }

    fn degradations(&self, operation: &Operation) -> Vec<usize> {
        let key = format!("{} {}", operation.verb.as_str(), operation.path);
        let place = (operation.place.file.as_str(), operation.place.pointer.as_str());
        let own = self.by_operation.get(key.as_str()).into_iter().chain(self.by_place.get(&place)).flatten();
        let mut all: Vec<usize> = own.copied().collect();
        let body = operation.body.as_ref().and_then(|body| body.ty.model());
        let parameters = operation.parameters.iter().filter_map(|parameter| parameter.ty.model());
        let names = body.into_iter().chain(operation.output.model()).chain(parameters);
        if self.of_models.iter().any(|indices| !indices.is_empty()) {
            let reached = self.graph.reached(names);
            let of_reached = self.of_models.iter().zip(reached).filter(|(_, reached)| *reached);
            all.extend(of_reached.flat_map(|(indices, _)| indices));
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}
