//! The built-in cues: `cues.txt`, `standing.txt` and `urgency.txt` read into roles, weights and languages.
//!
//! Deliberately absent: what the cues add up to, see `intent`, `standing` and `urgency`.

/// What the author of a message wants. The order breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    Spam,
    Complaint,
    Lead,
    Idea,
    Question,
    Compliment,
}

impl Intent {
    pub const ALL: [Self; 6] = [
        Self::Spam,
        Self::Complaint,
        Self::Lead,
        Self::Idea,
        Self::Question,
        Self::Compliment,
    ];

    /// The label in a classification.
    pub fn label(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Complaint => "complaint",
            Self::Lead => "lead",
            Self::Idea => "idea",
            Self::Question => "question",
            Self::Compliment => "compliment",
        }
    }
}

/// What a word does in the judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Speaks for the topic with this number.
    Topic(usize),
    Intent(Intent),
    /// A question when it stands near the beginning of a clause.
    Opener,
    /// Turns what follows.
    Negator,
    /// A conjunction: no negation reaches across it.
    Break,
    /// Something that ought to happen: a complaint when negated.
    Verb,
    /// Hides the cues that it holds.
    Ignore,
    Urgency,
    /// Makes a duration matter.
    Wait,
    /// Many people; matters in an outage.
    Crowd,
    /// Names a trouble: a complaint unless the matter is settled or only talked about.
    Trouble,
    /// A matter is over: a compliment, and takes the edge off what names trouble.
    Settled,
    /// Thanks for something: settled, unless it is something bad.
    Thanks,
    /// What follows is wanted, so it is not there yet.
    Wish,
    /// Of another time: trouble in its clause is not of today.
    Past,
    /// The author speaks of themselves.
    Author,
    /// The author speaks to somebody.
    Addressed,
    /// A remark that asks nothing.
    Remark(Remark),
}

/// What kind of remark a message is that asks nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// Reported by others, or to be read elsewhere.
    News,
    Joke,
    Greeting,
    /// A word or two, for example "ok".
    Note,
    /// Anything else in which the author asks nothing, addresses nobody and misses nothing.
    Chatter,
}

impl Remark {
    /// The value of `remark` in a classification's `extra`.
    pub fn label(self) -> &'static str {
        match self {
            Self::News => "news",
            Self::Joke => "joke",
            Self::Greeting => "greeting",
            Self::Note => "note",
            Self::Chatter => "chatter",
        }
    }
}

/// A pattern with its part in the judgement.
#[derive(Debug, Clone, PartialEq)]
pub struct Cue {
    pub role: Role,
    /// BCP 47 primary language, or `any`.
    pub language: String,
    pub weight: f64,
    pub pattern: String,
}

/// Weight of a cue from the settings.
pub const EXTRA_WEIGHT: f64 = 1.6;

/// The role that a name stands for; topics have none here.
pub fn role(name: &str) -> Option<Role> {
    let intent = Intent::ALL
        .into_iter()
        .find(|i| i.label() == name)
        .map(Role::Intent);
    intent.or(match name {
        "opener" => Some(Role::Opener),
        "negator" => Some(Role::Negator),
        "break" => Some(Role::Break),
        "verb" => Some(Role::Verb),
        "ignore" => Some(Role::Ignore),
        "urgency" => Some(Role::Urgency),
        "wait" => Some(Role::Wait),
        "crowd" => Some(Role::Crowd),
        "trouble" => Some(Role::Trouble),
        "settled" => Some(Role::Settled),
        "thanks" => Some(Role::Thanks),
        "wish" => Some(Role::Wish),
        "past" => Some(Role::Past),
        "self" => Some(Role::Author),
        "addressed" => Some(Role::Addressed),
        "news" => Some(Role::Remark(Remark::News)),
        "joke" => Some(Role::Remark(Remark::Joke)),
        "greeting" => Some(Role::Remark(Remark::Greeting)),
        _ => None,
    })
}

/// The built-in cues. The error names file and line.
pub fn built_in() -> Result<Vec<Cue>, String> {
    let mut cues = parse("cues.txt", include_str!("cues.txt"))?;
    cues.extend(parse("standing.txt", include_str!("standing.txt"))?);
    cues.extend(parse("urgency.txt", include_str!("urgency.txt"))?);
    Ok(cues)
}

fn parse(file: &str, text: &str) -> Result<Vec<Cue>, String> {
    let mut cues = Vec::new();
    let mut section: Option<(Role, String, f64)> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(head) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = Some(head_of(head).ok_or_else(|| format!("{file}:{}: bad head", index + 1))?);
            continue;
        }
        let Some((role, language, weight)) = &section else {
            return Err(format!("{file}:{}: words before a head", index + 1));
        };
        for pattern in line.split('|').map(str::trim).filter(|p| !p.is_empty()) {
            cues.push(Cue {
                role: *role,
                language: language.clone(),
                weight: *weight,
                pattern: pattern.to_owned(),
            });
        }
    }
    Ok(cues)
}

fn head_of(head: &str) -> Option<(Role, String, f64)> {
    let mut parts = head.split_whitespace();
    let head = (
        role(parts.next()?)?,
        parts.next()?.to_owned(),
        parts.next()?.parse().ok()?,
    );
    parts.next().is_none().then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_dutch_and_english_cues() {
        let cues = built_in().unwrap();
        for name in [
            "question",
            "complaint",
            "compliment",
            "idea",
            "lead",
            "spam",
            "opener",
            "negator",
            "verb",
            "ignore",
            "break",
            "urgency",
            "wait",
            "crowd",
            "trouble",
            "settled",
            "thanks",
            "wish",
            "past",
            "self",
            "addressed",
            "news",
            "joke",
            "greeting",
        ] {
            for language in ["nl", "en"] {
                let count = cues
                    .iter()
                    .filter(|c| Some(c.role) == role(name) && c.language == language)
                    .count();
                assert!(count >= 3, "{name} {language}: {count}");
            }
        }
    }

    #[test]
    fn a_bad_line_is_named() {
        assert!(parse("cues.txt", "\nwoord").unwrap_err().contains(":2"));
        assert!(
            parse("cues.txt", "[complaint nl]")
                .unwrap_err()
                .contains(":1")
        );
        assert!(parse("cues.txt", "[complaind nl 1]").is_err());
    }
}
