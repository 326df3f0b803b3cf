//! The kinds of errors, each with what to do about it.

/// What to do about an [`Error`](crate::Error).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client can't be built from what it was given, or not be used where it is (the module `blocking` in an async task).
    /// *Mend what the message names.*
    Configuration,
    /// The request is wrong: refused before it was sent, or by the platform (400, 413, 415, unknown route).
    /// *Mend the request; [`details`](crate::Error::details) names the fields.*
    #[default]
    InvalidRequest,
    /// The platform doesn't believe who is calling: key, signature, clock or token (401).
    /// *Check the credentials; on `auth.signature_mismatch` print the [`signature_trace`](crate::Error::signature_trace).*
    Unauthenticated,
    /// The shop's authorisation has ended, or was never given: no refresh gets another access token.
    /// *Have the shop authorise the application (again).*
    ReauthRequired,
    /// Tokens could not be read from their store, or not be written to it. *Mend what the message names; no token was lost.*
    TokenStore,
    /// The token's scope or role doesn't reach that far (403). *Have the shop authorise the application again with the scope.*
    Denied,
    /// The object doesn't exist, or belongs to another shop (404).
    NotFound,
    /// The object has changed since it was read, or the idempotency key belongs to another request (409).
    /// *Read it again, decide again, send again.*
    Conflict,
    /// A business rule forbids it (422). *The code says which.*
    Rejected,
    /// The quota is used up (429), or wouldn't be there before the call's deadline. *Call later, or ask for a higher tier.*
    Throttled,
    /// The platform is in trouble (5xx), and stayed so over all attempts. *Call later.*
    Unavailable,
    /// The request never left: no address, no connection, no TLS. *Check the endpoint and the network; sending again is safe.*
    NotSent,
    /// The request left and no whole answer came. It may have taken effect.
    /// *Send it again under the same idempotency key, or look whether it took effect.*
    OutcomeUnknown,
    /// The call's deadline passed. Whether a request was under way says [`is_outcome_unknown`](crate::Error::is_outcome_unknown).
    Timeout,
    /// The answer is not what the operation promises: not UTF-8, not JSON (or XML), of another shape or content type.
    /// *The operation took effect; report it with the request id, or update the crate.*
    InvalidResponse,
    /// The answer is larger than the limit. *Ask for smaller pages, or raise the limit.*
    ResponseTooLarge,
    /// The pages don't lead on: a cursor came twice, or another page than the one asked for. *Report it; nothing was skipped.*
    Paging,
    /// A file on this machine can't be read or written. *Mend what the message names; nothing of the file was lost.*
    File,
    /// What was to be revealed could not be taken down in the audit log, so nothing was revealed. *Mend the log.*
    Audit,
}

impl ErrorKind {
    /// Its name in spans and metrics: `outcome_unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::InvalidRequest => "invalid_request",
            Self::Unauthenticated => "unauthenticated",
            Self::ReauthRequired => "reauth_required",
            Self::TokenStore => "token_store",
            Self::Denied => "denied",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Rejected => "rejected",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::NotSent => "not_sent",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Timeout => "timeout",
            Self::InvalidResponse => "invalid_response",
            Self::ResponseTooLarge => "response_too_large",
            Self::Paging => "paging",
            Self::File => "file",
            Self::Audit => "audit",
        }
    }

    pub(crate) fn is_retryable(self) -> bool {
        matches!(self, Self::Throttled | Self::Unavailable | Self::NotSent | Self::OutcomeUnknown | Self::Timeout)
    }
}
