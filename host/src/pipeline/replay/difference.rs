//! Stored decisions against the effects of now, one by one, and which field it is that differs.
//!
//! Effects are paired by rule and kind of effect, equal ones first. Where two sequences have the same
//! effects in another order, that is a difference too: the output's bytes are not the same.

use crate::domain::annotation::{Decision, EffectKind, Evidence, Localized};
use crate::domain::effects::Effect;
use serde::Serialize;
use serde_json::{Value, json};

/// What a rule said, in the same form whether it is stored or came out just now.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EffectRecord {
    /// The stored decision's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_id: Option<String>,
    pub rule: String,
    pub effect: EffectKind,
    pub detail: Value,
    pub reason: Vec<Localized>,
    pub evidence: Vec<Evidence>,
}

impl From<&Decision> for EffectRecord {
    fn from(decision: &Decision) -> Self {
        Self {
            decision_id: Some(decision.id.clone()),
            rule: decision.rule.clone(),
            effect: decision.effect,
            detail: decision.detail.clone(),
            reason: decision.reason.clone(),
            evidence: decision.evidence.clone(),
        }
    }
}

impl From<&Effect> for EffectRecord {
    fn from(effect: &Effect) -> Self {
        Self {
            decision_id: None,
            rule: effect.rule.clone(),
            effect: effect.body.kind(),
            detail: effect.body.detail(),
            reason: effect.reason.clone(),
            evidence: effect.evidence.clone(),
        }
    }
}

impl EffectRecord {
    /// The effect that it was. None when its detail is none of this kind of effect.
    pub fn effect(&self) -> Option<Effect> {
        let mut body = json!({ "effect": self.effect });
        if !self.detail.is_null() {
            body["detail"] = self.detail.clone();
        }
        Some(Effect {
            rule: self.rule.clone(),
            body: serde_json::from_value(body).ok()?,
            reason: self.reason.clone(),
            evidence: self.evidence.clone(),
        })
    }

    fn says(&self, other: &Self) -> bool {
        self.is_kin(other) && self.fields_unlike(other).is_empty()
    }

    fn is_kin(&self, other: &Self) -> bool {
        self.rule == other.rule && self.effect == other.effect
    }

    fn fields_unlike(&self, other: &Self) -> Vec<&'static str> {
        let unlike = [
            ("detail", self.detail != other.detail),
            ("reason", self.reason != other.reason),
            ("evidence", self.evidence != other.evidence),
        ];
        let unlike = unlike.into_iter().filter(|(_, differs)| *differs);
        unlike.map(|(field, _)| field).collect()
    }
}

/// How one effect differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// On record, and it does not come out.
    OnlyRecorded,
    /// Comes out, and is not on record.
    OnlyNow,
    Changed,
    /// The same, at another place.
    Moved,
}

/// One effect that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    pub change: Change,
    /// Which fields differ.
    pub fields: Vec<&'static str>,
    pub recorded: Option<EffectRecord>,
    pub now: Option<EffectRecord>,
}

/// Everything in which what is stored differs from what comes out.
pub fn between(stored: &[EffectRecord], now: &[EffectRecord]) -> Vec<Difference> {
    let mut partner: Vec<Option<usize>> = vec![None; stored.len()];
    for alike in [EffectRecord::says, EffectRecord::is_kin] {
        for at in 0..stored.len() {
            if partner[at].is_none() {
                let free = |other: &usize| {
                    !partner.contains(&Some(*other)) && alike(&stored[at], &now[*other])
                };
                partner[at] = (0..now.len()).find(free);
            }
        }
    }
    let mut found = Vec::new();
    for (was, partner) in stored.iter().zip(&partner) {
        let is = partner.map(|other| &now[other]);
        let fields = is.map(|is| was.fields_unlike(is)).unwrap_or_default();
        let change = match is {
            None => Change::OnlyRecorded,
            Some(_) if fields.is_empty() => continue,
            Some(_) => Change::Changed,
        };
        found.push(Difference {
            change,
            fields,
            recorded: Some(was.clone()),
            now: is.cloned(),
        });
    }
    for (at, is) in now.iter().enumerate() {
        if !partner.contains(&Some(at)) {
            found.push(Difference {
                change: Change::OnlyNow,
                fields: Vec::new(),
                recorded: None,
                now: Some(is.clone()),
            });
        }
    }
    if found.is_empty() {
        for (at, (was, partner)) in stored.iter().zip(&partner).enumerate() {
            if *partner != Some(at) {
                found.push(Difference {
                    change: Change::Moved,
                    fields: Vec::new(),
                    recorded: Some(was.clone()),
                    now: partner.map(|other| now[other].clone()),
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::effects::EffectBody;

    fn label(rule: &str, label: &str) -> EffectRecord {
        EffectRecord::from(&Effect {
            rule: rule.into(),
            body: EffectBody::Label(label.into()),
            reason: Vec::new(),
            evidence: Vec::new(),
        })
    }

    fn changes(stored: &[EffectRecord], now: &[EffectRecord]) -> Vec<Change> {
        between(stored, now).iter().map(|d| d.change).collect()
    }

    #[test]
    fn each_effect_has_one_partner() {
        let (a, b, c) = (label("r", "a"), label("r", "b"), label("s", "c"));
        let both = [a.clone(), b.clone()];
        assert_eq!(changes(&both, &both), []);
        assert_eq!(
            changes(&both, &[b.clone(), a.clone()]),
            [Change::Moved, Change::Moved]
        );
        assert_eq!(
            changes(&both, std::slice::from_ref(&b)),
            [Change::OnlyRecorded]
        );
        assert_eq!(
            changes(&both, &[b.clone(), c]),
            [Change::OnlyRecorded, Change::OnlyNow]
        );
        let found = between(&both, &[b, label("r", "x")]);
        assert_eq!(
            (found[0].change, &found[0].fields[..]),
            (Change::Changed, &["detail"][..])
        );
        assert_eq!(found[0].recorded.as_ref(), Some(&a));
    }

    #[test]
    fn a_stored_effect_is_the_effect_it_was() {
        for body in [
            EffectBody::Deny,
            EffectBody::Hold("manager".into()),
            EffectBody::Notify {
                to: "manager".into(),
                text: "x".into(),
            },
        ] {
            let effect = Effect {
                rule: "r".into(),
                body,
                reason: Vec::new(),
                evidence: Vec::new(),
            };
            assert_eq!(EffectRecord::from(&effect).effect(), Some(effect));
        }
        let mut odd = label("r", "a");
        odd.detail = Value::Null;
        assert_eq!(odd.effect(), None);
    }
}
