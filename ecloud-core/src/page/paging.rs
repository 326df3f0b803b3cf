//! How a list of a platform that isn't ecloud is asked for, page by page.

/// How a list is paged on a platform that isn't ecloud: what names the next page, and in which parameter.
///
/// Lists of the ecloud platform need none: their parameters have the protocol's own names.
///
/// ```
/// use ecloud_core::{Method, OperationInfo, Paging};
///
/// const LIST: OperationInfo =
///     OperationInfo::new("orders.list", Method::GET, "/orders").paging(&Paging::offset("offset").size("limit"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    pub(super) style: Style,
    pub(super) parameter: &'static str,
    pub(super) size: Option<&'static str>,
    pub(super) first: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Cursor,
    Number,
    Offset,
    Link,
    Url,
}

impl Paging {
    const fn of(style: Style, parameter: &'static str) -> Self {
        Self { style, parameter, size: None, first: 1 }
    }

    /// By the cursor that a page gives for the next, in this query parameter.
    pub const fn cursor(parameter: &'static str) -> Self {
        Self::of(Style::Cursor, parameter)
    }

    /// By page number, in this query parameter.
    pub const fn number(parameter: &'static str) -> Self {
        Self::of(Style::Number, parameter)
    }

    /// By the number of items before the page, in this query parameter.
    pub const fn offset(parameter: &'static str) -> Self {
        Self::of(Style::Offset, parameter)
    }

    /// By the next page's address in the `Link` header (RFC 8288, relation `next`).
    pub const fn link() -> Self {
        Self::of(Style::Link, "")
    }

    /// By the next page's address in the answer.
    pub const fn url() -> Self {
        Self::of(Style::Url, "")
    }

    /// Names the query parameter that says how many items a page holds.
    #[must_use]
    pub const fn size(mut self, parameter: &'static str) -> Self {
        self.size = Some(parameter);
        self
    }

    /// Says the number of the first page, where it isn't 1.
    #[must_use]
    pub const fn first(mut self, number: u32) -> Self {
        self.first = number;
        self
    }
}
