//! Section 9: the data keys of each application, and the record of what was revealed.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::sensitive::{Caller, Vault};
use crate::snapshot::{Part, Record, SnapshotError, Writer};

/// How many reveals are remembered.
const REVEALS: usize = 10_000;

/// The data keys of all applications, and the record of reveals.
#[derive(Debug)]
pub(crate) struct Security {
    secret: [u8; 32],
    apps: BTreeMap<String, AppKeys>,
    reveals: VecDeque<Reveal>,
}

/// The data keys of one application, oldest first; the last one is active.
#[derive(Debug, Default)]
struct AppKeys {
    keys: Vec<AppKey>,
    is_granted: bool,
}

struct AppKey {
    vault: Arc<Vault>,
    bytes: [u8; 32],
    created_at: Timestamp,
}

impl fmt::Debug for AppKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppKey").field("vault", &self.vault).finish_non_exhaustive()
    }
}

/// A data key, as the application is told.
#[derive(Serialize)]
pub(crate) struct DataKey {
    key_id: String,
    key: String,
    state: &'static str,
    created_at: Timestamp,
}

/// One call of `POST /security/v1/reveal`, as the platform has recorded it: never with what was revealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reveal {
    /// When, by the platform's clock.
    pub at: Timestamp,
    /// Which application asked.
    pub app_key: String,
    /// Whose fields they were.
    pub shop_id: String,
    /// What for.
    pub purpose: String,
    /// The kind of each field, and whether it was opened.
    pub fields: Vec<(String, bool)>,
}

impl Security {
    pub(crate) fn new(secret: [u8; 32]) -> Self {
        Self { secret, apps: BTreeMap::new(), reveals: VecDeque::new() }
    }

    /// The keys of an application; the first one is made when they are first asked for.
    pub(crate) fn list(&mut self, app_key: &str, now: Timestamp) -> Vec<DataKey> {
        if self.apps.get(app_key).is_none_or(|app| app.keys.is_empty()) {
            self.rotate(app_key, now);
        }
        let keys = &self.apps[app_key].keys;
        let shown = |(number, key): (usize, &AppKey)| DataKey {
            key_id: key.vault.key_id().to_owned(),
            key: BASE64_STANDARD.encode(key.bytes),
            state: if number + 1 == keys.len() { "active" } else { "retired" },
            created_at: key.created_at,
        };
        keys.iter().enumerate().map(shown).collect()
    }

    /// Makes a new key for an application, and retires the one before it. Answers with its id.
    pub(crate) fn rotate(&mut self, app_key: &str, now: Timestamp) -> String {
        let app = self.apps.entry(app_key.to_owned()).or_default();
        let number = app.keys.len() + 1;
        let derive = |label: &str| -> [u8; 32] {
            let named = format!("{label} {number} of {app_key}");
            Sha256::new().chain_update(self.secret).chain_update(named).finalize().into()
        };
        // Ids name the application, so that no two have the same.
        let name = Sha256::new().chain_update(self.secret).chain_update(app_key).finalize();
        let name: String = name[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        let id = format!("app-{name}-{number}");
        let bytes = derive("data key");
        let vault = Arc::new(Vault::with_key(id.clone(), bytes, derive("nonces")));
        app.keys.push(AppKey { vault, bytes, created_at: now });
        id
    }

    /// Whether answers to an application are sealed with its own active key.
    pub(crate) fn grant(&mut self, app_key: &str, is_granted: bool, now: Timestamp) {
        if is_granted {
            self.list(app_key, now);
        }
        self.apps.entry(app_key.to_owned()).or_default().is_granted = is_granted;
    }

    pub(crate) fn caller(&self, app_key: &str) -> Caller {
        let Some(app) = self.apps.get(app_key) else { return Caller::default() };
        let opens: Vec<_> = app.keys.iter().map(|key| Arc::clone(&key.vault)).collect();
        Caller { seals: opens.last().filter(|_| app.is_granted).cloned(), opens }
    }

    pub(crate) fn record(&mut self, reveal: Reveal) {
        if self.reveals.len() == REVEALS {
            self.reveals.pop_front();
        }
        self.reveals.push_back(reveal);
    }

    pub(crate) fn reveals(&self) -> Vec<Reveal> {
        self.reveals.iter().cloned().collect()
    }
}

/// The keys of one application as a row of a saved platform: when each was made, since all follow from the seed.
#[derive(Serialize, Deserialize)]
struct DataKeysRow {
    app_key: String,
    created_at: Vec<Timestamp>,
    is_granted: bool,
}

impl Part for Security {
    fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
        let Self { secret: _, apps, reveals } = self;
        let row = |(app_key, app): (&String, &AppKeys)| DataKeysRow {
            app_key: app_key.clone(),
            created_at: app.keys.iter().map(|key| key.created_at).collect(),
            is_granted: app.is_granted,
        };
        writer.rows("data_keys", apps.iter().map(row))?;
        writer.rows("reveal", reveals)
    }

    fn restore(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError> {
        match record.kind() {
            "data_keys" => {
                let DataKeysRow { app_key, created_at, is_granted } = record.read()?;
                for at in created_at {
                    self.rotate(&app_key, at);
                }
                self.apps.entry(app_key).or_default().is_granted = is_granted;
            }
            "reveal" => self.record(record.read()?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}
