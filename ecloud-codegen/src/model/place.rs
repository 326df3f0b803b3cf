//! Where each model lives, which names are taken, and what only shows when everything is read.

use std::collections::BTreeSet;

use super::graph::Graph;
use super::operation::Read;
use super::{Domain, Model, Operation, Presence, Shape, Ty, event, home, page, steps};
use crate::load::Node;
use crate::names::Scope;
use crate::problem::{Problem, Problems};
use crate::resolve::Sources;

/// Names that generated code can't do without: of the prelude and of serde. What it takes from the core it can also say by path.
const OWN: &[&str] = &[
    "Box",
    "Clone",
    "Debug",
    "Deserialize",
    "Deserializer",
    "Err",
    "From",
    "Into",
    "IntoIterator",
    "None",
    "Ok",
    "Option",
    "PartialEq",
    "Result",
    "Self",
    "Serialize",
    "Serializer",
    "Some",
    "String",
    "Vec",
];

/// What was read of a document, before it is put in order.
pub(super) struct Parts<'a> {
    pub(super) domain: Domain,
    pub(super) operations: Vec<Read>,
    pub(super) models: Vec<(Node<'a>, Model)>,
    pub(super) problems: Problems,
}

/// Puts operations and models into the modules that they belong to.
pub(super) fn place(sources: &Sources, parts: Parts<'_>) -> Result<Domain, Problems> {
    let Parts { mut domain, operations, mut models, mut problems } = parts;
    for Read { resource, operation } in operations {
        match domain.resources.iter_mut().find(|other| other.name == resource) {
            Some(resource) => resource.operations.push(operation),
            None => problems.add(Problem {
                reason: format!("the resource `{resource}` has no text in `x-ecloud-resources`"),
                place: operation.place,
            }),
        }
    }
    pages(&domain, &mut models, &mut problems);
    parameters(&domain, &models, &mut problems);
    event::check(&domain, &models, &mut problems);
    steps::check(&domain, &models, &mut problems);
    claim_names(sources, &domain, &models, &mut problems);
    let graph = Graph::of(models.iter().map(|(_, model)| model));
    let inputs = graph.reached(domain.operations().filter_map(|(_, operation)| body(operation)));
    let of_files = home::of_files(&domain);
    let homes: Vec<_> = models.iter().map(|(node, _)| of_files.get(node.document().name()).copied()).collect();
    let mut models: Vec<Model> = models.into_iter().map(|(_, model)| model).collect();
    graph.box_circles(&mut models);
    for (model, input) in models.iter_mut().zip(inputs) {
        let Shape::Struct(shape) = &mut model.shape else {
            continue;
        };
        shape.input = input;
        for field in &mut shape.fields {
            // In an answer an absent list is an empty one. In a request the two are told apart: a list that happens to be
            // empty must not vanish and be taken for "all".
            if !shape.input && !field.is_required() && matches!(field.ty, Ty::List(_) | Ty::Map(_)) {
                field.presence = Presence::Empty;
            }
        }
    }
    home::place(&mut domain, homes.into_iter().zip(models).collect());
    problems.into_result()?;
    Ok(domain)
}

fn body(operation: &Operation) -> Option<&str> {
    operation.body.as_ref()?.ty.model()
}

