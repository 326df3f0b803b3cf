//! The example on an operation's page: the call as an application writes it, with the document's own values.

use std::collections::{BTreeMap, BTreeSet};

use super::expression::{Expression, Link};
use crate::json::Json;
use crate::model::{Domain, Enum, Kind, Model, Operation, Parameter, Presence, Resource, Shape, Struct, Ty, Union};
use crate::names;

/// The width of a line of code in an example.
const WIDTH: usize = 90;

/// The lines of the example, its fences included.
pub(super) fn of(domain: &Domain, resource: &Resource, operation: &Operation) -> Vec<String> {
    let mut example = Example::new(domain);
    let body = example.code(resource, operation);
    if example.endless {
        // Whatever is required there holds itself; nobody could write it down.
        return vec!["The parameters of this call are best read from JSON.".to_owned()];
    }
    let package = names::snake(&domain.package).unwrap_or_default();
    let root = names::snake(&domain.name).unwrap_or_default();
    let mut lines = vec![if domain.examples_run { "```" } else { "```no_run" }.to_owned()];
    for (path, names) in &example.imports {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        lines.push(match names[..] {
            [name] => format!("use {path}::{name};"),
            _ => format!("use {path}::{{{}}};", names.join(", ")),
        });
    }
    if !example.imports.is_empty() {
        lines.push(String::new());
    }
    let (argument, ty) = if domain.platform.is_some() { ("client", "Client") } else { ("shop", "Shop") };
    let (head, foot) = if domain.examples_run {
        (format!("# ecloud_sandbox::run_example(async |{argument}| {{"), "# Ok(()) });")
    } else {
        let error = if example.fallible { "Box<dyn std::error::Error>" } else { "ecloud_core::Error" };
        (format!("# async fn example({argument}: ecloud_core::{ty}) -> Result<(), {error}> {{"), "# Ok(()) }")
    };
    lines.push(head);
    lines.push(format!("let {root} = {package}::{}::new({argument});", domain.handle));
    lines.extend(body);
    lines.push(foot.to_owned());
    lines.push("```".to_owned());
    lines
}

/// A call with made-up arguments, for tests.
pub(crate) struct Sample {
    /// What the call needs to be imported, by path.
    pub(crate) imports: BTreeMap<String, BTreeSet<String>>,
    /// What stands before the call, a line each.
    pub(crate) lines: Vec<String>,
    /// The call on the root handle: `.orders().get("T1")`.
    pub(crate) call: String,
}

/// A call with made-up arguments; nothing where they can't be made.
pub(crate) fn sample(domain: &Domain, resource: &Resource, operation: &Operation) -> Option<Sample> {
    sampled(domain, resource, operation, Extent::Page)
}

/// Like [`sample`], with a body also where the operation can do without.
pub(crate) fn sample_with_body(domain: &Domain, resource: &Resource, operation: &Operation) -> Option<Sample> {
    sampled(domain, resource, operation, Extent::WithBody)
}

/// Like [`sample_with_body`], with all parameters that the document shows a value of.
pub(crate) fn sample_in_full(domain: &Domain, resource: &Resource, operation: &Operation) -> Option<Sample> {
    sampled(domain, resource, operation, Extent::Full)
}

/// How much of what may be left out stands in a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// As on the operation's page.
    Page,
    /// The body, too.
    WithBody,
    /// The body, and each parameter with a value of its own.
    Full,
}

fn sampled(domain: &Domain, resource: &Resource, operation: &Operation, extent: Extent) -> Option<Sample> {
    let mut example = Example::new(domain);
    let (mut lines, mut links) = example.call(resource, operation, extent);
    if let Some(body) = operation.body.as_ref().filter(|body| extent != Extent::Page && !body.required) {
        let value = example.value(&body.ty, body.example.as_ref(), &body.name);
        lines.extend(value.lines(&format!("let {} = ", body.name), ";", WIDTH));
        links.push(Link::call(&body.name, vec![Expression::Atom(body.name.clone())]));
    }
    let call = Expression::chain("", links).flat();
    (!example.endless).then_some(Sample { imports: example.imports, lines, call })
}

/// How deep models of an example may lie in each other.
const DEPTH: usize = 8;

/// An example in the making.
struct Example<'a> {
    domain: &'a Domain,
    imports: BTreeMap<String, BTreeSet<String>>,
    /// Whether a value in it may fail to be made.
    fallible: bool,
    /// How deep the value that is made lies in others.
    depth: usize,
    /// Whether a value in it would hold itself.
    endless: bool,
}

