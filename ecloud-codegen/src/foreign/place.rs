//! Where each model lives: with the only resource that needs it, or with those that are shared.

use crate::model::graph::Graph;
use crate::model::{Domain, Model, Operation};

/// Puts models into the modules that they belong to.
pub(super) fn place(domain: &mut Domain, models: Vec<Model>) {
    let graph = Graph::of(models.iter());
    let mut user: Vec<Option<usize>> = vec![None; models.len()];
    let mut shared = vec![false; models.len()];
    for (resource, owner) in domain.resources.iter().enumerate() {
        let reached = graph.reached(owner.operations.iter().flat_map(used));
        for (index, _) in reached.iter().enumerate().filter(|(_, reached)| **reached) {
            shared[index] |= user[index].is_some_and(|other| other != resource);
            user[index] = Some(resource);
        }
    }
    // What a shared model holds is shared too, even if only one resource needs it besides.
    let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
    let common = (0..models.len()).filter(|index| shared[*index] || user[*index].is_none()).map(|index| names[index]);
    let shared = graph.reached(common);
    for (index, model) in models.into_iter().enumerate() {
        match user[index].filter(|_| !shared[index]) {
            Some(resource) => domain.resources[resource].models.push(model),
            None => domain.shared.push(model),
        }
    }
}

/// The models that an operation takes or gives.
fn used(operation: &Operation) -> impl Iterator<Item = &str> {
    let parameters = operation.parameters.iter().filter_map(|parameter| parameter.ty.model());
    let body = operation.body.as_ref().and_then(|body| body.ty.model());
    let failures = operation.failures.iter().filter_map(|failure| failure.ty.as_ref()?.model());
    parameters.chain(body).chain(operation.output.model()).chain(failures)
}
