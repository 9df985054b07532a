//! What a Rust plugin author depends on: the contract's types, one trait and one export macro for
//! each kind of plugin, and for connectors [`http`], [`monitor`] (what an inbox listens for) and
//! [`problem`] (what part of their work fails).
//!
//! The shortest way is [`easy`]: a struct read from the settings that implements [`Judge`], [`Pack`]
//! or [`Connector`] and is exported with [`classifier!`], [`policy!`](policy!) or
//! [`channel!`](channel!). Below it lies the contract itself: [`Classifier`], [`PolicyPack`] and
//! [`Channel`], for a unit struct, with [`export_classifier!`], [`export_policy!`] and
//! [`export_channel!`]. All of it compiles for the machine that runs the tests as well, where
//! [`testing`] stands in for the host.
//!
//! Deliberately absent: any state between calls. The host may start every call from the instance as
//! `configure` left it.

pub mod easy;
pub mod fill;
mod host;
pub mod http;
pub mod monitor;
pub mod problem;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

/// The records of the contract; see `wit/deps/types/types.wit`.
mod records {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package rapport:sdk;
            world records {
                import rapport:types/common@1.0.0;
                import rapport:types/social@1.0.0;
                import rapport:types/annotation@1.0.0;
                import rapport:types/policy@1.0.0;
                import rapport:types/channel@1.0.0;
            }
        ",
        world: "rapport:sdk/records",
        additional_derives: [PartialEq],
        generate_all,
    });
}

pub use records::rapport::types::{annotation, channel, common, policy, social};

/// What most plugins use, for `use rapport_sdk::prelude::*`.
pub mod prelude {
    pub use crate::annotation::{Classification, Evidence};
    pub use crate::channel::{
        Account, Monitor, OutboundMessage, Page, Receipt, WebhookRequest, WebhookResult,
    };
    pub use crate::common::{ItemError, ItemErrorCode, PluginError};
    pub use crate::easy::{Connector, Judge, Pack};
    pub use crate::http::Request;
    pub use crate::policy::{Effect, EffectKind, Moment, PolicyCase, RuleInfo};
    pub use crate::social::{Activity, Actor, Message, Reach, Visibility};
}

/// The classifier's world.
pub mod classifier_world {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "rapport:plugin/classifier",
        pub_export_macro: true,
        default_bindings_module: "rapport_sdk::classifier_world",
        with: {
            "rapport:types/common@1.0.0": crate::common,
            "rapport:types/social@1.0.0": crate::social,
            "rapport:types/annotation@1.0.0": crate::annotation,
            "rapport:host/log@1.0.0": generate,
        },
    });
}

/// The policy pack's world.
pub mod policy_world {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "rapport:plugin/policy-pack",
        pub_export_macro: true,
        default_bindings_module: "rapport_sdk::policy_world",
        with: {
            "rapport:types/common@1.0.0": crate::common,
            "rapport:types/social@1.0.0": crate::social,
            "rapport:types/annotation@1.0.0": crate::annotation,
            "rapport:types/policy@1.0.0": crate::policy,
            "rapport:host/log@1.0.0": crate::classifier_world::rapport::host::log,
        },
    });
}

/// The channel connector's world.
// The binding of `send` takes its record apart into as many arguments as it has fields.
#[expect(clippy::too_many_arguments)]
pub mod channel_world {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "rapport:plugin/channel-connector",
        pub_export_macro: true,
        default_bindings_module: "rapport_sdk::channel_world",
        with: {
            "rapport:types/common@1.0.0": crate::common,
            "rapport:types/social@1.0.0": crate::social,
            "rapport:types/channel@1.0.0": crate::channel,
            "rapport:host/log@1.0.0": crate::classifier_world::rapport::host::log,
            "rapport:host/config@1.0.0": generate,
            "rapport:host/secrets@1.0.0": generate,
            "rapport:host/state@1.0.0": generate,
            "rapport:host/clock@1.0.0": generate,
        },
    });
}

pub use channel_world::Guest as Channel;
pub use classifier_world::Guest as Classifier;
pub use easy::{Configured, Connector, Judge, Pack};
pub use host::{clock, config, log, secrets, state};
pub use policy_world::Guest as PolicyPack;

/// Exports a type that implements [`Classifier`] as the component.
#[macro_export]
macro_rules! export_classifier {
    ($plugin:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::classifier_world::export!($plugin with_types_in $crate::classifier_world);
    };
}

/// Exports a type that implements [`PolicyPack`] as the component.
#[macro_export]
macro_rules! export_policy {
    ($plugin:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::policy_world::export!($plugin with_types_in $crate::policy_world);
    };
}

/// Exports a type that implements [`Channel`] as the component.
#[macro_export]
macro_rules! export_channel {
    ($plugin:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::channel_world::export!($plugin with_types_in $crate::channel_world);
    };
}
