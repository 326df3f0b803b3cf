//! What a token says.

use serde_json::{Map, Value};

use super::Role;
use super::compact::Compact;
use crate::Timestamp;

/// What an access token says of itself (protocol section 5).
///
/// Who made them out tells how far they can be trusted: those of `Verifier::verify` were signed by the platform, those of
/// [`Claims::of`] were not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// `iss`: the platform that gave the token out.
    pub issuer: String,
    /// `aud`: the application that it was given to, by its key. Mostly one.
    pub audience: Vec<String>,
    /// `sub`: the shop that it acts for.
    pub subject: String,
    /// `exp`: from then on it isn't taken.
    pub expires_at: Timestamp,
    /// `nbf`: before that it isn't taken.
    pub not_before: Option<Timestamp>,
    /// `iat`: when it was given out.
    pub issued_at: Timestamp,
    /// `jti`: its own name.
    pub id: Option<String>,
    /// `scope`: what it may be used for, in its order.
    pub scopes: Vec<String>,
    /// `role`: on whose behalf it acts.
    pub role: Role,
    /// `tier`: how much the application may ask for. It only reports it.
    pub tier: Option<String>,
}

impl Claims {
    /// Reads the claims of a token **without verifying anything**: neither who signed it, nor for whom, nor until when. `None` for an opaque
    /// token, and for one that doesn't have the protocol's claims.
    ///
    /// It is for the application that holds the token, to know beforehand what the platform will say. A platform must not ask it.
    ///
    /// ```
    /// use ecloud_core::jwt::Claims;
    ///
    /// assert_eq!(Claims::of("an-opaque-token"), None);
    /// ```
    pub fn of(token: &str) -> Option<Self> {
        let compact = Compact::split(token)?;
        let header = compact.header()?;
        header.get("alg")?.as_str()?;
        Self::read(&compact.payload()?).ok()
    }

    /// Reads the claims, or says which one is wrong.
    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, &'static str> {
        let text = |name: &str| members.get(name).map(|value| value.as_str().filter(|text| !text.is_empty()));
        let time = |name: &str| members.get(name).map(numeric_date);
        Ok(Self {
            issuer: text("iss").flatten().ok_or("iss is missing or no text")?.to_owned(),
            audience: audience(members.get("aud")).ok_or("aud is missing, or neither a text nor a list of texts")?,
            subject: text("sub").flatten().ok_or("sub is missing or no text")?.to_owned(),
            expires_at: time("exp").flatten().ok_or("exp is missing or no time")?,
            not_before: time("nbf").map(|time| time.ok_or("nbf is no time")).transpose()?,
            issued_at: time("iat").flatten().ok_or("iat is missing or no time")?,
            id: text("jti").map(|id| id.ok_or("jti is no text")).transpose()?.map(str::to_owned),
            scopes: scopes(members.get("scope")).ok_or("scope is missing or no text")?,
            role: text("role").flatten().ok_or("role is missing or no text")?.into(),
            tier: text("tier").map(|tier| tier.ok_or("tier is no text")).transpose()?.map(str::to_owned),
        })
    }
}

/// Seconds since 1970, with a fraction perhaps (RFC 7519, section 2), from 1970 to the year 9999.
fn numeric_date(value: &Value) -> Option<Timestamp> {
    if let Some(seconds) = value.as_i64() {
        let time = Timestamp::from_unix_seconds(seconds);
        return (seconds >= 0 && time.unix_seconds() == seconds).then_some(time);
    }
    let seconds = value.as_f64()?;
    let is_in_range = seconds >= 0.0 && seconds < Timestamp::MAX.unix_seconds() as f64;
    is_in_range.then(|| Timestamp::from_unix_millis((seconds * 1000.0).round() as i64))
}

fn audience(value: Option<&Value>) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    match value? {
        Value::Array(list) if !list.is_empty() => list.iter().map(text).collect(),
        one => text(one).map(|one| vec![one]),
    }
}

