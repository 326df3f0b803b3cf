//! Applications of a shop for brands that not everybody may sell, and the platform's decisions.

use std::time::Duration;

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::brands::{self, BrandAccess};
use crate::business::due::Due;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Row, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;

/// How long the platform takes to decide, and how long it may take, in milliseconds.
const DECISION_MILLIS: i64 = 4 * 3_600_000;
const LONGEST_DECISION_MILLIS: i64 = 24 * 3_600_000;
/// For how long an authorisation must hold at least, from the decision on.
const SHORTEST_TERM: Duration = Duration::from_secs(30 * 86_400);
/// So many proofs an exclusive brand needs.
const PROOFS_OF_EXCLUSIVE: usize = 2;

/// What does an operation on applications for brands.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listBrandAuthorizations" => list,
        "createBrandAuthorization" => create,
        "getBrandAuthorization" => get,
        _ => return None,
    })
}

wire_enum! {
    /// What has come of an application.
    BrandAuthorizationStatus { Pending = "pending", Approved = "approved", Rejected = "rejected", Expired = "expired" }
}

wire_enum! {
    /// As what a shop sells a brand.
    BrandSellerKind { Owner = "owner", SoleAgent = "sole_agent", Reseller = "reseller" }
}

/// An application for the authorisation to sell a brand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BrandAuthorization {
    brand_authorization_id: String,
    brand_id: String,
    kind: BrandSellerKind,
    status: BrandAuthorizationStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    reject_reason: Option<String>,
    valid_to: Timestamp,
    proofs: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decide_by: Option<Timestamp>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<Timestamp>,
    modified_at: Timestamp,
    version: u64,
}

impl Row for BrandAuthorization {
    fn id(&self) -> &str {
        &self.brand_authorization_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

/// `listBrandAuthorizations`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let brand_id = call.query.one("brand_id");
    let wanted = |it: &BrandAuthorization| {
        brand_id.is_none_or(|brand_id| it.brand_id == brand_id) && call.query.wants("status", it.status.as_str())
    };
    call.cursor_page(&call.shop.brand_authorizations, wanted, |authorization| &**authorization)
}

/// An application for a brand.
#[derive(Debug, Deserialize)]
pub(crate) struct BrandAuthorizationInput {
    pub(crate) brand_id: String,
    pub(crate) kind: BrandSellerKind,
    pub(crate) valid_to: Timestamp,
    pub(crate) proofs: Vec<String>,
}

/// `createBrandAuthorization`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: BrandAuthorizationInput = call.input()?;
    encode(&add(call.shop, input, call.now)?)
}

/// Applies for a brand; the platform decides later.
pub(crate) fn add(
    shop: &mut Shop,
    input: BrandAuthorizationInput,
    now: Timestamp,
) -> Result<BrandAuthorization, Refusal> {
    let brand = brands::find(&input.brand_id)?;
    if brand.access == BrandAccess::Free {
        return Err(Refusal::rule("product.brand_needs_no_authorization", "every shop may sell the brand"));
    }
    if !brand.open {
        return Err(Refusal::rule("product.brand_closed", "the platform takes no applications for the brand"));
    }
    let machine = Description::get().machine("BrandAuthorizationStatus");
    let stands = |it: &BrandAuthorization| it.brand_id == input.brand_id && !machine.ends_in(it.status.as_str());
    if shop.brand_authorizations.iter().any(|it| stands(it)) {
        let message = "the shop has an application for the brand that is pending or approved";
        return Err(Refusal::rule("product.brand_authorization_exists", message));
    }
    if input.valid_to <= now {
        return Err(Refusal::rule("product.brand_term_invalid", "the term ends in the past"));
    }
    let authorization = BrandAuthorization {
        brand_authorization_id: shop.next_id("BA"),
        brand_id: input.brand_id,
        kind: input.kind,
        status: BrandAuthorizationStatus::Pending,
        reject_reason: None,
        valid_to: input.valid_to,
        proofs: input.proofs,
        decide_by: Some(now.offset_by_millis(LONGEST_DECISION_MILLIS)),
        created_at: now,
        decided_at: None,
        modified_at: now,
        version: 1,
    };
    let due = Due::BrandAuthorization(authorization.brand_authorization_id.clone());
    shop.due.insert((now.offset_by_millis(DECISION_MILLIS), due));
    shop.brand_authorizations.put(authorization.clone());
    Ok(authorization)
}

/// `getBrandAuthorization`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let found = call.shop.brand_authorizations.get(call.path("brand_authorization_id"));
    let not_found = || Refusal::rule("product.brand_authorization_not_found", "the shop has no such application");
    encode(&**found.ok_or_else(not_found)?)
}

/// Whether the shop may sell a brand that needs an authorisation.
pub(super) fn holds(shop: &Shop, brand_id: &str) -> bool {
    let mut all = shop.brand_authorizations.iter();
    all.any(|it| it.brand_id == brand_id && it.status == BrandAuthorizationStatus::Approved)
}

/// The platform decides, or the term of what it approved is over.
pub(crate) fn is_due(shop: &mut Shop, id: &str, at: Timestamp) -> Result<(), Refusal> {
    let Some(mut authorization) = shop.brand_authorizations.get(id).map(|found| BrandAuthorization::clone(found))
    else {
        return Ok(());
    };
    let machine = Description::get().machine("BrandAuthorizationStatus");
    let status = authorization.status.as_str();
    if machine.event("platform_decides_authorization", status).is_some() {
        authorization.reject_reason = objection(&authorization, at)?;
        authorization.decide_by = None;
        authorization.decided_at = Some(at);
        authorization.status = match authorization.reject_reason {
            Some(_) => BrandAuthorizationStatus::Rejected,
            None => BrandAuthorizationStatus::Approved,
        };
        if authorization.reject_reason.is_none() {
            shop.due.insert((authorization.valid_to, Due::BrandAuthorization(id.to_owned())));
        }
    } else if machine.event("authorization_expires", status).is_some() && authorization.valid_to <= at {
        authorization.status = BrandAuthorizationStatus::Expired;
    } else {
        return Ok(());
    }
    authorization.modified_at = at;
    authorization.version += 1;
    shop.brand_authorizations.put(authorization);
    Ok(())
}

/// Why the platform says no; nothing where it says yes.
fn objection(authorization: &BrandAuthorization, at: Timestamp) -> Result<Option<String>, Refusal> {
    let holds_for = authorization.valid_to.duration_since(at).unwrap_or_default();
    if holds_for < SHORTEST_TERM {
        return Ok(Some("The authorisation would hold for less than 30 days.".to_owned()));
    }
    let exclusive = brands::find(&authorization.brand_id)?.access == BrandAccess::Exclusive;
    let lacks_proof = exclusive && authorization.proofs.len() < PROOFS_OF_EXCLUSIVE;
    Ok(lacks_proof.then(|| "An exclusive brand needs two proofs at least.".to_owned()))
}
