//! Why a store did not do what it was asked.

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its queue or backlog is full: try again later. Nothing was written.
    #[error("the store is busy: {0}")]
    Busy(&'static str),
    /// The disk is full, or the file cannot be written. Nothing was written.
    #[error("the store cannot write: {0}")]
    Unwritable(String),
    /// It cannot be opened.
    #[error("cannot open the store `{path}`: {why}")]
    Open {
        /// The file.
        path: String,
        /// Why, with the mend.
        why: String,
    },
    /// Another doorbell has it.
    #[error(
        "the store `{path}` is in use by another doorbell: stop that one, or name another file with --store"
    )]
    Locked {
        /// The file.
        path: String,
    },
    /// What is stored cannot be read back.
    #[error("the store holds something unreadable: {0}")]
    Damaged(String),
    /// It was closed.
    #[error("the store is closed")]
    Closed,
}
