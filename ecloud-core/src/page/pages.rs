//! A list as a stream of pages.

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};

use super::resume::Next;
use super::walk::{Turned, Walk};
use super::{Page, ResumeToken};
use crate::Error;
use crate::client::{RawAnswer, Request, Sending};

/// A list as a stream of pages, in the platform's order.
///
/// No page is asked for before it is wanted, and each page is asked for with the caller's own options. An empty page is the end only where
/// nothing says whether more follow. After an error the stream ends; [`resume_token`](Self::resume_token) then says where to take it up
/// again. Nothing is skipped: what doesn't lead on (a cursor or an address that comes twice, another page than the one asked for, an
/// address elsewhere) is an error of kind [`ErrorKind::Paging`](crate::ErrorKind::Paging).
///
/// Dropping a future of it loses nothing, as the request stays under way with the stream; dropping the stream ends that request.
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<P> {
    request: Request,
    walk: Walk,
    /// The place of the page that came last.
    came: Option<Next>,
    fetching: Option<Sending<RawAnswer>>,
    failed: bool,
    page: PhantomData<fn() -> P>,
}

impl<P: Page> Pages<P> {
    /// The pages that begin with what the request asks for.
    pub fn new(request: Request) -> Self {
        Self { request, walk: Walk::from(Next::First), came: None, fetching: None, failed: false, page: PhantomData }
    }

    /// Goes on where a stream of the same operation with the same filters stood.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Paging`](crate::ErrorKind::Paging) where the token belongs to another operation or to other filters.
    pub fn resume_from(mut self, token: &ResumeToken) -> Result<Self, Error> {
        self.walk = Walk::from(token.next_for(&self.request)?);
        Ok(self)
    }

    /// The page that comes next, also after an error; `None` at the end of the list.
    pub fn resume_token(&self) -> Option<ResumeToken> {
        self.walk.next().map(|next| self.token(next))
    }

    /// The place of the page that came last.
    pub(super) fn came(&self) -> Option<&Next> {
        self.came.as_ref()
    }

    /// A place of the list as a token.
    pub(super) fn token(&self, place: &Next) -> ResumeToken {
        ResumeToken::new(&self.request, place.clone())
    }

    /// The next page; `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of the operation, and [`ErrorKind::Paging`](crate::ErrorKind::Paging) where the pages don't lead on.
    pub async fn try_next(&mut self) -> Result<Option<P>, Error> {
        poll_fn(|context| self.poll_page(context)).await.transpose()
    }

    pub(super) fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<P, Error>>> {
        if self.failed {
            return Poll::Ready(None);
        }
        if self.fetching.is_none() {
            self.fetching = self.walk.request(&self.request).map(Request::send_raw);
        }
        let Some(fetching) = &mut self.fetching else {
            return Poll::Ready(None);
        };
        let outcome = ready!(Pin::new(fetching).poll(context));
        self.fetching = None;
        let outcome = outcome.and_then(|answer| self.turn(&answer));
        self.failed = outcome.is_err();
        Poll::Ready(Some(outcome))
    }

    /// Reads a page, and goes on to the one after it.
    fn turn(&mut self, answer: &RawAnswer) -> Result<P, Error> {
        let page: P = answer.json()?;
        // Items can only be counted by taking them out, so a page that can't say their number is read once more.
        let count = || page.item_count().map_or_else(|| Ok(answer.json::<P>()?.into_items().len()), Ok);
        let headers = answer.meta.headers();
        let turned = Turned { position: page.position(), headers, body: &answer.body, count: &count };
        let came = self.walk.next().cloned();
        self.walk.turn(&self.request, &turned)?;
        self.came = came;
        Ok(page)
    }
}

impl<P: Page> Stream for Pages<P> {
    type Item = Result<P, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_page(context)
    }
}

impl<P: Page> FusedStream for Pages<P> {
    fn is_terminated(&self) -> bool {
        self.failed || (self.walk.next().is_none() && self.fetching.is_none())
    }
}

impl<P> fmt::Debug for Pages<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("request", &self.request).field("failed", &self.failed).finish_non_exhaustive()
    }
}
