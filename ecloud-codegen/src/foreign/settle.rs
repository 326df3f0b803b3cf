//! What only shows when all models are read: who makes them, who lies in whom.

use super::schema::Schemas;
use crate::model::graph::Graph;
use crate::model::{Model, Presence, Shape, Ty};

impl Schemas<'_> {
    /// Settles which models callers make, which fields lie behind a pointer, and what null means in them.
    pub(super) fn settle(&mut self) {
        let mut names: Vec<String> = self.models.keys().cloned().collect();
        names.sort();
        let list: Vec<Model> = names.iter().filter_map(|name| self.models.remove(name)).collect();
        let graph = Graph::of(list.iter());
        let circles = graph.circles();
        let inputs = graph.reached(self.inputs.iter().map(String::as_str));
        for (index, mut model) in list.into_iter().enumerate() {
            let owner = model.name.clone();
            if let Shape::Struct(shape) = &mut model.shape {
                shape.input = inputs[index];
                for field in &mut shape.fields {
                    let inner = if let Ty::Model(inner) = &field.ty { graph.index(inner) } else { None };
                    field.boxed = inner.is_some_and(|inner| circles[inner] == circles[index]);
                    // Callers can't say what only the platform sets.
                    let given = shape.input && self.read_only.contains(&(owner.clone(), field.name.clone()));
                    field.presence = match field.presence {
                        Presence::Required if given => Presence::Optional,
                        Presence::RequiredOrNull if given => Presence::OptionalOrNull,
                        // In an answer null is as good as nothing.
                        Presence::OptionalOrNull if !shape.input => Presence::Optional,
                        other => other,
                    };
                }
            }
            self.models.insert(owner, model);
        }
    }
}
