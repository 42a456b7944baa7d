//! TLS from two PEM files. Keys and protocols are rustls's choice: TLS 1.2 and 1.3.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bot_core::config::TlsFiles;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

/// Why the site cannot speak TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{} cannot be read as PEM: {reason}", .path.display())]
    Pem { path: PathBuf, reason: pem::Error },
    #[error("{} holds no certificate", .0.display())]
    NoCertificate(PathBuf),
    #[error("certificate and key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// A certificate and its key, ready; cheap to clone.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl Tls {
    pub fn load(files: &TlsFiles) -> Result<Self, TlsError> {
        let fault = |path: &Path| {
            let path = path.to_path_buf();
            |reason| TlsError::Pem { path, reason }
        };
        let chain = CertificateDer::pem_file_iter(&files.cert)
            .map_err(fault(&files.cert))?
            .collect::<Result<Vec<_>, _>>()
            .map_err(fault(&files.cert))?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate(files.cert.clone()));
        }
        let key = PrivateKeyDer::from_pem_file(&files.key).map_err(fault(&files.key))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        self.0.accept(stream).await
    }
}
