//! The C ABI between the host and a native plugin: types and version, no dependencies
