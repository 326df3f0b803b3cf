//! `Sandbox`: a platform with a clock, and the doors to it.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ecloud_core::{Client, ClientBuilder, Clock, ManualClock, SystemClock, Timestamp};
use tokio::net::TcpListener;

use crate::business::Shop;
use crate::control::{
    AuditVerdict, Buyer, Carriage, ControlError, ReviewVerdict, Scenario, Traffic, TrafficReport, operator,
};
use crate::doors::{CallbackDoor, MemoryDoor, Server, WiremockDoor};
use crate::fault::{Fault, InjectedFault};
use crate::moved_clock::MovedClock;
use crate::platform::{Platform, Refusal, Settings};
use crate::protocol::data_keys::Reveal;
use crate::protocol::quota::Tier;
use crate::protocol::token::{Grant, ISSUER, TokenForm};
use crate::protocol::token_keys::TokenKeys;
use crate::received::Received;
use crate::seed::examples;
use crate::snapshot::{SnapshotError, write_whole};

/// A whole platform in this process: strict as the real one, with its clock, its buyers and its faults in a test's hand.
///
/// Clones are the same sandbox. See the [crate's page](crate) for how to use it.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
    wiremock: Option<Arc<WiremockDoor>>,
}

struct Inner {
    platform: Arc<Platform>,
    /// What sends events to callbacks, once it was started.
    callbacks: CallbackDoor,
    clock: Arc<dyn Clock>,
    /// Whether the clock came from outside, and clients should go by it too.
    own_clock: bool,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("endpoint", &self.endpoint())
            .field("settings", self.inner.platform.settings())
            .finish()
    }
}

/// Says what a sandbox is to be like.
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until it starts or builds"]
pub struct SandboxBuilder {
    settings: Settings,
    clock: Option<Arc<dyn Clock>>,
}

impl SandboxBuilder {
    /// A clock that shows `moment` when this is called and goes on from there as fast as the system's.
    pub fn starting_at(self, moment: Timestamp) -> Self {
        self.clock(Arc::new(MovedClock::starting_at(moment)))
    }

    /// The platform's clock; the system's unless given. On a [`ManualClock`](ecloud_core::ManualClock) nothing ever waits.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// How much the application may ask for; [`Tier::Standard`] unless given.
    pub fn tier(mut self, tier: Tier) -> Self {
        self.settings.tier = tier;
        self
    }

