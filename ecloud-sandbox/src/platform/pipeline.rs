//! The way of a request through the platform: the checks of protocol section 2, in its order, then the operation.

use std::time::Duration;

use bytes::Bytes;
use ecloud_core::Timestamp;
use ecloud_core::dialect::ecloud::Incoming;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, StatusCode};
use serde_json::Value;

use super::reply::Reply;
use super::{Answer, Cut, Refusal, Request, RequestBody, Settings, State, file};
use crate::business::{Actor, Call, handler};
use crate::description::{Body, Description, Operation, Query};
use crate::fault::{Fault, Harm};
use crate::oauth;
use crate::protocol::idempotency::{Fingerprint, KeyOf, Lookup, Outcome};
use crate::protocol::quota::QuotaState;
use crate::protocol::{media, token, well_known};
use crate::received::{Received, shown_body, shown_headers};
use crate::xml::Format;

/// What is known of a request so far, for its answer's head and for the list of received requests.
#[derive(Default)]
struct Trace {
    operation: Option<&'static Operation>,
    quota: Option<QuotaState>,
    replayed: bool,
    code: Option<String>,
    /// The body, once it was found to be of the described shape.
    body: Option<Value>,
}

impl State {
    /// Answers a request that is not for the control interface.
    pub(super) fn answer(&mut self, settings: &Settings, request: &Request, now: Timestamp) -> Answer {
        let request_id = self.next_request_id();
        let path = request.target.split('?').next().unwrap_or_default();
        let meant = meant_operation(request.method.as_str(), path);
        let fault = self.faults.strike(request.method.as_str(), path, meant.map(|operation| operation.id.as_str()));

        let mut trace = Trace { operation: meant, ..Trace::default() };
        let mut reply = match &fault {
            Some(fault) if fault.replaces_effect() => Reply::bare(StatusCode::SERVICE_UNAVAILABLE),
            _ => match oauth::route(request) {
                Some(route) => {
                    let (reply, code) = self.answer_oauth(settings, route, request, now);
                    trace.code = code;
                    reply
                }
                None => self.reply(request, &request_id, fault.as_ref(), now, &mut trace),
            },
        };
        if let Some(Fault { harm: Harm::Status { status, retry_after, bare }, .. }) = &fault {
            let format = Format::wanted(&request.headers);
            reply = injected_error(*status, *retry_after, *bare, &request_id, format, &mut trace);
        }
        if let Some(quota) = &trace.quota {
            quota.write(&mut reply.headers);
        }
        self.log(request, &request_id, reply.status, fault.is_some(), trace, now);

        let mut answer = reply.into_answer(&request.method, &request_id, now);
        match fault.map(|fault| fault.harm) {
            Some(Harm::Delay(delay)) => answer.delay = delay,
            Some(Harm::Cut(cut)) => answer.cut = Some(cut),
            Some(Harm::Pace(pace)) => answer.pace = Some(pace),
            Some(Harm::Status { .. }) | None => {}
        }
        answer
    }

    fn reply(
        &mut self,
        request: &Request,
        request_id: &str,
        fault: Option<&Fault>,
        now: Timestamp,
        trace: &mut Trace,
    ) -> Reply {
        let delay = match fault.map(|fault| fault.harm) {
            Some(Harm::Delay(delay)) => delay,
            _ => Duration::ZERO,
        };
        if well_known::is_key_set(request) {
            return Reply::success(StatusCode::OK, Some(self.tokens.keys.published().to_string().into()), Format::Json);
        }
        let format = Format::wanted(&request.headers);
        let done = self.check(request, delay, now, trace).and_then(|outcome| {
            let body = outcome.body?.map(|json| in_format(json, format, trace.operation)).transpose()?;
            Ok((outcome.status, body))
        });
        match done {
            Ok((status, body)) => {
                let mut reply = match trace.operation.filter(|operation| operation.success.file) {
                    Some(_) => file::reply(status, body.unwrap_or_default(), &request.headers),
                    None => Reply::success(status, body, format),
                };
                mark_replay(&mut reply.headers, trace.replayed);
                reply
            }
            Err(refusal) => {
                trace.code = Some(refusal.code().to_owned());
                let mut reply = Reply::refusal(&refusal, request_id, format);
                mark_replay(&mut reply.headers, trace.replayed);
                reply
            }
        }
    }

