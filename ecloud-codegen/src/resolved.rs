//! The resolved description: routes, schemas and state machines of one domain in a single JSON document, for programs that
//! answer calls instead of making them.

use std::collections::BTreeMap;

use crate::json::Json;
use crate::load::{Node, Sort};
use crate::model::{Cause, Domain, Event, Location, Operation, Output, Parameter, Shape, States};
use crate::problem::{Problem, Problems};
use crate::resolve::{Sources, is_data, reference};

/// Writes the resolved description of a domain.
///
/// # Errors
///
/// When a schema refers to something without a name, or two schemas of different documents have the same name.
pub fn write(sources: &Sources, domain: &Domain) -> Result<String, Problems> {
    let mut resolver = Resolver { sources, problems: Problems::new(), named: BTreeMap::new(), open: Vec::new() };
    let operations: Vec<Json> = domain.operations().map(|(_, operation)| resolver.operation(operation)).collect();
    let events: Vec<Json> = domain.events.iter().map(|event| resolver.event(event)).collect();
    for document in sources.own() {
        let components = document.root().get("components").and_then(|components| components.get("schemas"));
        for (name, node) in components.into_iter().flat_map(Node::pairs) {
            resolver.want(name, node);
        }
    }
    let mut schemas = BTreeMap::new();
    while let Some((name, node)) = resolver.open.pop() {
        schemas.insert(name, resolver.schema(node));
    }
    let states = domain.models().filter_map(|(_, model)| match &model.shape {
        Shape::Enum(shape) => Some((model.name.clone(), states(shape.states.as_ref()?))),
        _ => None,
    });
    let states: BTreeMap<String, Json> = states.collect();
    let document = Json::map([
        ("domain", domain.name.as_str().into()),
        ("title", domain.title.as_str().into()),
        ("version", domain.version.as_str().into()),
        ("operations", Json::List(operations)),
        ("events", Json::List(events)),
        ("schemas", Json::Map(schemas.into_iter().collect())),
        ("states", Json::Map(states.into_iter().collect())),
    ]);
    resolver.problems.into_result()?;
    Ok(document.pretty())
}

struct Resolver<'a> {
    sources: &'a Sources,
    problems: Problems,
    /// The schemas that are or will be written, by name.
    named: BTreeMap<String, Node<'a>>,
    /// Those that aren't written yet.
    open: Vec<(String, Node<'a>)>,
}

impl<'a> Resolver<'a> {
    fn operation(&mut self, operation: &Operation) -> Json {
        let quota = operation
            .quota
            .as_ref()
            .map(|quota| Json::map([("group", quota.group.as_str().into()), ("weight", quota.weight.into())]));
        let (path, query): (Vec<&Parameter>, Vec<&Parameter>) =
            operation.parameters.iter().partition(|parameter| parameter.location == Location::Path);
        let node = self.sources.at(&operation.place);
        let path = path.iter().map(|parameter| {
            let schema = self.parameter(node, parameter);
            let example = &parameter.example;
            Json::map([
                ("name", parameter.wire.as_str().into()),
                ("schema", schema),
                ("example", example.as_deref().into()),
            ])
        });
        let path_params = Json::List(path.collect());
        let query = query.iter().map(|parameter| {
            let schema = self.parameter(node, parameter);
            Json::map([
                ("name", parameter.wire.as_str().into()),
                ("required", parameter.required.into()),
                ("repeated", parameter.repeated.into()),
                ("schema", schema),
                ("example", parameter.example.as_deref().into()),
            ])
        });
        let query = Json::List(query.collect());
        let body = node.and_then(|node| self.body(operation, node));
        let success = node.and_then(|node| {
            let answer = node.get("responses")?.get(&operation.status.to_string())?;
            self.json_schema(answer)
        });
        let success = Json::map([
            ("status", u32::from(operation.status).into()),
            ("file", (operation.output == Output::Bytes).into()),
            ("schema", success.into()),
        ]);
        // The bodies of errors are no operation's own, but who answers calls needs their schema too.
        let responses = node.and_then(|node| node.get("responses"));
        for (_, response) in responses.into_iter().flat_map(Node::pairs) {
            self.json_schema(response);
        }
        let errors = operation.errors.iter().map(|error| (error.code.clone(), u32::from(error.status).into()));
        Json::map([
            ("id", operation.id.as_str().into()),
            ("operation_id", operation.operation_id.as_str().into()),
            ("method", operation.verb.as_str().into()),
            ("path", operation.path.as_str().into()),
            ("shop", operation.shop.into()),
            ("scope", operation.scope.as_deref().into()),
            ("roles", Json::texts(&operation.roles)),
            ("quota", quota.into()),
            ("retry", operation.retry.as_str().into()),
            ("page", operation.page.as_ref().map(|page| page.style.as_str()).into()),
            ("path_params", path_params),
            ("query", query),
            ("body", body.into()),
            ("success", success),
            ("errors", Json::Map(errors.collect())),
        ])
    }

