//! Ciphertext into clear text: with a stated purpose, on the record.

mod plan;
mod platform;

use std::fmt;
use std::sync::Arc;

use super::audit::{AuditItem, AuditMeans, AuditRecord, AuditSink};
use super::data_keys::DataKeys;
use super::kind::Kind;
use super::{FieldKind, Revealed, Sensitive, SensitiveState, cipher};
use crate::{Error, ErrorKind, Shop};
use plan::Plan;

/// The most fields that one request to the platform, and one audit record, is about.
const CHUNK: usize = 100;

/// Opens personal fields for somebody: each with a purpose, and each on the record before it is handed out.
///
/// A field that was encrypted under one of the application's [data keys](DataKeys), if they are loaded, is opened here; any other one by the
/// platform (`POST /security/v1/reveal`, scope `security:reveal`), which keeps a record of its own. Many fields go in batches: what is there
/// twice is opened once, a hundred go in one request, and each has a result of its own.
///
/// Ask for no more than is needed: a ciphertext from an answer goes into a waybill as it is, and its mask is enough for a list.
///
/// ```no_run
/// # async fn example(shop: ecloud_core::Shop, phone: ecloud_core::Sensitive<ecloud_core::sensitive::kind::Phone>)
/// # -> Result<(), ecloud_core::Error> {
/// use std::sync::Arc;
///
/// use ecloud_core::sensitive::{RevealItem, Revealer, audit::AuditFile};
///
/// let audit = Arc::new(AuditFile::open("reveals-2026-11.jsonl")?);
/// let revealer = Revealer::new(&shop, "clerk 17", audit);
/// let item = RevealItem::new("order T1001", "receiver.phone", &phone);
/// let phone = revealer.reveal("the parcel came back", item).await?;
/// println!("calling {}", phone.expose());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Revealer {
    shop: Shop,
    actor: Arc<str>,
    audit: Arc<dyn AuditSink>,
}

/// One field to be revealed: which it is, for the record, and its ciphertext.
#[derive(Clone)]
pub struct RevealItem {
    object: String,
    field: String,
    kind: FieldKind,
    state: SensitiveState,
    ciphertext: Option<Box<str>>,
}

impl RevealItem {
    /// A field of an object, as the audit record shall name them: `order T1001`, `receiver.phone`.
    pub fn new<K: Kind>(object: impl Into<String>, field: impl Into<String>, value: &Sensitive<K>) -> Self {
        Self {
            object: object.into(),
            field: field.into(),
            kind: K::KIND,
            state: value.state(),
            ciphertext: value.ciphertext().map(Into::into),
        }
    }

    fn audited(&self, result: String) -> AuditItem {
        AuditItem { object: self.object.clone(), field: self.field.clone(), kind: self.kind, result }
    }
}