    /// The checks of section 2 up to the idempotency key, in its order.
    fn check(
        &mut self,
        request: &Request,
        delay: Duration,
        now: Timestamp,
        trace: &mut Trace,
    ) -> Result<Outcome, Refusal> {
        let body = body_of(request)?;
        check_trailers(&request.trailers)?;
        let incoming = Incoming::parse(&request.method, &request.target, &request.headers, &body)?;
        let app = self.apps.iter().find(|app| app.app_key == incoming.app_key()).ok_or_else(app_unknown)?;
        incoming.verify(&app.key, now)?;
        self.nonces.record(incoming.app_key(), incoming.nonce(), now)?;

        let found = Description::get().find(request.method.as_str(), incoming.segments());
        let (operation, path) = found.ok_or_else(route_not_found)?;
        trace.operation = Some(operation);
        media::check(operation, &request.headers, !body.is_empty())?;
        let grant = self.tokens.check(&app.app_key, incoming.access_token(), operation, now)?;
        if let Some(grant) = &grant {
            token::permit(grant, operation)?;
        }
        let actor = grant.as_ref().map_or(Actor::Seller, |grant| grant.role.into());
        let shop_id = grant.filter(|_| operation.shop).map(|grant| grant.shop_id);

        let (quota, spent) =
            self.quotas.spend(&app.app_key, app.tier, &operation.quota.group, operation.quota.weight, now);
        trace.quota = Some(quota);
        spent?;

        let app_key = app.app_key.clone();
        let query = Query::new(incoming.query().to_vec());
        let kept = incoming.idempotency_key().filter(|_| is_write(request)).map(|key| {
            let key = KeyOf { app_key: app_key.clone(), shop_id: shop_id.clone(), key: key.to_owned() };
            (key, fingerprint(request, incoming.query(), &body))
        });
        if let Some((key, fingerprint)) = &kept
            && let Lookup::Replay(outcome) = self.idempotency.look_up(key, *fingerprint, now)?
        {
            trace.replayed = true;
            return Ok(outcome);
        }
        let format = Format::of_body(&request.headers);
        let shop = (shop_id.as_deref(), actor);
        let outcome = self.operate(operation, path, query, (&body, format), &app_key, shop, now, trace);
        if let Some((key, fingerprint)) = kept.filter(|_| !outcome.status.is_server_error()) {
            self.idempotency.keep(key, fingerprint, outcome.clone(), now, delay);
        }
        Ok(outcome)
    }

    /// The operation with its parameters.
    #[expect(clippy::too_many_arguments, reason = "all that the checks have found out, and used once")]
    fn operate(
        &mut self,
        operation: &'static Operation,
        path: Vec<(&'static str, String)>,
        query: Query,
        (body, format): (&Bytes, Format),
        app_key: &str,
        (shop_id, actor): (Option<&str>, Actor),
        now: Timestamp,
        trace: &mut Trace,
    ) -> Outcome {
        let caller = self.security.caller(app_key);
        let security = &mut self.security;
        let cursors = &self.cursors;
        let done = self.market.shop(shop_id.unwrap_or_default(), now).and_then(|shop| {
            operation.check_parameters(&path, &query)?;
            caller.scope(|| {
                let file = body;
                let body = match &operation.body {
                    Some(description) => description.read(body, format, &shop.safe)?,
                    None if body.is_empty() => None,
                    None => return Err(Refusal::invalid_field("body", "is not taken by this operation")),
                };
                trace.body.clone_from(&body);
                let is_file = operation.body.as_ref().is_some_and(Body::is_file);
                let bytes = if is_file { file.clone() } else { Bytes::new() };
                let handle = handler(&operation.operation_id).expect("a test checks that each operation has a handler");
                let shop = &mut *shop.acting(actor);
                handle(&mut Call { operation, path, query, body, bytes, app_key, shop, cursors, security, now })
            })
        });
        match done {
            Ok(body) => {
                let status = StatusCode::from_u16(operation.success.status).unwrap_or(StatusCode::OK);
                Outcome { status, body: Ok(body) }
            }
            Err(refusal) => Outcome { status: refusal.status(), body: Err(refusal) },
        }
    }

    fn log(
        &mut self,
        request: &Request,
        request_id: &str,
        status: StatusCode,
        faulted: bool,
        trace: Trace,
        now: Timestamp,
    ) {
        if self.received.is_off() {
            return;
        }
        self.received.push(Received {
            at: now,
            request_id: request_id.to_owned(),
            method: request.method.to_string(),
            target: shown_target(request),
            headers: shown_headers(&request.headers),
            body: trace.body.or_else(|| trace.replayed.then(|| shown(request, trace.operation)).flatten()),
            operation: trace.operation.map(|operation| operation.id.clone()),
            status: status.as_u16(),
            code: trace.code,
            replayed: trace.replayed,
            faulted,
        });
    }
}

/// The target as sent; without the query where that holds what proves an authorisation.
fn shown_target(request: &Request) -> String {
    let target = match oauth::route(request) {
        Some(_) => request.target.split('?').next().unwrap_or_default(),
        None => &request.target,
    };
    target.to_owned()
}

/// The body of a replayed request: it is the one that was taken before.
fn shown(request: &Request, operation: Option<&Operation>) -> Option<Value> {
    let description = operation?.body.as_ref()?;
    match &request.body {
        RequestBody::Whole(bytes) => {
            shown_body(bytes, |bytes| description.parse(bytes, Format::of_body(&request.headers)).ok())
        }
        RequestBody::TooLarge | RequestBody::Incomplete => None,
    }
}

/// A success's body in the format asked for. What is kept is JSON, so a replay may be asked for in the other.
fn in_format(json: Bytes, format: Format, operation: Option<&Operation>) -> Result<Bytes, Refusal> {
    match (format, operation) {
        (Format::Xml, Some(operation)) if !operation.success.file => operation.success.to_xml(&json),
        _ => Ok(json),
    }
}

/// The operation that a request means, whatever else may be wrong with it.
fn meant_operation(method: &str, path: &str) -> Option<&'static Operation> {
    let segments: Vec<String> = path.split('/').skip(1).map(str::to_owned).collect();
    Description::get().find(method, &segments).map(|(operation, _)| operation)
}

