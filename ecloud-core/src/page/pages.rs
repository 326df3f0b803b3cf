//! A list as a stream of pages.

use std::collections::HashSet;
use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};
use http::HeaderMap;

use super::paging::Style;
use super::resume::Next;
use super::{Page, Paging, Position, ResumeToken, link};
use crate::client::{Answer, Request, Sending};
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
    fetching: Option<Sending<Answer<P>>>,
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
            self.fetching = Some(at(&self.request, next).send_with_meta());
        }
        let Some(fetching) = &mut self.fetching else {
            return Poll::Ready(None);
        };
        let outcome = ready!(Pin::new(fetching).poll(context));
        self.fetching = None;
        let outcome = outcome.and_then(|answer| {
            self.next = self.following(&answer.value, answer.meta.headers())?;
            Ok(answer.value)
        });
        self.failed = outcome.is_err();
        Poll::Ready(Some(outcome))
    }

    /// What comes after a page.
    fn following(&mut self, page: &P, headers: &HeaderMap) -> Result<Option<Next>, Error> {
        let paging = self.request.paging();
        if paging.is_some_and(|paging| paging.style == Style::Link) {
            return self.following_url(link::next(headers));
        }
        match page.position() {
            Position::Cursor(None) => Ok(None),
            // The protocol leaves the last cursor out; other platforms leave it empty.
            Position::Cursor(Some("")) if paging.is_some() => Ok(None),
            Position::Cursor(Some(cursor)) if self.seen.is_new(cursor) => Ok(Some(Next::Cursor(cursor.to_owned()))),
            Position::Cursor(Some(_)) => {
                Err(lost(&self.request, "the platform gave a cursor that it had given before".to_owned()))
            }
            Position::Number { page, page_size, total } => self.following_number(page, page_size, total),
            Position::Url(address) => self.following_url(address),
            Position::More(more) => Ok(self.stepped(page.item_count()).filter(|_| more)),
            Position::Total(total) => Ok(self.before_total(page.item_count(), total)),
            Position::Open => Ok(self.while_full(page.item_count())),
        }
    }

    fn following_number(&self, page: u32, page_size: u32, total: u64) -> Result<Option<Next>, Error> {
        let asked = self.number();
        if page != asked || page_size == 0 {
            let said = format!("the platform gave page {page} of size {page_size} when it was asked for page {asked}");
            return Err(lost(&self.request, said));
        }
        let is_last = u64::from(page) * u64::from(page_size) >= total;
        Ok(page.checked_add(1).filter(|_| !is_last).map(Next::Number))
    }

    fn following_url(&mut self, address: Option<&str>) -> Result<Option<Next>, Error> {
        let Some(address) = address.filter(|address| !address.is_empty()) else {
            return Ok(None);
        };
        let target = self.request.target_of(address)?;
        if !self.seen.is_new(&target) {
            return Err(lost(&self.request, "the platform gave an address that it had given before".to_owned()));
        }
        Ok(Some(Next::Url(target)))
    }

    /// The page that was asked for, by number.
    fn number(&self) -> u32 {
        let (parameter, first) = self.request.paging().map_or(("page", 1), |paging| (paging.parameter, paging.first));
        match &self.next {
            Some(Next::Number(number)) => *number,
            _ => self.request.query_value(parameter).and_then(|page| page.parse().ok()).unwrap_or(first),
        }
    }

    /// How many items there are before the page that was asked for.
    fn offset(&self, paging: &Paging) -> u64 {
        match &self.next {
            Some(Next::Offset(offset)) => *offset,
            _ => self.request.query_value(paging.parameter).and_then(|offset| offset.parse().ok()).unwrap_or(0),
        }
    }

    /// How many items a page was asked to hold.
    fn size(&self) -> Option<u64> {
        self.request.query_value(self.request.paging()?.size?)?.parse().ok()
    }

    /// The page after one of so many items, whether there is one or not. After none nothing follows: a list that goes on for ever
    /// ends here.
    fn stepped(&self, count: Option<usize>) -> Option<Next> {
        let paging = self.request.paging()?;
        if count == Some(0) {
            return None;
        }
        match paging.style {
            Style::Number => self.number().checked_add(1).map(Next::Number),
            Style::Offset => self.offset(paging).checked_add(count? as u64).map(Next::Offset),
            _ => None,
        }
    }

    fn before_total(&self, count: Option<usize>, total: u64) -> Option<Next> {
        let paging = self.request.paging()?;
        let upto = match paging.style {
            Style::Offset => self.offset(paging).saturating_add(count? as u64),
            // Without its size the end of a page can't be told by its number.
            _ => match self.size() {
                Some(size) => u64::from((self.number() + 1).saturating_sub(paging.first)).saturating_mul(size),
                None => return self.stepped(count),
            },
        };
        self.stepped(count).filter(|_| upto < total)
    }

    fn while_full(&self, count: Option<usize>) -> Option<Next> {
        let is_short = self.size().zip(count).is_some_and(|(size, count)| (count as u64) < size);
        self.stepped(Some(count?)).filter(|_| !is_short)
    }
}

/// The request of a page: the caller's own, at another place.
fn at(request: &Request, next: &Next) -> Request {
    let mut request = request.clone();
    let parameter = |usual| request.paging().map_or(usual, |paging| paging.parameter);
    match next {
        Next::First => {}
        Next::Cursor(cursor) => request.replace_query(parameter("cursor"), cursor),
        Next::Number(number) => request.replace_query(parameter("page"), number),
        Next::Offset(offset) => request.replace_query(parameter("offset"), offset),
        Next::Url(target) => request.go_to(target),
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
