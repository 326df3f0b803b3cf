//! Models: structs with their fields, enums with their values, unions with their variants.

use std::collections::HashMap;

use super::{Changes, Level};
use crate::model::{Case, Domain, Field, Model, Presence, Shape, Struct, Union};

/// Compares all models by name.
pub(super) fn compare(old: &Domain, new: &Domain, changes: &mut Changes) {
    let now: HashMap<_, _> = new.models().map(|(module, model)| (model.name.as_str(), (module, model))).collect();
    let before: HashMap<_, _> = old.models().map(|(_, model)| (model.name.as_str(), model)).collect();
    for (module, model) in old.models() {
        let Some((new_module, new_model)) = now.get(model.name.as_str()) else {
            changes.add(Level::Major, &model.name, "is gone");
            continue;
        };
        if module != *new_module {
            changes.add(Level::Major, &model.name, format!("stands in `{new_module}`, was in `{module}`"));
        }
        one(model, new_model, changes);
    }
    for (_, model) in new.models().filter(|(_, model)| !before.contains_key(model.name.as_str())) {
        changes.add(Level::Minor, &model.name, "is new");
    }
}

fn one(old: &Model, new: &Model, changes: &mut Changes) {
    match (&old.shape, &new.shape) {
        (Shape::Struct(was), Shape::Struct(is)) => fields(&new.name, was, is, changes),
        (Shape::Enum(was), Shape::Enum(is)) => {
            let pairs = |shape: &crate::model::Enum| -> Vec<(String, String)> {
                shape.values.iter().map(|value| (value.wire.clone(), value.variant.clone())).collect()
            };
            variants(&new.name, &pairs(was), &pairs(is), changes);
        }
        (Shape::Union(was), Shape::Union(is)) => {
            let pairs = |shape: &Union| -> Vec<(String, String)> {
                shape.variants.iter().map(|variant| (variant.ty.to_string(), variant.name.clone())).collect()
            };
            variants(&new.name, &pairs(was), &pairs(is), changes);
        }
        (Shape::Answers(was), Shape::Answers(is)) => {
            let pairs = |cases: &[Case]| -> Vec<(String, String)> {
                cases.iter().map(|case| (case.output.to_string(), case.name.clone())).collect()
            };
            variants(&new.name, &pairs(was), &pairs(is), changes);
        }
        (was, is) => changes.add(Level::Major, &new.name, format!("is {}, was {}", sort(is), sort(was))),
    }
}

fn sort(shape: &Shape) -> &'static str {
    match shape {
        Shape::Struct(_) => "a struct",
        Shape::Enum(_) => "an enum of texts",
        Shape::Union(_) => "a union",
        Shape::Answers(_) => "an answer by status",
    }
}

/// Compares variants, each with what stands behind it: its value or its type.
fn variants(owner: &str, old: &[(String, String)], new: &[(String, String)], changes: &mut Changes) {
    let by_name = |variants: &[(String, String)]| -> HashMap<String, String> {
        variants.iter().map(|(behind, name)| (name.clone(), behind.clone())).collect()
    };
    let (before, now) = (by_name(old), by_name(new));
    for (behind, name) in old {
        let subject = format!("{owner}::{name}");
        match now.get(name) {
            Some(other) if other == behind => {}
            Some(other) => changes.add(Level::Major, subject, format!("is `{other}`, was `{behind}`")),
            None => changes.add(Level::Major, subject, "is gone"),
        }
    }
    for (_, name) in new.iter().filter(|(_, name)| !before.contains_key(name)) {
        changes.add(Level::Minor, format!("{owner}::{name}"), "is new");
    }
}

fn fields(owner: &str, old: &Struct, new: &Struct, changes: &mut Changes) {
    for field in &old.fields {
        let subject = format!("{owner}::{}", field.name);
        let Some(now) = new.fields.iter().find(|other| other.wire == field.wire) else {
            changes.add(Level::Major, subject, "is gone");
            continue;
        };
        if field.name != now.name {
            changes.add(Level::Major, &subject, format!("is called `{}`", now.name));
        }
        changes.differs(Level::Major, &subject, &field.ty, &now.ty, ToString::to_string);
        changes.differs(Level::Major, &subject, &field.presence, &now.presence, |presence| shown(*presence).to_owned());
        if field.constant != now.constant {
            let value = |constant: &Option<String>| {
                constant.as_ref().map_or("anything".to_owned(), |value| format!("`{value}`"))
            };
            let what = format!("is always {}, was {}", value(&now.constant), value(&field.constant));
            changes.add(argument_level(new, now), &subject, what);
        }
        if now.deprecated && !field.deprecated {
            changes.add(Level::Minor, subject, "is deprecated");
        }
    }
    for field in new.fields.iter().filter(|field| !old.fields.iter().any(|other| other.wire == field.wire)) {
        let what = if is_argument(new, field) { "is new, and an argument of `new`" } else { "is new" };
        changes.add(argument_level(new, field), format!("{owner}::{}", field.name), what);
    }
    if old.input && !new.input {
        changes.add(Level::Major, owner, "is not made by callers any more: it has no `new`");
    }
    match (&old.additional, &new.additional) {
        (Some(_), None) => changes.add(Level::Major, owner, "keeps no other properties any more"),
        (None, Some(_)) => changes.add(Level::Minor, owner, "keeps other properties"),
        (Some((_, was)), Some((_, is))) => changes.differs(Level::Major, owner, was, is, |ty| format!("open to {ty}")),
        (None, None) => {}
    }
}

fn is_argument(model: &Struct, field: &Field) -> bool {
    model.input && field.is_required() && field.constant.is_none()
}

fn argument_level(model: &Struct, field: &Field) -> Level {
    if is_argument(model, field) { Level::Major } else { Level::Minor }
}

fn shown(presence: Presence) -> &'static str {
    match presence {
        Presence::Required => "always there",
        Presence::RequiredOrNull => "always there, or null",
        Presence::Optional => "optional",
        Presence::OptionalOrNull => "optional, or null",
        Presence::Empty => "empty where it is absent",
    }
}
