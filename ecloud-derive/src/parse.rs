//! A struct with named fields, from its tokens.

use std::iter::Peekable;

use proc_macro::token_stream::IntoIter;
use proc_macro::{Delimiter, Span, TokenStream, TokenTree};

/// Why a struct is refused, and where.
pub(crate) struct Refused {
    pub(crate) span: Span,
    pub(crate) reason: String,
}

impl Refused {
    pub(crate) fn at(span: Span, reason: impl Into<String>) -> Self {
        Self { span, reason: reason.into() }
    }
}

/// A struct.
pub(crate) struct Structure {
    pub(crate) name: String,
    /// What formats that name their structs call it, as a literal: `"Order"`.
    pub(crate) wire: String,
    pub(crate) fields: Vec<Field>,
}

/// A field of a struct.
pub(crate) struct Field {
    /// As the code says it: `r#type`.
    pub(crate) name: String,
    /// What it is called in JSON, as a literal: `"type"`.
    pub(crate) wire: String,
    pub(crate) ty: String,
    pub(crate) read: Read,
    /// A path to a function that says whether the field is left out.
    pub(crate) skip: Option<String>,
}

/// How a field is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    /// It has to be there.
    Required,
    /// It has to be there; null is the empty value.
    NullAsEmpty,
    /// The default value where it isn't there.
    Optional,
    /// It takes up whatever no other field does.
    Rest,
}

/// The only function that may read a field.
const NULL_AS_EMPTY: &str = "ecloud_core::codec::null_as_empty";

type Tokens = Peekable<IntoIter>;

/// Reads a struct.
pub(crate) fn structure(item: TokenStream) -> Result<Structure, Refused> {
    let mut tokens = item.into_iter().peekable();
    let mut rename = None;
    attributes(&mut tokens, &mut |said| match (said.key.as_str(), said.value) {
        ("rename", Some(value)) => {
            rename = Some(value);
            Ok(())
        }
        (key, _) => Err(Refused::at(said.span, format!("`Model` has no attribute `{key}` of this form for a struct"))),
    })?;
    visibility(&mut tokens);
    expect(&mut tokens, "struct")?;
    let name = identifier(&mut tokens)?;
    let wire = rename.unwrap_or_else(|| format!("{:?}", name.strip_prefix("r#").unwrap_or(&name)));
    let Some(TokenTree::Group(body)) = tokens.next().filter(is_braces) else {
        return Err(Refused::at(Span::call_site(), "`Model` is for structs with named fields and without parameters"));
    };
    let mut fields = Vec::new();
    let mut tokens = body.stream().into_iter().peekable();
    while tokens.peek().is_some() {
        fields.push(field(&mut tokens)?);
    }
    if let Some(twice) = fields.iter().filter(|field| field.read == Read::Rest).nth(1) {
        return Err(Refused::at(body.span(), format!("`{}` is a second field that is flattened", twice.name)));
    }
    Ok(Structure { name, wire, fields })
}

fn is_braces(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

fn field(tokens: &mut Tokens) -> Result<Field, Refused> {
    let (mut rename, mut skip, mut read) = (None, None, Read::Required);
    attributes(tokens, &mut |said| {
        match (said.key.as_str(), said.value) {
            ("rename", Some(value)) => rename = Some(value),
            ("default", None) => read = Read::Optional,
            ("flatten", None) => read = Read::Rest,
            ("skip_serializing_if", Some(value)) => skip = Some(unquoted(&value)),
            ("deserialize_with", Some(value)) if unquoted(&value) == NULL_AS_EMPTY => read = Read::NullAsEmpty,
            (key, _) => return Err(Refused::at(said.span, format!("`Model` has no attribute `{key}` of this form"))),
        }
        Ok(())
    })?;
    visibility(tokens);
    let name = identifier(tokens)?;
    expect(tokens, ":")?;
    let ty = ty(tokens);
    let wire = rename.unwrap_or_else(|| format!("{:?}", name.strip_prefix("r#").unwrap_or(&name)));
    Ok(Field { name, wire, ty, read, skip })
}

/// The tokens up to the comma behind a type.
fn ty(tokens: &mut Tokens) -> String {
    let mut depth = 0_usize;
    let mut taken = Vec::new();
    for token in tokens.by_ref() {
        if let TokenTree::Punct(punct) = &token {
            match punct.as_char() {
                ',' if depth == 0 => break,
                '<' => depth += 1,
                '>' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        taken.push(token);
    }
    taken.into_iter().collect::<TokenStream>().to_string()
}

/// One thing that a `#[serde(…)]` says: `default`, `rename = "…"`.
struct Said {
    key: String,
    /// The literal, with its quotes.
    value: Option<String>,
    span: Span,
}

/// Takes attributes, and tells what those of serde say.
fn attributes(tokens: &mut Tokens, tell: &mut dyn FnMut(Said) -> Result<(), Refused>) -> Result<(), Refused> {
    while matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#') {
        tokens.next();
        let Some(TokenTree::Group(attribute)) = tokens.next() else {
            continue;
        };
        let mut inner = attribute.stream().into_iter();
        match (inner.next(), inner.next()) {
            (Some(TokenTree::Ident(name)), Some(TokenTree::Group(arguments))) if name.to_string() == "serde" => {
                let mut arguments = arguments.stream().into_iter().peekable();
                while let Some(key) = arguments.next() {
                    tell(said(key, &mut arguments))?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn said(key: TokenTree, rest: &mut Tokens) -> Said {
    let mut said = Said { key: key.to_string(), value: None, span: key.span() };
    for token in rest.by_ref() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => break,
            TokenTree::Literal(literal) => said.value = Some(literal.to_string()),
            _ => {}
        }
    }
    said
}

fn unquoted(literal: &str) -> String {
    literal.trim_matches('"').to_owned()
}

/// `pub`, `pub(crate)`, or nothing.
fn visibility(tokens: &mut Tokens) {
    if matches!(tokens.peek(), Some(TokenTree::Ident(word)) if word.to_string() == "pub") {
        tokens.next();
        if matches!(tokens.peek(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis) {
            tokens.next();
        }
    }
}

fn identifier(tokens: &mut Tokens) -> Result<String, Refused> {
    match tokens.next() {
        Some(TokenTree::Ident(word)) => Ok(word.to_string()),
        other => Err(refused(other.as_ref(), "a name")),
    }
}

fn expect(tokens: &mut Tokens, wanted: &str) -> Result<(), Refused> {
    match tokens.next() {
        Some(token) if token.to_string() == wanted => Ok(()),
        other => Err(refused(other.as_ref(), &format!("`{wanted}`"))),
    }
}

fn refused(found: Option<&TokenTree>, wanted: &str) -> Refused {
    let span = found.map_or_else(Span::call_site, TokenTree::span);
    Refused::at(span, format!("`Model` is for structs with named fields; {wanted} was expected here"))
}
