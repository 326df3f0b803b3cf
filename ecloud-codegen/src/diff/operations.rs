//! Operations: methods of the handles, their arguments, setters and answers.

use std::collections::HashMap;

use super::{Changes, Level};
use crate::model::{Body, Domain, Operation, Parameter, Resource, Retry};

/// An operation as callers reach it.
fn call(resource: &Resource, operation: &Operation) -> String {
    format!("{}().{}", resource.module, operation.method)
}

/// What makes an operation the same in both versions, whatever its name.
fn key(operation: &Operation) -> (&'static str, &str) {
    (operation.verb.as_str(), &operation.path)
}

/// Compares all operations. The same method and path is the same operation; so is the same call, if its path changed.
pub(super) fn compare(old: &Domain, new: &Domain, changes: &mut Changes) {
    let by_key: HashMap<_, _> = new.operations().map(|pair| (key(pair.1), pair)).collect();
    let by_call: HashMap<_, _> = new.operations().map(|pair| (call(pair.0, pair.1), pair)).collect();
    let mut kept = Vec::new();
    for (resource, operation) in old.operations() {
        let was = call(resource, operation);
        let found = by_key.get(&key(operation)).or_else(|| {
            // A call whose path is taken by another operation of the old version went away, and a new one has its name.
            by_call.get(&was).filter(|(_, other)| !old.operations().any(|(_, old)| key(old) == key(other)))
        });
        let Some((new_resource, new_operation)) = found else {
            changes.add(Level::Major, was, "is gone");
            continue;
        };
        kept.push(key(new_operation));
        let is = call(new_resource, new_operation);
        if was != is {
            changes.add(Level::Major, was, format!("is called `{is}`"));
        }
        one(&is, operation, new_operation, changes);
    }
    for (resource, operation) in new.operations().filter(|(_, operation)| !kept.contains(&key(operation))) {
        let path = format!("{} {}", operation.verb.as_str(), operation.path);
        changes.add(Level::Minor, call(resource, operation), format!("is new: `{path}`"));
    }
}

fn one(call: &str, old: &Operation, new: &Operation, changes: &mut Changes) {
    if old.type_name != new.type_name {
        changes.add(Level::Major, call, format!("its type is `{}`, was `{}`", new.type_name, old.type_name));
    }
    let line = |operation: &Operation| format!("{} {}", operation.verb.as_str(), operation.path);
    if line(old) != line(new) {
        changes.add(Level::Patch, call, format!("goes to `{}`, went to `{}`", line(new), line(old)));
    }
    if new.deprecated && !old.deprecated {
        let hint = if new.deprecation.is_empty() { String::new() } else { format!(": {}", new.deprecation) };
        changes.add(Level::Minor, call, format!("is deprecated{hint}"));
    }
    parameters(call, old, new, changes);
    body(call, old.body.as_ref(), new.body.as_ref(), changes);
    if old.output != new.output {
        changes.add(Level::Major, call, format!("answers with {}, was {}", new.output, old.output));
    }
    if old.page.is_some() && new.page.is_none() {
        changes.add(Level::Major, call, "has no `items` and `pages` any more");
    } else if old.page.is_none() && new.page.is_some() {
        changes.add(Level::Minor, call, "has `items` and `pages`");
    }
    if old.retry != new.retry {
        let shown = |retry: Retry| retry.as_str();
        changes.add(Level::Patch, call, format!("its retry safety is {}, was {}", shown(new.retry), shown(old.retry)));
    }
    if old.scope != new.scope {
        let shown = |scope: &Option<String>| scope.as_deref().map_or("none".to_owned(), |scope| format!("`{scope}`"));
        changes.add(Level::Minor, call, format!("needs the scope {}, was {}", shown(&new.scope), shown(&old.scope)));
    }
}

fn parameters(call: &str, old: &Operation, new: &Operation, changes: &mut Changes) {
    let same = |one: &Parameter, other: &Parameter| one.location == other.location && one.wire == other.wire;
    for parameter in &old.parameters {
        let subject = format!("{call}: {}", parameter.name);
        let Some(now) = new.parameters.iter().find(|other| same(parameter, other)) else {
            changes.add(Level::Major, subject, "is gone");
            continue;
        };
        if parameter.name != now.name {
            changes.add(Level::Major, &subject, format!("is called `{}`", now.name));
        }
        let ty = |parameter: &Parameter| match parameter.repeated {
            true => format!("a list of {}", parameter.ty),
            false => parameter.ty.to_string(),
        };
        changes.differs(Level::Major, &subject, &ty(parameter), &ty(now), String::clone);
        match (parameter.required, now.required) {
            (false, true) => changes.add(Level::Major, &subject, "is required: an argument, was a setter"),
            (true, false) => changes.add(Level::Major, &subject, "is optional: a setter, was an argument"),
            _ => {}
        }
        if parameter.style != now.style {
            changes.add(Level::Patch, &subject, "is written in another style");
        }
        if now.deprecated && !parameter.deprecated {
            changes.add(Level::Minor, &subject, "is deprecated");
        }
    }
    for parameter in new.parameters.iter().filter(|one| !old.parameters.iter().any(|other| same(one, other))) {
        let subject = format!("{call}: {}", parameter.name);
        match parameter.required {
            true => changes.add(Level::Major, subject, "is new and required"),
            false => changes.add(Level::Minor, subject, "is new"),
        }
    }
    let order = |operation: &Operation, other: &Operation| -> Vec<String> {
        let required = operation.parameters.iter().filter(|parameter| parameter.required);
        let common = required.filter(|one| other.parameters.iter().any(|two| same(one, two) && two.required));
        common.map(|parameter| parameter.wire.clone()).collect()
    };
    if order(old, new) != order(new, old) {
        changes.add(Level::Major, call, "its arguments have another order");
    }
}

fn body(call: &str, old: Option<&Body>, new: Option<&Body>, changes: &mut Changes) {
    let subject = format!("{call}: body");
    match (old, new) {
        (None, Some(new)) if new.required => changes.add(Level::Major, subject, "is new and required"),
        (None, Some(_)) => changes.add(Level::Minor, subject, "is new"),
        (Some(_), None) => changes.add(Level::Major, subject, "is gone"),
        (Some(old), Some(new)) => {
            changes.differs(Level::Major, &subject, &old.ty, &new.ty, ToString::to_string);
            changes.differs(Level::Patch, &subject, &old.content_type, &new.content_type, |media| format!("`{media}`"));
            match (old.required, new.required) {
                (false, true) => changes.add(Level::Major, subject, "is required: an argument, was a setter"),
                (true, false) => changes.add(Level::Major, subject, "is optional: a setter, was an argument"),
                _ => {}
            }
        }
        (None, None) => {}
    }
}
