//! A whole ecloud open platform in one process, for tests: strict like the real one, stateful, and with its clock, its buyers and
//! its faults in your hand.
//!
//! It is not a list of canned answers. Every request is verified as the protocol says (form, signature, nonce, token, quota,
//! idempotency, in that order) and checked against the API descriptions; whatever they don't know is refused. Behind that stand real
//! shops: stock falls when an order is placed, an order can't be shipped twice, parcels travel as time passes. The state machines are
//! those that the descriptions print.
//!
//! # In a test
//!
//! ```
//! use ecloud_core::Method;
//! use ecloud_sandbox::{Fault, Purchase, Sandbox};
//! use serde_json::Value;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::builder().build();
//! let client = sandbox.client().build()?;
//!
//! let order_id = sandbox.buyer().buy(Purchase::new("S1000001-1", 2))?;
//! sandbox.inject(Fault::status(503).next(2));
//!
//! let shop = client.for_shop(sandbox.shop_id());
//! let order: Value = shop.request(Method::GET, format!("/trade/v1/orders/{order_id}")).send().await?;
//! assert_eq!(order["status"], "paid");
//! assert_eq!(sandbox.received().len(), 3, "two attempts met the fault");
//! # Ok(()) }
//! ```
//!
//! # Three doors
//!
//! | door | for | what it can't do |
//! |---|---|---|
//! | [`Sandbox::start`] | tests over real HTTP: a [`wiremock::MockServer`] on a port of its own, on which a test can mount mocks that come first | see below |
//! | [`Sandbox::serve`] | everything else over HTTP: the command, other languages, slow and broken connections | |
//! | [`Sandbox::transport`] | simulations: no network at all, delays on the given clock | |
//!
//! Wiremock parses the target as a URL, so a target that a URL library would write otherwise (`'` in a query, `/./`) arrives changed
//! and its signature doesn't match; a cut body closes the connection before the first byte; and it keeps every request for as long
//! as it lives. Mount mocks with [`Mock::mount`](wiremock::Mock::mount) and limit them with
//! [`up_to_n_times`](wiremock::Mock::up_to_n_times): wiremock 0.6 finds a *scoped* mock by its place, which changes as soon as mocks have
//! different priorities, and would unmount the sandbox in its stead.
//!
//! A heart without I/O stands behind all three: [`Platform::answer`] takes a request and the time.
//!
//! # Time
//!
//! The sandbox takes the [`Clock`](ecloud_core::Clock) that you give it, and gives it to its [clients](Sandbox::client). On a
//! [`ManualClock`](ecloud_core::ManualClock) nothing ever waits. Time closes unpaid orders (after a day) and finishes shipped ones (after
//! ten), lets parcels travel (picked up after 2 hours, delivered after 31), answers refunds and after-sale cases nobody answered, settles each
//! day at midnight in UTC+8, and approves new items (after a minute). It marks as late what isn't shipped as promised, approves address changes
//! that nobody answered (after a day), and brings buyers their money back (after ten minutes, or a day). [`Sandbox::advance`] moves the platform
//! alone, as if its clock were ahead of the client's.
//!
//! # The demo shop
//!
//! 64 items in several variants, 500 orders of the last weeks in all statuses (90 paid ones wait to be shipped, and 5 are held by
//! the risk control), payments, refunds, address changes, invoices, shipments, ten carriers. All of it follows from a [seed](SandboxBuilder::seed) and leads up to the hour in which the sandbox starts. It was played, not
//! written: each object went through the same code as those of a test, so stock and amounts add up. Any other shop that a
//! [token](Sandbox::issue_token) names is opened with a smaller history; the objects of one shop are not found by another.
//!
//! Identifiers tell what they name: `T1000001` is the oldest order of shop 1, `S1000001-1` the first variant of its oldest item `I1000001`.
//!
//! # Tokens
//!
//! Access tokens are JWTs, signed with EdDSA or, where a [`Grant`] asks for it, with RS256; the keys are at `GET /.well-known/jwks.json`. They
//! are verified wherever one is sent, and their keys can be [rotated](Sandbox::rotate_token_key), [withdrawn](Sandbox::withdraw_old_token_keys)
//! and [hidden](Sandbox::hide_token_key). The EdDSA keys follow from the seed. The RSA key stands in the source of this crate: everybody knows
//! it, so trust it nowhere. Opaque tokens are given out [on request](SandboxBuilder::opaque_tokens), and one that a
//! [builder](SandboxBuilder::access_token) was given is taken, too.
//!
//! `POST /oauth2/token`, `POST /oauth2/revoke` and `GET /oauth2/authorize` are OAuth 2.0 as the protocol's section 5 says:
//! codes with PKCE, refresh tokens that rotate, a family that is revoked when a spent one comes again, 60 s of grace. The page asks nobody: the
//! owner of the demo shop, or of the one that `&shop_id=` names, agrees at once. A test is the owner with [`Sandbox::authorize`]. A token of the
//! client-credentials grant has the application as its `sub`, and may call nothing that acts for a shop.
//!
//! [Faults](Fault) strike these routes, too: `Fault::dropped_connection().after_effect().path_prefix("/oauth2/token")` loses an answer after the
//! rotation, [`Fault::delay`] makes refreshes slow, [`Fault::status`] makes some fail; [`Sandbox::set_told_life`] is a clock that is off, and
//! [`Sandbox::expire_tokens`] ends tokens before their time.
//!
//! # Faults
//!
//! A [`Fault`] is an error status, a delay, a dropped connection, a slow or a cut body; instead of the operation's effect or
//! [after it](Fault::after_effect); for the next so many requests or a share of them; for all requests or some.
//!
//! # Events
//!
//! What happens in the shops is told as the protocol says (section 10), to an address of this machine ([`Sandbox::deliver_to`]) or in memory:
//!
//! ```
//! use ecloud_core::event::{UntypedEvent, WebhookHandler, WebhookVerifier};
//! use ecloud_sandbox::{EventFaults, Purchase, Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
//! let sandbox = Sandbox::builder().build();
//! sandbox.keep_events(SECRET)?;
//! sandbox.set_event_faults(EventFaults::new().duplicates(1));
//! sandbox.buyer().buy(Purchase::new("S1000001-1", 2))?;
//!
//! let handler = WebhookHandler::<UntypedEvent>::new(WebhookVerifier::new([SECRET.parse()?])?);
//! let mut handled = Vec::new();
//! for delivery in sandbox.events() {
//!     let answer = handler
//!         .handle(&delivery.headers, &delivery.body, |event| {
//!             handled.push(event.event_type);
//!             async { Ok::<(), &str>(()) }
//!         })
//!         .await;
//!     sandbox.answer_event(&delivery, answer.status().as_u16());
//! }
//! assert_eq!(handled, ["trade.order.created", "product.stock.changed", "trade.order.paid"]);
//! # Ok(()) }
//! ```
//!
//! What isn't acknowledged with a 2xx comes again, after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h. [`EventFaults`] brings duplicates, another
//! order, wrong signatures and delays. [`Sandbox::rotate_event_secret`] brings a second signature. [`Sandbox::published_events`] says what was told, how often, and what was answered. Data is short and
//! never personal.
//!
//! # Over HTTP
//!
//! The same, unsigned and for this machine only, stands under `/sandbox/v1`:
//!
//! | request | what it does |
//! |---|---|
//! | `GET /sandbox/v1` | application, shop, tier, seed, time |
//! | `POST /sandbox/v1/orders` `{"lines": [{"sku_id", "quantity"}], "buyer_id", "message", "freight", "receiver": {"name", "phone", "address"}}` | places an order; only `lines` is required |
//! | `POST /sandbox/v1/orders/{id}/pay` `{"method", "channel"}` | pays it |
//! | `POST /sandbox/v1/orders/{id}/fail-payment` `{"method", "channel", "failure": "insufficient_funds" \| "declined" \| "cancelled" \| "timed_out"}` | tries to pay it, and can't |
//! | `POST /sandbox/v1/orders/{id}/confirm` | confirms its receipt |
//! | `POST /sandbox/v1/orders/{id}/promise-extension` `{"agrees"}` | the buyer answers whether he grants more time to ship it |
//! | `POST /sandbox/v1/orders/{id}/address-changes` `{"name", "phone", "address"}`, `POST /sandbox/v1/address-changes/{id}/withdraw` | the buyer asks for another receiver; wants none any more |
//! | `POST /sandbox/v1/orders/{id}/invoices` `{"kind": "electronic" \| "electronic_special" \| "paper", "person_name" or "company": {"title", "tax_number", "bank_name", "bank_account"}, "email"}`, `POST /sandbox/v1/invoices/{id}/withdraw` | the buyer applies for an invoice; wants none any more |
//! | `POST /sandbox/v1/orders/{id}/refunds` `{"line_id", "returns_goods", "quantity", "amount", "reason", "explanation"}` | asks for a refund; nothing is required |
//! | `POST /sandbox/v1/orders/{id}/after-sales` `{"wish": "exchange" \| "repair" \| "resend", "line_id", "quantity", "wanted_sku_id", "explanation"}` | asks for goods instead; only `wish` is required |
//! | `POST /sandbox/v1/after-sales/{id}/return` `{"carrier_code", "tracking_number"}`, `/confirm`, `/ask-again`, `/withdraw` | goes on with an after-sale case |
//! | `POST /sandbox/v1/orders/{id}/review` `{"verdict": "start" \| "pass" \| "fail"}` | the risk control looks at it |
//! | `POST /sandbox/v1/refunds/{id}/return` `{"carrier_code", "tracking_number"}`, `/change` `{"amount"}`, `/accept`, `/decline`, `/withdraw` | goes on with a refund |
//! | `POST /sandbox/v1/refunds/{id}/messages` `{"text"}` | the buyer writes about a refund |
//! | `POST /sandbox/v1/items/{id}/audit` `{"verdict": "approve" \| "reject" \| "ban", "reason"}` | the platform looks at an item |
//! | `POST /sandbox/v1/shipments/{id}/carriage` `{"carriage": "pick_up" \| "set_out" \| "fail" \| "deliver" \| "return" \| "lose"}` | the carrier moves a shipment |
//! | `POST /sandbox/v1/waybills/{id}/print` | the seller prints a waybill |
//! | `GET /sandbox/v1/clock`, `POST /sandbox/v1/clock/advance` `{"milliseconds"}` | the platform's time |
//! | `POST /sandbox/v1/scenarios` `{"buyer_id", "steps": ["pays", {"places": …}, …]}` | what happens around a buyer, told in one go; the steps are the methods of [`Scenario`], with their arguments as the routes above have them |
//! | `POST /sandbox/v1/traffic` `{"orders_per_second", "seed", "paid_share", "refund_share", "limit"}`, `GET`, `DELETE` | buyers come by themselves; how many have come; no more come |
//! | `GET /sandbox/v1/snapshot`, `POST /sandbox/v1/restore` | the whole platform as a document of type `application/x-ndjson`, as [`Sandbox::save`] writes it; goes on from the one that is sent, with the settings that this sandbox was started with |
//! | `POST /sandbox/v1/faults` `{"effect": "status" \| "delay" \| "drop" \| "slow_body" \| "cut_body", …}` | injects a fault: `status`, `retry_after_ms`, `without_body`; `delay_ms`; `bytes`, `pause_ms`; `after_effect`; `next` or `share` with `seed`; `method`, `path_prefix`, `operation` |
//! | `GET /sandbox/v1/faults`, `DELETE /sandbox/v1/faults`, `DELETE /sandbox/v1/faults/{id}` | lists faults, takes them out |
//! | `POST /sandbox/v1/events/callback` `{"url", "secret"}`, `DELETE /sandbox/v1/events/callback` | tells events to an address of this machine; stops it |
//! | `GET /sandbox/v1/events` | the events so far, their attempts and answers |
//! | `POST /sandbox/v1/events/secret` `{"secret"}` | signs with a second secret, too |
//! | `POST /sandbox/v1/events/faults` `{"duplicates", "shuffled", "other_versions", "forged_share", "held_back_share", "held_back_ms", "backdated_share", "backdated_ms"}` | what goes wrong with events from now on; what is absent doesn't |
//! | `GET /sandbox/v1/requests`, `DELETE /sandbox/v1/requests` | the latest requests, without secrets |
//! | `POST /sandbox/v1/tokens` `{"app_key", "shop_id", "scopes", "role", "expires_in_ms", "algorithm"}`, `POST /sandbox/v1/tokens/revoke` `{"access_token"}` | gives and takes tokens |
//! | `POST /sandbox/v1/token-keys/rotate`, `/withdraw`, `/hide` `{"hidden"}` | a new key for tokens, the old ones taken back, the current one left out of the published set |
//! | `POST /sandbox/v1/oauth/authorize` `{"url", "shop_id", "scopes", "role", "declines"}` | the shop's owner opens the page at `url` and agrees, or declines; answers with the `location` of the redirect |
//! | `POST /sandbox/v1/oauth/redirect_uris` `{"app_key", "redirect_uri"}` | registers an address |
//! | `POST /sandbox/v1/oauth/lives` `{"access_token", "refresh_token", "told"}` | how long tokens live that are given from now on, in seconds, and what `expires_in` tells |
//! | `POST /sandbox/v1/oauth/expire`, `/revoke` `{"shop_id"}` | ends a shop's access tokens early, or its authorisation |
//! | `POST /sandbox/v1/apps` `{"app_key", "app_secret", "tier"}` | adds an application |
//! | `POST /sandbox/v1/reset` | begins anew |
//!
//! Bodies are JSON and must say so. Orders, refunds, after-sale cases, items, shipments and waybills are those of the demo shop unless `?shop_id=` names
//! another. Errors have the protocol's form.
//!
//! Operations take and answer JSON and XML alike, as `content-type` and `accept` say.
//!
//! # What is not here yet
//!
//! Of requests that a client pipelines, only the first is checked for a length that is given twice.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod business;
mod control;
mod description;
mod dice;
mod doors;
mod example;
mod fault;
mod moved_clock;
mod oauth;
mod platform;
mod protocol;
mod received;
mod sandbox;
mod seed;
mod snapshot;
mod xml;

pub use control::{
    AfterSaleRequest, AfterSaleWish, AuditVerdict, Buyer, Carriage, ControlError, InvoiceRequest, Payment,
    PaymentChannel, PaymentFailure, Purchase, RefundReason, RefundRequest, ReviewVerdict, Scenario, Told, Traffic,
    TrafficReport,
};
pub use doors::{MemoryDoor, Server};
pub use example::run_example;
pub use fault::{Fault, InjectedFault};
pub use moved_clock::MovedClock;
pub use platform::{Answer, Cut, Pace, Platform, Request, RequestBody};
pub use protocol::data_keys::Reveal;
pub use protocol::event_faults::EventFaults;
pub use protocol::outbox::{EventDelivery, PublishedEvent};
pub use protocol::quota::{Tier, UnknownTier};
pub use protocol::token::{Grant, Role, UnknownRole};
pub use received::Received;
pub use sandbox::{Sandbox, SandboxBuilder};
pub use snapshot::SnapshotError;

/// The README's code is compiled, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
