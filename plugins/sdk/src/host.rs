//! What the host offers, under the contract's names. In WebAssembly the calls go to the host;
//! natively to [`crate::testing`], so that a plugin's own tests can call any of them.

/// The plugin's log, shown to the admin.
pub mod log {
    pub use crate::classifier_world::rapport::host::log::Level;

    /// One line, without secrets or personal data.
    pub fn write(level: Level, message: &str) {
        #[cfg(target_arch = "wasm32")]
        crate::classifier_world::rapport::host::log::write(level, message);
        #[cfg(not(target_arch = "wasm32"))]
        eprintln!("{level:?} {message}");
    }
}

#[cfg(target_arch = "wasm32")]
pub use crate::channel_world::rapport::host::{clock, config, secrets, state};

#[cfg(not(target_arch = "wasm32"))]
pub use native::{clock, config, secrets, state};

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use crate::testing::with;

    /// Where the plugin runs.
    pub mod config {
        pub fn inbox_id() -> String {
            "inbox".to_owned()
        }

        /// One of the settings as JSON text; natively always none: take them from `configure`.
        pub fn setting(_name: &str) -> Option<String> {
            None
        }
    }

    /// Credentials without seeing them.
    pub mod secrets {
        pub fn reference(name: &str) -> Option<String> {
            Some(format!("<{name}>"))
        }
    }

    /// A small memory per inbox; natively one for each thread.
    pub mod state {
        pub fn get(key: &str) -> Option<Vec<u8>> {
            super::with(|world| world.state.get(key).cloned())
        }

        pub fn set(key: &str, value: &[u8]) -> Result<(), String> {
            super::with(|world| world.state.insert(key.to_owned(), value.to_vec()));
            Ok(())
        }

        pub fn delete(key: &str) {
            super::with(|world| world.state.remove(key));
        }
    }

    /// The time; natively what [`crate::testing::set_now`] said.
    pub mod clock {
        pub fn now() -> i64 {
            super::with(|world| world.now)
        }
    }
}
