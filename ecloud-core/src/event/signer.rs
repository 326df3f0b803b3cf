//! The sending side: what a platform puts on its deliveries, and what a test puts on its own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};

use super::headers::is_id;
use super::{WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP, WebhookSecret};
use crate::{Error, ErrorKind, Timestamp};

/// Signs deliveries: for platforms, and for tests of a receiver.
///
/// ```
/// use ecloud_core::Timestamp;
/// use ecloud_core::event::WebhookSigner;
///
/// let signer = WebhookSigner::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse()?);
/// let sent_at = Timestamp::from_unix_seconds(1_614_265_330);
/// let headers = signer.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", sent_at, br#"{"test": 2432232314}"#)?;
/// assert_eq!(headers["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
/// # Ok::<(), ecloud_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct WebhookSigner {
    secrets: Vec<WebhookSecret>,
}

impl WebhookSigner {
    /// A signer with one secret.
    pub fn new(secret: WebhookSecret) -> Self {
        Self { secrets: vec![secret] }
    }

    /// Signs with a second secret, too: while secrets rotate, receivers have one or the other.
    #[must_use]
    pub fn and(mut self, secret: WebhookSecret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// The three headers of a delivery that is sent at `sent_at` with exactly this body.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] where `id` isn't 1 to 256 visible ASCII characters without `.` and `,`, or the time lies before 1970.
    pub fn headers(&self, id: &str, sent_at: Timestamp, body: &[u8]) -> Result<HeaderMap, Error> {
        let wrong = |message: &'static str| Error::new(ErrorKind::InvalidRequest, message);
        if !is_id(id) {
            return Err(wrong("a webhook's id has 1 to 256 visible ASCII characters without `.` and `,`"));
        }
        if sent_at < Timestamp::UNIX_EPOCH {
            return Err(wrong("a webhook's timestamp doesn't lie before 1970"));
        }
        let timestamp = sent_at.unix_seconds().to_string();
        let signatures: Vec<String> =
            self.secrets.iter().map(|secret| signature(secret, id, &timestamp, body)).collect();
        let values = [(WEBHOOK_ID, id), (WEBHOOK_TIMESTAMP, &timestamp), (WEBHOOK_SIGNATURE, &signatures.join(" "))];
        let mut headers = HeaderMap::with_capacity(values.len());
        for (name, text) in values {
            headers.insert(name, HeaderValue::from_str(text).map_err(|_| wrong("a header's value is visible ASCII"))?);
        }
        Ok(headers)
    }
}

fn signature(secret: &WebhookSecret, id: &str, timestamp: &str, body: &[u8]) -> String {
    format!("v1,{}", STANDARD.encode(secret.code(id, timestamp, body).into_bytes()))
}