    /// What the seed data, the credentials and all chance follow from; 1 unless given. It comes before [`app`](Self::app) and
    /// [`access_token`](Self::access_token), which it would overwrite.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings = self.settings.with_seed(seed);
        self
    }

    /// The application's key and secret.
    pub fn app(mut self, app_key: impl Into<String>, app_secret: impl Into<String>) -> Self {
        self.settings.app_key = app_key.into();
        self.settings.app_secret = app_secret.into();
        self
    }

    /// The demo shop's identifier; `demo-shop` unless given.
    pub fn shop(mut self, shop_id: impl Into<String>) -> Self {
        self.settings.shop_id = shop_id.into();
        self
    }

    /// The shop and the moment in which the examples of the API's reference play: every operation's example, as it stands there, succeeds.
    /// The clock stands still at 1 March 2026, 08:00 UTC, unless one is given afterwards.
    pub fn examples(mut self) -> Self {
        self.settings.shop_id = examples::SHOP_ID.to_owned();
        self.clock(Arc::new(ManualClock::new(examples::NOW)))
    }

    /// The token that allows everything in the demo shop: an opaque one, instead of the JWT that the sandbox makes out.
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.settings.access_token = Some(token.into());
        self
    }

    /// Gives out opaque tokens instead of JWTs, here and by the authorisation server. What they grant only the platform knows.
    pub fn opaque_tokens(mut self) -> Self {
        self.settings.token_form = TokenForm::Opaque;
        self
    }

    /// The longest time that a change takes to show in lists of changes; 5 minutes unless given, as the protocol allows.
    pub fn change_delay(mut self, longest: Duration) -> Self {
        self.settings.change_delay = longest;
        self
    }

    /// How many received requests are listed, the latest; 1,000 unless given.
    pub fn received_capacity(mut self, count: usize) -> Self {
        self.settings.received_capacity = count;
        self
    }

    /// How many nonces fit in the platform's memory; 2,000,000 unless given. When it is full, the platform answers 503.
    pub fn nonce_capacity(mut self, count: usize) -> Self {
        self.settings.nonce_capacity = count;
        self
    }

    /// The sandbox, without a port: for [`transport`](Sandbox::transport) and [`serve`](Sandbox::serve).
    pub fn build(self) -> Sandbox {
        let own_clock = self.clock.is_none();
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        Sandbox::of(Platform::new(self.settings, clock.now()), clock, own_clock)
    }

    /// The sandbox that [`Sandbox::save`] has saved to a file, without a port, as if it had never ended: its shops, applications, tokens, faults and
    /// chance, and the settings that it was started with. Of this builder's own settings only the [clock](Self::clock) counts.
    ///
    /// Time goes on by the given clock, and what it has brought since then happens. Where none is given it is the system's, or, where the saved sandbox
    /// had been given one, a clock that shows the moment at which it was saved and goes on from there.
    ///
    /// # Errors
    ///
    /// Where the file can't be read, or is no whole snapshot of this version; the error names the line.
    pub fn restore(self, path: impl AsRef<Path>) -> Result<Sandbox, SnapshotError> {
        let (platform, head) = Platform::restored(&mut BufReader::new(File::open(path)?))?;
        let (clock, own_clock): (Arc<dyn Clock>, bool) = match self.clock {
            Some(clock) => (clock, false),
            None if head.given_clock => (Arc::new(MovedClock::starting_at(head.saved_at)), false),
            None => (Arc::new(SystemClock::new()), true),
        };
        Ok(Sandbox::of(platform, clock, own_clock))
    }

    /// A [restored](Self::restore) sandbox, on a port of its own as [`start`](Self::start) opens it.
    ///
    /// # Errors
    ///
    /// Those of [`restore`](Self::restore).
    pub async fn start_restored(self, path: impl AsRef<Path>) -> Result<Sandbox, SnapshotError> {
        Ok(self.restore(path)?.on_a_port().await)
    }

    /// The sandbox, on a port of its own: a [`wiremock::MockServer`] for a test. Dropping the future stops what was started.
    pub async fn start(self) -> Sandbox {
        self.build().on_a_port().await
    }
}

