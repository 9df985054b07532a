//! What a channel does: as its account says in a case of `check`, or else by trying.

use super::bench::{Ask, Bench, Came, Memory};
use super::scene::Scene;
use super::script::Script;
use crate::cli::plugin::test::records;
use crate::plugin::connector::Connector;
use crate::plugin::{CallError, PluginError};
use rapport_package::fixture::{Call, channel::NOW_MS};
use toml::Table;

/// A key as the host makes them.
pub const KEY: &str = "0197f0c0-7e1a-7000-8000-0000c0ffee01";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    pub poll: bool,
    pub receive: bool,
    pub send: bool,
}

/// `connector` is one with settings that are good.
pub async fn abilities(
    bench: &Bench<'_>,
    connector: &mut Connector,
    scenes: &[Scene<'_>],
) -> Abilities {
    let checks = scenes.iter().filter(|scene| scene.case.call == Call::Check);
    for scene in checks.filter(|scene| scene.case.expect.error.is_none()) {
        let script = Script::loose(bench.exchanges(scene.case));
        let run = bench.play(scene, "", script).await;
        if let Ok(Ok(Came::Account(account))) = run.map(|run| run.came) {
            return Abilities {
                poll: account.can_poll,
                receive: account.can_receive,
                send: account.can_send,
            };
        }
    }
    let Ok((message, _)) = records::outbound(&Table::new()) else {
        return Abilities {
            poll: true,
            receive: true,
            send: true,
        };
    };
    let mut can = [true; 3];
    let asks = [
        Ask::Poll(Vec::new()),
        Ask::Receive(records::webhook(None)),
        Ask::Send(message, KEY.to_owned()),
    ];
    for (can, ask) in can.iter_mut().zip(asks) {
        let nobody = Script::loose(Vec::new());
        let memory = Memory::default();
        let run = bench.call(
            connector,
            "trying what it can do",
            NOW_MS,
            &ask,
            &memory,
            nobody,
        );
        let came = run.await.came;
        *can = !matches!(came, Err(CallError::Plugin(PluginError::Unsupported(_))));
    }
    let [poll, receive, send] = can;
    Abilities {
        poll,
        receive,
        send,
    }
}
