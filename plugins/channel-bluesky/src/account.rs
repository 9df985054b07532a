//! `check`: the settings and credentials work, and who we are.

use rapport_sdk::channel::Account;
use rapport_sdk::common::PluginError;
use rapport_sdk::social::Visibility;

use crate::message::actor;
use crate::net::Net;
use crate::session::Session;
use crate::settings::Settings;

/// Opens a session and asks the network for our own profile: that goes all the way to the service
/// that polls and searches, so a server without it is found out here.
pub fn check(net: &dyn Net, settings: &Settings) -> Result<Account, PluginError> {
    let session = Session::open(net, settings)?;
    let did = session.account.did.as_str();
    let profile = session.get("app.bsky.actor.getProfile", &[("actor", did)])?;
    let actor = actor(&profile, None)
        .filter(|actor| actor.external_id == did)
        .ok_or_else(|| PluginError::Permanent("the server shows no profile of ours".to_owned()))?;
    Ok(Account {
        actor,
        can_poll: true,
        can_receive: false,
        can_send: true,
        send_visibilities: vec![Visibility::Public],
        extra: vec![("service".to_owned(), settings.service.clone())],
    })
}
