//! The plugin's side of the border: the only unsafe code of the SDK.
//!
//! Every entry catches panics; every answer is given exactly once, by a guard that answers for
//! code that forgot or panicked.
#![allow(unsafe_code)]

mod calls;
mod entry;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod fake;

pub(crate) use calls::RawHost;
pub(crate) use entry::Reply;
pub use entry::{Exported, entry_table};
pub use vahta_plugin_abi as abi;

/// Exports a [`Plugin`](crate::Plugin) from a `cdylib`: the manifest (a path from the crate's
/// folder) in the section that the host reads first, and the functions it then looks for.
///
/// ```ignore
/// vahta_plugin_sdk::export_plugin!(TaskPlugin, "manifest.json");
/// ```
#[macro_export]
macro_rules! export_plugin {
    ($plugin:ty, $manifest:literal) => {
        #[allow(
            unsafe_code,
            reason = "symbol and section names are checked by the host"
        )]
        const _: () = {
            use $crate::ffi::{Exported, abi, entry_table};

            const MANIFEST: &[u8] =
                include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $manifest));

            #[used]
            #[unsafe(link_section = ".vahta")]
            static SECTION: [u8; abi::HEADER_LEN + MANIFEST.len()] = abi::section(MANIFEST);

            static PLUGIN: abi::Plugin = entry_table::<$plugin>();

            impl Exported for $plugin {
                // Through the static, so that the linker keeps the section.
                fn section() -> &'static [u8] {
                    &SECTION
                }
            }

            #[unsafe(no_mangle)]
            pub extern "C" fn vahta_abi_version() -> u32 {
                abi::VAHTA_ABI
            }

            #[unsafe(no_mangle)]
            pub extern "C" fn vahta_plugin_entry() -> *const abi::Plugin {
                &raw const PLUGIN
            }
        };
    };
}
