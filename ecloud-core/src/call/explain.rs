//! What an attempt would sign, without sending it.

use super::outgoing::Outgoing;
use super::prepare;
use super::sign::Signed;
use crate::client::Inner;
use crate::dialect::ecloud::SignatureTrace;
use crate::{Error, ErrorKind};

/// What would be signed for a call now.
pub(crate) fn explain(client: &Inner, mut call: Outgoing) -> Result<SignatureTrace, Error> {
    prepare(client, &mut call)?;
    let signed = Signed::now(client, &call, 0)?;
    let trace = client.dialect.explain(&signed.attempt(&call))?;
    trace.ok_or_else(|| Error::new(ErrorKind::Configuration, "the client's dialect signs nothing"))
}
