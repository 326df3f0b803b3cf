//! A list of changes, from a moment on, without a gap.

use std::fmt;
use std::future::{Future, poll_fn};
use std::iter::Rev;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};
use std::vec;

use futures_core::{FusedStream, Stream};
use http::header;
use url::form_urlencoded;

use super::{Page, Position};
use crate::client::{RawAnswer, Request, Sending};
use crate::{Error, ErrorKind, Timestamp};

/// How long a change may take to become visible (protocol section 8).
const SETTLES_AFTER: Duration = Duration::from_secs(300);

/// The longest window that the platform takes, in milliseconds.
const LONGEST_WINDOW: i64 = 24 * 60 * 60 * 1000;

/// How many items of a window can be reached: page times page size.
const REACH: u64 = 10_000;

/// What changed since a moment, oldest change first, as a stream that loses nothing (protocol section 8).
///
/// Lists of changes shift while they are read: an object that changes again leaves its place, and those behind it move up; and a change
/// may become visible minutes after its time. So the stream reads window by window up to five minutes before the platform's present time, each
/// from its last page to its first, where what moves is met twice instead of never. A window with more changes than can be reached is
/// halved. The stream ends there: keep its [`watermark`](Self::watermark), and begin the next one with it.
///
/// An object stands under its latest change alone, so what changed twice since comes once. After an error the stream ends; from the
/// watermark on everything comes again, so that items may come twice, and none is lost.
///
/// Dropping it or a future of it at any point loses nothing either: only what was handed out counts as read. A request stays under way
/// with the stream, and ends with it.
#[must_use = "a stream does nothing until it is polled"]
pub struct Changes<P: Page> {
    request: Request,
    watermark: Timestamp,
    /// Where the stream ends.
    until: Timestamp,
    /// How long the next window is at most, in milliseconds.
    length: i64,
    window: Option<Window>,
    fetching: Option<Sending<RawAnswer>>,
    items: Rev<vec::IntoIter<P::Item>>,
    /// The end of the window whose last items are being handed out.
    complete: Option<Timestamp>,
    refused: Option<Error>,
    ended: bool,
}

/// The window that is being read. It begins at the watermark.
#[derive(Clone, Copy, Debug)]
struct Window {
    to: Timestamp,
    /// The page that comes next; `None` until it is known how many there are.
    page: Option<u32>,
}

impl<P: Page> Changes<P> {
    /// The changes from the `modified_from` of a request on: up to its `modified_to`, if it has one, and never later than five minutes ago.
    pub fn new(mut request: Request) -> Self {
        let from = moment(&request, "modified_from");
        // Whole seconds, as the platform's own date is told.
        let now = Timestamp::from_unix_seconds(request.platform_time().unix_seconds());
        let settled = now - SETTLES_AFTER;
        let until = moment(&request, "modified_to").map_or(settled, |to| to.min(settled));
        if request.query_value("page_size").is_none() {
            request.replace_query("page_size", &100);
        }
        let refused = from.is_none().then(|| {
            let message = "modified_from: missing, or not a time of the form 2026-11-22T08:30:00.000Z";
            request.error(Error::new(ErrorKind::InvalidRequest, message))
        });
        Self {
            watermark: from.unwrap_or(until),
            until,
            length: LONGEST_WINDOW,
            window: None,
            fetching: None,
            items: Vec::new().into_iter().rev(),
            complete: None,
            refused,
            ended: false,
            request,
        }
    }

    /// The time up to which everything that changed was handed out, exclusive: where the next stream begins. Store it once what came
    /// is stored.
    pub fn watermark(&self) -> Timestamp {
        match self.complete {
            Some(to) if self.items.len() == 0 => to,
            _ => self.watermark,
        }
    }

    /// The next change; `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of the operation; [`ErrorKind::Paging`] where more than 10,000 objects changed within one millisecond, or the pages
    /// don't lead on.
    pub async fn try_next(&mut self) -> Result<Option<P::Item>, Error> {
        poll_fn(|context| self.poll_change(context)).await.transpose()
    }

