//! Refresh tokens: each is used once, and all that come of one authorisation are a family.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::OAuthRefusal;
use crate::protocol::token::{Grant, GrantRow};
use crate::snapshot::{Part, Record, SnapshotError, Writer};

/// So long a spent refresh token may be used again, while its successor is unused.
const GRACE: Duration = Duration::from_secs(60);

/// All that came of one authorisation.
#[derive(Debug)]
struct Family {
    app_key: String,
    grant: Grant,
    is_revoked: bool,
    /// Access tokens, and when each ends.
    access_tokens: Vec<(String, Timestamp)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct RefreshToken {
    family: u64,
    expires_at: Timestamp,
    /// When it was first used, and what came of it last.
    spent: Option<(Timestamp, String)>,
    /// Another successor was given in its place.
    is_replaced: bool,
}

/// All families.
#[derive(Default)]
pub(crate) struct Families {
    families: HashMap<u64, Family>,
    refresh_tokens: HashMap<String, RefreshToken>,
    last: u64,
    /// How often a refresh token was taken, by shop.
    refreshed: HashMap<String, u64>,
}

/// Whether a refresh token may be used.
pub(super) enum Verdict {
    Good {
        family: u64,
        grant: Grant,
    },
    /// It was used before: the family is to be revoked, with these access tokens.
    Reused(Vec<String>),
    Refused(OAuthRefusal),
}

impl std::fmt::Debug for Families {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Families").field("count", &self.families.len()).finish()
    }
}

impl Families {
    /// Begins a family.
    pub(super) fn begin(&mut self, app_key: &str, grant: Grant) -> u64 {
        self.last += 1;
        let family = Family { app_key: app_key.to_owned(), grant, is_revoked: false, access_tokens: Vec::new() };
        self.families.insert(self.last, family);
        self.last
    }

    /// Adds a pair to a family.
    pub(super) fn add(
        &mut self,
        family: u64,
        access: (String, Timestamp),
        refresh: (String, Timestamp),
        now: Timestamp,
    ) {
        if let Some(family) = self.families.get_mut(&family) {
            family.access_tokens.retain(|(_, end)| *end > now);
            family.access_tokens.push(access);
        }
        let (text, expires_at) = refresh;
        self.refresh_tokens.insert(text, RefreshToken { family, expires_at, spent: None, is_replaced: false });
    }

    /// Looks at a refresh token that an application wants to use.
    pub(super) fn judge(&mut self, token: &str, app_key: &str, now: Timestamp) -> Verdict {
        let refused = |message| Verdict::Refused(OAuthRefusal::grant(message));
        let Some((known, family)) = self.refresh_tokens.get(token).and_then(|known| {
            let family = self.families.get(&known.family)?;
            Some((known, family)).filter(|_| family.app_key == app_key)
        }) else {
            return refused("the platform knows no such refresh token of this application");
        };
        let number = known.family;
        if family.is_revoked {
            return refused("the authorisation was revoked");
        }
        let is_unused = |successor: &String| self.refresh_tokens.get(successor).is_some_and(|one| one.spent.is_none());
        let may_be_used = match &known.spent {
            _ if known.is_replaced => false,
            None => true,
            Some((at, successor)) => now < *at + GRACE && is_unused(successor),
        };
        if !may_be_used {
            return Verdict::Reused(self.revoke(number));
        }
        if known.expires_at <= now {
            return refused("the refresh token has ended");
        }
        Verdict::Good { family: number, grant: family.grant.clone() }
    }

    /// Marks a refresh token as used, in favour of its successor.
    pub(super) fn spend(&mut self, token: &str, successor: &str, now: Timestamp) {
        let Some(known) = self.refresh_tokens.get_mut(token) else { return };
        let at = known.spent.as_ref().map_or(now, |(at, _)| *at);
        let before = known.spent.replace((at, successor.to_owned()));
        let shop = self.families.get(&known.family).map(|family| family.grant.shop_id.clone()).unwrap_or_default();
        if let Some(before) = before.and_then(|(_, before)| self.refresh_tokens.get_mut(&before)) {
            before.is_replaced = true;
        }
        *self.refreshed.entry(shop).or_default() += 1;
    }

