//! One refresh of one shop, from the store to the store.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::reauth::not_authorised;
use super::tokens::Inner;
use super::{ReauthReason, RefreshLease, StoredToken, Swap, TokenKey, TokenPair, TokenRecord};
use crate::{Error, ErrorKind, Secret};

/// How often the store is looked at while somebody else refreshes.
const POLL: Duration = Duration::from_millis(250);
/// When the store is looked at again after the platform refused: somebody else's new pair may be on its way there.
const READ_AGAIN: [Duration; 3] = [Duration::ZERO, Duration::from_millis(200), Duration::from_secs(1)];
/// How often a store is tried that refuses a new pair, before callers are told.
const SAVES: u32 = 4;
/// No lease is believed to hold longer.
const LONGEST_LEASE: Duration = Duration::from_secs(300);
/// A store that changes so often under a refresh isn't one.
const MOST_ROUNDS: u32 = 100;

/// What is to be done, and what is known of the shop.
pub(super) struct Job {
    /// The access token that is to be replaced; one that the store has besides it is good.
    pub(super) seen: Option<Secret>,
    /// It can't be served any more.
    pub(super) is_dead: bool,
    /// The platform has refused its refresh token before.
    pub(super) refused: Option<ReauthReason>,
    /// A pair that has to be stored before anything else.
    pub(super) unsaved: Option<Arc<Unsaved>>,
}

/// A pair that the platform has given, and where it belongs.
pub(super) struct Unsaved {
    pair: TokenPair,
    /// The access token that it replaces.
    old: Secret,
    /// The version that it replaces.
    version: u64,
}

impl fmt::Debug for Unsaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsaved").field("version", &self.version).finish_non_exhaustive()
    }
}

/// A refresh that gave no token.
pub(super) struct Failure {
    pub(super) error: Error,
    /// The shop has to authorise the application again.
    pub(super) reason: Option<ReauthReason>,
    /// What the store has: its access token may still live.
    pub(super) stored: Option<Box<StoredToken>>,
    /// Asking again may cost the shop's authorisation: not while the old token lives.
    pub(super) waits_for_end: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, reason: None, stored: None, waits_for_end: false }
    }
}

/// What the store's pair calls for.
enum Next {
    Use,
    Wait,
    Refresh(Secret),
    Reauth(ReauthReason),
}

/// A refresh under way.
pub(super) struct Refresh<'a> {
    inner: &'a Inner,
    key: TokenKey,
    job: Job,
    /// Which lease of somebody else's was seen, and since when.
    lease_seen: Option<(u64, Duration)>,
}

impl<'a> Refresh<'a> {
    pub(super) fn new(inner: &'a Inner, shop: &str, job: Job) -> Self {
        Self { key: inner.key(shop), inner, job, lease_seen: None }
    }

    /// Brings the shop a token that isn't the one that was seen.
    pub(super) async fn run(mut self) -> Result<StoredToken, Failure> {
        if let Some(unsaved) = self.job.unsaved.take() {
            return self.save(&unsaved).await;
        }
        let mut rounds = 0;
        while rounds < MOST_ROUNDS {
            let Some(stored) = self.inner.store.load(&self.key).await? else {
                return Err(not_authorised(self.key.shop()).into());
            };
            match self.judge(&stored) {
                Next::Use => return Ok(stored),
                Next::Reauth(reason) => return Err(self.ended(reason, None, stored)),
                Next::Wait => self.inner.clock().sleep(POLL).await,
                Next::Refresh(refresh_token) => {
                    rounds += 1;
                    let Some(version) = self.lease(&stored).await? else {
                        continue;
                    };
                    if let Some(new) = self.exchange(&stored, version, &refresh_token).await? {
                        return Ok(new);
                    }
                    self.job.seen = Some(stored.record.pair.access_token().clone());
                }
            }
        }
        Err(Error::new(ErrorKind::TokenStore, "the token's record changes faster than it can be refreshed").into())
    }