    fn poll_change(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<P::Item, Error>>> {
        loop {
            if let Some(item) = self.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            if let Some(to) = self.complete.take() {
                self.watermark = to;
            }
            if let Some(error) = self.refused.take() {
                self.ended = true;
                return Poll::Ready(Some(Err(error)));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            let Some(fetching) = &mut self.fetching else {
                self.fetching = self.ask();
                self.ended = self.fetching.is_none();
                continue;
            };
            let outcome = ready!(Pin::new(fetching).poll(context));
            self.fetching = None;
            self.refused = outcome.and_then(|answer| self.take(&answer)).err();
        }
    }

    /// The call for the page that comes next; nothing at the end.
    fn ask(&mut self) -> Option<Sending<RawAnswer>> {
        if self.window.is_none() && self.watermark < self.until {
            let to = self.watermark.offset_by_millis(self.length).min(self.until);
            self.window = Some(Window { to, page: None });
        }
        let window = self.window?;
        let mut request = self.request.clone();
        request.replace_query("modified_from", &self.watermark);
        request.replace_query("modified_to", &window.to);
        request.replace_query("page", &window.page.unwrap_or(1));
        Some(request.send_raw())
    }

    /// Takes a page in.
    fn take(&mut self, answer: &RawAnswer) -> Result<(), Error> {
        let Some(window) = self.window else {
            return Ok(());
        };
        let page: P = answer.json()?;
        let Position::Number { page: number, page_size, total } = page.position() else {
            return Err(self.lost("the page doesn't say its number, size and total"));
        };
        let asked = window.page.unwrap_or(1);
        if number != asked || page_size == 0 {
            return Err(self.lost(format!(
                "the platform gave page {number} of size {page_size} when it was asked for page {asked}"
            )));
        }
        if window.page.is_none() && !self.measure(window, answer, total, page_size)? {
            return Ok(());
        }
        self.items = page.into_items().into_iter().rev();
        if asked == 1 {
            self.complete = Some(window.to);
            self.window = None;
            self.length = self.length.saturating_mul(2).min(LONGEST_WINDOW);
        } else {
            self.window = Some(Window { page: Some(asked - 1), ..window });
        }
        Ok(())
    }

    /// Looks at the first page of a window, which says how many there are. Whether that page is the whole window.
    fn measure(&mut self, window: Window, answer: &RawAnswer, total: u64, page_size: u32) -> Result<bool, Error> {
        // This side's clock may be ahead by minutes without anybody noticing; the platform's is the one that counts.
        if let Some(settled) = answered_at(answer).map(|date| date - SETTLES_AFTER)
            && settled < window.to
        {
            self.until = settled;
            self.window = (self.watermark < settled).then_some(Window { to: settled, page: None });
            return Ok(false);
        }
        let pages = total.div_ceil(page_size.into());
        if pages.saturating_mul(page_size.into()) > REACH {
            self.length = (window.to.unix_millis() - self.watermark.unix_millis()) / 2;
            if self.length == 0 {
                return Err(self.lost("more objects changed within one millisecond than the platform lets be read"));
            }
            let to = self.watermark.offset_by_millis(self.length);
            self.window = Some(Window { to, page: None });
            return Ok(false);
        }
        if pages > 1 {
            self.window = Some(Window { page: u32::try_from(pages).ok(), ..window });
        }
        Ok(pages <= 1)
    }

    fn lost(&self, message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
        self.request.error(Error::new(ErrorKind::Paging, message))
    }
}

/// A time in the query of a request.
fn moment(request: &Request, name: &str) -> Option<Timestamp> {
    let encoded = format!("v={}", request.query_value(name)?);
    form_urlencoded::parse(encoded.as_bytes()).next()?.1.parse().ok()
}

/// When the platform wrote an answer, cut off to whole seconds.
fn answered_at(answer: &RawAnswer) -> Option<Timestamp> {
    let date = answer.meta.headers().get(header::DATE)?.to_str().ok()?;
    let date: SystemTime = httpdate::parse_http_date(date).ok()?;
    Some(date.into())
}

impl<P: Page> Stream for Changes<P> {
    type Item = Result<P::Item, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_change(context)
    }
}

// The items are moved out one by one, never pinned.
impl<P: Page> Unpin for Changes<P> {}

impl<P: Page> FusedStream for Changes<P> {
    fn is_terminated(&self) -> bool {
        self.ended && self.items.len() == 0
    }
}

impl<P: Page> fmt::Debug for Changes<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("request", &self.request)
            .field("watermark", &self.watermark())
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}
