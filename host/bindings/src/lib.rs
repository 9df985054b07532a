//! The host's side of the plugin contract, generated from `wit/`: one module a world, the records
//! shared between them. A crate of its own because it compiles slowly and changes rarely.

/// The channel connector's world, and the records and host interfaces that all worlds share.
pub mod channel {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "rapport:plugin/channel-connector",
        exports: { default: async },
        imports: { default: trappable },
        additional_derives: [PartialEq],
    });
}

/// The classifier's world.
pub mod classifier {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "rapport:plugin/classifier",
        exports: { default: async },
        imports: { default: trappable },
        additional_derives: [PartialEq],
        with: {
            "rapport:types/common": crate::channel::rapport::types::common,
            "rapport:types/social": crate::channel::rapport::types::social,
            "rapport:host/log": crate::channel::rapport::host::log,
        },
    });
}

/// The policy pack's world.
pub mod policy {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "rapport:plugin/policy-pack",
        exports: { default: async },
        imports: { default: trappable },
        additional_derives: [PartialEq],
        with: {
            "rapport:types/common": crate::channel::rapport::types::common,
            "rapport:types/social": crate::channel::rapport::types::social,
            "rapport:types/annotation": crate::classifier::rapport::types::annotation,
            "rapport:host/log": crate::channel::rapport::host::log,
        },
    });
}

pub use channel::rapport::host;
pub use channel::rapport::types::{channel as channel_types, common, social};
pub use classifier::rapport::types::annotation;
pub use policy::rapport::types::policy as policy_types;
