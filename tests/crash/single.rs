//! One host, killed again and again, also in its first moments.

use crate::scene::Scene;
use crate::support::store;
use crate::{chance, number};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_is_killed_loses_and_doubles_nothing() {
    let kills = number("RAPPORT_TEST_KILLS", 8);
    let mut chance = chance();
    let mut scene = Scene::start(1, None).await;
    scene.begin();
    let start = Instant::now();
    for n in 1..=kills {
        tokio::time::sleep(Duration::from_millis(chance.u64(50..2500))).await;
        // Now and then the network is gone when the host comes back.
        scene.recorder.set_gone(chance.u32(0..8) == 0);
        scene.kill(0);
        if chance.u32(0..6) == 0 {
            let after = Duration::from_millis(chance.u64(0..1500));
            scene.start_and_kill(0, after).await;
        }
        scene.restart(0).await;
        if n % 20 == 0 {
            println!("{n} kills in {:?}", start.elapsed());
        }
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let store = store::open(scene.dirs[0].path()).await;
    scene.reckon(store).await;
    println!("{kills} kills");
}
