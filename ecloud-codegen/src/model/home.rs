//! Where each model lives: with the resource whose file describes it, or with the only one that needs it, or with those that are shared.

use std::collections::BTreeMap;

use super::graph::Graph;
use super::{Domain, Model, Operation, event};

/// The files that tell of the operations of one resource alone, with its place in the list: what else they describe is that resource's, too.
pub(super) fn of_files(domain: &Domain) -> BTreeMap<String, usize> {
    let mut owners: BTreeMap<&str, Option<usize>> = BTreeMap::new();
    for (index, resource) in domain.resources.iter().enumerate() {
        for operation in &resource.operations {
            let owner = owners.entry(&operation.place.file).or_insert(Some(index));
            *owner = owner.filter(|owner| *owner == index);
        }
    }
    owners.into_iter().filter_map(|(file, owner)| Some((file.to_owned(), owner?))).collect()
}

/// Puts models into the modules that they belong to; each comes with the resource that it is known to belong to.
pub(crate) fn place(domain: &mut Domain, models: Vec<(Option<usize>, Model)>) {
    let (own, models): (Vec<_>, Vec<_>) = models.into_iter().unzip();
    let graph = Graph::of(models.iter());
    let mut user: Vec<Option<usize>> = vec![None; models.len()];
    let mut shared = vec![false; models.len()];
    for (resource, owner) in domain.resources.iter().enumerate() {
        let of_events = event::used(domain, &owner.name);
        let reached = graph.reached(owner.operations.iter().flat_map(used).chain(of_events));
        for (index, _) in reached.iter().enumerate().filter(|(_, reached)| **reached) {
            shared[index] |= user[index].is_some_and(|other| other != resource);
            user[index] = Some(resource);
        }
    }
    // What a shared model holds is shared too, even if only one resource needs it besides.
    let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
    let is_common = |index: &usize| own[*index].is_none() && (shared[*index] || user[*index].is_none());
    let shared = graph.reached((0..models.len()).filter(is_common).map(|index| names[index]));
    for (index, model) in models.into_iter().enumerate() {
        match own[index].or(user[index].filter(|_| !shared[index])) {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::load::Limits;
    use crate::model;
    use crate::resolve::Sources;

    #[test]
    fn what_a_shared_model_holds_is_shared_though_only_one_resource_needs_it() {
        let folder = std::env::temp_dir().join(format!("ecloud-codegen-home-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let document = |name: &str| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents").join(name);
            std::fs::read_to_string(path).unwrap()
        };
        let (text, common, exports) = (document("store.yaml"), document("common.yaml"), document("exports.yaml"));
        // A model that no operation reaches holds one that a single resource needs.
        let text = text.replacen(
            "\n  schemas:\n",
            "\n  schemas:\n    Lonely:\n      type: object\n      description: Nobody's.\n      properties:\n        \
             held: {$ref: '#/components/schemas/HELD', description: It.}\n",
            1,
        );
        let sources = |text: &str| {
            std::fs::write(folder.join("common.yaml"), &common).unwrap();
            std::fs::write(folder.join("exports.yaml"), &exports).unwrap();
            let path = folder.join("store.yaml");
            std::fs::write(&path, text).unwrap();
            Sources::open(&path, &Limits::default())
        };
        let plain = sources(&text.replace("HELD", "Lonely")).unwrap();
        let plain = model::domain(&plain).unwrap();
        let of_one = plain.resources.iter().flat_map(|resource| &resource.models).next().unwrap().name.clone();
        let held = model::domain(&sources(&text.replace("HELD", &of_one)).unwrap()).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(plain.shared.iter().all(|model| model.name != of_one));
        assert!(held.shared.iter().any(|model| model.name == of_one), "{of_one}");
    }
}