    /// Revokes a family, and tells its access tokens, which are to be taken back.
    pub(super) fn revoke(&mut self, family: u64) -> Vec<String> {
        let Some(family) = self.families.get_mut(&family) else { return Vec::new() };
        family.is_revoked = true;
        family.access_tokens.drain(..).map(|(token, _)| token).collect()
    }

    /// The family of a refresh token that an application has.
    pub(super) fn of_refresh_token(&self, token: &str, app_key: &str) -> Option<u64> {
        let known = self.refresh_tokens.get(token)?;
        (self.families.get(&known.family)?.app_key == app_key).then_some(known.family)
    }

    /// Revokes all authorisations that a shop has given, and tells their access tokens.
    pub(crate) fn revoke_shop(&mut self, shop_id: &str) -> Vec<String> {
        let of_shop = |(number, family): (&u64, &Family)| (family.grant.shop_id == shop_id).then_some(*number);
        let numbers: Vec<u64> = self.families.iter().filter_map(of_shop).collect();
        numbers.into_iter().flat_map(|number| self.revoke(number)).collect()
    }

    /// The access tokens of a shop that live.
    pub(crate) fn access_tokens(&self, shop_id: &str) -> Vec<String> {
        let of_shop = self.families.values().filter(|family| family.grant.shop_id == shop_id);
        of_shop.flat_map(|family| &family.access_tokens).map(|(token, _)| token.clone()).collect()
    }

    /// How often tokens of a shop were refreshed.
    pub(crate) fn refreshed(&self, shop_id: &str) -> u64 {
        self.refreshed.get(shop_id).copied().unwrap_or(0)
    }
}

/// A family as a row of a saved platform.
#[derive(Serialize, Deserialize)]
struct FamilyRow {
    number: u64,
    app_key: String,
    grant: GrantRow,
    is_revoked: bool,
    access_tokens: Vec<(String, Timestamp)>,
}

/// A refresh token as such a row.
#[derive(Serialize, Deserialize)]
struct RefreshTokenRow {
    token: String,
    #[serde(flatten)]
    known: RefreshToken,
}

/// What counts all of them.
#[derive(Serialize, Deserialize)]
struct FamiliesRow {
    last: u64,
    refreshed: BTreeMap<String, u64>,
}

impl Part for Families {
    fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
        let Self { families, refresh_tokens, last, refreshed } = self;
        let refreshed = refreshed.iter().map(|(shop_id, count)| (shop_id.clone(), *count)).collect();
        writer.row("families", &FamiliesRow { last: *last, refreshed })?;
        let families: BTreeMap<_, _> = families.iter().collect();
        let row = |(number, family): (&u64, &Family)| {
            let Family { app_key, grant, is_revoked, access_tokens } = family;
            let (app_key, access_tokens) = (app_key.clone(), access_tokens.clone());
            FamilyRow { number: *number, app_key, grant: grant.into(), is_revoked: *is_revoked, access_tokens }
        };
        writer.rows("family", families.into_iter().map(row))?;
        let tokens: BTreeMap<_, _> = refresh_tokens.iter().collect();
        let row =
            |(token, known): (&String, &RefreshToken)| RefreshTokenRow { token: token.clone(), known: known.clone() };
        writer.rows("refresh_token", tokens.into_iter().map(row))
    }

    fn restore(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError> {
        match record.kind() {
            "families" => {
                let FamiliesRow { last, refreshed } = record.read()?;
                (self.last, self.refreshed) = (last, refreshed.into_iter().collect());
            }
            "family" => {
                let FamilyRow { number, app_key, grant, is_revoked, access_tokens } = record.read()?;
                let grant = grant.read(record)?;
                self.families.insert(number, Family { app_key, grant, is_revoked, access_tokens });
            }
            "refresh_token" => {
                let RefreshTokenRow { token, known } = record.read()?;
                self.refresh_tokens.insert(token, known);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}