impl fmt::Debug for RevealItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevealItem")
            .field("object", &self.object)
            .field("field", &self.field)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Revealer {
    /// Opens fields of a shop, for `actor` (a person, or a job), on the record of `audit`.
    pub fn new(shop: &Shop, actor: impl Into<String>, audit: Arc<dyn AuditSink>) -> Self {
        Self { shop: shop.clone(), actor: actor.into().into(), audit }
    }

    /// Opens one field.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::InvalidRequest`]: actor or purpose is blank, or the field has no ciphertext, or it was altered or belongs elsewhere;
    /// - [`ErrorKind::Audit`]: the record can't be written;
    /// - the platform's refusal of this field ([`ErrorKind::Rejected`]), and those of any call.
    pub async fn reveal(&self, purpose: &str, item: RevealItem) -> Result<Revealed, Error> {
        let missing = || Error::new(ErrorKind::InvalidResponse, "the field has no result");
        self.reveal_all(purpose, [item]).await.pop().unwrap_or_else(|| Err(missing()))
    }

    /// Opens many fields; the results stand in the order of the items, one for one, with the errors that [`reveal`](Self::reveal) names.
    ///
    /// An error of a whole request is that of each of its fields. Once a record can't be written, no further request is sent.
    pub async fn reveal_all(
        &self,
        purpose: &str,
        items: impl IntoIterator<Item = RevealItem>,
    ) -> Vec<Result<Revealed, Error>> {
        let items: Vec<RevealItem> = items.into_iter().collect();
        let refused = match (self.actor.trim(), purpose.trim()) {
            ("", _) => Some("nothing is revealed to nobody: name the actor"),
            (_, "") => Some("nothing is revealed without a purpose"),
            _ => None,
        };
        if let Some(reason) = refused {
            return items.iter().map(|_| Err(Error::new(ErrorKind::InvalidRequest, reason))).collect();
        }
        let mut plan = Plan::of(&items);
        let keys = self.shop.data_keys();
        if keys.is_loaded() {
            self.open_here(&keys, purpose, &mut plan).await;
        }
        self.ask_platform(purpose, &mut plan).await;
        plan.into_results()
    }

    /// Opens what a data key opens.
    async fn open_here(&self, keys: &DataKeys, purpose: &str, plan: &mut Plan<'_>) {
        keys.learn(plan.open_ids()).await;
        let Some(ring) = keys.cache().ring() else { return };
        let shop = self.shop.id().unwrap_or_default();
        let own = plan.open(|ciphertext| cipher::parse(ciphertext).is_some_and(|(id, _)| ring.get(id).is_some()));
        for chunk in own.chunks(CHUNK) {
            let opened = |at: &usize| {
                let (kind, ciphertext) = plan.unique(*at);
                let key = cipher::parse(ciphertext).and_then(|(id, _)| ring.get(id));
                key.ok_or(super::OpenError::UnknownKey)
                    .and_then(|key| key.open(kind, shop, ciphertext))
                    .map_err(|error| Error::new(ErrorKind::InvalidRequest, error.to_string()).with_source(error))
            };
            let results = chunk.iter().map(opened).collect();
            self.conclude(purpose, AuditMeans::DataKey, None, plan, chunk, results).await;
        }
    }

    /// Has the platform open the rest.
    async fn ask_platform(&self, purpose: &str, plan: &mut Plan<'_>) {
        for chunk in plan.open(|_| true).chunks(CHUNK) {
            if plan.is_unrecorded {
                plan.refuse(chunk, not_recorded);
                continue;
            }
            let asked: Vec<_> = chunk.iter().map(|at| plan.unique(*at)).collect();
            let (request_id, results) = platform::reveal(&self.shop, purpose, &asked).await;
            self.conclude(purpose, AuditMeans::Platform, request_id, plan, chunk, results).await;
        }
    }

    /// Takes down what came of some fields, and only then hands it over.
    async fn conclude(
        &self,
        purpose: &str,
        means: AuditMeans,
        request_id: Option<String>,
        plan: &mut Plan<'_>,
        chunk: &[usize],
        results: Vec<Result<Revealed, Error>>,
    ) {
        let mut items = Vec::new();
        for (at, result) in chunk.iter().zip(&results) {
            let shown = match result {
                Ok(_) => "revealed".to_owned(),
                Err(error) => error.code().map_or_else(|| format!("{:?}", error.kind()), crate::error::redact),
            };
            items.extend(plan.named(*at).map(|item| item.audited(shown.clone())));
        }
        let record = AuditRecord {
            at: self.shop.client().inner.clock.now(),
            actor: self.actor.to_string(),
            shop: self.shop.id().map(str::to_owned),
            purpose: purpose.to_owned(),
            means,
            request_id,
            items,
        };
        match self.audit.record(&record).await {
            Ok(()) => plan.settle(chunk, results),
            Err(error) => {
                tracing::error!("an audit record could not be written; nothing is revealed");
                plan.is_unrecorded = true;
                let mut error = Some(error);
                plan.refuse(chunk, || match error.take() {
                    Some(error) => not_recorded().with_source(error),
                    None => not_recorded(),
                });
            }
        }
    }
}

fn not_recorded() -> Error {
    Error::new(ErrorKind::Audit, "the audit record can't be written, so nothing is revealed")
}

impl fmt::Debug for Revealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revealer").field("shop", &self.shop).field("audit", &self.audit).finish_non_exhaustive()
    }
}
