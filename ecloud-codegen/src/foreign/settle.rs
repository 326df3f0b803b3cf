//! What only shows when all models are read: who makes them, who lies in whom.

use std::collections::HashMap;

use super::schema::Schemas;
use crate::model::graph::Graph;
use crate::model::{Model, Presence, Shape, Ty};

impl Schemas<'_> {
    /// Takes from unions the variants by which they would be one of themselves: whoever reads such a value would never end.
    pub(super) fn untangle(&mut self) {
        let mut names: Vec<String> = self.models.keys().cloned().collect();
        names.sort();
        let mut done: HashMap<&str, bool> = HashMap::new();
        let mut circular: Vec<(String, String)> = Vec::new();
        for start in &names {
            if done.contains_key(start.as_str()) {
                continue;
            }
            let mut open = vec![(start.as_str(), self.unions_in(start))];
            done.insert(start, false);
            while let Some((name, inner)) = open.last_mut() {
                let Some(next) = inner.pop() else {
                    done.insert(name, true);
                    open.pop();
                    continue;
                };
                match done.get(next) {
                    Some(true) => {}
                    Some(false) => circular.push(((*name).to_owned(), next.to_owned())),
                    None => {
                        done.insert(next, false);
                        open.push((next, self.unions_in(next)));
                    }
                }
            }
        }
        for (name, inner) in circular {
            let Some(model) = self.models.get_mut(&name) else { continue };
            if let Shape::Union(shape) = &mut model.shape {
                shape.variants.retain(|variant| variant.ty != Ty::Model(inner.clone()));
            }
            let place = model.place.clone();
            self.degrade_at(place, "a choice that is one of itself", "the others of it");
        }
    }

    /// The unions that are variants of a union, the first one last.
    fn unions_in(&self, name: &str) -> Vec<&str> {
        let Some(Shape::Union(shape)) = self.models.get(name).map(|model| &model.shape) else {
            return Vec::new();
        };
        let inner = shape.variants.iter().rev().filter_map(|variant| match &variant.ty {
            Ty::Model(inner) => self.models.get_key_value(inner),
            _ => None,
        });
        inner.filter(|(_, model)| matches!(model.shape, Shape::Union(_))).map(|(name, _)| name.as_str()).collect()
    }

    /// Settles which models callers make, which fields lie behind a pointer, and what null means in them.
    pub(super) fn settle(&mut self) {
        let mut names: Vec<String> = self.models.keys().cloned().collect();
        names.sort();
        let mut list: Vec<Model> = names.iter().filter_map(|name| self.models.remove(name)).collect();
        let graph = Graph::of(list.iter());
        graph.box_circles(&mut list);
        let inputs = graph.reached(self.inputs.iter().map(String::as_str));
        for (mut model, input) in list.into_iter().zip(inputs) {
            let owner = model.name.clone();
            if let Shape::Struct(shape) = &mut model.shape {
                shape.input = input;
                for field in &mut shape.fields {
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