    /// An event, with the schema of its data.
    fn event(&mut self, event: &Event) -> Json {
        let node = self.sources.at(&event.place);
        let data = node.and_then(|node| {
            let json = node.get("requestBody")?.get("content")?.get("application/json")?;
            let data = json.get("schema")?.get("properties")?.get("data")?;
            Some(self.schema(data))
        });
        Json::map([
            ("type", event.event_type.as_str().into()),
            ("resource", event.resource.as_str().into()),
            ("object", Json::map([("kind", event.kind.as_str().into()), ("id", event.id.as_str().into())])),
            ("schema", data.into()),
        ])
    }

    /// The schema of one value of a parameter.
    fn parameter(&mut self, operation: Option<Node<'a>>, parameter: &Parameter) -> Json {
        let place = parameter.location.as_str();
        let holders = operation.into_iter().flat_map(|node| [node, node.parent()]);
        let mut all = holders
            .filter_map(|holder| holder.get("parameters"))
            .flat_map(Node::items)
            .map(|node| self.sources.follow(node));
        let same = |node: &Node<'a>| {
            let is = |key: &str, text: &str| node.get(key).and_then(Node::text) == Some(text);
            is("name", &parameter.wire) && is("in", place)
        };
        let Some(schema) = all.find(same).and_then(|node| node.get("schema")) else {
            return Json::Null;
        };
        if !parameter.repeated {
            return self.schema(schema);
        }
        match self.sources.follow(schema).get("items") {
            Some(items) => self.schema(items),
            None => Json::Null,
        }
    }

    fn body(&mut self, operation: &Operation, node: Node<'a>) -> Option<Json> {
        node.get("requestBody")?;
        let schema = self.json_schema(node.get("requestBody")?);
        let required = operation.body.as_ref().is_some_and(|body| body.required);
        Some(Json::map([
            ("required", required.into()),
            ("content_type", operation.body.as_ref()?.content_type.as_str().into()),
            ("schema", schema.into()),
            ("example", operation.body.as_ref().and_then(|body| body.example.clone()).into()),
        ]))
    }

    /// The schema of the JSON that a request body or an answer holds.
    fn json_schema(&mut self, node: Node<'a>) -> Option<Json> {
        let content = self.sources.follow(node).get("content")?;
        let schema = content.get("application/json")?.get("schema")?;
        Some(self.schema(schema))
    }

    /// A schema with its references turned towards the one document.
    fn schema(&mut self, node: Node<'a>) -> Json {
        match node.sort() {
            Sort::Map => {
                let target = reference(node).and_then(|_| self.sources.named(node));
                if reference(node).is_some() && target.is_none() {
                    self.problems.add(node.problem("a schema is referred to by its name under `components/schemas`"));
                }
                let mut pairs = Vec::new();
                for (key, value) in node.pairs() {
                    let value = match target {
                        Some(named) if key == "$ref" => {
                            self.want(named.name, named.node);
                            Json::Text(format!("#/schemas/{}", escape(named.name)))
                        }
                        _ if is_data(value) => Json::of(value),
                        _ => self.schema(value),
                    };
                    pairs.push((key.to_owned(), value));
                }
                Json::Map(pairs)
            }
            Sort::List => Json::List(node.items().map(|item| self.schema(item)).collect()),
            _ => Json::of(node),
        }
    }

    /// Sees to it that a named schema is written too.
    fn want(&mut self, name: &str, node: Node<'a>) {
        match self.named.get(name) {
            Some(other) if *other == node => {}
            Some(other) => {
                let place = other.place();
                self.problems
                    .add(Problem { reason: format!("the schema `{name}` stands at {place} too"), place: node.place() });
            }
            None => {
                self.named.insert(name.to_owned(), node);
                self.open.push((name.to_owned(), node));
            }
        }
    }
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn states(states: &States) -> Json {
    let transitions = states.transitions.iter().map(|transition| {
        let (operation, event) = match &transition.cause {
            Cause::Operation(name) => (Some(name.as_str()), None),
            Cause::Event(name) => (None, Some(name.as_str())),
        };
        Json::map([
            ("from", Json::texts(&transition.from)),
            ("operation", operation.into()),
            ("event", event.into()),
            ("to", Json::texts(&transition.to)),
            ("else", transition.otherwise.as_deref().into()),
        ])
    });
    Json::map([
        ("initial", Json::texts(&states.initial)),
        ("terminal", Json::texts(&states.terminal)),
        ("transitions", Json::List(transitions.collect())),
    ])
}
