//! A list as a stream of items.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::{FusedStream, Stream};

use super::resume::Next;
use super::{Page, Pages, ResumeToken};
use crate::Error;
use crate::client::Request;

/// A list as a stream of its items, over all pages: what [`Pages`] gives, item by item.
///
/// Dropping a future of it loses nothing, as the request stays under way with the stream; dropping the stream ends that request, also
/// that for the page ahead.
#[must_use = "a stream does nothing until it is polled"]
pub struct Items<P: Page> {
    pages: Pages<P>,
    /// The place of the page whose items are being handed out.
    current: Option<Next>,
    items: vec::IntoIter<P::Item>,
    prefetches: bool,
    /// What came of the page after the current one.
    ahead: Option<Option<Result<P, Error>>>,
}

impl<P: Page> Items<P> {
    /// The items that begin with what the request asks for.
    pub fn new(request: Request) -> Self {
        Self {
            pages: Pages::new(request),
            current: None,
            items: Vec::new().into_iter(),
            prefetches: false,
            ahead: None,
        }
    }

    /// Goes on where a stream of the same operation with the same filters stood.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Paging`](crate::ErrorKind::Paging) where the token belongs to another operation or to other filters.
    pub fn resume_from(mut self, token: &ResumeToken) -> Result<Self, Error> {
        self.pages = self.pages.resume_from(token)?;
        Ok(self)
    }

    /// Asks for the next page as soon as one has come, instead of when its items are used up: one page ahead, never more.
    ///
    /// The request leaves at once; its answer is taken in while the stream is polled. A caller who stops early has asked for one page
    /// too many.
    pub fn prefetch(mut self) -> Self {
        self.prefetches = true;
        self
    }

    /// The page to go on from, also after an error; `None` at the end of the list.
    ///
    /// Within a page it is that page again, so that items may come twice but none is lost.
    pub fn resume_token(&self) -> Option<ResumeToken> {
        let at_hand = match &self.ahead {
            _ if self.items.len() > 0 => self.current.as_ref(),
            Some(Some(Ok(_))) => self.pages.came(),
            _ => return self.pages.resume_token(),
        };
        at_hand.map(|place| self.pages.token(place))
    }

    /// The next item; `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of the operation, and [`ErrorKind::Paging`](crate::ErrorKind::Paging) where the pages don't lead on.
    pub async fn try_next(&mut self) -> Result<Option<P::Item>, Error> {
        poll_fn(|context| self.poll_item(context)).await.transpose()
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<P::Item, Error>>> {
        loop {
            if self.prefetches
                && self.ahead.is_none()
                && self.items.len() > 0
                && let Poll::Ready(outcome) = self.pages.poll_page(context)
            {
                self.ahead = Some(outcome);
            }
            if let Some(item) = self.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            let outcome = match self.ahead.take() {
                Some(outcome) => outcome,
                None => ready!(self.pages.poll_page(context)),
            };
            match outcome {
                Some(Ok(page)) => {
                    self.current = self.pages.came().cloned();
                    self.items = page.into_items().into_iter();
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<P: Page> Stream for Items<P> {
    type Item = Result<P::Item, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(context)
    }
}

// The items are moved out one by one, never pinned.
impl<P: Page> Unpin for Items<P> {}

impl<P: Page> FusedStream for Items<P> {
    fn is_terminated(&self) -> bool {
        self.items.len() == 0 && !matches!(self.ahead, Some(Some(_))) && self.pages.is_terminated()
    }
}

impl<P: Page> fmt::Debug for Items<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("pages", &self.pages).field("at_hand", &self.items.len()).finish()
    }
}