impl<'a> Example<'a> {
    fn new(domain: &'a Domain) -> Self {
        Self { domain, imports: BTreeMap::new(), fallible: false, depth: 0, endless: false }
    }

    /// The call without its sending, and what stands before it.
    fn call(&mut self, resource: &Resource, operation: &Operation, extent: Extent) -> (Vec<String>, Vec<Link>) {
        let mut lines = Vec::new();
        let mut arguments = Vec::new();
        for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
            arguments.push(self.parameter(parameter));
        }
        if let Some(body) = operation.body.as_ref().filter(|body| body.required) {
            let value = self.value(&body.ty, body.example.as_ref(), &body.name);
            if value.flat().len() <= WIDTH / 3 {
                arguments.push(value);
            } else {
                lines.extend(value.lines(&format!("let {} = ", body.name), ";", WIDTH));
                arguments.push(Expression::Atom(body.name.clone()));
            }
        }
        let mut links = vec![Link::call(&resource.module, Vec::new()), Link::call(&operation.method, arguments)];
        if extent == Extent::Full {
            links.extend(self.shown_parameters(operation));
        } else {
            links.extend(self.filter(operation));
        }
        (lines, links)
    }

    fn code(&mut self, resource: &Resource, operation: &Operation) -> Vec<String> {
        let (mut lines, mut links) = self.call(resource, operation, Extent::Page);
        let root = names::snake(&self.domain.name).unwrap_or_default();
        let streamed = operation.page.is_some();
        if streamed {
            links.push(Link::call("items", Vec::new()));
            let item = self.item(operation);
            let list = if item == resource.module { "all" } else { &resource.module };
            let call = Expression::chain(&root, links);
            lines.extend(call.lines(&format!("let mut {list} = "), ";", WIDTH));
            lines.push(format!("while let Some({item}) = {list}.try_next().await? {{"));
            lines.push(format!("    println!(\"{{{item}:?}}\");"));
            lines.push("}".to_owned());
            return lines;
        }
        links.push(Link::call("send", Vec::new()));
        links.push(Link::text("await?"));
        let call = Expression::chain(&root, links);
        let Some(output) = operation.output.model() else {
            lines.extend(call.lines("", ";", WIDTH));
            return lines;
        };
        let name = if operation.page.is_some() { "page".to_owned() } else { names::snake(output).unwrap_or_default() };
        lines.extend(call.lines(&format!("let {name} = "), ";", WIDTH));
        lines.push(format!("println!(\"{{{name}:?}}\");"));
        lines
    }

    /// The name of an item of a list.
    fn item(&self, operation: &Operation) -> String {
        let output = operation.output.model().unwrap_or_default();
        let page = self.domain.model(output).and_then(|(_, model)| match &model.shape {
            Shape::Struct(shape) => shape.page.as_ref(),
            _ => None,
        });
        let item = page.and_then(|page| page.item.model());
        item.and_then(names::snake).unwrap_or_else(|| "item".to_owned())
    }

    /// One filter of a list, to show how filters are set: the first that takes a value of an enum.
    fn filter(&mut self, operation: &Operation) -> Option<Link> {
        operation.page.as_ref()?;
        let parameter = operation.parameters.iter().find(|parameter| {
            let model = parameter.ty.model();
            !parameter.required && model.is_some()
        })?;
        let value = self.parameter(parameter);
        Some(Link::call(&parameter.name, vec![value]))
    }

    /// What may be left out and is shown by the document.
    fn shown_parameters(&mut self, operation: &Operation) -> Vec<Link> {
        let shown = |parameter: &&Parameter| !parameter.required && parameter.example.is_some();
        let mut links = Vec::new();
        for parameter in operation.parameters.iter().filter(shown) {
            links.push(Link::call(&parameter.name, vec![self.parameter(parameter)]));
        }
        links
    }

    fn parameter(&mut self, parameter: &Parameter) -> Expression {
        let text = parameter.example.clone().map(Json::Text);
        let one = self.value(&parameter.ty, text.as_ref(), &parameter.wire);
        if parameter.repeated && parameter.required { Expression::List(vec![one]) } else { one }
    }

    /// A value of a type: as the document shows it, else one that could be.
    fn value(&mut self, ty: &Ty, shown: Option<&Json>, name: &str) -> Expression {
        let text = shown.and_then(Json::text);
        match ty {
            Ty::Text | Ty::Secret => Expression::Atom(format!("{:?}", text.unwrap_or(name))),
            Ty::Id(_) => {
                let made = || format!("{}-1", id_stem(name));
                Expression::Atom(format!("{:?}", text.map_or_else(made, str::to_owned)))
            }
            Ty::Bool => Expression::Atom((shown != Some(&Json::Bool(false))).to_string()),
            Ty::I32 | Ty::I64 | Ty::U32 | Ty::U64 => {
                // What a document shows need not be what it says.
                let fits = |text: &&str| match ty {
                    Ty::I32 => text.parse::<i32>().is_ok(),
                    Ty::U32 => text.parse::<u32>().is_ok(),
                    Ty::U64 => text.parse::<u64>().is_ok(),
                    _ => text.parse::<i64>().is_ok(),
                };
                let text = text.filter(fits);
                Expression::Atom(text.unwrap_or("1").to_owned())
            }
            Ty::F64 => {
                let text = text.filter(|text| text.parse::<f64>().is_ok_and(f64::is_finite)).unwrap_or("1.5");
                let whole = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
                Expression::Atom(format!("{text}{}", if whole { ".0" } else { "" }))
            }
            Ty::Timestamp => {
                self.fallible = true;
                let text = text.unwrap_or("2026-11-22T08:30:00.000Z");
                Expression::Atom(format!("{text:?}.parse()?"))
            }
            Ty::Money => self.money(shown),
            Ty::Sensitive(kind) => {
                self.fallible = true;
                let sensitive = self.import("ecloud_core", "Sensitive");
                let text = shown.and_then(|shown| shown.get("ciphertext")).and_then(Json::text);
                let text = text.map_or_else(|| ciphertext(*kind), str::to_owned);
                Expression::Atom(format!("{sensitive}::from_ciphertext({text:?})?"))
            }
            Ty::List(inner) => {
                let items = match shown {
                    None if self.depth > 2 && matches!(**inner, Ty::Model(_)) => {
                        return Expression::Atom("Vec::new()".to_owned());
                    }
                    Some(Json::List(items)) if !items.is_empty() => {
                        items.iter().map(|item| self.value(inner, Some(item), name)).collect()
                    }
                    _ => vec![self.value(inner, None, name)],
                };
                Expression::List(items)
            }
            Ty::OrNull(inner) => {
                let value = self.value(inner, shown, name);
                let value = match **inner {
                    Ty::Text | Ty::Secret | Ty::Id(_) => {
                        Expression::Chain(Box::new(value), vec![Link::call("into", Vec::new())])
                    }
                    Ty::List(_) => Expression::Atom("Vec::new()".to_owned()),
                    _ => value,
                };
                Expression::Call("Some".to_owned(), vec![value])
            }
            Ty::Map(inner) => {
                let map = self.import("std::collections", "BTreeMap");
                if self.domain.platform.is_some() {
                    return Expression::Atom(format!("{map}::new()"));
                }
                let value = self.value(inner, None, name).flat();
                Expression::Atom(format!("{map}::from([(\"key\".to_owned(), {value})])"))
            }
            Ty::Model(model) => self.model(model, shown),
            Ty::Json => Expression::Atom(format!("{}::Null", self.import("ecloud_core", "Json"))),
            Ty::File => {
                let file = self.import("ecloud_core", "File");
                Expression::Atom(format!("{file}::new(\"file.txt\", \"text/plain\", \"content\")"))
            }
        }
    }

    fn money(&mut self, shown: Option<&Json>) -> Expression {
        let (money, currency) = (self.import("ecloud_core", "Money"), self.import("ecloud_core", "Currency"));
        let part = |key: &str| shown.and_then(|shown| shown.get(key)).and_then(Json::text);
        let amount = part("amount").unwrap_or("12990");
        let code = part("currency").unwrap_or("CNY");
        // Those that the core has a name for.
        let code = if ["CNY", "EUR", "HKD", "JPY", "USD"].contains(&code) { code } else { "CNY" };
        Expression::Atom(format!("{money}::new({amount}, {currency}::{code})"))
    }

    fn model(&mut self, name: &str, shown: Option<&Json>) -> Expression {
        if self.depth == DEPTH {
            self.endless = true;
            return Expression::Atom(name.to_owned());
        }
        self.depth += 1;
        let made = self.shape(name, shown);
        self.depth -= 1;
        made
    }

    fn shape(&mut self, name: &str, shown: Option<&Json>) -> Expression {
        let Some((module, model)) = self.domain.model(name) else {
            return Expression::Atom(name.to_owned());
        };
        let path = format!("{}::{module}", names::snake(&self.domain.package).unwrap_or_default());
        self.import(&path, &model.name);
        match &model.shape {
            Shape::Enum(shape) => enum_value(model, shape, shown),
            Shape::Struct(shape) => self.input(model, shape, shown),
            Shape::Union(shape) => self.variant(model, shape, shown),
            Shape::Answers(_) => {
                let json = self.import("ecloud_core", "Json");
                Expression::Atom(format!("{}::Unknown({json}::Null)", model.name))
            }
        }
    }

    /// The first variant of a union that a value can be made of, and that what is shown can be.
    fn variant(&mut self, model: &Model, shape: &Union, shown: Option<&Json>) -> Expression {
        let mut variants = shape.variants.iter();
        let variant = match shown {
            Some(shown) => variants.find(|variant| self.may_be(&variant.ty, shown)),
            None => variants.next(),
        };
        let Some(variant) = variant else {
            let json = self.import("ecloud_core", "Json");
            return Expression::Atom(format!("{}::Unknown({json}::Null)", model.name));
        };
        let value = self.value(&variant.ty, shown, &variant.name);
        let value = match variant.ty {
            Ty::Model(_) => Expression::Call("Box::new".to_owned(), vec![value]),
            Ty::Text | Ty::Secret | Ty::Id(_) => {
                Expression::Chain(Box::new(value), vec![Link::call("into", Vec::new())])
            }
            Ty::List(_) if shown.is_none() => Expression::Atom("Vec::new()".to_owned()),
            _ => value,
        };
        Expression::Call(format!("{}::{}", model.name, variant.name), vec![value])
    }

    /// Whether what is shown can be of a type: an object that has all that a struct requires, any other by its sort.
    fn may_be(&self, ty: &Ty, shown: &Json) -> bool {
        match (ty, shown) {
            (Ty::Model(name), _) => match self.domain.model(name).map(|(_, model)| &model.shape) {
                Some(Shape::Struct(shape)) => {
                    matches!(shown, Json::Map(_))
                        && shape.fields.iter().all(|field| !field.is_required() || shown.get(&field.wire).is_some())
                }
                Some(Shape::Enum(_)) => shown.text().is_some(),
                Some(Shape::Union(shape)) => shape.variants.iter().any(|variant| self.may_be(&variant.ty, shown)),
                _ => false,
            },
            (Ty::Text | Ty::Secret | Ty::Id(_), Json::Text(_)) | (Ty::Bool, Json::Bool(_)) => true,
            (Ty::List(_), Json::List(_)) | (Ty::Map(_), Json::Map(_)) => true,
            (Ty::I64 | Ty::U64 | Ty::F64, _) => shown.text().is_some_and(|text| text.parse::<f64>().is_ok()),
            _ => false,
        }
    }

    fn input(&mut self, model: &Model, shape: &Struct, shown: Option<&Json>) -> Expression {
        let mut arguments = Vec::new();
        let mut links = Vec::new();
        for field in &shape.fields {
            let here = shown.and_then(|shown| shown.get(&field.wire)).filter(|here| **here != Json::Null);
            if field.is_required() && !super::model::is_argument(field) {
                continue;
            }
            if !field.is_required() && here.is_none() {
                continue;
            }
            let example = field.example.clone().map(Json::Text);
            let value = self.value(&field.ty, here.or(example.as_ref()), &field.wire);
            if field.presence == Presence::RequiredOrNull {
                arguments.push(Expression::Atom("None".to_owned()));
            } else if field.is_required() {
                arguments.push(value);
            } else {
                links.push(Link::call(&super::model::setter(field), vec![value]));
            }
        }
        let head = Expression::Call(format!("{}::new", model.name), arguments);
        if links.is_empty() { head } else { Expression::Chain(Box::new(head), links) }
    }

    fn import(&mut self, path: &str, name: &str) -> String {
        self.imports.entry(path.to_owned()).or_default().insert(name.to_owned());
        name.to_owned()
    }
}

fn enum_value(model: &Model, shape: &Enum, shown: Option<&Json>) -> Expression {
    let wanted = shown.and_then(Json::text);
    let value = shape.values.iter().find(|value| Some(value.wire.as_str()) == wanted);
    Expression::Atom(match (value.or(shape.values.first()), wanted) {
        (Some(value), _) => format!("{}::{}", model.name, value.variant),
        (None, text) => format!("{}::from({:?})", model.name, text.unwrap_or_default()),
    })
}

/// `order` of `order_id`, for an identifier that could be.
fn id_stem(name: &str) -> String {
    let ends = ["_ids", "_id", "_code", "_number"];
    let stem = ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    stem.replace('_', "-")
}

/// A ciphertext of the right form that opens nothing.
fn ciphertext(kind: Kind) -> String {
    let word = Kind::ALL.iter().find(|(other, _)| *other == kind).map_or("", |(_, word)| word);
    format!("~1~key-1~{:A<40}~", word.replace('_', "-"))
}
