//! The page of an operation: what it does, what it needs, what can go wrong.

use super::code::{Code, Imports, WIDE};
use super::{doc, example};
use crate::model::{Domain, Operation, PageStyle, Platform, Resource, Retry, SchemeKind};

/// The line of facts below a handle's method.
pub(super) fn facts(operation: &Operation) -> String {
    let mut facts = vec![request_line(operation)];
    if let Some(scope) = &operation.scope {
        facts.push(format!("scope `{scope}`"));
    }
    if let Some(quota) = &operation.quota {
        facts.push(format!("quota group `{}`, weight {}", quota.group, quota.weight));
    }
    facts.push(retry(operation.retry).to_owned());
    facts.join(" · ")
}

/// Method and path.
pub(super) fn request_line(operation: &Operation) -> String {
    format!("`{} {}`", operation.verb.as_str(), operation.path)
}

fn retry(retry: Retry) -> &'static str {
    match retry {
        Retry::Safe => "safe to retry",
        Retry::Keyed => "retried under its idempotency key",
        Retry::Never => "not retried once it may have been done",
    }
}

/// Writes the page of an operation.
pub(super) fn page(
    code: &mut Code,
    imports: &mut Imports,
    domain: &Domain,
    resource: &Resource,
    operation: &Operation,
) {
    code.gap();
    code.text(&doc::full_stop(&operation.summary), WIDE);
    code.doc("");
    if operation.deprecated {
        code.doc("**Deprecated:** the platform advises against it.");
        code.doc("");
    }
    if !operation.description.is_empty() {
        code.text(&operation.description, WIDE);
        code.doc("");
    }
    code.doc(format!("The call that [`{}::{}`] makes.", resource.handle, operation.method));
    code.doc("");
    match &domain.platform {
        Some(platform) => {
            needs(code, platform, operation);
            failures(code, imports, operation);
        }
        None => {
            own_needs(code, operation);
            own_errors(code, operation);
        }
    }
    // One example a resource shows the way where there may be thousands of operations.
    let first = resource.operations.first().is_some_and(|first| first.operation_id == operation.operation_id);
    if domain.platform.is_none() || first {
        code.doc("");
        code.doc("# Example");
        code.doc("");
        for line in example::of(domain, resource, operation) {
            code.doc(line);
        }
    }
}

/// What a call to a platform of its own needs, in one line.
fn needs(code: &mut Code, platform: &Platform, operation: &Operation) {
    let mut line = facts(operation);
    if let Some(security) = operation.security.as_ref().filter(|security| !security.is_empty()) {
        let alternatives: Vec<String> = security
            .iter()
            .map(|schemes| match schemes[..] {
                [] => "nothing".to_owned(),
                _ => {
                    let each: Vec<String> = schemes
                        .iter()
                        .filter_map(|index| platform.schemes.get(*index))
                        .map(|scheme| scheme.kind.shown())
                        .collect();
                    each.join(" and ")
                }
            })
            .collect();
        line.push_str(&format!(" · needs {}", alternatives.join(", or ")));
    }
    code.text(&line, WIDE);
}

impl SchemeKind {
    /// What it is, in the middle of a sentence.
    fn shown(&self) -> String {
        match self {
            Self::Bearer => "a bearer token".to_owned(),
            Self::Basic => "user and password".to_owned(),
            Self::ApiKey(location, name) => format!("a key in the {} `{name}`", location.as_str()),
        }
    }
}

/// The bodies of failures, which `Error::body_as` reads.
fn failures(code: &mut Code, imports: &mut Imports, operation: &Operation) {
    code.doc("");
    code.doc("# Errors");
    code.doc("");
    code.doc("See [`ErrorKind`](ecloud_core::ErrorKind).");
    let mut by_type: Vec<(String, Vec<&str>)> = Vec::new();
    for failure in &operation.failures {
        let ty = match &failure.ty {
            Some(ty) if ty.model().is_some() => imports.linked(ty),
            // Said in words: a doc comment imports nothing.
            Some(ty) => format!("{ty}"),
            None => continue,
        };
        match by_type.iter_mut().find(|(other, _)| *other == ty) {
            Some((_, statuses)) => statuses.push(&failure.status),
            None => by_type.push((ty, vec![&failure.status])),
        }
    }
    for (ty, statuses) in by_type {
        code.doc(format!("- {}: [`body_as`](ecloud_core::Error::body_as) {ty}", statuses.join(", ")));
    }
}

/// What a call to the ecloud platform needs.
fn own_needs(code: &mut Code, operation: &Operation) {
    code.doc(format!("- Request: {}", request_line(operation)));
    let roles: Vec<String> = operation.roles.iter().map(|role| format!("`{role}`")).collect();
    let roles = match &roles[..] {
        [] => String::new(),
        [role] => format!(", for the role {role}"),
        _ => format!(", for the roles {}", roles.join(", ")),
    };
    code.doc(match &operation.scope {
        Some(scope) => format!("- Scope: `{scope}`{roles}"),
        None => format!("- Scope: none{roles}"),
    });
    if !operation.shop {
        code.doc("- It acts for no shop, and needs no access token");
    }
    if let Some(quota) = &operation.quota {
        code.doc(format!("- Quota: group `{}`, weight {}", quota.group, quota.weight));
    }
    code.doc(match operation.retry {
        Retry::Safe => "- Retry: safe",
        Retry::Keyed => "- Retry: under its idempotency key",
        Retry::Never => "- Retry: never, once it may have been done",
    });
    if let Some(page) = &operation.page {
        code.doc(match page.style {
            PageStyle::Cursor => "- Pages: by cursor",
            PageStyle::Number => "- Pages: by number",
            PageStyle::Changes => {
                "- Pages: by number, newest change first; reading them forwards loses what changes meanwhile, \
                 [`items`](Self::items) doesn't"
            }
            PageStyle::Offset => "- Pages: by offset",
            PageStyle::Link | PageStyle::Url => "- Pages: by the next one's address",
        });
    }
}

fn own_errors(code: &mut Code, operation: &Operation) {
    code.doc("");
    code.doc("# Errors");
    code.doc("");
    if operation.errors.is_empty() {
        code.doc(
            "No codes of its own, only those that every call can have: see [`ErrorKind`](ecloud_core::ErrorKind).",
        );
        return;
    }
    code.doc("Besides what every call can have (see [`ErrorKind`](ecloud_core::ErrorKind)):");
    code.doc("");
    code.doc("| code | status | when |");
    code.doc("|---|---|---|");
    for error in &operation.errors {
        let when = doc::cell(&doc::full_stop(&error.when));
        code.doc(format!("| `{}` | {} | {when} |", error.code, error.status));
    }
}
