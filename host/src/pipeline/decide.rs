//! Asks every enabled policy about every case. What a policy that fails would have guarded is up to
//! its declared fallback: open, as if it had said nothing; closed, the host speaks in its stead; last
//! known good, the version before it answers, and where there is none or it fails too, closed.

use super::plugins::{Absent, Loaded};
use crate::domain::annotation::{Evaluation, Localized, Moment};
use crate::domain::digest::sha256_hex;
use crate::domain::effects::{Effect, EffectBody};
use crate::domain::policy::PolicyCase;
use crate::domain::{new_id, now_ms};
use crate::plugin::pure::PurePlugin;
use crate::plugin::{CallError, HostFault};
use futures_util::future::join_all;
use rapport_package::manifest::{Fallback, Manifest};
use std::sync::Arc;

/// Rule name of what the host decides in a policy's stead.
pub const HOST_RULE: &str = "host";
/// Who may release what is held because a policy failed.
const RELEASER: &str = "manager";

/// What one policy made of one case, with the record to run it again. The evaluation's message and
/// draft ids are for the caller to fill in.
#[derive(Debug, Clone)]
pub struct PolicyAnswer {
    pub evaluation: Evaluation,
    pub effects: Vec<Effect>,
    pub withheld: Vec<String>,
}

/// The answers of all policies to each case, in order. For those that should be at work and can't be,
/// their fallback answers.
pub async fn run(loaded: &Loaded, cases: &[PolicyCase]) -> Vec<Vec<PolicyAnswer>> {
    let asked = loaded.policies.iter().map(|policy| async {
        let answers = ask(policy, cases.to_vec()).await;
        let good = loaded.good.get(&policy.manifest.id);
        stood_in_for(answers, good, cases).await
    });
    let absent = loaded.absent.iter().map(|absent| async {
        let answers = unasked(absent, cases);
        let good = loaded.good.get(&absent.manifest.id);
        stood_in_for(answers, good, cases).await
    });
    let mut by_policy = join_all(asked).await;
    by_policy.extend(join_all(absent).await);
    let mut by_policy: Vec<_> = by_policy.into_iter().map(Vec::into_iter).collect();
    let next = |_| by_policy.iter_mut().filter_map(Iterator::next).collect();
    (0..cases.len()).map(next).collect()
}

/// One policy's answers, whatever they are.
pub(super) async fn ask(policy: &PurePlugin, mut cases: Vec<PolicyCase>) -> Vec<PolicyAnswer> {
    let batch = policy.decide(&mut cases).await;
    let about = About {
        manifest: &policy.manifest,
        digest: &policy.digest,
        settings_digest: &policy.settings.digest,
        fuel: batch.fuel,
        size: cases.len() as u32,
    };
    cases
        .into_iter()
        .zip(batch.items)
        .map(|(case, item)| answer(&about, case, item))
        .collect()
}

/// What stands for the answers of a policy that is not there. It was shown nothing.
fn unasked(absent: &Absent, cases: &[PolicyCase]) -> Vec<PolicyAnswer> {
    let asked = &absent.manifest.permissions.fields;
    let asked: Vec<String> = asked.iter().map(|f| f.field.clone()).collect();
    let about = About {
        manifest: &absent.manifest,
        digest: &absent.digest,
        settings_digest: "",
        fuel: 0,
        size: 1,
    };
    let fault = HostFault::NotLoaded(absent.reason.clone());
    cases
        .iter()
        .map(|case| {
            let mut case = case.clone();
            case.withhold(&asked, &[]);
            answer(&about, case, Err(fault.clone().into()))
        })
        .collect()
}

/// Where there was no answer, that of the last known good version, if there is one and it has one.
async fn stood_in_for(
    mut answers: Vec<PolicyAnswer>,
    good: Option<&Arc<PurePlugin>>,
    cases: &[PolicyCase],
) -> Vec<PolicyAnswer> {
    let missing = answers.iter().zip(cases).filter(|(a, _)| is_missing(a));
    let missing: Vec<PolicyCase> = missing.map(|(_, case)| case.clone()).collect();
    let Some(good) = good.filter(|_| !missing.is_empty()) else {
        return answers;
    };
    tracing::warn!(
        plugin = %good.manifest.id,
        version = %good.manifest.version,
        cases = missing.len(),
        "the last known good version is asked"
    );
    let again = ask(good, missing).await;
    let places = answers.iter_mut().filter(|answer| is_missing(answer));
    for (place, mut answer) in places.zip(again).filter(|(_, a)| !is_missing(a)) {
        let was = &place.evaluation;
        let fault = was.fault.as_deref().unwrap_or_default();
        answer.evaluation.in_stead_of = Some(format!(
            "{} (sha256:{}): {fault}",
            was.version, was.plugin_digest
        ));
        *place = answer;
    }
    answers
}

fn is_missing(answer: &PolicyAnswer) -> bool {
    answer.evaluation.fault.is_some()
}

/// Who answered, and what the whole batch took.
struct About<'a> {
    manifest: &'a Manifest,
    digest: &'a str,
    settings_digest: &'a str,
    fuel: u64,
    size: u32,
}

fn answer(
    about: &About<'_>,
    case: PolicyCase,
    item: Result<Vec<Effect>, CallError>,
) -> PolicyAnswer {
    let fault = item.as_ref().err().map(ToString::to_string);
    let effects = match item {
        Ok(effects) => effects,
        Err(error) => fallen_back(about.manifest, case.moment, &error.to_string()),
    };
    let input = serde_json::to_string(&case).unwrap_or_default();
    PolicyAnswer {
        evaluation: Evaluation {
            id: new_id(),
            message_id: None,
            draft_id: None,
            moment: case.moment,
            plugin: about.manifest.id.clone(),
            version: about.manifest.version.clone(),
            plugin_digest: about.digest.to_owned(),
            settings_digest: about.settings_digest.to_owned(),
            input_digest: sha256_hex(input.as_bytes()),
            input,
            output_digest: output_digest(&effects),
            batch_fuel: about.fuel,
            batch_size: about.size,
            fault,
            in_stead_of: None,
            evaluated: now_ms(),
        },
        effects,
        withheld: case.withheld,
    }
}

/// The digest that an answer has on record.
pub fn output_digest(effects: &[Effect]) -> String {
    let output = serde_json::to_string(effects).unwrap_or_default();
    sha256_hex(output.as_bytes())
}

/// What stands for the answer of a policy that gave none.
pub fn fallen_back(manifest: &Manifest, moment: Moment, error: &str) -> Vec<Effect> {
    match manifest.fallback {
        Fallback::Closed | Fallback::LastKnownGood => {
            vec![in_its_stead(&manifest.id, moment, error)]
        }
        Fallback::Open => Vec::new(),
    }
}

/// Outbound: hold it. Inbound: tell somebody.
fn in_its_stead(policy: &str, moment: Moment, error: &str) -> Effect {
    let said = |nl: String, en: String| {
        vec![
            Localized {
                language: "nl".into(),
                text: nl,
            },
            Localized {
                language: "en".into(),
                text: en,
            },
        ]
    };
    let reason = said(
        format!("Het beleid {policy} kon niet worden geraadpleegd: {error}."),
        format!("The policy {policy} could not be asked: {error}."),
    );
    let body = match moment {
        Moment::Outbound | Moment::Campaign => EffectBody::Hold(RELEASER.into()),
        Moment::Inbound | Moment::Tick => EffectBody::Notify {
            to: RELEASER.into(),
            text: format!("{policy}: {error}"),
        },
    };
    Effect {
        rule: HOST_RULE.into(),
        body,
        reason,
        evidence: Vec::new(),
    }
}
