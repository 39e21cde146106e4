//! Names and their addresses, as the system knows them: only so many are looked up at once; and the time to reach one.

use std::error::Error;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::bounds::Limits;

/// Who looks names up. A clone shares the bound with its original.
#[derive(Clone)]
pub(super) struct Lookups {
    slots: Arc<Semaphore>,
    /// Time to connect to an address that was found.
    pub(super) connect_time: Duration,
}

impl Lookups {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { slots: Arc::new(Semaphore::new(limits.lookups)), connect_time: limits.connect_time }
    }

    /// All addresses of a name, each with this port.
    pub(super) async fn addresses(
        &self,
        name: String,
        port: u16,
    ) -> Result<Vec<SocketAddr>, Box<dyn Error + Send + Sync>> {
        let permit = Arc::clone(&self.slots).acquire_owned().await?;
        let looking = tokio::task::spawn_blocking(move || {
            let found = (name.as_str(), port).to_socket_addrs().map(Vec::from_iter);
            drop(permit);
            found
        });
        Ok(looking.await??)
    }
}
