//! Where a walk over pages stands, and what comes after a page.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use http::HeaderMap;

use super::paging::Style;
use super::resume::Next;
use super::{Paging, Position, link};
use crate::client::Request;
use crate::{Error, ErrorKind};

/// How the protocol asks for a page by its number.
const OWN: Paging = Paging::number("page");

/// Where a walk over pages stands.
pub(super) struct Walk {
    next: Option<Next>,
    seen: SeenPlaces,
    /// How many items came by now, where all of them were counted from the first page on.
    came: Option<u64>,
    /// Whether a page held as many items as were asked for: the platform doesn't hold pages shorter than that.
    is_full: bool,
    /// The body of the page before, by its hash.
    before: Option<u64>,
}

/// A page as it was answered.
pub(super) struct Turned<'a> {
    pub(super) position: Position<'a>,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    /// Counts its items, which may mean to read the page once more.
    pub(super) count: &'a dyn Fn() -> Result<usize, Error>,
}

impl Walk {
    /// A walk that begins here.
    pub(super) fn from(next: Next) -> Self {
        Self { next: Some(next), seen: SeenPlaces::default(), came: None, is_full: false, before: None }
    }

    /// The page that comes next; `None` at the end.
    pub(super) fn next(&self) -> Option<&Next> {
        self.next.as_ref()
    }

    /// The request of the page that comes next; `None` at the end.
    pub(super) fn request(&self, first: &Request) -> Option<Request> {
        Some(at(first, self.next.as_ref()?))
    }

    /// Goes on to what comes after the page that was next; stays where it is after an error.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Paging`] where the page doesn't lead on, and those of counting.
    pub(super) fn turn(&mut self, first: &Request, page: &Turned<'_>) -> Result<(), Error> {
        self.next = self.following(first, page)?;
        Ok(())
    }

    fn following(&mut self, first: &Request, page: &Turned<'_>) -> Result<Option<Next>, Error> {
        let paging = first.paging();
        if is_of(paging, Style::Link) {
            return self.following_url(first, link::next(page.headers));
        }
        match page.position {
            Position::Cursor(None) => Ok(None),
            // The protocol leaves the last cursor out; other platforms leave it empty.
            Position::Cursor(Some("")) if paging.is_some() => Ok(None),
            Position::Cursor(Some(cursor)) if paging.is_none() || is_of(paging, Style::Cursor) => {
                if !self.seen.is_new(cursor) {
                    return Err(lost(first, "the platform gave a cursor that it had given before"));
                }
                Ok(Some(Next::Cursor(cursor.to_owned())))
            }
            Position::Url(address) => self.following_url(first, address),
            Position::Number { page, page_size, total } if paging.is_none() || is_of(paging, Style::Number) => {
                self.following_number(first, page, page_size, total)
            }
            Position::More(false) => Ok(None),
            Position::More(true) | Position::Total(_) | Position::Open => self.following_counted(first, page),
            Position::Cursor(_) | Position::Number { .. } => Err(unled(first)),
        }
    }

    fn following_number(&self, first: &Request, page: u32, size: u32, total: u64) -> Result<Option<Next>, Error> {
        let paging = first.paging().unwrap_or(&OWN);
        let asked = self.number(first, paging);
        if page != asked || size == 0 {
            let said = format!("the platform gave page {page} of size {size} when it was asked for page {asked}");
            return Err(lost(first, said));
        }
        let is_last = up_to(page, paging).saturating_mul(size.into()) >= total;
        Ok(page.checked_add(1).filter(|_| !is_last).map(Next::Number))
    }

    fn following_url(&mut self, first: &Request, address: Option<&str>) -> Result<Option<Next>, Error> {
        let (Some(address), Some(here)) = (address.filter(|address| !address.is_empty()), self.request(first)) else {
            return Ok(None);
        };
        let target = here.target_of(address)?;
        self.seen.is_new(&here.target());
        if !self.seen.is_new(&target) {
            return Err(lost(first, "the platform gave an address that it had given before"));
        }
        Ok(Some(Next::Url(target)))
    }