fn body_of(request: &Request) -> Result<Bytes, Refusal> {
    match &request.body {
        RequestBody::Whole(bytes) if bytes.len() <= Request::BODY_LIMIT => Ok(bytes.clone()),
        RequestBody::Whole(_) | RequestBody::TooLarge => Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "request.too_large",
            format!("the body is larger than {} bytes", Request::BODY_LIMIT),
        )),
        RequestBody::Incomplete => Err(Refusal::invalid("the body ended before all of it was there")),
    }
}

/// Section 1: none of its headers may come as a trailer.
fn check_trailers(trailers: &HeaderMap) -> Result<(), Refusal> {
    let is_own = |name: &HeaderName| {
        name.as_str().starts_with("x-ecloud-")
            || [AUTHORIZATION, ACCEPT, CONTENT_TYPE].contains(name)
            || name == "idempotency-key"
    };
    match trailers.keys().find(|name| is_own(name)) {
        Some(name) => Err(Refusal::invalid(format!("`{name}` came as a trailer"))),
        None => Ok(()),
    }
}

fn app_unknown() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "auth.app_unknown", "the platform knows no such application")
}

fn route_not_found() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "request.route_not_found",
        "the platform has no such route, or the route no such method",
    )
}

fn is_write(request: &Request) -> bool {
    request.method != http::Method::GET && request.method != http::Method::HEAD
}

fn fingerprint(request: &Request, query: &[(String, String)], body: &Bytes) -> Fingerprint {
    let path = request.target.split('?').next().unwrap_or_default();
    let content_type = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    Fingerprint::of(request.method.as_str(), path, query, content_type, body)
}

fn mark_replay(headers: &mut HeaderMap, replayed: bool) {
    if replayed {
        headers.insert("x-ecloud-idempotent-replay", http::HeaderValue::from_static("true"));
    }
}

/// An error that a test asked for, in the protocol's form unless it is to be bare.
fn injected_error(
    status: StatusCode,
    retry_after: Option<Duration>,
    bare: bool,
    request_id: &str,
    format: Format,
    trace: &mut Trace,
) -> Reply {
    let code = match status.as_u16() {
        429 => "quota.exceeded",
        409 => "idempotency.in_progress",
        502..=504 => "server.unavailable",
        400..=499 => "request.invalid",
        _ => "server.internal",
    };
    trace.code = Some(code.to_owned());
    let mut refusal = Refusal::new(status, code, "a fault that was injected into the sandbox");
    if let Some(delay) = retry_after {
        refusal = refusal.with_retry_after(delay);
    }
    let mut reply = Reply::refusal(&refusal, request_id, format);
    if bare {
        reply.body = None;
    }
    reply
}

/// Whether an answer never leaves its door.
impl Answer {
    /// Whether the door closes the connection without sending anything.
    pub fn is_dropped(&self) -> bool {
        self.cut == Some(Cut::Connection)
    }
}
