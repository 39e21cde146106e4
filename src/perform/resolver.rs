//! Names on the way to a destination: only the addresses that the guard permits are given to whoever connects.

use std::error::Error;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::Name;
use ipnet::IpNet;
use tower_service::Service;

use super::lookup::Lookups;
use crate::effect::guard;

/// Looks names up, and gives on only the addresses that the guard permits.
#[derive(Clone)]
pub(super) struct Guarded {
    pub(super) networks: Arc<[IpNet]>,
    pub(super) lookups: Lookups,
    /// The proxy, which the operator names: it may be anywhere.
    pub(super) trusted: Option<String>,
}

/// A name all of whose addresses are blocked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Blocked(pub(super) String);

type Found = std::vec::IntoIter<SocketAddr>;
type Failure = Box<dyn Error + Send + Sync>;

impl Service<Name> for Guarded {
    type Response = Found;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Found, Failure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let Self { networks, lookups, trusted } = self.clone();
        Box::pin(async move {
            let is_trusted = trusted.as_deref() == Some(name.as_str());
            let found = lookups.addresses(name.as_str().to_owned(), 0).await?;
            let permitted =
                if is_trusted { found } else { guard::permitted(found, &networks).map_err(Blocked)? };
            Ok(permitted.into_iter())
        })
    }
}
