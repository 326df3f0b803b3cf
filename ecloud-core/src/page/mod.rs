//! Lists as streams of pages and of items.

mod items;
mod pages;
mod resume;

use serde::de::DeserializeOwned;

pub use items::Items;
pub use pages::Pages;
pub use resume::ResumeToken;

/// One page of a list, as the platform answers it.
pub trait Page: DeserializeOwned + Send + 'static {
    /// What it is a list of.
    type Item: Send + 'static;

    /// Where in the list it stands.
    fn position(&self) -> Position<'_>;

    /// Its items, in the platform's order.
    fn into_items(self) -> Vec<Self::Item>;
}

/// Where in a list a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Position<'a> {
    /// The cursor of the next page; `None` on the last.
    Cursor(Option<&'a str>),
    /// By number.
    Number {
        /// The page, from 1.
        page: u32,
        /// How many items a page holds at most.
        page_size: u32,
        /// How many items there are in all, at this answer.
        total: u64,
    },
}
