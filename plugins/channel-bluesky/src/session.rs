//! Being logged in: opens the session, renews it when the token has expired, and makes calls in it.
//!
//! The connector holds references to credentials, never the credentials: the host puts the app
//! password into the body of `createSession` and the tokens into headers, and captures new tokens
//! from the answers. So a reference is asked for again after every log-in.
//!
//! Order: the known access token; `refreshSession`; `createSession`. Servers limit log-ins to a few
//! a minute, so a renewal happens at most once in one session of ours. Who we are (DID, handle) is
//! kept in the inbox's state together with the settings it belongs to, because the host may have
//! kept the tokens of an account that the settings no longer name.

use std::cell::Cell;

use rapport_sdk::common::PluginError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::net::{Level, Net, Request};
use crate::settings::Settings;
use crate::xrpc::{self, CallError, Refusal};

const STATE_KEY: &str = "account";
pub const APP_PASSWORD: &str = "app-password";
pub const ACCESS_TOKEN: &str = "access-token";
pub const REFRESH_TOKEN: &str = "refresh-token";

/// Whose session it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    service: String,
    identifier: String,
    pub did: String,
    pub handle: String,
}

/// A session for one call of the host.
pub struct Session<'a> {
    pub net: &'a dyn Net,
    pub settings: &'a Settings,
    pub account: Account,
    renewed: Cell<bool>,
    pause_ms: Cell<Option<u64>>,
    started_ms: i64,
}

impl<'a> Session<'a> {
    /// Opens a session with what the host still has, or logs in.
    pub fn open(net: &'a dyn Net, settings: &'a Settings) -> Result<Self, PluginError> {
        let mut session = Self {
            net,
            settings,
            account: Account {
                service: settings.service.clone(),
                identifier: settings.identifier.clone(),
                did: String::new(),
                handle: String::new(),
            },
            renewed: Cell::new(false),
            pause_ms: Cell::new(None),
            started_ms: net.now_ms(),
        };
        let known = net
            .state_get(STATE_KEY)
            .and_then(|bytes| serde_json::from_slice::<Account>(&bytes).ok());
        match known {
            Some(account) if net.secret(ACCESS_TOKEN).is_some() && session.is_ours(&account) => {
                session.account = account;
            }
            _ => session.identify()?,
        }
        Ok(session)
    }

    fn is_ours(&self, account: &Account) -> bool {
        account.service == self.account.service && account.identifier == self.account.identifier
    }

    /// Learns who we are: from the tokens that the host has, if they are this account's, or by
    /// logging in.
    fn identify(&mut self) -> Result<(), PluginError> {
        if self.net.secret(ACCESS_TOKEN).is_some() {
            match self.get("com.atproto.server.getSession", &[]) {
                Ok(answer) => {
                    let is = |name| {
                        let value = answer.get(name).and_then(Value::as_str).unwrap_or_default();
                        value.eq_ignore_ascii_case(&self.settings.identifier)
                    };
                    if is("did") || is("handle") {
                        return self.remember(&answer);
                    }
                }
                // The renewal inside `get` failed for good, or the server has no such method.
                Err(CallError::Refused(_)) => {}
                Err(CallError::Fault(fault)) => return Err(fault),
            }
        }
        let answer = self.create()?;
        self.remember(&answer)
    }

    fn remember(&mut self, answer: &Value) -> Result<(), PluginError> {
        let field = |name| answer.get(name).and_then(Value::as_str).unwrap_or_default();
        let did = field("did");
        if !did.starts_with("did:") || did.len() > 512 {
            return Err(PluginError::Permanent(
                "the server did not say who we are".to_owned(),
            ));
        }
        self.account.did = did.to_owned();
        self.account.handle = field("handle").chars().take(253).collect();
        if answer.get("active").and_then(Value::as_bool) == Some(false) {
            self.net
                .log(Level::Warn, "the account is not active on its server");
        }
        let bytes = serde_json::to_vec(&self.account).unwrap_or_default();
        if let Err(reason) = self.net.state_set(STATE_KEY, bytes) {
            self.net.log(
                Level::Warn,
                &format!("the account could not be kept: {reason}"),
            );
        }
        Ok(())
    }

