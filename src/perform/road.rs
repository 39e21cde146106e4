//! The way to a destination: straight or through a proxy, with TLS where the URL says so.

use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use http::header::HeaderValue;
use http::uri::Scheme;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;
use tower_service::Service;
use url::Url;

use super::resolver::Guarded;

/// What may be spoken under TLS, the best first.
const PROTOCOLS: &[&[u8]] = &[b"h2", b"http/1.1"];

type Tcp = HttpConnector<Guarded>;
type Failure = Box<dyn Error + Send + Sync>;
type Coming<T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send>>;
/// To the destination, or to the proxy and perhaps through it.
type Plain = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Makes connections, each within the time to connect.
#[derive(Clone)]
pub(super) struct Road {
    leg: HttpsConnector<Leg>,
    has_proxy: bool,
    within: Duration,
}

/// The way before the destination's own TLS.
#[derive(Clone)]
enum Leg {
    Straight(Tcp),
    Proxy(Arc<Through>),
}

struct Through {
    proxy: Uri,
    authorization: Option<HeaderValue>,
    connector: HttpsConnector<Tcp>,
}

/// A connection.
pub(super) struct Line {
    io: MaybeHttpsStream<Plain>,
    /// A proxy at its end reads the requests, and wants to know where they go.
    is_forwarded: bool,
}

impl Road {
    pub(super) fn new(
        guarded: Guarded,
        config: &ClientConfig,
        proxy: Option<&Url>,
    ) -> Result<Self, http::Error> {
        let within = guarded.lookups.connect_time;
        let mut tcp = HttpConnector::new_with_resolver(guarded);
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let leg = match proxy {
            None => Leg::Straight(tcp),
            Some(url) => Leg::Proxy(Arc::new(Through {
                proxy: uri(url.clone())?,
                authorization: authorization(url),
                connector: HttpsConnector::from((tcp, config.clone())),
            })),
        };
        let mut config = config.clone();
        config.alpn_protocols = PROTOCOLS.iter().map(|name| name.to_vec()).collect();
        Ok(Self { leg: HttpsConnector::from((leg, config)), has_proxy: proxy.is_some(), within })
    }
}

/// A URL without the user in it.
pub(super) fn uri(mut url: Url) -> Result<Uri, http::Error> {
    // Neither can fail where there is a host, and without one there is no user.
    let _user = url.set_username("");
    let _password = url.set_password(None);
    url.set_fragment(None);
    Ok(Uri::try_from(url.as_str())?)
}

/// What tells a proxy who we are, where its URL does.
pub(super) fn authorization(proxy: &Url) -> Option<HeaderValue> {
    let password = proxy.password().unwrap_or_default();
    if proxy.username().is_empty() && password.is_empty() {
        return None;
    }
    let [user, password] = [proxy.username(), password].map(|text| percent_decode_str(text).collect());
    let text = [user, b":".to_vec(), password].concat();
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(text))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl Service<Uri> for Road {
    type Response = Line;
    type Error = Failure;
    type Future = Coming<Line>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.leg.poll_ready(context)
    }

    fn call(&mut self, to: Uri) -> Coming<Line> {
        let is_forwarded = self.has_proxy && to.scheme() == Some(&Scheme::HTTP);
        let (connecting, within) = (self.leg.call(to), self.within);
        Box::pin(async move {
            match timeout(within, connecting).await {
                Ok(io) => Ok(Line { io: io?, is_forwarded }),
                Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
            }
        })
    }
}

impl Service<Uri> for Leg {
    type Response = Plain;
    type Error = Failure;
    type Future = Coming<Plain>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        match self {
            Self::Straight(tcp) => tcp.poll_ready(context).map_err(Into::into),
            Self::Proxy(_) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, to: Uri) -> Coming<Plain> {
        match self {
            Self::Straight(tcp) => {
                let connecting = tcp.call(to);
                Box::pin(async move { Ok(MaybeHttpsStream::Http(connecting.await?)) })
            }
            Self::Proxy(through) => {
                let mut connector = through.connector.clone();
                if to.scheme() == Some(&Scheme::HTTP) {
                    return connector.call(through.proxy.clone());
                }
                let tunnel = Tunnel::new(through.proxy.clone(), connector);
                let mut tunnel = through.authorization.iter().cloned().fold(tunnel, Tunnel::with_auth);
                Box::pin(async move { Ok(tunnel.call(to).await?) })
            }
        }
    }
}

impl Connection for Line {
    fn connected(&self) -> Connected {
        self.io.connected().proxy(self.is_forwarded)
    }
}

impl Read for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, into)
    }
}

impl Write for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, parts)
    }
}