/// Words with blanks between them (RFC 6749, section 3.3); none at all is allowed.
fn scopes(value: Option<&Value>) -> Option<Vec<String>> {
    Some(value?.as_str()?.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn token(payload: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2ln", part(&json!({"alg": "EdDSA"})), part(payload))
    }

    fn payload() -> Value {
        json!({"iss": "p", "aud": "app", "sub": "shop", "exp": 1767225600, "iat": 0, "jti": "1",
            "scope": "trade:read  trade:write", "role": "operator", "tier": "standard"})
    }

    fn with(name: &str, value: Value) -> Option<Claims> {
        let mut payload = payload();
        payload[name] = value;
        Claims::of(&token(&payload))
    }

    #[test]
    fn they_are_read_by_their_types() {
        let claims = Claims::of(&token(&payload())).unwrap();
        assert_eq!((claims.issuer.as_str(), claims.subject.as_str()), ("p", "shop"));
        assert_eq!(claims.audience, ["app"]);
        assert_eq!(claims.scopes, ["trade:read", "trade:write"]);
        assert_eq!((claims.role, claims.tier.as_deref()), (Role::Operator, Some("standard")));
        assert_eq!(claims.expires_at, Timestamp::from_unix_seconds(1_767_225_600));
        assert_eq!(with("aud", json!(["a", "b"])).unwrap().audience, ["a", "b"]);
        assert_eq!(with("role", json!("auditor")).unwrap().role, Role::Unknown("auditor".to_owned()));
        assert_eq!(with("exp", json!(1.5)).unwrap().expires_at, Timestamp::from_unix_millis(1500));
        assert_eq!(with("scope", json!("")).unwrap().scopes, [""; 0]);
        assert_eq!(with("nbf", json!(7)).unwrap().not_before, Some(Timestamp::from_unix_seconds(7)));
    }

    #[test]
    fn a_wrong_type_makes_the_token_unreadable() {
        for (name, value) in [
            ("iss", json!(1)),
            ("iss", json!("")),
            ("iss", Value::Null),
            ("aud", json!([])),
            ("aud", json!(["a", 1])),
            ("aud", json!({"a": 1})),
            ("sub", json!(["shop"])),
            ("exp", json!("1767225600")),
            ("exp", json!(-1)),
            ("exp", json!(1e300)),
            ("exp", json!(u64::MAX)),
            ("exp", json!(i64::MAX)),
            ("iat", Value::Null),
            ("nbf", json!("soon")),
            ("jti", json!(1)),
            ("scope", json!(["trade:read"])),
            ("role", json!(["operator"])),
            ("tier", json!(1)),
        ] {
            assert_eq!(with(name, value.clone()), None, "{name} {value}");
        }
        for name in ["iss", "aud", "sub", "exp", "iat", "scope", "role"] {
            let mut payload = payload();
            payload.as_object_mut().unwrap().remove(name);
            assert_eq!(Claims::of(&token(&payload)), None, "without {name}");
        }
    }

    #[test]
    fn what_is_no_jwt_has_none() {
        let whole = token(&payload());
        let (header, rest) = whole.split_once('.').unwrap();
        for text in [
            "".to_owned(),
            "opaque".to_owned(),
            "a.b".to_owned(),
            "a.b.c".to_owned(),
            "..".to_owned(),
            "1.2.3".to_owned(),
            format!("{whole}.x"),
            format!(".{rest}"),
            format!("{header}=.{rest}"),
            format!("{whole}{}", "A".repeat(super::super::TOKEN_LIMIT)),
        ] {
            assert_eq!(Claims::of(&text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r"\PC{0,80}", parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..5)) {
            Claims::of(&text);
            let encoded: Vec<String> = parts.iter().map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
            Claims::of(&encoded.join("."));
        }

        #[test]
        fn no_payload_makes_it_panic(name in "iss|aud|sub|exp|nbf|iat|jti|scope|role|tier", number in any::<f64>(), text in r"\PC{0,20}") {
            for value in [json!(number), json!(text), json!([text]), json!({"a": text})] {
                with(&name, value);
            }
        }
    }
}
