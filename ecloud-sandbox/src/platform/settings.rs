//! What a platform is started with.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::protocol::quota::{Tier, tier_name};
use crate::protocol::token::TokenForm;

/// Nonces that fit in the memory: those of 900 seconds at a rate far above every quota.
const NONCES: usize = 2_000_000;
/// How many received requests are listed.
const RECEIVED: usize = 1_000;
/// How long a change may take to show in lists of changes (protocol, section 8).
const CHANGE_DELAY: Duration = Duration::from_secs(300);

/// What a platform is started with, and goes back to when it is reset.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    #[serde(with = "tier_name")]
    pub(crate) tier: Tier,
    pub(crate) app_key: String,
    pub(crate) app_secret: String,
    /// An opaque token that a test has set, instead of the one that follows from seed and time.
    pub(crate) access_token: Option<String>,
    /// What all other tokens look like, and this one where it isn't set.
    pub(crate) token_form: TokenForm,
    pub(crate) shop_id: String,
    pub(crate) change_delay: Duration,
    pub(crate) nonce_capacity: usize,
    pub(crate) received_capacity: usize,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("seed", &self.seed)
            .field("tier", &self.tier)
            .field("app_key", &self.app_key)
            .field("shop_id", &self.shop_id)
            .finish_non_exhaustive()
    }
}

impl Default for Settings {
    fn default() -> Self {
        let settings = Self {
            seed: 0,
            tier: Tier::Standard,
            app_key: "demo-app".to_owned(),
            app_secret: String::new(),
            access_token: None,
            token_form: TokenForm::default(),
            shop_id: "demo-shop".to_owned(),
            change_delay: CHANGE_DELAY,
            nonce_capacity: NONCES,
            received_capacity: RECEIVED,
        };
        settings.with_seed(1)
    }
}

impl Settings {
    /// These settings with another seed, and the credentials that follow from it.
    pub(crate) fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self.app_secret = format!("sandbox-secret-{}", hex(&self.secret("app secret")[..12]));
        self.access_token = None;
        self
    }

    /// A key for one purpose. It follows from the seed: a sandbox keeps no secrets from those who start it.
    pub(crate) fn secret(&self, purpose: &str) -> [u8; 32] {
        Sha256::new()
            .chain_update("ecloud sandbox")
            .chain_update(self.seed.to_be_bytes())
            .chain_update(purpose)
            .finalize()
            .into()
    }

    /// Which of the settings that answers follow from another platform was started with otherwise; `None` where it was with none.
    pub(crate) fn difference(&self, other: &Self) -> Option<&'static str> {
        [
            ("seed", self.seed != other.seed),
            ("tier", self.tier != other.tier),
            ("application", (&self.app_key, &self.app_secret) != (&other.app_key, &other.app_secret)),
            ("access token", self.access_token != other.access_token),
            ("form of tokens", self.token_form != other.token_form),
            ("shop", self.shop_id != other.shop_id),
            ("change delay", self.change_delay != other.change_delay),
        ]
        .into_iter()
        .find_map(|(name, differs)| differs.then_some(name))
    }

    /// The name of the access token with this number.
    pub(crate) fn token_id(&self, number: u64) -> String {
        hex(&self.secret(&format!("token {number}"))[..16])
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