    /// What comes after a page that doesn't say where it stands.
    fn following_counted(&mut self, first: &Request, page: &Turned<'_>) -> Result<Option<Next>, Error> {
        let hash = self.seen.hasher.hash_one(page.body);
        // A platform that doesn't know the parameter gives the same page for ever.
        if self.before.replace(hash) == Some(hash) && (page.count)()? > 0 {
            return Err(lost(first, "the platform gave the same page twice"));
        }
        match first.paging() {
            Some(paging) if paging.style == Style::Number => self.by_number(first, paging, page),
            Some(paging) if paging.style == Style::Offset => self.by_offset(first, paging, page),
            _ => Err(unled(first)),
        }
    }

    /// What comes after a page that doesn't say its own number.
    fn by_number(&mut self, first: &Request, paging: &Paging, page: &Turned<'_>) -> Result<Option<Next>, Error> {
        let number = self.number(first, paging);
        let next = number.checked_add(1).map(Next::Number);
        if page.position == Position::More(true) {
            self.came = None;
            return Ok(next);
        }
        let count = (page.count)()? as u64;
        let size = size(first, paging);
        if self.next == Some(Next::First) && number == paging.first {
            self.came = Some(0);
        }
        self.came = self.came.map(|came| came.saturating_add(count));
        self.is_full |= size.is_some_and(|size| count >= size);
        let is_last = match page.position {
            _ if count == 0 => true,
            // A platform that holds pages shorter than was asked for has not come as far as their number says.
            Position::Total(total) if total > 0 => {
                let asked = size.filter(|_| self.is_full).map(|size| up_to(number, paging).saturating_mul(size));
                self.came.max(asked).is_some_and(|items| items >= total)
            }
            _ => size.is_some_and(|size| count < size),
        };
        Ok(next.filter(|_| !is_last))
    }

    /// What comes after a page that begins behind a number of items.
    fn by_offset(&self, first: &Request, paging: &Paging, page: &Turned<'_>) -> Result<Option<Next>, Error> {
        let asked = match &self.next {
            Some(Next::Offset(offset)) => *offset,
            _ => first.query_value(paging.parameter).and_then(|offset| offset.parse().ok()).unwrap_or(0),
        };
        let count = (page.count)()? as u64;
        let offset = asked.saturating_add(count);
        let is_last = match page.position {
            // Else a platform that always says that there are more would be asked for the same page for ever.
            _ if count == 0 => true,
            Position::More(_) => false,
            Position::Total(total) if total > 0 => offset >= total,
            _ => size(first, paging).is_some_and(|size| count < size),
        };
        Ok((!is_last).then_some(Next::Offset(offset)))
    }

    /// The number of the page that was asked for.
    fn number(&self, first: &Request, paging: &Paging) -> u32 {
        match &self.next {
            Some(Next::Number(number)) => *number,
            _ => first.query_value(paging.parameter).and_then(|page| page.parse().ok()).unwrap_or(paging.first),
        }
    }
}

/// The request of a page: the caller's own, at another place.
fn at(first: &Request, next: &Next) -> Request {
    let mut request = first.clone();
    let parameter = |own| first.paging().map_or(own, |paging| paging.parameter);
    match next {
        Next::First => {}
        Next::Cursor(cursor) => request.replace_query(parameter("cursor"), cursor),
        Next::Number(number) => request.replace_query(parameter(OWN.parameter), number),
        Next::Offset(offset) => request.replace_query(parameter("offset"), offset),
        Next::Url(target) => request.set_target(target),
    }
    request
}

fn is_of(paging: Option<&Paging>, style: Style) -> bool {
    paging.is_some_and(|paging| paging.style == style)
}

/// How many pages there are up to one, itself included.
fn up_to(number: u32, paging: &Paging) -> u64 {
    u64::from(number.saturating_sub(paging.first)) + 1
}

/// How many items a page was asked to hold.
fn size(first: &Request, paging: &Paging) -> Option<u64> {
    first.query_value(paging.size?)?.parse().ok().filter(|size| *size > 0)
}

fn lost(first: &Request, message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    first.error(Error::new(ErrorKind::Paging, message))
}

fn unled(first: &Request) -> Error {
    lost(first, "the page doesn't say what the list's style of paging needs to go on")
}

/// The cursors and addresses that were given, by a keyed hash of 64 bits each: eight bytes a page, whatever their length.
#[derive(Default)]
struct SeenPlaces {
    hashes: HashSet<u64>,
    hasher: RandomState,
}

impl SeenPlaces {
    fn is_new(&mut self, place: &str) -> bool {
        self.hashes.insert(self.hasher.hash_one(place))
    }
}
