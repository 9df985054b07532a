//! Three hosts on one PostgreSQL: killed one at a time, and the database with them.

use crate::recorder;
use crate::scene::Scene;
use crate::support::postgres::{Postgres, Stop};
use crate::support::store::open_source;
use crate::support::until;
use crate::{chance, number};
use futures_util::StreamExt;
use rapport_host::db::Source;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(60);
const HOSTS: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hosts_lose_and_double_nothing_when_one_is_killed_or_the_database() {
    let kills = number("RAPPORT_TEST_KILLS", 8);
    let mut chance = chance();
    let mut server = Postgres::start();
    let database = server.create_database();
    let mut scene = Scene::start(HOSTS, Some(&database)).await;
    scene.begin();
    let start = Instant::now();
    let mut restarts = 0;
    for n in 1..=kills {
        if n % 20 == 0 {
            println!("{n} kills in {:?}", start.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(chance.u64(50..2500))).await;
        if n % 4 == 0 {
            restarts += 1;
            server.stop(if restarts % 2 == 0 {
                Stop::Fast
            } else {
                Stop::Immediate
            });
            tokio::time::sleep(Duration::from_millis(chance.u64(0..2000))).await;
            server.start_again();
            continue;
        }
        let host = chance.usize(0..HOSTS);
        scene.kill(host);
        // For a while the others have the work to themselves.
        tokio::time::sleep(Duration::from_millis(chance.u64(0..2000))).await;
        scene.restart(host).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let store = open_source(&Source::Postgres(database)).await;
    scene.reckon(store).await;
    println!(
        "{} kills, {restarts} restarts of the database",
        kills - restarts
    );
}

/// Kinds of change that a host shows, as they come.
async fn shown(host: &crate::support::Host, kind: &str) -> tokio::task::JoinHandle<Value> {
    let request = host.request(Method::GET, "events", None);
    let response = request.timeout(SOON * 2).send().await.expect("a stream");
    assert_eq!(response.status().as_u16(), 200);
    let mut stream = response.bytes_stream();
    let name = format!("event: {kind}\n");
    tokio::spawn(async move {
        let mut text = String::new();
        while let Some(piece) = stream.next().await {
            text += std::str::from_utf8(&piece.expect("a piece")).expect("text");
            if let Some((_, rest)) = text.split_once(&name)
                && let Some((line, _)) = rest.split_once('\n')
            {
                let data = line.strip_prefix("data: ").expect("data");
                return serde_json::from_str(data).expect("JSON");
            }
        }
        panic!("the stream ended: {text}");
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_host_hears_the_other_shows_and_its_polls_are_taken_over() {
    let server = Postgres::start();
    let database = server.create_database();
    let mut scene = Scene::start(2, Some(&database)).await;
    let change = shown(&scene.hosts[0], "message").await;
    let line = json!({
        "id": "create-m", "type": "Create", "published": "2026-03-02T08:15:00Z",
        "object": {"id": "m", "content": "Waar blijft de monteur?", "attributedTo": {"id": "lotte"}},
    });
    let request = scene.hosts[1].request(Method::POST, "/webhooks/town", None);
    let answer = request
        .body(line.to_string())
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    let change = tokio::time::timeout(SOON, change)
        .await
        .expect("in time")
        .expect("a change");
    let id = change["id"].as_str().expect("an id");
    let message = scene.hosts[0].get(&format!("messages/{id}")).await;
    assert_eq!(message["externalId"], "m");

    // Whichever of the two it was that polled: the other one goes on.
    for (gone, left) in [(0, 1), (1, 0)] {
        scene.kill(gone);
        let id = format!("after-{gone}");
        scene.recorder.publish("feed-one", recorder::entry(&id));
        until("the other host polls", SOON, async || {
            let page = scene.hosts[left].get("messages?limit=200").await;
            let items = page["items"].as_array()?;
            items
                .iter()
                .any(|m| m["externalId"] == id.as_str())
                .then_some(())
        })
        .await;
        scene.restart(gone).await;
    }
    assert_eq!(scene.recorder.polls().1, 0, "two polls at a time");
}