    fn judge(&mut self, stored: &StoredToken) -> Next {
        let (now, policy) = (self.inner.clock().now(), &self.inner.policy);
        let pair = &stored.record.pair;
        let is_seen = self.job.seen.as_ref() == Some(pair.access_token());
        if !is_seen && now < self.inner.windows.mandatory_at(pair, policy) {
            return Next::Use;
        }
        let lives = pair.lives(now) && !(is_seen && self.job.is_dead);
        if let Some(reason) = self.job.refused.filter(|_| is_seen) {
            return Next::Reauth(reason);
        }
        let end = |reason| if lives { Next::Use } else { Next::Reauth(reason) };
        let Some(refresh_token) = pair.refresh_token() else {
            return end(ReauthReason::NoRefreshToken);
        };
        if !policy.refresh_extends && !lives {
            return Next::Reauth(ReauthReason::Expired);
        }
        if pair.refresh_expires_at().is_some_and(|end| end <= now) {
            return end(ReauthReason::Expired);
        }
        match &stored.record.lease {
            Some(lease) if !self.is_free(lease, stored.version) => {
                if lives {
                    Next::Use
                } else {
                    Next::Wait
                }
            }
            _ => Next::Refresh(refresh_token.clone()),
        }
    }

    /// Whether a lease holds nobody up: it is this one's own, of a refresh that was broken off, or it is over, by the wall clock or by the time
    /// that was waited for it, as the holder's clock may be another one.
    fn is_free(&mut self, lease: &RefreshLease, version: u64) -> bool {
        let now = self.inner.clock().monotonic();
        let since = match self.lease_seen {
            Some((seen, since)) if seen == version => since,
            _ => {
                self.lease_seen = Some((version, now));
                now
            }
        };
        let is_waited_out = now.saturating_sub(since) >= lease.length().min(LONGEST_LEASE);
        lease.holder == self.inner.holder || lease.is_over(self.inner.clock().now()) || is_waited_out
    }

    /// Notes in the store that this one refreshes, and tells the record's version; nothing where somebody else was faster. Where refresh tokens
    /// stay as they are, two refreshes do no harm, and none is noted.
    async fn lease(&self, stored: &StoredToken) -> Result<Option<u64>, Failure> {
        if !self.inner.policy.refresh_rotates {
            return Ok(Some(stored.version));
        }
        let lease = RefreshLease::new(self.inner.holder.clone(), self.inner.clock().now(), self.inner.lease_length());
        let record = TokenRecord { lease: Some(lease), ..stored.record.clone() };
        match self.inner.store.compare_and_swap(&self.key, Some(stored.version), &record).await {
            Ok(Swap::Done(version)) => Ok(Some(version)),
            Ok(Swap::Changed(_)) => Ok(None),
            // What can't be written now can't be written afterwards either: better no new pair than one that gets lost.
            Err(error) => Err(Failure { stored: Some(Box::new(stored.clone())), ..error.into() }),
        }
    }

    /// Takes the note back.
    async fn release(&self, version: u64, stored: &StoredToken) -> StoredToken {
        let record = TokenRecord::new(stored.record.pair.clone());
        let released = match stored.version == version {
            true => None,
            false => self.inner.store.compare_and_swap(&self.key, Some(version), &record).await.ok(),
        };
        match released {
            Some(Swap::Done(version)) => StoredToken::new(version, record),
            _ => stored.clone(),
        }
    }

    /// Asks the platform until it answers, as long as that is allowed. Nothing where somebody else has changed the pair.
    async fn exchange(
        &self,
        stored: &StoredToken,
        version: u64,
        refresh_token: &Secret,
    ) -> Result<Option<StoredToken>, Failure> {
        let begun = self.inner.clock().monotonic();
        let (mut tries, mut may_have_rotated) = (0, false);
        loop {
            let old = &stored.record.pair;
            let error = match self.inner.oauth.refresh(refresh_token).await {
                Ok(pair) => {
                    let unsaved = Unsaved { pair: pair.after(old), old: old.access_token().clone(), version };
                    let unsaved = Arc::new(unsaved);
                    self.inner.hold(self.key.shop(), Some(unsaved.clone()));
                    return self.save(&unsaved).await.map(Some);
                }
                Err(error) if error.code() == Some("invalid_grant") => {
                    return self.read_again(stored, version, &error).await;
                }
                Err(error) => error,
            };
            tries += 1;
            may_have_rotated |= is_uncertain(error.kind()) && self.inner.policy.refresh_rotates;
            let spent = self.inner.clock().monotonic().saturating_sub(begun);
            let limit = if may_have_rotated { self.inner.policy.old_token_grace } else { Duration::MAX };
            let pause = self.pause(&error, tries).filter(|_| is_passing(&error));
            match pause.map(|pause| (pause, spent.saturating_add(pause))) {
                Some((pause, then)) if then < self.inner.timeout.min(limit) => self.inner.clock().sleep(pause).await,
                _ => {
                    let stored = Some(Box::new(self.release(version, stored).await));
                    return Err(Failure { stored, waits_for_end: may_have_rotated && spent >= limit, ..error.into() });
                }
            }
        }
    }

