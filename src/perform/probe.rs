//! Asks whether anybody is there, for a person who wants to know: one request to one address, and the certificate shown.

use std::net::SocketAddr;

use http::{Method, StatusCode};
use reqwest::tls::TlsInfo;
use reqwest::{Client, redirect};
use url::Url;

use super::client::{failure, words};
use crate::delivery::Answer;
use crate::limit;

/// What came back of a request that only asks whether anybody is there.
pub(super) struct Probed {
    pub(super) status: StatusCode,
    /// The certificate that was shown, as DER.
    pub(super) certificate: Option<Vec<u8>>,
}

/// Sends a request without a body to one address of a URL's host.
pub(super) async fn probe(method: Method, url: &Url, address: SocketAddr) -> Result<Probed, Answer> {
    let builder = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .timeout(limit::HTTP_TIMEOUT)
        .tls_info(true)
        .resolve(url.host_str().unwrap_or_default(), address);
    let client = builder.build().map_err(|error| Answer::Unreachable(words(&error)))?;
    let response = client.request(method, url.clone()).send().await.map_err(|error| failed(&error))?;
    let shown = response.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate);
    Ok(Probed { status: response.status(), certificate: shown.map(<[u8]>::to_vec) })
}

fn failed(error: &reqwest::Error) -> Answer {
    if error.is_timeout() { Answer::TimedOut } else { failure(error, error.is_connect()) }
}
