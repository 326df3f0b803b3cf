//! TLS by rustls on ring: nothing global is installed, and nothing that another crate installed is used.

use std::sync::{Arc, OnceLock};

use rustls::client::WantsClientCert;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};

use crate::{Error, ErrorKind};

/// How TLS is spoken by every network transport.
///
/// Reading the operating system's certificates is most of a client's start-up, so they are read once a process, and not at all without
/// `with_certificates`, when nobody is trusted, or where the packaged ones are trusted instead.
pub(super) fn config(with_certificates: bool) -> Result<ClientConfig, Error> {
    static LOADED: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(loaded) = LOADED.get() {
        return Ok(loaded.clone());
    }
    let refused = |error| Error::new(ErrorKind::Configuration, "transport: no TLS").with_source(error);
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(refused)?;
    let mut config = if with_certificates {
        trusting(builder).map_err(refused)?.with_no_client_auth()
    } else {
        builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    #[cfg(feature = "http2")]
    config.alpn_protocols.insert(0, b"h2".to_vec());
    if with_certificates { Ok(LOADED.get_or_init(|| config).clone()) } else { Ok(config) }
}

/// Trusts whom the operating system trusts.
#[cfg(not(feature = "webpki-roots"))]
fn trusting(
    builder: ConfigBuilder<ClientConfig, WantsVerifier>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, rustls::Error> {
    rustls_platform_verifier::BuilderVerifierExt::with_platform_verifier(builder)
}

/// Trusts whom Mozilla's programme trusted when the packaged certificates were published.
#[cfg(feature = "webpki-roots")]
fn trusting(
    builder: ConfigBuilder<ClientConfig, WantsVerifier>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, rustls::Error> {
    Ok(builder.with_root_certificates(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }))
}
