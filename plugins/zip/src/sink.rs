use bytes::Bytes;

/// Takes the archive, piece by piece, from its beginning to its end.
pub trait Sink: Send + 'static {
    /// What can go wrong here and with the bytes of the entries.
    type Error: Send + 'static;

    /// Takes the next bytes; nothing more comes before it is done.
    ///
    /// # Errors
    /// Ends the archive.
    fn write(&mut self, piece: Bytes) -> impl Future<Output = Result<(), Self::Error>> + Send;
}
