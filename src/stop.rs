//! The wish to end, told once to every part of the program that runs.

use tokio::sync::watch;

/// Hears the wish. A clone hears it too.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// Tells the wish.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// A wish that nobody has told yet.
pub fn channel() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Tells everybody to end.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits until it is time to end; also when nobody is left who could tell.
    pub async fn asked(&mut self) {
        // The guard that it gives must not live across another wait.
        drop(self.0.wait_for(|stop| *stop).await);
    }
}
