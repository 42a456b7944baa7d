//! The two servers behind one face.

use std::net::SocketAddr;

use anyhow::Result;

use super::{nchan, vahta};

pub(super) enum Site {
    Vahta(vahta::Vahta),
    Nchan(nchan::Nchan),
}

impl Site {
    pub(super) fn address(&self) -> SocketAddr {
        match self {
            Self::Vahta(site) => site.address,
            Self::Nchan(site) => site.address,
        }
    }

    /// The request of one stream, without the empty line that ends it.
    pub(super) fn stream(&self, number: usize) -> Result<String> {
        Ok(match self {
            Self::Vahta(site) => site.stream(number),
            Self::Nchan(site) => site.stream(),
        })
    }

    /// One event to everybody.
    pub(super) async fn publish(&mut self, number: usize) -> Result<()> {
        match self {
            Self::Vahta(site) => site.publish(number).await,
            Self::Nchan(site) => site.publish(number, 1).await,
        }
    }

    /// Many at once.
    pub(super) async fn blast(&mut self, first: usize, count: usize) -> Result<()> {
        match self {
            Self::Vahta(site) => site.blast(first, count).await,
            Self::Nchan(site) => site.publish(first, count).await,
        }
    }

    pub(super) fn resident_kib(&self) -> Result<f64> {
        match self {
            Self::Vahta(site) => site.process.resident_kib(),
            Self::Nchan(site) => site.process.family_resident_kib(),
        }
    }

    pub(super) fn cpu_seconds(&self) -> Result<f64> {
        match self {
            Self::Vahta(site) => site.process.usage().map(|usage| usage.cpu_seconds),
            Self::Nchan(site) => site.process.family_cpu_seconds(),
        }
    }

    pub(super) async fn end(self) -> Result<()> {
        match self {
            Self::Vahta(site) => site.end().await,
            Self::Nchan(site) => site.end().await,
        }
    }
}
