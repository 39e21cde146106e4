//! Names and their addresses, as the system knows them: only so many are looked up at once.

use std::error::Error;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;

use tokio::sync::Semaphore;

/// Names looked up at once; a lookup holds a thread until the system gives up, long after the attempt did.
const LOOKUPS_MAX: usize = 128;

/// Who looks names up. A clone shares the bound with its original.
#[derive(Clone)]
pub(super) struct Lookups(Arc<Semaphore>);

impl Default for Lookups {
    fn default() -> Self {
        Self::at_once(LOOKUPS_MAX)
    }
}

impl Lookups {
    /// So many at once.
    pub(super) fn at_once(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most)))
    }

    /// All addresses of a name, each with this port.
    pub(super) async fn addresses(
        &self,
        name: String,
        port: u16,
    ) -> Result<Vec<SocketAddr>, Box<dyn Error + Send + Sync>> {
        let permit = Arc::clone(&self.0).acquire_owned().await?;
        let looking = tokio::task::spawn_blocking(move || {
            let found = (name.as_str(), port).to_socket_addrs().map(Vec::from_iter);
            drop(permit);
            found
        });
        Ok(looking.await??)
    }
}