    /// How long to wait after a failure; nothing after too many malformed answers, which won't mend.
    fn pause(&self, error: &Error, tries: u32) -> Option<Duration> {
        if tries >= 3 && matches!(error.kind(), ErrorKind::InvalidResponse | ErrorKind::ResponseTooLarge) {
            return None;
        }
        let bound = Duration::from_millis(200).saturating_mul(1 << tries.min(5));
        let jittered = bound.mul_f64(0.5 + self.inner.oauth.random().fraction() / 2.0);
        Some(error.retry_after().map_or(jittered, |asked| asked.max(jittered)))
    }

    /// The platform has refused the refresh token: somebody else may have used it, and stored what came of it.
    async fn read_again(
        &self,
        stored: &StoredToken,
        version: u64,
        refused: &Error,
    ) -> Result<Option<StoredToken>, Failure> {
        for pause in READ_AGAIN {
            if !pause.is_zero() {
                self.inner.clock().sleep(pause).await;
            }
            let Some(now) = self.inner.store.load(&self.key).await? else {
                return Err(not_authorised(self.key.shop()).into());
            };
            if now.record.pair != stored.record.pair {
                return Ok(None);
            }
        }
        let stored = self.release(version, stored).await;
        Err(self.ended(ReauthReason::Refused, Some(refused), stored))
    }

    fn ended(&self, reason: ReauthReason, refused: Option<&Error>, stored: StoredToken) -> Failure {
        let mut error = reason.error(self.key.shop());
        if let Some(refused) = refused {
            error = error.with_code("invalid_grant").with_answer(refused.status().unwrap_or(400), refused.request_id());
        }
        Failure { reason: Some(reason), stored: Some(Box::new(stored)), ..error.into() }
    }

    /// Stores a new pair. Until that is done nobody gets it, and it is not forgotten.
    async fn save(&self, unsaved: &Unsaved) -> Result<StoredToken, Failure> {
        let outcome = self.store(unsaved).await;
        if !matches!(&outcome, Err(failure) if failure.error.kind() == ErrorKind::TokenStore) {
            self.inner.hold(self.key.shop(), None);
        }
        outcome
    }

    async fn store(&self, unsaved: &Unsaved) -> Result<StoredToken, Failure> {
        let record = TokenRecord::new(unsaved.pair.clone());
        let (mut expected, mut tries) = (unsaved.version, 0);
        let error = loop {
            match self.inner.store.compare_and_swap(&self.key, Some(expected), &record).await {
                Ok(Swap::Done(version)) => return Ok(StoredToken::new(version, record)),
                Ok(Swap::Changed(Some(now))) if now.record.pair.access_token() == &unsaved.old => {
                    // Somebody took the lease over: the pair is ours all the same.
                    expected = now.version;
                }
                // The shop was authorised anew, or it is this pair, which was stored before the store failed.
                Ok(Swap::Changed(Some(now))) => return Ok(now),
                Ok(Swap::Changed(None)) => return Err(not_authorised(self.key.shop()).into()),
                Err(error) if tries + 1 >= SAVES => break error,
                Err(_) => self.inner.clock().sleep(POLL).await,
            }
            tries += 1;
            if tries >= MOST_ROUNDS {
                break Error::new(ErrorKind::TokenStore, "the token's record changes faster than it can be stored");
            }
        };
        // A store of somebody's own may call its errors as it likes.
        let error =
            Error::new(ErrorKind::TokenStore, "the new pair can't be stored, and is kept in memory").with_source(error);
        Err(error.into())
    }
}

/// Whether the platform may have given a new pair all the same.
fn is_uncertain(kind: ErrorKind) -> bool {
    use ErrorKind::{InvalidResponse, OutcomeUnknown, ResponseTooLarge, Unavailable};
    matches!(kind, OutcomeUnknown | Unavailable | InvalidResponse | ResponseTooLarge)
}

/// Whether asking again may help.
fn is_passing(error: &Error) -> bool {
    error.is_retryable() || is_uncertain(error.kind())
}