    /// A new session with the app password.
    fn create(&self) -> Result<Value, PluginError> {
        self.renewed.set(true);
        let password = self
            .net
            .secret(APP_PASSWORD)
            .ok_or_else(|| PluginError::AuthExpired("the app password is not set".to_owned()))?;
        let body = json!({ "identifier": self.settings.identifier, "password": password });
        let request = xrpc::procedure(
            &self.settings.service,
            "com.atproto.server.createSession",
            Some(&body),
        );
        // The log-in has an allowance of its own that says nothing of later calls.
        let answer = xrpc::call(self.net, &request, &mut None).map_err(|error| match error {
            CallError::Refused(refusal) => refused_log_in(&refusal),
            CallError::Fault(fault) => fault,
        })?;
        if self.net.secret(ACCESS_TOKEN).is_none() {
            return Err(PluginError::Permanent(
                "the server's answer to the log-in held no access token".to_owned(),
            ));
        }
        Ok(answer)
    }

    /// A new access token: with the refresh token or else by logging in anew.
    fn renew(&self) -> Result<(), PluginError> {
        self.renewed.set(true);
        if let Some(token) = self.net.secret(REFRESH_TOKEN) {
            let refresh = "com.atproto.server.refreshSession";
            let request = xrpc::procedure(&self.settings.service, refresh, None)
                .header("authorization", format!("Bearer {token}"));
            match xrpc::call(self.net, &request, &mut None) {
                Ok(_) => return Ok(()),
                Err(CallError::Fault(fault)) => return Err(fault),
                Err(CallError::Refused(refusal)) => self.net.log(
                    Level::Info,
                    &format!(
                        "the session can't be renewed ({}): logging in anew",
                        refusal.error
                    ),
                ),
            }
        }
        self.create().map(|_| ())
    }

    /// Calls a query.
    pub fn get(&self, method: &str, parameters: &[(&str, &str)]) -> Result<Value, CallError> {
        self.call(xrpc::query(&self.settings.service, method, parameters))
    }

    /// Calls a procedure.
    pub fn post(&self, method: &str, body: &Value) -> Result<Value, CallError> {
        self.call(xrpc::procedure(&self.settings.service, method, Some(body)))
    }

    fn call(&self, request: Request) -> Result<Value, CallError> {
        let first = self.call_once(request.clone());
        match first {
            Err(CallError::Refused(refusal)) if refusal.is_token() && !self.renewed.get() => {
                self.renew().map_err(CallError::Fault)?;
                self.call_once(request)
            }
            other => other,
        }
    }

    fn call_once(&self, request: Request) -> Result<Value, CallError> {
        let token = self.net.secret(ACCESS_TOKEN).ok_or_else(|| {
            CallError::Fault(PluginError::AuthExpired(
                "there is no access token".to_owned(),
            ))
        })?;
        let request = request.header("authorization", format!("Bearer {token}"));
        let mut pause_ms = self.pause_ms.get();
        let result = xrpc::call(self.net, &request, &mut pause_ms);
        // Also where the call was not vital and its failure is passed over.
        if let Err(CallError::Fault(
            PluginError::RateLimited(delay) | PluginError::RetryAfter(delay),
        )) = &result
        {
            pause_ms = pause_ms.max(delay.delay_ms);
        }
        self.pause_ms.set(pause_ms);
        match result {
            Err(CallError::Refused(refusal)) if refusal.is_token() && self.renewed.get() => {
                Err(CallError::Fault(PluginError::AuthExpired(format!(
                    "the server refuses its own new token: {}: {}",
                    refusal.error, refusal.message
                ))))
            }
            other => other,
        }
    }

    /// How long the network asked us to wait after this session's calls, in milliseconds.
    pub fn pause_ms(&self) -> Option<u64> {
        self.pause_ms.get()
    }

    /// Milliseconds since the session was opened.
    pub fn elapsed_ms(&self) -> i64 {
        self.net.now_ms().saturating_sub(self.started_ms)
    }
}

fn refused_log_in(refusal: &Refusal) -> PluginError {
    let hint = match refusal.error.as_str() {
        "AuthFactorTokenRequired" => " (give an app password instead of the account's own)",
        _ => "",
    };
    PluginError::AuthExpired(format!(
        "the server refuses the identifier or the app password: {}: {}{hint}",
        refusal.error, refusal.message
    ))
}
