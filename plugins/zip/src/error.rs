/// Why an archive cannot be written. `E` is the fault of those who bring and take the bytes.
#[derive(Debug, thiserror::Error)]
pub enum Error<E> {
    #[error(transparent)]
    Source(E),
    #[error(transparent)]
    Sink(E),
    /// A name of more than 65,535 bytes, for example.
    #[error("the archive's records: {0}")]
    Record(#[from] rawzip::Error),
    #[error("there is no thread to deflate on: {0}")]
    Threads(std::io::Error),
    #[error("no random numbers: {0}")]
    NoRandomness(getrandom::Error),
    /// The writer was given up, or failed before.
    #[error("the archive is not being written any more")]
    Over,
}
