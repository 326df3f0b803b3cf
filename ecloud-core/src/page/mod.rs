//! Lists as streams of pages and of items.

mod changes;
mod items;
mod link;
mod pages;
mod paging;
mod resume;
mod walk;

use serde::de::DeserializeOwned;

pub use changes::Changes;
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

    /// How many items it has, if that can be told without taking them out.
    ///
    /// Lists that are paged by offset need it, and those whose pages don't say whether more follow; where it is `None`, each of their pages
    /// is read twice.
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
    /// The address of the next page, whole or relative to this page's; `None` or empty on the last.
    Url(Option<&'a str>),
    /// Whether more follow.
    More(bool),
    /// How many items there are in all, at this answer; 0 on a page with items says nothing. The list ends when so many came, or with an
    /// empty page.
    Total(u64),
    /// It doesn't say. The list ends with an empty page; where the request says how many items a page is to hold, also with a shorter one,
    /// so don't ask for more than the platform gives.
    Open,
}