fn pages(domain: &Domain, models: &mut [(Node<'_>, Model)], problems: &mut Problems) {
    for (_, operation) in domain.operations() {
        let Some(style) = operation.page.as_ref().map(|page| page.style) else {
            continue;
        };
        let output = operation.output.model().unwrap_or_default();
        let model = models.iter_mut().find(|(_, model)| model.name == output);
        let page = match model.as_ref().map(|(_, model)| &model.shape) {
            Some(Shape::Struct(shape)) => page::of(operation, style, shape),
            _ => Err("needs a page to answer with".to_owned()),
        };
        match (page, model.map(|(_, model)| &mut model.shape)) {
            (Ok(page), Some(Shape::Struct(shape))) => match &shape.page {
                Some(other) if *other != page => problems.add(Problem {
                    place: operation.place.clone(),
                    reason: format!("`{output}` is the page of a list of another style already"),
                }),
                _ => shape.page = Some(page),
            },
            (page, _) => problems.add(Problem {
                place: operation.place.clone(),
                reason: format!("a list by {} with `{output}`: {}", style.as_str(), page.err().unwrap_or_default()),
            }),
        }
    }
}

/// A parameter may be an enum, but no model with fields.
fn parameters(domain: &Domain, models: &[(Node<'_>, Model)], problems: &mut Problems) {
    for (_, operation) in domain.operations() {
        for parameter in &operation.parameters {
            let is_struct = |(_, model): &&(Node<'_>, Model)| {
                Some(model.name.as_str()) == parameter.ty.model() && matches!(model.shape, Shape::Struct(_))
            };
            if let Some((_, model)) = models.iter().find(is_struct) {
                problems.add(Problem {
                    place: operation.place.clone(),
                    reason: format!(
                        "the parameter `{}` is an object (`{}`), which can't be expressed",
                        parameter.wire, model.name
                    ),
                });
            }
        }
    }
}

/// Users know these names, so none is changed behind their back: a collision is said.
fn claim_names(sources: &Sources, domain: &Domain, models: &[(Node<'_>, Model)], problems: &mut Problems) {
    let root = sources.root().root();
    let mut types = Scope::reserving(OWN);
    let mut modules = Scope::reserving(&[Domain::SHARED, "lib", "main", "new"]);
    let mut ids = BTreeSet::new();
    for id in identifiers(domain, models) {
        // The first in the scope, so it's free.
        types.adapt(id, id);
    }
    let mut results = vec![types.claim(&domain.handle, "the domain's handle", root)];
    for resource in &domain.resources {
        let text = root.get("x-ecloud-resources").and_then(|texts| texts.get(&resource.name));
        let node = text.unwrap_or(root);
        let owner = format!("the resource `{}`", resource.name);
        results.push(modules.claim(&resource.module, &owner, node));
        results.push(types.claim(&resource.handle, &owner, node));
        let mut methods = Scope::reserving(&["new"]);
        for operation in &resource.operations {
            let node = sources.at(&operation.place).unwrap_or(root);
            let owner = format!("the operation `{}`", operation.operation_id);
            if !ids.insert(&operation.operation_id) {
                problems.add(node.problem(format!("the operationId `{}` stands twice", operation.operation_id)));
                continue;
            }
            results.push(types.claim(&operation.type_name, &owner, node));
            results.push(methods.claim(&operation.method, &owner, node));
        }
    }
    results.extend(claim_events(sources, domain, &mut types, &mut modules));
    for (node, model) in models {
        let owner = format!("the schema at `{}`", node.pointer());
        results.push(types.claim(&model.name, &owner, *node));
    }
    for problem in results.into_iter().filter_map(Result::err) {
        problems.add(problem);
    }
}

fn claim_events(
    sources: &Sources,
    domain: &Domain,
    types: &mut Scope,
    modules: &mut Scope,
) -> Vec<Result<(), Problem>> {
    let root = sources.root().root();
    if domain.events.is_empty() {
        return Vec::new();
    }
    // The name of the variant that keeps what isn't known.
    let mut variants = Scope::reserving(&["Unknown"]);
    let mut results = vec![
        modules.claim(Domain::EVENTS, "the module of the events", root),
        types.claim(&domain.event_type(), "the type of the events", root),
    ];
    for event in &domain.events {
        let node = sources.at(&event.place).unwrap_or(root);
        results.push(variants.claim(&event.variant, &format!("the event `{}`", event.event_type), node));
    }
    results
}

/// The identifiers that the domain's code imports.
fn identifiers<'a>(domain: &'a Domain, models: &'a [(Node<'_>, Model)]) -> BTreeSet<&'a str> {
    let fields = models.iter().flat_map(|(_, model)| match &model.shape {
        Shape::Struct(shape) => &shape.fields[..],
        _ => &[],
    });
    let parameters = domain.operations().flat_map(|(_, operation)| &operation.parameters);
    let types = fields.map(|field| &field.ty).chain(parameters.map(|parameter| &parameter.ty));
    types.filter_map(Ty::id).collect()
}
