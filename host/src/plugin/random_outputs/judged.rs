//! What classifiers and policies may return, and what is left of all of it when the host has checked it.

use super::{activities, count, extra, id, offsets, some, text, time, visibility};
use crate::domain::annotation::Classification;
use crate::domain::effects::Effect;
use crate::domain::policy::PolicyCase;
use crate::domain::social::{Activity, SourceMessage};
use crate::plugin::convert::activities_in;
use crate::plugin::convert_policy::{RuleSwitch, classifications_in, effects_in};
use crate::plugin::limits;
use crate::plugin::wire::{annotation as wa, common, policy_types as wp};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

/// The text that is judged: with characters of one, two and four bytes.
pub const CONTENT: &str = "één 𝄞 klacht";

fn evidence() -> BoxedStrategy<Vec<wa::Evidence>> {
    let one =
        (offsets(), text()).prop_map(|((start, end), note)| wa::Evidence { start, end, note });
    some(one, limits::EVIDENCE).boxed()
}

pub fn classifications() -> BoxedStrategy<Vec<wa::Classification>> {
    let score = prop_oneof![
        20 => -1.0..=1.0f64,
        1 => any::<f64>(),
        1 => select(vec![f64::NAN, f64::INFINITY, -0.0, 1.0 + f64::EPSILON, 5e-324]),
    ];
    let one = (id(), id(), score, evidence(), extra());
    let one = one.prop_map(
        |(dimension, label, score, evidence, extra)| wa::Classification {
            dimension,
            label,
            score,
            evidence,
            extra,
        },
    );
    some(one, limits::CLASSIFICATIONS_PER_MESSAGE).boxed()
}

/// The rules of the pack that [`effects`] are of.
pub fn rules() -> Vec<RuleSwitch> {
    let rule = |id: &str, enabled| RuleSwitch {
        id: id.into(),
        enabled,
    };
    vec![rule("on", true), rule("off", false)]
}

fn effect_kind() -> BoxedStrategy<wp::EffectKind> {
    use wp::EffectKind as K;
    use wp::{CaseKind, Priority, Purpose, SuppressionEnd};
    let priority = || {
        select(vec![
            Priority::Low,
            Priority::Normal,
            Priority::High,
            Priority::Urgent,
        ])
    };
    let kinds = select(vec![
        CaseKind::Complaint,
        CaseKind::Question,
        CaseKind::Lead,
        CaseKind::Other,
    ]);
    let purposes = select(vec![
        Purpose::Service,
        Purpose::Marketing,
        Purpose::Survey,
        Purpose::Transactional,
    ]);
    let until = prop_oneof![
        time().prop_map(SuppressionEnd::At),
        Just(SuppressionEnd::CasesClosed),
        Just(SuppressionEnd::Indefinite)
    ];
    let case = (kinds, text(), priority(), of(count()), of(count()));
    let respond = (of(count()), visibility(), any::<bool>(), any::<bool>());
    prop_oneof![
        select(vec![K::Allow, K::Deny, K::LeaveAlone]),
        text().prop_map(K::Hold),
        text().prop_map(K::Rewrite),
        respond.prop_map(
            |(within_ms, visibility, named_account, required)| K::Respond(wp::ResponseDemand {
                within_ms,
                visibility,
                named_account,
                required,
            })
        ),
        text().prop_map(K::Route),
        priority().prop_map(K::Priority),
        text().prop_map(K::Label),
        case.prop_map(
            |(kind, title, priority, respond_within_ms, solve_within_ms)| K::OpenCase(
                wp::CaseRequest {
                    kind,
                    title,
                    priority,
                    respond_within_ms,
                    solve_within_ms,
                }
            )
        ),
        (text(), of(time()), of(text())).prop_map(|(title, due, team)| K::Task(wp::TaskRequest {
            title,
            due,
            team
        })),
        (purposes, of(text()), until).prop_map(|(purpose, channel, until)| K::Suppress(
            wp::SuppressionRequest {
                purpose,
                channel,
                until
            }
        )),
        text().prop_map(K::PauseCampaign),
        (text(), text()).prop_map(|(to, text)| K::Notify(wp::Notification { to, text })),
    ]
    .boxed()
}

pub fn effects() -> BoxedStrategy<Vec<wp::Effect>> {
    let localized =
        (text(), text()).prop_map(|(language, text)| common::Localized { language, text });
    let rule = prop_oneof![20 => Just("on".to_owned()), 4 => Just("off".to_owned()), 1 => text()];
    let one = (rule, effect_kind(), some(localized, 16), evidence());
    let one = one.prop_map(|(rule, kind, reason, evidence)| wp::Effect {
        rule,
        kind,
        reason,
        evidence,
    });
    some(one, limits::EFFECTS_PER_CASE).boxed()
}

/// A case about a message with this text.
pub fn case(content: &str) -> PolicyCase {
    PolicyCase::inbound("case", SourceMessage::plain("m", content))
}

/// What the host makes of activities, classifications and effects, for the pipeline to store; none
/// where it is a fault.
pub fn checked() -> BoxedStrategy<(Vec<Activity>, Vec<Classification>, Vec<Effect>)> {
    (activities(), classifications(), effects())
        .prop_map(|(activities, found, effects)| {
            (
                activities_in(activities).good,
                classifications_in(found, CONTENT, "p", "1.0.0").unwrap_or_default(),
                effects_in(effects, &case(CONTENT), &rules()).unwrap_or_default(),
            )
        })
        .boxed()
}
