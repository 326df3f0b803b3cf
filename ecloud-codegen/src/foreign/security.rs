//! What proves who calls: the schemes of a document, and which of them an operation needs.

use super::findings::Findings;
use super::prose;
use crate::load::{Node, Sort};
use crate::model::{Location, SchemeKind, SecurityScheme};
use crate::resolve::Sources;

/// What an operation says about who may call it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// Alternatives, each of schemes that are needed together; `None` where nothing is said.
    pub(super) security: Option<Vec<Vec<usize>>>,
    /// The scopes that a token must have.
    pub(super) scopes: Vec<String>,
}

/// The schemes of a document that a client can use.
pub(super) fn schemes(sources: &Sources, findings: &mut Findings) -> Vec<SecurityScheme> {
    let root = sources.root().root();
    let modern = root.get("components").and_then(|components| components.get("securitySchemes"));
    let holders = [modern, root.get("securityDefinitions")];
    let mut schemes = Vec::new();
    for (name, holder) in holders.into_iter().flatten().flat_map(Node::pairs) {
        let Some(node) = sources.target(holder) else {
            findings.degrade(None, holder, sources.broken(holder), "no such scheme");
            continue;
        };
        match kind(node) {
            Ok(kind) => {
                schemes.push(SecurityScheme { name: name.to_owned(), kind, doc: prose::text(node, "description") });
            }
            Err(what) => findings.degrade(None, holder, what, "the client attaches nothing"),
        }
    }
    schemes
}

fn kind(node: Node<'_>) -> Result<SchemeKind, String> {
    let text = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default();
    let word = text("type").to_lowercase();
    match word.as_str() {
        "basic" => Ok(SchemeKind::Basic),
        "oauth2" | "openidconnect" | "bearer" => Ok(SchemeKind::Bearer),
        "http" => match text("scheme").to_lowercase().as_str() {
            "basic" => Ok(SchemeKind::Basic),
            "bearer" | "oauth" | "jwt" => Ok(SchemeKind::Bearer),
            other => Err(format!("the HTTP authentication scheme `{other}`")),
        },
        "apikey" => {
            let location = match text("in").to_lowercase().as_str() {
                "query" => Location::Query,
                "cookie" => Location::Cookie,
                _ => Location::Header,
            };
            match text("name") {
                "" => Err("an API key without a name".to_owned()),
                name => Ok(SchemeKind::ApiKey(location, name.to_owned())),
            }
        }
        _ => Err(format!("a security scheme of the type `{}`", text("type"))),
    }
}

/// What an operation needs: by itself, else as the whole document says.
pub(super) fn needs(
    root: Node<'_>,
    node: Node<'_>,
    schemes: &[SecurityScheme],
    key: &str,
    findings: &mut Findings,
) -> Needs {
    let said = node.get("security").or_else(|| root.get("security"));
    let Some(list) = said.filter(|list| list.sort() == Sort::List) else {
        return Needs::default();
    };
    let mut needs = Needs::default();
    let mut alternatives = Vec::new();
    for alternative in list.items().filter(|item| item.sort() == Sort::Map) {
        let mut known = Vec::new();
        let mut unknown = false;
        for (name, scopes) in alternative.pairs() {
            match schemes.iter().position(|scheme| scheme.name == name) {
                Some(index) if known.contains(&index) => {}
                Some(index) => known.push(index),
                None => {
                    unknown = true;
                    let what = format!("the security scheme `{name}`, which isn't described");
                    findings.repair(Some(key), alternative, what, "left out");
                }
            }
            for scope in scopes.items().filter_map(Node::text) {
                if !needs.scopes.iter().any(|other| other == scope) {
                    needs.scopes.push(scope.to_owned());
                }
            }
        }
        // What only unknown schemes open isn't open to all.
        let shut = unknown && known.is_empty();
        if !shut && !alternatives.contains(&known) {
            alternatives.push(known);
        }
    }
    if list.items().next().is_none() {
        // `security: []` takes back what the document says for all.
        alternatives.push(Vec::new());
    }
    needs.security = Some(alternatives).filter(|alternatives| !alternatives.is_empty());
    needs
}