impl Sandbox {
    /// A sandbox to be configured.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    /// A sandbox on a port of its own, which closes when the last clone is dropped.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = ecloud_sandbox::Sandbox::start().await;
    /// assert!(sandbox.endpoint().starts_with("http://127.0.0.1:"));
    /// # Ok(()) }
    /// ```
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Answers on `listener`, too, until the server is stopped or dropped: the door that passes everything on as it was sent.
    ///
    /// It runs on the tokio runtime that it is called on.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let sandbox = ecloud_sandbox::Sandbox::builder().build();
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// let server = sandbox.serve(listener)?;
    /// assert!(server.endpoint().starts_with("http://127.0.0.1:"));
    /// server.stop().await;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where the listener has no local address.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn serve(&self, listener: TcpListener) -> io::Result<Server> {
        self.open_callbacks();
        Server::start(self.clone(), listener)
    }

    /// The sandbox as a client's transport, without any network. Delays are the clock's.
    pub fn transport(&self) -> MemoryDoor {
        MemoryDoor::new(self.clone())
    }

    /// A client of this sandbox, to be built: endpoint, application and token are filled in, and the clock where one was given. Without
    /// a port it talks in memory.
    pub fn client(&self) -> ClientBuilder {
        let mut client = Client::builder()
            .endpoint(self.endpoint())
            .app(self.app_key(), self.app_secret())
            .access_token(self.access_token());
        if !self.inner.own_clock {
            client = client.clock(Arc::clone(&self.inner.clock));
        }
        if self.wiremock.is_none() {
            client = client.transport(self.transport());
        }
        client
    }

    /// Where the sandbox answers: the address of its own port, or `http://localhost` where it has none.
    pub fn endpoint(&self) -> String {
        self.wiremock.as_ref().map_or_else(|| "http://localhost".to_owned(), |door| door.server().uri())
    }

    /// The mock server of a sandbox that was [started](Self::start): mount a [`wiremock::Mock`] on it, and it answers in the
    /// sandbox's place. The sandbox itself stands at the lowest priority.
    pub fn mock_server(&self) -> Option<&wiremock::MockServer> {
        self.wiremock.as_deref().map(WiremockDoor::server)
    }

    /// The application's key.
    pub fn app_key(&self) -> &str {
        &self.settings().app_key
    }

    /// The application's secret.
    pub fn app_secret(&self) -> &str {
        &self.settings().app_secret
    }

    /// The token that allows everything in the demo shop.
    pub fn access_token(&self) -> &str {
        self.inner.platform.access_token()
    }

    /// What the platform calls itself: the `iss` of its tokens.
    pub fn issuer(&self) -> &'static str {
        ISSUER
    }

    /// Signs tokens with a new key from now on. Those of the old keys are still taken, and the old keys are published beside the new one.
    pub fn rotate_token_key(&self) {
        self.inner.platform.state().tokens.change_keys(TokenKeys::rotate);
    }

    /// Takes back all keys but the one that tokens are signed with: tokens of the others are not taken any more.
    pub fn withdraw_old_token_keys(&self) {
        self.inner.platform.state().tokens.change_keys(TokenKeys::withdraw_old);
    }

    /// Leaves the key that tokens are signed with out of the published set, or puts it in again. The platform takes its tokens all the same;
    /// whoever goes by the set doesn't know their key.
    pub fn hide_token_key(&self, hidden: bool) {
        self.inner.platform.state().tokens.change_keys(|keys| keys.hide(hidden));
    }

    /// The demo shop.
    pub fn shop_id(&self) -> &str {
        &self.settings().shop_id
    }

    /// The heart, for a door of your own.
    pub fn platform(&self) -> &Platform {
        &self.inner.platform
    }

    /// The platform's time.
    pub fn now(&self) -> Timestamp {
        self.outside_now() + self.inner.platform.state().advanced
    }

    /// The buyers of the demo shop.
    pub fn buyer(&self) -> Buyer {
        self.buyer_of(self.shop_id())
    }

    /// The buyers of any shop.
    pub fn buyer_of(&self, shop_id: impl Into<String>) -> Buyer {
        Buyer::new(self.clone(), shop_id.into())
    }

    /// What happens around one buyer of the demo shop, told in one go.
    ///
    /// ```
    /// use ecloud_sandbox::{Carriage, Purchase, RefundRequest, Sandbox};
    ///
    /// # fn main() -> Result<(), ecloud_sandbox::ControlError> {
    /// let sandbox = Sandbox::builder().build();
    /// let told = sandbox
    ///     .scenario("b-ann")
    ///     .places(Purchase::new("S1000001-1", 2))
    ///     .pays()
    ///     .seller_ships()
    ///     .carries(Carriage::PickUp)
    ///     .carries(Carriage::SetOut)
    ///     .carries(Carriage::Deliver)
    ///     .refunds(RefundRequest::new().returns_goods().quantity(1))
    ///     .seller_agrees()
    ///     .play()?;
    /// assert!(told.order_id().starts_with('T') && told.refund_id().starts_with('R'));
    /// # Ok(()) }
    /// ```
    pub fn scenario(&self, buyer_id: impl Into<String>) -> Scenario {
        Scenario::new(self.clone(), self.shop_id().to_owned(), buyer_id.into())
    }

    /// Lets buyers come to the demo shop by themselves from now on, instead of those that came before.
    ///
    /// # Errors
    ///
    /// Where a rate or a share is out of its range.
    pub fn start_traffic(&self, traffic: Traffic) -> Result<(), ControlError> {
        self.act(|shop, now| traffic.start(shop, now))
    }

    /// How much traffic there was until now; nothing where none was started.
    pub fn traffic(&self) -> Option<TrafficReport> {
        let within = |shop: &mut Shop, _| Ok(TrafficReport::of(shop));
        self.inner.platform.within(self.shop_id(), self.outside_now(), within).ok().flatten()
    }

    /// No more buyers come by themselves. Answers with how much traffic there was.
    pub fn stop_traffic(&self) -> Option<TrafficReport> {
        let report = self.traffic();
        _ = self.act(|shop, _| {
            shop.traffic = None;
            Ok(())
        });
        report
    }

    /// Puts the platform's clock forward, and not the client's: orders time out, parcels arrive, tokens and cursors expire. Where both
    /// should move, share a [`ManualClock`](ecloud_core::ManualClock) and move that.
    pub fn advance(&self, duration: Duration) {
        self.inner.platform.state().advance(duration);
        self.inner.platform.stirred.notify_one();
    }

    /// Lets something go wrong. Answers with the fault's number.
    pub fn inject(&self, fault: Fault) -> u64 {
        self.inner.platform.state().faults.inject(fault)
    }

    /// All faults that were injected, and how often each has happened.
    pub fn faults(&self) -> Vec<InjectedFault> {
        self.inner.platform.state().faults.list()
    }

    /// Takes one fault out; whether there was one.
    pub fn remove_fault(&self, id: u64) -> bool {
        self.inner.platform.state().faults.remove(id)
    }

    /// Takes all faults out.
    pub fn clear_faults(&self) {
        self.inner.platform.state().faults.clear();
    }

    /// The latest requests that came in, oldest first, without secrets. Requests to the control interface are not among them.
    pub fn received(&self) -> Vec<Received> {
        self.inner.platform.state().received.list()
    }

    /// Forgets the requests that came in.
    pub fn clear_received(&self) {
        self.inner.platform.state().received.clear();
    }

    /// Adds another application, or replaces the one with this key.
    pub fn add_app(&self, app_key: &str, app_secret: &str, tier: Tier) {
        self.inner.platform.state().add_app(app_key, app_secret, tier);
    }

    /// Gives the application another token, with what `grant` allows. A shop that isn't there yet is opened.
    pub fn issue_token(&self, grant: Grant) -> String {
        self.issue_token_to(self.app_key(), grant)
    }

    /// Gives another application a token, with what `grant` allows.
    pub fn issue_token_to(&self, app_key: &str, grant: Grant) -> String {
        self.inner.platform.issue_token(app_key, grant, self.outside_now())
    }

    /// Takes a token back; whether there was one.
    pub fn revoke_token(&self, token: &str) -> bool {
        self.inner.platform.state().tokens.revoke(token)
    }

    /// Gives the application another data key, and retires the one before it. Answers with the new key's id.
    pub fn rotate_data_key(&self) -> String {
        let now = self.now();
        self.inner.platform.state().security.rotate(self.app_key(), now)
    }

    /// Gives the application the data-key grant, or takes it: with it personal fields in answers are sealed with the application's own
    /// active data key, without it with the platform's.
    pub fn grant_data_keys(&self, is_granted: bool) {
        let now = self.now();
        self.inner.platform.state().security.grant(self.app_key(), is_granted, now);
    }

    /// What was revealed, to whom and what for: the platform's own record of `POST /security/v1/reveal`, oldest first, 10,000 at most.
    pub fn reveals(&self) -> Vec<Reveal> {
        self.inner.platform.state().security.reveals()
    }

    /// The platform has looked at an item of the demo shop.
    ///
    /// # Errors
    ///
    /// Where there is no such item, or its state doesn't allow it.
    pub fn audit_item(&self, item_id: &str, verdict: AuditVerdict) -> Result<(), ControlError> {
        self.act(|shop, now| operator::audit(shop, item_id, verdict, now))
    }

    /// The risk control looks at an order of the demo shop.
    ///
    /// # Errors
    ///
    /// Where there is no such order, or its state doesn't allow it.
    pub fn review_order(&self, order_id: &str, verdict: ReviewVerdict) -> Result<(), ControlError> {
        self.act(|shop, now| operator::review(shop, order_id, verdict, now))
    }

    /// A carrier does something with a shipment of the demo shop.
    ///
    /// # Errors
    ///
    /// Where there is no such shipment, or its state doesn't allow it.
    pub fn carry(&self, shipment_id: &str, carriage: Carriage) -> Result<(), ControlError> {
        self.act(|shop, now| operator::carry(shop, shipment_id, carriage, now))
    }

    /// Saves all of the platform to a file, which [`SandboxBuilder::restore`] goes on from: shops with all they hold, applications, tokens and
    /// authorisations, quota, idempotency keys, nonces, events, faults, chance, and how far the clock was put forward. It streams, whatever is
    /// in the shops; requests wait meanwhile.
    ///
    /// The file is there whole or not at all, and takes the place of one with the same name. Personal fields stand in it as ciphertexts; the
    /// secrets of the applications, and the seed that all keys follow from, stand in it as they are, so only its owner may read it.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use ecloud_sandbox::{Purchase, Sandbox};
    ///
    /// # let folder = std::env::temp_dir().join(format!("ecloud-sandbox-doc-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("shop.snapshot");
    /// let sandbox = Sandbox::builder().build();
    /// let order_id = sandbox.buyer().buy(Purchase::new("S1000001-1", 2))?;
    /// sandbox.save(&path)?;
    ///
    /// let again = Sandbox::builder().restore(&path)?;
    /// again.buyer().confirm_receipt(&order_id).expect_err("it isn't shipped, there as here");
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where the file can't be written; what was there before is there still.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), SnapshotError> {
        write_whole(path.as_ref(), |out| self.inner.platform.save(out, self.outside_now()))
    }

    /// Goes on, in this sandbox, from what one with the same settings has [saved](Self::save): all that has happened since is undone. The clock
    /// stays; how far the platform's own was put forward is as it was saved.
    ///
    /// # Errors
    ///
    /// Where the file can't be read, is no whole snapshot of this version, or of a sandbox that was started with other settings than this one. Then
    /// nothing has changed.
    pub fn restore(&self, path: impl AsRef<Path>) -> Result<(), SnapshotError> {
        self.inner.platform.go_back_to(&mut BufReader::new(File::open(path)?))
    }

    /// Begins anew, with the clock as it is outside and everything as it was at the start.
    pub fn reset(&self) {
        self.inner.platform.reset(self.outside_now());
    }

    fn act<T>(&self, act: impl FnOnce(&mut Shop, Timestamp) -> Result<T, Refusal>) -> Result<(), ControlError> {
        self.inner.platform.within(self.shop_id(), self.outside_now(), act).map(drop)
    }

    fn of(platform: Platform, clock: Arc<dyn Clock>, own_clock: bool) -> Self {
        let (platform, callbacks) = (Arc::new(platform.by_given_clock(!own_clock)), CallbackDoor::default());
        Self { inner: Arc::new(Inner { platform, callbacks, clock, own_clock }), wiremock: None }
    }

    async fn on_a_port(mut self) -> Self {
        self.open_callbacks();
        let door = WiremockDoor::open(self.clone()).await;
        self.wiremock = Some(Arc::new(door));
        self
    }

    fn settings(&self) -> &Settings {
        self.inner.platform.settings()
    }

    /// Sends events to the callback that is set, or will be, from now on.
    pub(crate) fn open_callbacks(&self) {
        self.inner.callbacks.open(&self.inner.platform, &self.inner.clock);
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// Whether the clock came from outside.
    pub(crate) fn has_clock_of_its_own(&self) -> bool {
        !self.inner.own_clock
    }

    /// The time outside, which the platform's own may be ahead of.
    pub(crate) fn outside_now(&self) -> Timestamp {
        self.inner.clock.now()
    }
}
