//! The checks of a channel: its calls, with the network's side played to them.
//!
//! `network` is a server on this machine that plays a `script`, as recorded or with a `twist`;
//! `bench` is the sandbox as in service, led there; `scene` is a case with those before it. The
//! checks: `configure` (settings), `limits`, `broken` (malformed), `pressure` (rate-limits, auth),
//! `secrets`, `cursor`, `idempotent`, and `expect` (cases). Deliberately absent: any real network.

mod ability;
mod bench;
mod broken;
mod canary;
mod compare;
mod configure;
mod cursor;
mod expect;
mod idempotent;
mod limits;
mod network;
mod pressure;
mod scene;
mod script;
mod secrets;
mod twist;

use super::cases;
use super::loader::Loader;
use super::report::Check;
use crate::plugin::CallError;
use anyhow::{Result, anyhow, bail};
use bench::Bench;
use rapport_package::{Kind, Package, fixture};
use scene::Scene;
use script::Script;
use serde_json::Value;

/// What a recorded case comes to when it is played back, as its `expect`.
pub async fn replayed(package: &Package, text: &str) -> Result<String> {
    let cases = fixture::parse(Kind::Channel, "the recording", text)?;
    let found: Vec<cases::Found> = cases
        .into_iter()
        .map(|case| cases::Found {
            file: "the recording".to_owned(),
            line: 1,
            case,
        })
        .collect();
    let loader = Loader::new(package)?;
    let bench = Bench::new(&loader).await?;
    let Some(scene) = scene::scenes(&found).pop() else {
        bail!("no case");
    };
    let script = Script::strict(bench.exchanges(scene.case));
    let run = bench.play(&scene, "", script).await;
    let run = run.map_err(|problem| anyhow!(problem))?;
    if let Some(miss) = run.script.misses.first() {
        bail!("recorded: {}\nplayed back: {}", miss.expected, miss.came);
    }
    if let Err(CallError::Fault(fault)) = &run.came {
        bail!("it ends in a host fault, {fault}");
    }
    Ok(compare::expected(&run))
}

/// All but `contract` and `settings`.
const CALLS: [&str; 8] = [
    "limits",
    "malformed",
    "rate-limits",
    "auth",
    "secrets",
    "cursor",
    "idempotent",
    "cases",
];

pub async fn checks(
    package: &Package,
    given: Option<&Value>,
    contract: Check,
) -> Result<Vec<Check>> {
    let skipped = |names: &[&'static str], why: &str| -> Vec<Check> {
        names.iter().map(|name| Check::skipped(name, why)).collect()
    };
    let sound = contract.passed();
    let mut checks = vec![contract];
    if !sound {
        let why = "not run: the contract is broken";
        checks.push(Check::skipped("settings", why));
        checks.extend(skipped(&CALLS, why));
        return Ok(checks);
    }
    let (found, unreadable) = cases::read(package);
    let scenes = scene::scenes(&found);
    let loader = Loader::new(package)?;
    let bench = Bench::new(&loader).await?;
    let (settings, connector) = configure::check(&bench, given, &scenes).await;
    checks.push(settings);
    let Some(mut connector) = connector else {
        checks.extend(skipped(&CALLS, "not run: it has no settings to run with"));
        return Ok(checks);
    };
    checks.push(limits::check(&bench, &mut connector).await);
    let abilities = ability::abilities(&bench, &mut connector, &scenes).await;
    let network = network(&bench, package, &scenes).await;
    let cursor = cursor::check(&bench, &scenes, abilities.poll && goes_out(package)).await;
    let idempotent = idempotent::check(&bench, &mut connector, &scenes, abilities.send).await;
    let cases = expect::check(&bench, &scenes, &abilities, unreadable).await;
    let secrets = secrets::check(&bench, &package.manifest, &scenes).await;
    checks.extend(network);
    checks.extend([secrets, cursor, idempotent, cases]);
    Ok(checks)
}

fn goes_out(package: &Package) -> bool {
    !package.manifest.permissions.http.is_empty()
}

/// The checks that need something of the network to change.
async fn network(bench: &Bench<'_>, package: &Package, scenes: &[Scene<'_>]) -> Vec<Check> {
    let names = ["malformed", "rate-limits", "auth"];
    if !goes_out(package) {
        let needless = |name| Check::needless(name, "it asks for no network");
        return names.map(needless).to_vec();
    }
    if scenes.iter().all(|scene| scene.case.exchanges.is_empty()) {
        let why = "not run: no case has exchanges; record some in fixtures/NAME.toml";
        return names.map(|name| Check::skipped(name, why)).to_vec();
    }
    vec![
        broken::check(bench, scenes).await,
        pressure::rate_limits(bench, scenes).await,
        pressure::auth(bench, &package.manifest, scenes).await,
    ]
}
