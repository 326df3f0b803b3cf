//! `#[derive(Model)]`: how the structs of generated crates are read and written.
//!
//! Use it as `ecloud_core::Model`, where it is documented; the code that it writes needs `ecloud_core::codec::object`.
//!
//! | module | from | to |
//! |---|---|---|
//! | `parse` | the tokens of a struct | its fields with what their `#[serde(…)]` attributes say |
//! | `write` | the fields | the two implementations, as text |

#![forbid(unsafe_code)]

mod parse;
mod write;

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// Derives `serde::Serialize` and `serde::Deserialize` for a struct with named fields; see `ecloud_core::Model`.
#[proc_macro_derive(Model, attributes(serde))]
pub fn model(item: TokenStream) -> TokenStream {
    let written = parse::structure(item).and_then(|structure| {
        let text = write::implementations(&structure);
        text.parse().map_err(|_| parse::Refused::at(Span::call_site(), "a struct that `Model` can't write code for"))
    });
    written.unwrap_or_else(refusal)
}

/// `compile_error!` with a reason, at its place.
fn refusal(refused: parse::Refused) -> TokenStream {
    let place = refused.span;
    let spanned = |mut tree: TokenTree| {
        tree.set_span(place);
        tree
    };
    let reason = spanned(TokenTree::Literal(Literal::string(&refused.reason)));
    let argument = Group::new(Delimiter::Brace, TokenStream::from(reason));
    [
        spanned(TokenTree::Ident(Ident::new("compile_error", place))),
        spanned(TokenTree::Punct(Punct::new('!', Spacing::Alone))),
        spanned(TokenTree::Group(argument)),
    ]
    .into_iter()
    .collect()
}
