//! The shortest way to a plugin: a struct that is read from the settings, one trait for each kind
//! with defaults for what a plugin may leave out, one macro to export it.
//!
//! [`Classifier`](crate::Classifier), [`PolicyPack`](crate::PolicyPack) and
//! [`Channel`](crate::Channel) are the contract itself, batches and all; use those where a batch is
//! worth more than its messages one by one.

use crate::annotation::Classification;
use crate::channel::{
    Account, Monitor, OutboundMessage, Page, Receipt, WebhookRequest, WebhookResult,
};
use crate::common::{ItemError, PluginError};
use crate::policy::{Effect, PolicyCase, RuleInfo};
use crate::social::Message;
use serde::de::DeserializeOwned;
use std::cell::OnceCell;
use std::thread::LocalKey;

/// What can be made of settings: any struct with `#[derive(Deserialize)]`, without settings
/// `struct Mine {}`.
pub trait Configured: Sized {
    fn from_settings(settings: &str) -> Result<Self, String>;
}

impl<T: DeserializeOwned> Configured for T {
    fn from_settings(settings: &str) -> Result<Self, String> {
        serde_json::from_str(settings).map_err(|error| format!("settings: {error}"))
    }
}

/// A classifier, one message at a time. Export it with [`classifier!`](crate::classifier).
pub trait Judge: Configured + 'static {
    /// Tables to build, once, and settings to refuse, naming the field.
    fn ready(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn judge(&self, message: &Message) -> Result<Vec<Classification>, ItemError>;
}

/// A policy pack, one case at a time. Export it with [`policy!`](crate::policy!).
pub trait Pack: Configured + 'static {
    /// Tables to build, once, and settings to refuse, naming the rule and the field.
    fn ready(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn rules() -> Vec<RuleInfo>;

    fn decide(&self, case: &PolicyCase) -> Result<Vec<Effect>, ItemError>;
}

/// A channel. What it leaves out, it can't do, and `check` must say so too. Export it with
/// [`channel!`](crate::channel!).
pub trait Connector: Configured + 'static {
    /// Settings to refuse, naming the field. No network here.
    fn ready(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn check(&self) -> Result<Account, PluginError>;

    fn poll(&self, _cursor: Option<String>, _monitors: &[Monitor]) -> Result<Page, PluginError> {
        Err(PluginError::unsupported(
            "this channel is called, never asked",
        ))
    }

    fn receive(&self, _request: WebhookRequest) -> Result<WebhookResult, PluginError> {
        Err(PluginError::unsupported(
            "this channel is asked, never called",
        ))
    }

    fn validate(&self, _message: &OutboundMessage) -> Result<(), PluginError> {
        Ok(())
    }

    fn send(&self, _message: &OutboundMessage, _key: &str) -> Result<Receipt, PluginError> {
        Err(PluginError::unsupported("this channel can't send"))
    }

    fn find_sent(&self, _key: &str) -> Result<Option<Receipt>, PluginError> {
        Err(PluginError::unsupported(
            "this channel can't find what it sent",
        ))
    }
}

/// Where the macros keep the configured plugin.
pub type Slot<P> = LocalKey<OnceCell<P>>;

/// Called by the macros.
#[doc(hidden)]
pub fn configure<P: Configured>(
    slot: &'static Slot<P>,
    settings: &str,
    ready: impl FnOnce(&mut P) -> Result<(), String>,
) -> Result<(), String> {
    let mut plugin = P::from_settings(settings)?;
    ready(&mut plugin)?;
    slot.with(|cell| cell.set(plugin))
        .map_err(|_| "configure was called before".to_owned())
}

/// Called by the macros.
#[doc(hidden)]
pub fn with<P, T>(
    slot: &'static Slot<P>,
    work: impl FnOnce(&P) -> Result<T, PluginError>,
) -> Result<T, PluginError> {
    slot.with(|cell| {
        let missing = || PluginError::Permanent("the plugin is not configured yet".to_owned());
        work(cell.get().ok_or_else(missing)?)
    })
}

/// Exports a type that implements [`Judge`] as the component.
#[macro_export]
macro_rules! classifier {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::easy::{Judge, configure, with};
            use $crate::{annotation::Classification, common::*, social::Message};
            $crate::slot!($plugin);
            impl $crate::Classifier for Exported {
                fn configure(settings: String) -> Result<(), String> {
                    configure(&SLOT, &settings, <$plugin as Judge>::ready)
                }
                fn classify(
                    messages: Vec<Message>,
                ) -> Result<Vec<Result<Vec<Classification>, ItemError>>, PluginError> {
                    with(&SLOT, |p| Ok(messages.iter().map(|m| p.judge(m)).collect()))
                }
            }
            $crate::export_classifier!(Exported);
        };
    };
}

/// Exports a type that implements [`Pack`] as the component.
#[macro_export]
macro_rules! policy {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::easy::{Pack, configure, with};
            use $crate::{common::*, policy::*};
            $crate::slot!($plugin);
            impl $crate::PolicyPack for Exported {
                fn configure(settings: String) -> Result<(), String> {
                    configure(&SLOT, &settings, <$plugin as Pack>::ready)
                }
                fn rules() -> Vec<RuleInfo> {
                    <$plugin as Pack>::rules()
                }
                fn decide(
                    cases: Vec<PolicyCase>,
                ) -> Result<Vec<Result<Vec<Effect>, ItemError>>, PluginError> {
                    with(&SLOT, |p| Ok(cases.iter().map(|c| p.decide(c)).collect()))
                }
            }
            $crate::export_policy!(Exported);
        };
    };
}

/// Exports a type that implements [`Connector`] as the component.
#[macro_export]
macro_rules! channel {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::easy::{Connector, configure, with};
            use $crate::{channel::*, common::PluginError};
            $crate::slot!($plugin);
            impl $crate::Channel for Exported {
                fn configure(settings: String) -> Result<(), String> {
                    configure(&SLOT, &settings, <$plugin as Connector>::ready)
                }
                fn check() -> Result<Account, PluginError> {
                    with(&SLOT, |p| p.check())
                }
                fn poll(c: Option<String>, monitors: Vec<Monitor>) -> Result<Page, PluginError> {
                    with(&SLOT, |p| p.poll(c, &monitors))
                }
                fn receive(request: WebhookRequest) -> Result<WebhookResult, PluginError> {
                    with(&SLOT, |p| p.receive(request))
                }
                fn validate(message: OutboundMessage) -> Result<(), PluginError> {
                    with(&SLOT, |p| p.validate(&message))
                }
                fn send(message: OutboundMessage, key: String) -> Result<Receipt, PluginError> {
                    with(&SLOT, |p| p.send(&message, &key))
                }
                fn find_sent(key: String) -> Result<Option<Receipt>, PluginError> {
                    with(&SLOT, |p| p.find_sent(&key))
                }
            }
            $crate::export_channel!(Exported);
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! slot {
    ($plugin:ty) => {
        struct Exported;
        std::thread_local! {
            static SLOT: std::cell::OnceCell<$plugin> = const { std::cell::OnceCell::new() };
        }
    };
}
