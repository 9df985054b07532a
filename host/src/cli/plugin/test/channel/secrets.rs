//! The check `secrets`: no secret comes back in an answer, an error, a log line or the state, however
//! it is written; not even when the network sends back what it was sent.
//!
//! It runs last: the calls of all other checks were searched as well.

use super::bench::Bench;
use super::scene::{Scene, kinds};
use super::script::{Script, Which};
use super::twist::Twist;
use crate::cli::plugin::test::report::{Check, Failure};
use rapport_package::Manifest;

const NAME: &str = "secrets";

pub async fn check(bench: &Bench<'_>, manifest: &Manifest, scenes: &[Scene<'_>]) -> Check {
    if manifest.secrets.is_empty() {
        return Check::needless(NAME, "it has none");
    }
    let mut echoes = 0;
    for (scene, index) in kinds(scenes) {
        for status in [200, 400, 500] {
            let twist = Twist::Echo(status);
            let doing = twist.name();
            let script = Script::loose(bench.all_exchanges(scene));
            let script = script.twisted(Which::One(index), twist);
            // What comes of it is searched where it comes.
            echoes += usize::from(bench.play(scene, &doing, script).await.is_ok());
        }
    }
    let (leaks, searched) = bench.leaks();
    let failure = |leak: String| Failure {
        what: "a secret came back".to_owned(),
        expected: "it stays between the host and the network".to_owned(),
        found: leak,
        file: None,
        line: None,
        remedy: "don't take apart or encode what a reference stands for, and don't repeat the \
                 network's own words where they may hold what it was sent; have the host capture \
                 what the network hands out (`capture` in plugin.toml)"
            .to_owned(),
    };
    let detail = format!("{searched} texts searched, {echoes} echoes among what made them");
    Check::of(NAME, &detail, leaks.into_iter().map(failure).collect())
}
