//! A list as a stream of pages.

use std::collections::HashSet;
use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};

use super::resume::Next;
use super::{Page, Position, ResumeToken};
use crate::client::{Request, Sending};
use crate::{Error, ErrorKind};

/// A list as a stream of pages, in the platform's order.
///
/// No page is asked for before it is wanted. An empty page is not the end, and each page is asked for with the caller's own options. After an
/// error the stream ends; [`resume_token`](Self::resume_token) then says where to take it up again. Nothing is skipped: what doesn't lead
/// on (a cursor that comes twice, another page than the one asked for) is an error of kind [`ErrorKind::Paging`].
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<P> {
    request: Request,
    next: Option<Next>,
    fetching: Option<Sending<P>>,
    failed: bool,
    seen: SeenCursors,
}

impl<P: Page> Pages<P> {
    /// The pages that begin with what the request asks for.
    pub fn new(request: Request) -> Self {
        Self { request, next: Some(Next::First), fetching: None, failed: false, seen: SeenCursors::default() }
    }

    /// Goes on where a stream of the same operation with the same filters stood.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Paging`] where the token belongs to another operation or to other filters.
    pub fn resume_from(mut self, token: &ResumeToken) -> Result<Self, Error> {
        self.next = Some(token.next_for(&self.request)?);
        Ok(self)
    }

    /// The page that comes next, also after an error; `None` at the end of the list.
    pub fn resume_token(&self) -> Option<ResumeToken> {
        self.next.as_ref().map(|next| ResumeToken::new(&self.request, next.clone()))
    }

    /// The next page; `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of the operation, and [`ErrorKind::Paging`] where the pages don't lead on.
    pub async fn try_next(&mut self) -> Result<Option<P>, Error> {
        poll_fn(|context| self.poll_page(context)).await.transpose()
    }

    pub(super) fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<P, Error>>> {
        if self.failed {
            return Poll::Ready(None);
        }
        if self.fetching.is_none() {
            let Some(next) = &self.next else {
                return Poll::Ready(None);
            };
            self.fetching = Some(at(&self.request, next).send());
        }
        let Some(fetching) = &mut self.fetching else {
            return Poll::Ready(None);
        };
        let outcome = ready!(Pin::new(fetching).poll(context));
        self.fetching = None;
        let outcome = outcome.and_then(|page| {
            self.next = self.following(&page)?;
            Ok(page)
        });
        self.failed = outcome.is_err();
        Poll::Ready(Some(outcome))
    }

    /// What comes after a page.
    fn following(&mut self, page: &P) -> Result<Option<Next>, Error> {
        match page.position() {
            Position::Cursor(None) => Ok(None),
            Position::Cursor(Some(cursor)) if self.seen.is_new(cursor) => Ok(Some(Next::Cursor(cursor.to_owned()))),
            Position::Cursor(Some(_)) => {
                Err(lost(&self.request, "the platform gave a cursor that it had given before".to_owned()))
            }
            Position::Number { page, page_size, total } => self.following_number(page, page_size, total),
        }
    }

    fn following_number(&self, page: u32, page_size: u32, total: u64) -> Result<Option<Next>, Error> {
        let asked = match &self.next {
            Some(Next::Number(number)) => *number,
            _ => self.request.query_value("page").and_then(|page| page.parse().ok()).unwrap_or(1),
        };
        if page != asked || page_size == 0 {
            let said = format!("the platform gave page {page} of size {page_size} when it was asked for page {asked}");
            return Err(lost(&self.request, said));
        }
        let is_last = u64::from(page) * u64::from(page_size) >= total;
        Ok(page.checked_add(1).filter(|_| !is_last).map(Next::Number))
    }
}

/// The request of a page: the caller's own, at another place.
fn at(request: &Request, next: &Next) -> Request {
    let mut request = request.clone();
    match next {
        Next::First => {}
        Next::Cursor(cursor) => request.replace_query("cursor", cursor),
        Next::Number(number) => request.replace_query("page", number),
    }
    request
}

fn lost(request: &Request, message: String) -> Error {
    request.error(Error::new(ErrorKind::Paging, message))
}

impl<P: Page> Stream for Pages<P> {
    type Item = Result<P, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_page(context)
    }
}

impl<P: Page> FusedStream for Pages<P> {
    fn is_terminated(&self) -> bool {
        self.failed || (self.next.is_none() && self.fetching.is_none())
    }
}

impl<P> fmt::Debug for Pages<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("request", &self.request).field("failed", &self.failed).finish_non_exhaustive()
    }
}

/// The cursors that were given, by a keyed hash of 64 bits each: eight bytes a page, whatever the length of the cursors.
#[derive(Default)]
struct SeenCursors {
    hashes: HashSet<u64>,
    hasher: RandomState,
}

impl SeenCursors {
    fn is_new(&mut self, cursor: &str) -> bool {
        self.hashes.insert(self.hasher.hash_one(cursor))
    }
}
