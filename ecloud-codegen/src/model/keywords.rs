//! What the generator knows to read, so that nothing a document says is passed over in silence.

use crate::load::Node;
use crate::problem::Problems;

/// Keys of a schema that shape the type, say more about a value, or leave both as they are.
pub(super) const SCHEMA: &[&str] = &[
    "$ref",
    "additionalProperties",
    "default",
    "deprecated",
    "description",
    "enum",
    "example",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
    "$comment",
    "xml",
    "x-ecloud-aliases",
    "x-ecloud-sensitive",
    "x-ecloud-states",
    "x-ecloud-type",
    "x-ecloud-values",
];

/// Keys of a parameter.
pub(super) const PARAMETER: &[&str] = &[
    "$ref",
    "deprecated",
    "description",
    "example",
    "examples",
    "explode",
    "in",
    "name",
    "required",
    "schema",
    "style",
];

/// Keys of a path.
pub(super) const PATH: &[&str] =
    &["delete", "description", "get", "head", "parameters", "patch", "post", "put", "summary"];

/// Keys of an operation.
pub(super) const OPERATION: &[&str] = &[
    "deprecated",
    "description",
    "externalDocs",
    "operationId",
    "parameters",
    "requestBody",
    "responses",
    "security",
    "summary",
    "tags",
    "x-ecloud-aliases",
    "x-ecloud-errors",
    "x-ecloud-example",
    "x-ecloud-job",
    "x-ecloud-method",
    "x-ecloud-page",
    "x-ecloud-quota",
    "x-ecloud-retry",
    "x-ecloud-roles",
    "x-ecloud-scope",
    "x-ecloud-upload",
];

/// Keys of a webhook.
pub(super) const WEBHOOK: &[&str] = &["description", "post", "summary"];

/// Keys of what a webhook sends.
pub(super) const EVENT: &[&str] =
    &["deprecated", "description", "externalDocs", "requestBody", "responses", "summary", "tags", "x-ecloud-object"];

/// Keys of a document.
pub(super) const ROOT: &[&str] = &[
    "components",
    "externalDocs",
    "info",
    "jsonSchemaDialect",
    "openapi",
    "paths",
    "security",
    "servers",
    "tags",
    "webhooks",
    "x-ecloud-domain",
    "x-ecloud-resources",
];

/// Takes down each key that isn't known; extensions of others (`x-…`) are theirs to read.
pub(super) fn check(node: Node<'_>, known: &[&str], what: &str, problems: &mut Problems) {
    for (key, value) in node.pairs() {
        let foreign = key.starts_with("x-") && !key.starts_with("x-ecloud-");
        if !foreign && !known.contains(&key) {
            problems.add(value.problem(format!("`{key}` of {what} can't be expressed")));
        }
    }
}
