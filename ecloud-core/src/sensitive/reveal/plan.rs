//! Which fields are to be opened, each once, and what has become of them.

use std::collections::HashMap;

use super::RevealItem;
use crate::sensitive::{FieldKind, Revealed, SensitiveState, cipher};
use crate::{Error, ErrorKind};

/// The fields of one batch.
pub(super) struct Plan<'a> {
    items: &'a [RevealItem],
    /// Each ciphertext once, with the items that have it.
    uniques: Vec<Unique<'a>>,
    results: Vec<Option<Result<Revealed, Error>>>,
    /// A record could not be written.
    pub(super) is_unrecorded: bool,
}

struct Unique<'a> {
    kind: FieldKind,
    ciphertext: &'a str,
    items: Vec<usize>,
    is_settled: bool,
}

impl<'a> Plan<'a> {
    pub(super) fn of(items: &'a [RevealItem]) -> Self {
        let mut uniques: Vec<Unique<'a>> = Vec::new();
        let mut known = HashMap::new();
        let mut results = Vec::with_capacity(items.len());
        for (number, item) in items.iter().enumerate() {
            let Some(ciphertext) = item.ciphertext.as_deref() else {
                results.push(Some(Err(nothing_to_open(item))));
                continue;
            };
            results.push(None);
            let at = *known.entry((item.kind, ciphertext)).or_insert(uniques.len());
            match uniques.get_mut(at) {
                Some(unique) => unique.items.push(number),
                None => uniques.push(Unique { kind: item.kind, ciphertext, items: vec![number], is_settled: false }),
            }
        }
        Self { items, uniques, results, is_unrecorded: false }
    }

    /// The places of those that are still to be opened and that `wanted` picks.
    pub(super) fn open(&self, wanted: impl Fn(&str) -> bool) -> Vec<usize> {
        let open =
            self.uniques.iter().enumerate().filter(|(_, unique)| !unique.is_settled && wanted(unique.ciphertext));
        open.map(|(at, _)| at).collect()
    }

    /// The key ids of those that are still to be opened.
    pub(super) fn open_ids(&self) -> impl Iterator<Item = &'a str> + Clone {
        self.uniques
            .iter()
            .filter(|unique| !unique.is_settled)
            .filter_map(|unique| cipher::parse(unique.ciphertext))
            .map(|(id, _)| id)
    }

    pub(super) fn unique(&self, at: usize) -> (FieldKind, &'a str) {
        (self.uniques[at].kind, self.uniques[at].ciphertext)
    }

    /// The fields that the caller has named for one ciphertext.
    pub(super) fn named(&self, at: usize) -> impl Iterator<Item = &'a RevealItem> {
        self.uniques[at].items.iter().map(|number| &self.items[*number])
    }

    /// Hands over what came of some.
    pub(super) fn settle(&mut self, chunk: &[usize], results: Vec<Result<Revealed, Error>>) {
        for (at, result) in chunk.iter().zip(results) {
            let unique = &mut self.uniques[*at];
            unique.is_settled = true;
            let (last, others) = unique.items.split_last().expect("it was made for an item");
            for number in others {
                self.results[*number] = Some(match &result {
                    Ok(revealed) => Ok(revealed.clone()),
                    Err(error) => Err(again(error)),
                });
            }
            self.results[*last] = Some(result);
        }
    }

    /// Hands over the same error for each of some.
    pub(super) fn refuse(&mut self, chunk: &[usize], mut error: impl FnMut() -> Error) {
        self.settle(chunk, chunk.iter().map(|_| Err(error())).collect());
    }

    pub(super) fn into_results(self) -> Vec<Result<Revealed, Error>> {
        let missing = || Err(Error::new(ErrorKind::InvalidResponse, "the field has no result"));
        self.results.into_iter().map(|result| result.unwrap_or_else(missing)).collect()
    }
}

/// The same error for another field: what to do about it, the code, the message and the request's id.
pub(super) fn again(error: &Error) -> Error {
    let mut same = Error::new(error.kind(), error.message().to_owned()).with_retry_after(error.retry_after());
    if let Some(code) = error.code() {
        same = same.with_code(code);
    }
    if let Some(status) = error.status() {
        same = same.with_answer(status, error.request_id());
    }
    match error.operation() {
        Some(operation) => {
            same.of_call(operation.to_owned().into(), error.idempotency_key(), error.attempts().to_vec())
        }
        None => same,
    }
}

fn nothing_to_open(item: &RevealItem) -> Error {
    let state = match item.state {
        SensitiveState::Plain => "plain already: ask it for its text",
        SensitiveState::Withheld => "withheld, and has no ciphertext to open",
        SensitiveState::Masked | SensitiveState::Encrypted => "masked, and has no ciphertext to open",
    };
    Error::new(ErrorKind::InvalidRequest, format!("the {} is {state}", item.kind))
}
