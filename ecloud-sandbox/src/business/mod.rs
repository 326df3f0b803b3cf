//! What the platform does: each operation of the descriptions, on the state of one shop.

pub(crate) mod actor;
pub(crate) mod buyer;
mod china_day;
pub(crate) mod due;
mod events;
pub(crate) mod logistics;
pub(crate) mod product;
mod security;
mod shop;
mod shop_rows;
#[cfg(test)]
mod simulation;
mod table;
pub(crate) mod trade;
pub(crate) mod traffic;
mod wire;

use std::sync::Arc;

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use actor::Actor;
pub(crate) use events::{Happening, Told};
pub(crate) use shop::{Shop, ShopRules};
pub(crate) use shop_rows::ShopRow;
pub(crate) use table::{Row, Table};

use crate::description::{Operation, Query};
use crate::platform::Refusal;
use crate::protocol::cursor::{Cursors, ListOf};
use crate::protocol::data_keys::Security;
use crate::protocol::page::{CursorPage, NumberPage, Numbered, Window, limit};

/// One call that passed every check of the protocol: its parameters, the shop it acts for and the time.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) path: Vec<(&'a str, String)>,
    pub(crate) query: Query,
    pub(crate) body: Option<Value>,
    /// The body of an operation that takes bytes; nothing for the others.
    pub(crate) bytes: Bytes,
    pub(crate) app_key: &'a str,
    pub(crate) shop: &'a mut Shop,
    pub(crate) cursors: &'a Cursors,
    pub(crate) security: &'a mut Security,
    pub(crate) now: Timestamp,
}

/// Does one operation. What it answers with is JSON, or nothing, or the whole file, where it answers with a file.
pub(crate) type Handler = fn(&mut Call<'_>) -> Result<Option<Bytes>, Refusal>;

/// What does an operation of the descriptions.
pub(crate) fn handler(operation_id: &str) -> Option<Handler> {
    product::handler(operation_id)
        .or_else(|| trade::handler(operation_id))
        .or_else(|| logistics::handler(operation_id))
        .or_else(|| security::handler(operation_id))
}

impl Call<'_> {
    /// A path parameter of the operation's template.
    pub(crate) fn path(&self, name: &str) -> &str {
        self.path.iter().find(|(other, _)| *other == name).map_or("", |(_, value)| value.as_str())
    }

    /// The body, which was checked against the description before.
    pub(crate) fn input<T: DeserializeOwned>(&mut self) -> Result<T, Refusal> {
        let body = self.body.take().unwrap_or(Value::Null);
        // What serde says could repeat a value.
        serde_json::from_value(body).map_err(|_| Refusal::invalid("the body doesn't fit its description"))
    }

    /// The body of an operation that only reads: what it searches for, to which its cursors belong.
    pub(crate) fn criteria<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let body = self.body.as_ref().unwrap_or(&Value::Null);
        T::deserialize(body).map_err(|_| Refusal::invalid("the body doesn't fit its description"))
    }

    /// Answers with the page by cursor that the request asks for, of the rows that `wanted` picks, oldest first.
    pub(crate) fn cursor_page<'t, T, V: Serialize + 't>(
        &self,
        table: &'t Table<T>,
        wanted: impl Fn(&T) -> bool,
        view: impl Fn(&'t Arc<T>) -> V,
    ) -> Result<Option<Bytes>, Refusal>
    where
        T: Row + 't,
    {
        self.cursor_page_of(|after| table.oldest_first(after), wanted, view)
    }

    /// The same, of rows that come after a place in the order of creation, oldest first.
    pub(crate) fn cursor_page_of<'t, T, V: Serialize + 't, R: Iterator<Item = &'t Arc<T>>>(
        &self,
        rows: impl FnOnce(Option<(Timestamp, String)>) -> R,
        wanted: impl Fn(&T) -> bool,
        view: impl Fn(&'t Arc<T>) -> V,
    ) -> Result<Option<Bytes>, Refusal>
    where
        T: Row + 't,
    {
        let limit = limit(&self.query)?;
        let mut filters = self.query.filters();
        filters.extend(self.body.as_ref().map(|body| ("body".to_owned(), body.to_string())));
        let list =
            ListOf { app_key: self.app_key, shop_id: self.shop.id(), operation: &self.operation.id, filters: &filters };
        let after = self.query.one("cursor").map(|cursor| self.cursors.open(cursor, list, self.now)).transpose()?;
        let (from, to) = (self.query.time("created_from")?, self.query.time("created_to")?);
        // Every name comes after the empty one.
        let after = after.max(from.map(|from| (from, String::new())));
        let rows = rows(after).take_while(|row| to.is_none_or(|to| row.created_at() < to));
        let mut rows: Vec<&Arc<T>> = rows.filter(|row| wanted(row)).take(limit + 1).collect();
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor =
            rows.last().filter(|_| more).map(|last| self.cursors.seal(list, (last.created_at(), last.id()), self.now));
        encode(&CursorPage { items: rows.into_iter().map(view).collect(), next_cursor })
    }

    /// Answers with the page of changes that the request asks for. A change that isn't visible yet hides its row altogether: the row
    /// has left its old place already; whether it is, `visible` says of one that isn't older than the longest delay.
    pub(crate) fn changes_page<'t, T: Row + 't, V: Serialize>(
        &self,
        table: &'t Table<T>,
        visible: impl Fn(&T) -> bool,
        view: impl FnMut(&&'t Arc<T>) -> V,
    ) -> Result<Option<Bytes>, Refusal> {
        let (window, numbered) = (Window::of(&self.query, self.now)?, Numbered::of(&self.query)?);
        let settled =
            self.now.offset_by_millis(1 - i64::try_from(self.shop.change_delay.as_millis()).unwrap_or(i64::MAX));
        let settled = settled.clamp(window.from, window.to.max(window.from));
        let shows = |id: &&str| table.get(id).is_some_and(|row| visible(row));
        let recent: Vec<&str> = table.changed_between(settled, window.to).filter(shows).collect();
        // An older change is visible, whatever it is: its row needn't be looked at, and there may be a million of them.
        let total = recent.len() + table.count_changed(window.from, settled);
        let ids = recent.into_iter().chain(table.changed_between(window.from, settled));
        let rows: Vec<&Arc<T>> = numbered.of_page(ids).filter_map(|id| table.get(id)).collect();
        let page: NumberPage<V> = numbered.page(rows.iter().map(view).collect(), total);
        encode(&page)
    }
}

/// Why one of many failed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BatchError {
    code: String,
    message: String,
}

impl From<Refusal> for BatchError {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code().to_owned(), message: refusal.message().to_owned() }
    }
}

/// The bytes of an answer.
pub(crate) fn encode(answer: &impl Serialize) -> Result<Option<Bytes>, Refusal> {
    match serde_json::to_vec(answer) {
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(_) => {
            Err(Refusal::new(http::StatusCode::INTERNAL_SERVER_ERROR, "server.internal", "the answer can't be written"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::handler;
    use crate::description::Description;

    #[test]
    fn every_operation_of_the_descriptions_is_done() {
        for operation in Description::get().operations() {
            assert!(handler(&operation.operation_id).is_some(), "{}", operation.operation_id);
        }
        assert!(handler("flyToTheMoon").is_none());
    }
}
