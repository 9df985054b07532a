//! A network takes every request and answers none, while answers to many of its people are due. The
//! other inbox goes on as if nothing were the matter, and no answer is sent twice afterwards.

use crate::SOON;
use crate::channel::{Item, answered, config, other_is_prompt};
use crate::network::{Network, Sends};
use crate::support::{Host, until};
use std::time::{Duration, Instant};

/// Longer than a request may take, so that every deadline is met on the way.
const SILENT: Duration = Duration::from_secs(30);
/// Conversations with an answer that is due: more than one inbox may have calls under way.
const DUE: usize = 24;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_hangs_keeps_no_other_inbox_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let (ill, well) = (Network::start().await, Network::start().await);
    let config = config(dir.path(), [("ill", &ill), ("well", &well)]);
    let host = Host::start(&config, dir.path()).await;
    for n in 0..DUE {
        ill.publish(&format!("ill-{n}"));
    }
    until("they are heard", SOON, async || {
        let page = host.get("messages?limit=200").await;
        (page["items"].as_array()?.len() == DUE).then_some(())
    })
    .await;
    ill.set_silent(true);
    let mut due = Vec::new();
    for n in 0..DUE {
        due.push(answered(&host, &ill, &format!("ill-{n}")).await);
    }

    let begun = Instant::now();
    let mut others = 0;
    while begun.elapsed() < SILENT {
        others += 1;
        other_is_prompt(&host, &well, others).await;
    }
    println!("{others} messages of the other inbox were answered meanwhile");
    // It was asked, and could not be known to have taken any.
    assert!(ill.taken() > 0);
    for id in &due {
        assert_ne!(Item::get(&host, id).await.status, "sent");
    }

    ill.set_silent(false);
    let (mut sent, mut uncertain) = (0, 0);
    for id in &due {
        let item = until("it is settled", SOON, async || {
            let item = Item::get(&host, id).await;
            ["sent", "uncertain"]
                .contains(&item.status.as_str())
                .then_some(item)
        })
        .await;
        match item.status.as_str() {
            "sent" => sent += 1,
            _ => uncertain += 1,
        }
        let once = Sends {
            refused: 0,
            taken: 1,
        };
        assert_eq!(ill.sends(&item.key), once, "{item:#?}");
    }
    // What was under way in the silence nobody can know; the rest went out when it was over.
    println!("{sent} sent, {uncertain} uncertain");
    assert!(sent > 0);
    assert!(host.terminate().await.success());
}
