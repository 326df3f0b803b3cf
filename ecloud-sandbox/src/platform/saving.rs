//! A whole platform as a snapshot: what it was started with comes first, since the keys follow from that, then each part of its state.

use std::io::{BufRead, Write};
use std::time::Duration;

use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::{App, Platform, Settings, State};
use crate::dice::Dice;
use crate::protocol::quota::{Tier, tier_name};
use crate::snapshot::{Head, Part, Reader, Record, SnapshotError, Writer};

/// What belongs to no part.
#[derive(Serialize, Deserialize)]
struct PlatformRow {
    /// The token that allows everything in the demo shop.
    access_token: String,
    advanced: Duration,
    now: Timestamp,
    ids: Dice,
}

#[derive(Serialize, Deserialize)]
struct AppRow {
    app_key: String,
    secret: String,
    #[serde(with = "tier_name")]
    tier: Tier,
}

#[derive(Serialize, Deserialize)]
struct NonceRow {
    app_key: String,
    nonce: String,
    recorded: Timestamp,
}

impl Platform {
    /// Writes all of the platform as it is at `now`, by the clock outside.
    pub(crate) fn save(&self, out: &mut dyn Write, now: Timestamp) -> Result<(), SnapshotError> {
        let mut state = self.state();
        let own_now = now + state.advanced;
        self.write(&mut state, out, own_now)
    }

    /// Writes all of the platform as it is at `now`, by its own clock.
    pub(crate) fn write(&self, state: &mut State, out: &mut dyn Write, now: Timestamp) -> Result<(), SnapshotError> {
        // What tables have noted goes into the outbox first: notes aren't saved.
        self.tell(state, now);
        let head = Head { saved_at: now - state.advanced, given_clock: self.given_clock };
        let mut writer = Writer::begin(out, head)?;
        writer.row("settings", &self.settings)?;
        state.write(self.access_token(), &mut writer)?;
        writer.end()
    }

    /// The platform that was saved.
    pub(crate) fn restored(input: &mut dyn BufRead) -> Result<(Self, Head), SnapshotError> {
        let (saved, head) = Saved::read(input)?;
        Ok((Self::of(saved.settings, saved.access_token, saved.state), head))
    }

    /// Goes on from a platform with the same settings that was saved.
    pub(crate) fn go_back_to(&self, input: &mut dyn BufRead) -> Result<(), SnapshotError> {
        let state = self.read(input)?;
        *self.state() = state;
        self.stirred.notify_one();
        Ok(())
    }

    /// The state of a platform with the same settings that was saved.
    pub(crate) fn read(&self, input: &mut dyn BufRead) -> Result<State, SnapshotError> {
        let (saved, _) = Saved::read(input)?;
        match self.settings.difference(&saved.settings) {
            Some(setting) => {
                let message = format!("the snapshot is of a sandbox that was started with another {setting}");
                Err(SnapshotError::of_all(message))
            }
            None => Ok(saved.state),
        }
    }
}

/// What a snapshot holds.
struct Saved {
    settings: Settings,
    access_token: String,
    state: State,
}

impl Saved {
    fn read(input: &mut dyn BufRead) -> Result<(Self, Head), SnapshotError> {
        let (reader, head) = Reader::begin(input)?;
        let mut begun: Option<(Settings, State)> = None;
        let mut access_token = None;
        reader.each(|record| match &mut begun {
            None if record.kind() == "settings" => {
                let settings: Settings = record.read()?;
                let state = State::bare(&settings, head.saved_at);
                begun = Some((settings, state));
                Ok(())
            }
            None => Err(record.refused("the second line isn't of kind `settings`")),
            Some((_, state)) if record.kind() == "platform" => {
                access_token = Some(state.restore_rest(record)?);
                Ok(())
            }
            Some((_, state)) => match state.restore(record)? {
                true => Ok(()),
                false => Err(record.refused(format!("there is no row of kind `{}` here", record.kind()))),
            },
        })?;
        let missing =
            || SnapshotError::of_all("the snapshot has no line of kind `settings` and one of kind `platform`");
        let ((settings, mut state), access_token) = begun.zip(access_token).ok_or_else(missing)?;
        state.market.restored();
        Ok((Self { settings, access_token, state }, head))
    }
}

impl State {
    /// The state that rows are restored into: without what a platform has from its start.
    fn bare(settings: &Settings, now: Timestamp) -> Self {
        Self { apps: Vec::new(), ..Self::new(settings, now) }
    }

    fn write(&self, access_token: &str, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
        let Self {
            market,
            apps,
            tokens,
            oauth,
            nonces,
            quotas,
            idempotency,
            // Their key follows from the seed.
            cursors: _,
            security,
            faults,
            outbox,
            received,
            advanced,
            now,
            ids,
        } = self;
        let (access_token, ids) = (access_token.to_owned(), ids.clone());
        writer.row("platform", &PlatformRow { access_token, advanced: *advanced, now: *now, ids })?;
        writer.rows("app", apps.iter().map(AppRow::of))?;
        let mut noted = Ok(());
        nonces.each(|app_key, nonce, recorded| {
            if noted.is_ok() {
                let (app_key, nonce) = (app_key.to_owned(), nonce.to_owned());
                noted = writer.row("nonce", &NonceRow { app_key, nonce, recorded });
            }
        });
        noted?;
        let parts: [&dyn Part; 9] = [tokens, oauth, quotas, idempotency, security, faults, outbox, received, market];
        parts.into_iter().try_for_each(|part| part.save(writer))
    }

    /// Takes a row of any part back; whether there is such a part.
    fn restore(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError> {
        match record.kind() {
            "app" => {
                let AppRow { app_key, secret, tier } = record.read()?;
                self.apps.push(App::new(&app_key, &secret, tier));
                return Ok(true);
            }
            "nonce" => {
                let NonceRow { app_key, nonce, recorded } = record.read()?;
                let known = self.nonces.record(&app_key, &nonce, recorded);
                known.map_err(|_| record.refused("the nonce is there twice, or more are than there is room for"))?;
                return Ok(true);
            }
            _ => {}
        }
        // Rows of shops are the most by far.
        let Self { market, tokens, oauth, quotas, idempotency, security, faults, outbox, received, .. } = self;
        let parts: [&mut dyn Part; 9] =
            [market, tokens, oauth, quotas, idempotency, security, faults, outbox, received];
        for part in parts {
            if part.restore(record)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes back what belongs to no part, and hands on the token that allows everything in the demo shop.
    fn restore_rest(&mut self, record: &Record<'_>) -> Result<String, SnapshotError> {
        let PlatformRow { access_token, advanced, now, ids } = record.read()?;
        (self.advanced, self.now, self.ids) = (advanced, now, ids);
        Ok(access_token)
    }
}

impl AppRow {
    fn of(app: &App) -> Self {
        Self { app_key: app.app_key.clone(), secret: app.secret.clone(), tier: app.tier }
    }
}
