//! Resources: which operations belong together.

use std::collections::HashMap;

use super::outline::Outline;
use super::prose;
use super::template::Segment;
use super::words::{is_version, words};
use crate::load::Node;
use crate::model::Resource;
use crate::names;
use crate::naming::Names;
use crate::resolve::Sources;

/// Where operations go that nothing is known of.
const REST: &str = "api";

/// Into how many branches paths must part for what they have in common to say nothing.
const BRANCHES: usize = 3;

/// The resources of a document, and which of them each operation belongs to.
pub(super) struct Groups {
    /// In the document's order; without operations and models.
    pub(super) resources: Vec<Resource>,
    /// The place of each operation's resource, in the order of the operations.
    pub(super) of: Vec<usize>,
}

/// Puts operations into resources: by the overlay, else by the first tag, else by the first segment of the path that says something.
pub(super) fn group(sources: &Sources, outlines: &[Outline<'_>], given: &mut Names) -> Groups {
    let spaces = spaces(outlines);
    // A space that isn't everybody's is a resource.
    let common = spaces.iter().copied().min().unwrap_or_default();
    let tags = tags(sources.root().root());
    let mut groups = Groups { resources: Vec::new(), of: Vec::new() };
    // `Orders` and `orders` are one.
    let mut known: HashMap<String, usize> = HashMap::new();
    for outline in outlines {
        let said = outline.overlay.and_then(|said| said.resource.as_deref());
        let name = said.or(outline.tag).unwrap_or_else(|| segment(outline, common));
        let stem = names::snake(name).unwrap_or_default();
        let index = *known.entry(stem).or_insert_with(|| {
            groups.resources.push(resource(name, tags.get(name).copied(), given));
            groups.resources.len() - 1
        });
        groups.of.push(index);
    }
    groups
}

fn resource(name: &str, tag: Option<Node<'_>>, given: &mut Names) -> Resource {
    let (mut summary, mut description) = (String::new(), String::new());
    if let Some(tag) = tag {
        (summary, description) = prose::split(&prose::text(tag, "description"));
        let shown = prose::first_of(tag, &["x-displayName", "summary"]);
        if summary.is_empty() {
            summary = shown;
        }
    }
    let plain = name.replace("OAuth", "Oauth");
    if summary.is_empty() {
        summary = if name.contains(' ') { name.to_owned() } else { prose::sentence(&names::plain(&plain)) };
    }
    // More than a line is no summary.
    const LINE: usize = 200;
    if summary.chars().count() > LINE {
        description = if description.is_empty() { summary } else { format!("{summary}\n\n{description}") };
        summary = name.to_owned();
    }
    let mut module = names::snake(&plain).unwrap_or_default();
    if let Some(keyword) = module.strip_suffix('_') {
        // `returns` reads better than `return_`.
        module = format!("{keyword}s");
    }
    let module = given.claim("modules", name, &module);
    let wish = names::camel(name).unwrap_or_default();
    // A schema may be called like the resource, and its users are many.
    let key = format!("resource {name}");
    let wish = if given.is_free("types", &wish) { wish } else { format!("{wish}Api") };
    let handle = given.claim("types", &key, &wish);
    Resource {
        name: name.to_owned(),
        module,
        handle,
        summary,
        description,
        aliases: Vec::new(),
        operations: Vec::new(),
        models: Vec::new(),
    }
}

/// The texts of the tags, by their names.
fn tags(root: Node<'_>) -> HashMap<&str, Node<'_>> {
    let tags = root.get("tags").into_iter().flat_map(Node::items);
    tags.filter_map(|tag| Some((tag.get("name")?.text()?, tag))).collect()
}

/// The segment of a path that names a resource.
fn segment<'a>(outline: &'a Outline<'_>, common: usize) -> &'a str {
    let literals = outline.template.segments().enumerate().filter_map(|(index, segment)| match segment {
        Segment::Literal(text) if says_something(text) => Some((index, text)),
        _ => None,
    });
    let all: Vec<(usize, &str)> = literals.collect();
    let own = all.iter().find(|(index, _)| *index >= common);
    own.or(all.last()).map_or(REST, |(_, text)| text)
}

/// Whether a segment isn't just a version or a word that every path has.
fn says_something(segment: &str) -> bool {
    !is_version(segment) && !matches!(segment, "api" | "rest" | "apis") && !words(segment).is_empty()
}

/// How many segments at the beginning of every path say where it is and not what it's about: `/store/carts`, `/api/v2/storefront/cart`.
/// There is nothing at them, no variable follows them, and many paths part behind them.
pub(super) fn spaces(outlines: &[Outline<'_>]) -> Vec<usize> {
    let mut branches: HashMap<Vec<&str>, Branches<'_>> = HashMap::new();
    for outline in outlines {
        let mut path = Vec::new();
        for segment in outline.template.segments().take(DEPTH) {
            if !path.is_empty() {
                branches.entry(path.clone()).or_default().add(segment);
            }
            match segment {
                Segment::Literal(text) => path.push(text),
                Segment::Variable(_) => break,
            }
        }
        if path.len() == outline.template.segments().count() {
            branches.entry(path).or_default().is_thing = true;
        }
    }
    let space = |outline: &Outline<'_>| {
        let mut path = Vec::new();
        let mut space = 0;
        for segment in outline.template.segments().take(DEPTH) {
            let Segment::Literal(text) = segment else {
                break;
            };
            path.push(text);
            match branches.get(&path) {
                Some(Branches { is_thing: false, behind }) if behind.len() >= BRANCHES => space = path.len(),
                Some(Branches { is_thing: false, .. }) => {}
                _ => break,
            }
        }
        space
    };
    outlines.iter().map(space).collect()
}

/// How deep spaces can lie in each other.
const DEPTH: usize = 6;

/// What lies behind the beginning of a path.
#[derive(Default)]
struct Branches<'a> {
    /// Whether an operation is there, or a variable follows.
    is_thing: bool,
    /// Some of the texts that follow.
    behind: Vec<&'a str>,
}

impl<'a> Branches<'a> {
    fn add(&mut self, segment: Segment<'a>) {
        match segment {
            Segment::Variable(_) => self.is_thing = true,
            Segment::Literal(text) => {
                if self.behind.len() < BRANCHES && !self.behind.contains(&text) {
                    self.behind.push(text);
                }
            }
        }
    }
}
