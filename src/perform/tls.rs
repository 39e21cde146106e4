//! The client's side of TLS: whom it believes, and the certificate that it shows.

use std::sync::Arc;

use rustls_pki_types::pem::{self, PemObject as _};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use rustls_platform_verifier::Verifier;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::{self, ALL_VERSIONS, ClientConfig, RootCertStore};

use crate::secret::Secret;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The certificate of ours, or its key, cannot be read.
    #[error(transparent)]
    Pem(#[from] pem::Error),
    /// What was read cannot be used.
    #[error(transparent)]
    Unusable(#[from] rustls::Error),
}

/// Believes whom the system believes, and shows a certificate and its key from one PEM, where there is one.
pub(super) fn config(identity: Option<&Secret>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(ALL_VERSIONS)?;
    let builder = match Verifier::new(provider) {
        Ok(verifier) => builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)),
        Err(why) => {
            tracing::warn!(
                %why,
                "no certificate authorities: every https destination will be refused; install them"
            );
            builder.with_root_certificates(RootCertStore::empty())
        }
    };
    let Some(pem) = identity.map(Secret::expose) else { return Ok(builder.with_no_client_auth()) };
    let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>()?;
    Ok(builder.with_client_auth_cert(certificates, PrivateKeyDer::from_pem_slice(pem)?)?)
}
