//! The web site's settings.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::{Network, Secret, TlsFiles, Web};

/// Shorter secrets can be guessed.
const SECRET_LENGTH: usize = 32;

/// The settings as they were written.
pub(super) struct Raw {
    pub(super) addr: SocketAddr,
    pub(super) public_url: String,
    pub(super) tls_cert: String,
    pub(super) tls_key: String,
    pub(super) trusted_proxies: String,
    pub(super) mini_app_origins: String,
    pub(super) secret: String,
}

pub(super) fn check(raw: Raw, fault: &mut dyn FnMut(String)) -> Web {
    let tls = tls(&raw, fault);
    if !raw.secret.is_empty() && raw.secret.len() < SECRET_LENGTH {
        fault(format!(
            "VAHTA_SECRET must have {SECRET_LENGTH} characters or more"
        ));
    }
    Web {
        addr: raw.addr,
        public_url: public_url(&raw, tls.is_some(), fault),
        tls,
        trusted_proxies: trusted_proxies(&raw, fault),
        mini_app_origins: origins(&raw, fault),
        secret: (!raw.secret.is_empty()).then(|| Secret::new(raw.secret)),
    }
}

fn tls(raw: &Raw, fault: &mut dyn FnMut(String)) -> Option<TlsFiles> {
    let files = [
        ("VAHTA_TLS_CERT", &raw.tls_cert),
        ("VAHTA_TLS_KEY", &raw.tls_key),
    ];
    if files.iter().all(|(_, path)| path.is_empty()) {
        return None;
    }
    for (name, path) in files {
        if path.is_empty() {
            fault(format!(
                "{name} is missing: HTTPS takes a certificate and its key"
            ));
        } else if !Path::new(path).is_file() {
            fault(format!("{name} names no file"));
        }
    }
    Some(TlsFiles {
        cert: PathBuf::from(&raw.tls_cert),
        key: PathBuf::from(&raw.tls_key),
    })
}

fn public_url(raw: &Raw, tls: bool, fault: &mut dyn FnMut(String)) -> String {
    let url = raw.public_url.trim_end_matches('/');
    if url.is_empty() {
        return format!("{}://{}", if tls { "https" } else { "http" }, raw.addr);
    }
    if !is_origin(url) {
        fault("VAHTA_PUBLIC_URL must look like https://ops.example.org".into());
    }
    url.to_string()
}

/// A scheme and an authority, nothing after them.
fn is_origin(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]*".contains(&b);
    rest.is_some_and(|host| !host.is_empty() && host.bytes().all(legal))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ']).filter(|word| !word.is_empty())
}

fn trusted_proxies(raw: &Raw, fault: &mut dyn FnMut(String)) -> Vec<Network> {
    let proxies: Result<Vec<Network>, ()> = words(&raw.trusted_proxies).map(str::parse).collect();
    proxies.unwrap_or_else(|()| {
        fault("VAHTA_TRUSTED_PROXIES must be addresses or ranges such as 10.0.0.0/8".into());
        Vec::new()
    })
}

fn origins(raw: &Raw, fault: &mut dyn FnMut(String)) -> Vec<String> {
    if !words(&raw.mini_app_origins).all(is_origin) {
        fault("VAHTA_MINI_APP_ORIGINS must be origins such as https://web.telegram.org".into());
    }
    words(&raw.mini_app_origins).map(str::to_string).collect()
}
