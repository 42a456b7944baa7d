//! Paired benchmarks against peers
