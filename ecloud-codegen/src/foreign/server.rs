//! Where a platform is.

use super::findings::Findings;
use super::prose;
use crate::load::Node;
use crate::model::Server;

/// The addresses of a document, the first one first.
pub(super) fn servers(root: Node<'_>, findings: &mut Findings) -> Vec<Server> {
    if root.get("swagger").is_some() || (root.get("host").is_some() && root.get("servers").is_none()) {
        return by_host(root, findings);
    }
    let mut servers = of(root, findings);
    // Nobody's users are where the author tries things out.
    servers.sort_by_key(|server| is_local(&server.url));
    if servers.is_empty() {
        // Some documents say so at each path only.
        let paths = root.get("paths").into_iter().flat_map(Node::pairs).map(|(_, item)| item);
        let holders = paths.flat_map(|item| std::iter::once(item).chain(item.pairs().map(|(_, node)| node)));
        let mut all = holders.filter(|holder| holder.get("servers").is_some());
        servers =
            all.find_map(|holder| Some(of(holder, findings)).filter(|servers| !servers.is_empty())).unwrap_or_default();
    }
    servers
}

/// The usable servers that a document, a path or an operation names.
pub(super) fn of(holder: Node<'_>, findings: &mut Findings) -> Vec<Server> {
    let mut servers: Vec<Server> = Vec::new();
    for node in holder.get("servers").into_iter().flat_map(Node::items) {
        match url(node) {
            Ok(url) if servers.iter().any(|other| other.url == url) => {}
            Ok(url) => servers.push(Server { url, doc: prose::text(node, "description") }),
            Err(what) => findings.repair(None, node, what, "left out"),
        }
    }
    servers
}

/// The address of a server, its variables replaced by their defaults.
fn url(node: Node<'_>) -> Result<String, String> {
    let template = node.get("url").and_then(Node::text).unwrap_or_default().trim();
    let mut url = String::new();
    let mut rest = template;
    while let Some((head, tail)) = rest.split_once('{') {
        let Some((name, tail)) = tail.split_once('}') else {
            break;
        };
        url.push_str(head);
        let variable = node.get("variables").and_then(|variables| variables.get(name));
        let value = variable.and_then(|variable| {
            let first = || variable.get("enum")?.items().next();
            let value = variable.get("default").or_else(first)?;
            value.text().or(value.number())
        });
        match value {
            Some(value) => url.push_str(value),
            None => return Err(format!("the server `{template}`, whose variable `{name}` has no default")),
        }
        rest = tail;
    }
    url.push_str(rest);
    let url = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    if is_absolute(url) { Ok(url.to_owned()) } else { Err(format!("the server `{template}`, which has no host")) }
}

fn is_absolute(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains([' ', '{']))
}

fn is_local(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"].iter().any(|local| host.starts_with(local))
}

/// The address of a Swagger 2.0 document.
fn by_host(root: Node<'_>, findings: &mut Findings) -> Vec<Server> {
    let Some(host) = root.get("host").and_then(Node::text).map(str::trim).filter(|host| !host.is_empty()) else {
        findings.repair(None, root, "no host", "the caller says where the platform is");
        return Vec::new();
    };
    let schemes: Vec<&str> = root.get("schemes").into_iter().flat_map(Node::items).filter_map(Node::text).collect();
    let scheme = if schemes.is_empty() || schemes.contains(&"https") { "https" } else { "http" };
    let base = root.get("basePath").and_then(Node::text).unwrap_or_default().trim().trim_matches('/');
    let slash = if base.is_empty() { "" } else { "/" };
    let url = format!("{scheme}://{host}{slash}{base}");
    if !is_absolute(&url) {
        findings.repair(None, root, format!("the host `{host}`"), "the caller says where the platform is");
        return Vec::new();
    }
    vec![Server { url, doc: String::new() }]
}

/// What goes before an operation's path since it has a server of its own below the platform's; the address itself if it is
/// elsewhere.
pub(super) fn prefix(servers: &[Server], own: &[Server]) -> Result<String, String> {
    let (Some(first), Some(_)) = (own.first(), servers.first()) else {
        return Ok(String::new());
    };
    let below = |own: &Server| {
        servers.iter().find_map(|server| {
            let rest = own.url.strip_prefix(&server.url)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| rest.to_owned())
        })
    };
    own.iter().find_map(below).ok_or_else(|| first.url.clone())
}
