//! TLS of the webhook listener: a certificate and its key from files, and whose certificates clients must show.

use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::{Permissions, secrets};
use crate::perform::not_after;
use crate::time::Timestamp;

/// Bytes of a file of certificates; a chain is a few thousand, a company's roots some ten thousand.
const FILE_MAX_BYTES: u64 = 1024 * 1024;
/// What is spoken under TLS.
const PROTOCOL: &[u8] = b"http/1.1";

/// The files, all in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, then those that vouch for it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Who vouches for clients; without it anybody may connect.
    pub clients: Option<PathBuf>,
}

impl TlsFiles {
    /// All of them, to be watched for a change.
    pub fn paths(&self) -> Vec<PathBuf> {
        let all = [Some(&self.certificate), Some(&self.key), self.clients.as_ref()];
        all.into_iter().flatten().cloned().collect()
    }

    /// Reads them. TLS 1.2 and 1.3 are spoken.
    ///
    /// # Errors
    /// In words for a person: a file that cannot be read, holds nothing of its kind, or a key of another certificate.
    pub fn read(&self, permissions: Permissions) -> Result<Arc<ServerConfig>, String> {
        let chain = certificates(&self.certificate)?;
        let key = self.private_key(permissions)?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|why| format!("TLS cannot be spoken: {why}"))?;
        let builder = match &self.clients {
            None => builder.with_no_client_auth(),
            Some(path) => builder.with_client_cert_verifier(verifier(path, provider)?),
        };
        let mut config = builder.with_single_cert(chain, key).map_err(|why| {
            let (certificate, key) = (self.certificate.display(), self.key.display());
            format!("the key `{key}` does not go with the certificate `{certificate}`: {why}")
        })?;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Arc::new(config))
    }

    /// When the certificate ends; `None` when it cannot be told.
    pub fn not_after(&self) -> Option<Timestamp> {
        certificates(&self.certificate).ok()?.first().and_then(|first| not_after(first))
    }

    fn private_key(&self, permissions: Permissions) -> Result<PrivateKeyDer<'static>, String> {
        let path = self.key.display().to_string();
        let bytes = secrets::from_file(&path, permissions).map_err(secrets::Unset::words)?;
        PrivateKeyDer::from_pem_slice(&bytes).map_err(|why| no(&self.key, "private key", &why))
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let unreadable = |why: std::io::Error| format!("cannot read `{}`: {why}", path.display());
    let file = fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(FILE_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > FILE_MAX_BYTES {
        return Err(format!("`{}` is larger than {FILE_MAX_BYTES} bytes", path.display()));
    }
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match all {
        Ok(all) if all.is_empty() => Err(no(path, "certificate", &"nothing of the kind is in it")),
        Ok(all) => Ok(all),
        Err(why) => Err(no(path, "certificate", &why)),
    }
}

fn verifier(
    path: &Path,
    provider: Arc<tokio_rustls::rustls::crypto::CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|why| no(path, "certificate", &why))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    verifier.map_err(|why| no(path, "certificate", &why))
}

fn no(path: &Path, kind: &str, why: &dyn fmt::Display) -> String {
    format!("`{}` holds no {kind} that can be used ({why}): it must be PEM, `-----BEGIN …`", path.display())
}
