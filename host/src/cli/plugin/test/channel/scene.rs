//! A case with the cases that lead up to it, played to its connector.
//!
//! A step goes on with what the one before it left: what the inbox remembers, the cursor, and the
//! secrets that the host took from answers. Deliberately absent: whether what came is right.

use super::bench::{Ask, Bench, Memory, Run};
use super::script::Script;
use crate::cli::plugin::test::cases::Found;
use crate::cli::plugin::test::report::Failure;
use crate::plugin::connector::Connector;
use rapport_package::fixture::{Call, Case, ChannelCase, Exchange};
use std::collections::BTreeSet;

/// A case, and those before it, the first first.
pub struct Scene<'a> {
    pub file: &'a str,
    pub case: &'a ChannelCase,
    pub before: Vec<&'a ChannelCase>,
}

/// Every channel case as a scene.
pub fn scenes(found: &[Found]) -> Vec<Scene<'_>> {
    let cases = found.iter().filter_map(|found| match &found.case {
        Case::Channel(case) => Some((found.file.as_str(), case.as_ref())),
        Case::Classifier(_) | Case::Policy(_) => None,
    });
    let cases: Vec<(&str, &ChannelCase)> = cases.collect();
    let earlier = |file: &str, case: &ChannelCase| {
        let name = case.after.as_ref()?;
        let found = cases.iter().find(|(f, c)| *f == file && c.name == *name);
        found.map(|(_, case)| *case)
    };
    let mut scenes = Vec::new();
    for &(file, case) in &cases {
        let mut before = Vec::new();
        let mut last = case;
        // The parser has seen to it that each goes on from an earlier one.
        while let Some(case) = earlier(file, last) {
            before.insert(0, case);
            last = case;
        }
        scenes.push(Scene { file, case, before });
    }
    scenes
}

impl Scene<'_> {
    /// What a leak or a failure calls a call of this case.
    pub fn place(&self, doing: &str) -> String {
        match doing.is_empty() {
            true => self.case.name.clone(),
            false => format!("{} ({doing})", self.case.name),
        }
    }

    pub fn failure(&self, what: String, expected: &str, found: String, remedy: &str) -> Failure {
        self.failure_at(self.case.line, what, expected, found, remedy)
    }

    pub fn failure_at(
        &self,
        line: usize,
        what: String,
        expected: &str,
        found: String,
        remedy: &str,
    ) -> Failure {
        Failure {
            what,
            expected: expected.to_owned(),
            found,
            file: Some(self.file.to_owned()),
            line: Some(line),
            remedy: remedy.to_owned(),
        }
    }

    /// All steps, the case last.
    pub fn steps(&self) -> impl Iterator<Item = &ChannelCase> {
        self.before.iter().copied().chain([self.case])
    }
}

/// Each kind of exchange once: its scene and its place among that case's exchanges. What the same
/// call asks of the same address in several cases is one kind.
pub fn kinds<'s, 'a>(scenes: &'s [Scene<'a>]) -> Vec<(&'s Scene<'a>, usize)> {
    let mut known: BTreeSet<(Call, &str, &str)> = BTreeSet::new();
    let mut kinds = Vec::new();
    for scene in scenes.iter().filter(|s| s.case.expect.error.is_none()) {
        for (index, exchange) in scene.case.exchanges.iter().enumerate() {
            let request = &exchange.request;
            if known.insert((scene.case.call, &request.method, &request.url)) {
                kinds.push((scene, index));
            }
        }
    }
    kinds
}

impl Bench<'_> {
    /// The connector as it stands before the case, with what its inbox remembers.
    pub async fn lead_up(&self, scene: &Scene<'_>) -> Result<(Connector, Memory), String> {
        let mut connector = self.seat(scene.case).await?;
        let mut memory = Memory::default();
        for step in &scene.before {
            let script = Script::strict(self.exchanges(step));
            let run = self.step(&mut connector, step, "", &memory, script).await?;
            if let Err(error) = run.came {
                return Err(format!("`{}`, before it, failed: {error}", step.name));
            }
            memory = run.memory;
        }
        Ok((connector, memory))
    }

    /// One step; the problem where the case can't be read.
    pub async fn step(
        &self,
        connector: &mut Connector,
        case: &ChannelCase,
        doing: &str,
        memory: &Memory,
        script: Script,
    ) -> Result<Run, String> {
        let ask = Ask::of(case)?;
        let mut memory = memory.clone();
        if case.cursor.is_some() {
            memory.cursor.clone_from(&case.cursor);
        }
        let place = match doing.is_empty() {
            true => case.name.clone(),
            false => format!("{} ({doing})", case.name),
        };
        let run = self.call(connector, &place, case.now, &ask, &memory, script);
        Ok(run.await)
    }

    /// The scene played to its end as recorded, from a fresh start.
    pub async fn play(
        &self,
        scene: &Scene<'_>,
        doing: &str,
        script: Script,
    ) -> Result<Run, String> {
        let (mut connector, memory) = self.lead_up(scene).await?;
        let run = self.step(&mut connector, scene.case, doing, &memory, script);
        run.await
    }

    /// What all steps of the scene recorded, this case's first, then the latest.
    pub fn all_exchanges(&self, scene: &Scene<'_>) -> Vec<Exchange> {
        let mut all = self.exchanges(scene.case);
        for step in scene.before.iter().rev() {
            all.extend(self.exchanges(step));
        }
        all
    }
}
