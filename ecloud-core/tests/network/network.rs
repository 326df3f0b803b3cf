//! The network transports: each keeps the same promises.

use ecloud_core::ClientBuilder;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Network {
    #[cfg(feature = "reqwest")]
    Reqwest,
    #[cfg(feature = "hyper")]
    Hyper,
}

/// The same settings, whichever transport it is.
macro_rules! each {
    ($network:expr, $transport:ident => $what:expr) => {
        match $network {
            #[cfg(feature = "reqwest")]
            $crate::network::Network::Reqwest => {
                use ecloud_core::transport::ReqwestTransport as $transport;
                $what
            }
            #[cfg(feature = "hyper")]
            $crate::network::Network::Hyper => {
                use ecloud_core::transport::HyperTransport as $transport;
                $what
            }
        }
    };
}
pub(crate) use each;

impl Network {
    /// The client on this transport.
    pub(crate) fn on(self, builder: ClientBuilder) -> ClientBuilder {
        each!(self, Transport => {
            let transport = Transport::builder().without_environment_proxies().without_tls();
            builder.transport(transport.build().unwrap())
        })
    }

    /// The client on this transport, through a proxy.
    pub(crate) fn through(self, proxy: String, builder: ClientBuilder) -> ClientBuilder {
        each!(self, Transport => builder.transport(Transport::builder().proxy(proxy).without_tls().build().unwrap()))
    }
}

/// Runs each of these cases on each transport, as a test of its own.
macro_rules! on_each {
    ($($(#[$attribute:meta])* async fn $case:ident($network:ident: Network) $body:block)*) => {
        $($(#[$attribute])* async fn $case($network: $crate::network::Network) $body)*

        #[cfg(feature = "reqwest")]
        mod by_reqwest {
            $(#[tokio::test]
            async fn $case() {
                super::$case($crate::network::Network::Reqwest).await;
            })*
        }

        #[cfg(feature = "hyper")]
        mod by_hyper {
            $(#[tokio::test]
            async fn $case() {
                super::$case($crate::network::Network::Hyper).await;
            })*
        }
    };
}
pub(crate) use on_each;
