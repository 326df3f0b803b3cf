//! Lists as streams of pages and of items.

mod items;
mod link;
mod pages;
mod paging;
mod resume;

use serde::de::DeserializeOwned;

pub use items::Items;
pub use pages::Pages;
pub use paging::Paging;
pub use resume::ResumeToken;

/// One page of a list, as the platform answers it.
pub trait Page: DeserializeOwned + Send + 'static {
    /// What it is a list of.
    type Item: Send + 'static;

    /// Where in the list it stands.
    fn position(&self) -> Position<'_>;

    /// Its items, in the platform's order.
    fn into_items(self) -> Vec<Self::Item>;

    /// How many items it has. Lists that are paged by offset, or whose pages don't say whether more follow, need it.
    fn item_count(&self) -> Option<usize> {
        None
    }
}

/// A list that is nothing but its items.
impl<T: DeserializeOwned + Send + 'static> Page for Vec<T> {
    type Item = T;

    fn position(&self) -> Position<'_> {
        Position::Open
    }

    fn into_items(self) -> Vec<T> {
        self
    }

    fn item_count(&self) -> Option<usize> {
        Some(self.len())
    }
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
    /// The address of the next page; `None` on the last.
    Url(Option<&'a str>),
    /// Whether more follow.
    More(bool),
    /// How many items there are in all.
    Total(u64),
    /// It doesn't say: a page without items is the last, and one that is shorter than was asked for.
    Open,
}
