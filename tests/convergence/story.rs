//! Stories: threads of messages by a handful of people, edited, deleted, liked, and reported in the
//! ways in which networks do. A story is in the order in which it happened.

use proptest::prelude::*;
use rapport_host::domain::TimestampMs;
use rapport_host::domain::social::{
    Activity, ActivityObject, Actor, ActorKind, Mention, Reach, Reaction, SourceMessage, Visibility,
};

/// What a story keeps to.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// For judgement: an edit leaves a complaint a complaint, everybody speaks to the brand, and no
    /// complaint is deleted (whether it was heard before is the order's own).
    pub judged: bool,
}

const START: TimestampMs = 1_772_438_400_000;
const MINUTE: TimestampMs = 60_000;
/// When all of it is heard: after it was said, but for what an odd clock says.
pub const HEARD: TimestampMs = START + 30 * 24 * 60 * MINUTE;
/// What odd clocks say: year 1, the epoch, an hour ahead, 2099.
const ODD: [TimestampMs; 4] = [
    -62_135_596_800_000,
    0,
    HEARD + 60 * MINUTE,
    4_070_908_800_000,
];
const PEOPLE: [&str; 4] = ["lotte", "daan", "emma", "sam"];
const COMPLAINTS: [&str; 4] = [
    "Ik wacht nu al drie weken op mijn pakket en niemand reageert, dit is echt niet te doen!",
    "Echt waardeloze service, al de derde keer dat de monteur niet komt opdagen. Ik ben er klaar mee.",
    "This is a complaint: my order arrived broken again and nobody answers my emails. Terrible.",
    "Ik heb een klacht: de rekening klopt weer niet en ik krijg geen antwoord. Belachelijk.",
];
const OTHERS: [&str; 4] = [
    "Goeiemorgen allemaal, wat een zon vandaag 🌞",
    "Thanks, that worked right away. Great service!",
    "Lekker weekend iedereen.",
    "We zijn dit weekend naar zee geweest met de kinderen.",
];

/// How a message says where it belongs.
#[derive(Debug, Clone, Copy)]
enum Link {
    /// The network names the thread.
    Context,
    /// All messages above it, the first one first.
    Ancestors,
    /// Only the message that it answers.
    ReplyOnly,
}

#[derive(Debug, Clone)]
struct Said {
    author: usize,
    name: usize,
    /// Which of the messages before it is answered, counted round; the first of a thread answers none.
    parent: usize,
    link: Link,
    complaint: bool,
    text: usize,
    minutes: i64,
    tag: bool,
    reach: usize,
    /// Later texts: minutes after the one before, which text, and the name that the author has then.
    edits: Vec<(i64, usize, usize)>,
    /// The same message found once more, by another way.
    found_again: bool,
    deleted: bool,
    /// The author's clock, where it is one of the odd ones.
    odd_clock: Option<usize>,
}

fn said() -> impl Strategy<Value = Said> {
    let who = (0..PEOPLE.len(), 0..3_usize, 0..60_usize);
    let link = prop_oneof![
        Just(Link::Context),
        Just(Link::Ancestors),
        Just(Link::ReplyOnly),
        Just(Link::ReplyOnly)
    ];
    // An answer is later than what it answers.
    let text = (any::<bool>(), 0..4_usize, 1..600_i64, any::<bool>());
    let later = prop::collection::vec((0..90_i64, 0..4_usize, 0..3_usize), 0..3);
    let odd = prop::option::weighted(0.15, 0..ODD.len());
    let flags = (prop::bool::weighted(0.2), prop::bool::weighted(0.25), odd);
    (who, link, text, 0..3_usize, later, flags).prop_map(
        |((author, name, parent), link, (complaint, text, minutes, tag), reach, edits, flags)| {
            Said {
                author,
                name,
                parent,
                link,
                complaint,
                text,
                minutes,
                tag,
                reach,
                edits,
                found_again: flags.0,
                deleted: flags.1,
                odd_clock: flags.2,
            }
        },
    )
}

/// A like, an announcement or a follow.
type Response = (usize, usize, usize, i64);

/// The events of a story, in the order in which they happened.
pub fn story(rules: Rules) -> impl Strategy<Value = Vec<Activity>> {
    let thread = prop::collection::vec(said(), 1..6);
    let threads = prop::collection::vec(thread, 1..4);
    let response = (0..3_usize, 0..PEOPLE.len(), 0..60_usize, 0..900_i64);
    let responses = prop::collection::vec(response, 0..4);
    (threads, responses).prop_map(move |(threads, responses)| {
        let mut events = Vec::new();
        for (number, thread) in threads.iter().enumerate() {
            tell_thread(&mut events, number, thread, rules);
        }
        tell_responses(&mut events, &responses);
        events.sort_by_key(|event| (happened(event), event.id.clone()));
        events
    })
}

fn happened(event: &Activity) -> TimestampMs {
    match &event.object {
        ActivityObject::Update(m) => m.updated.unwrap_or(m.published),
        ActivityObject::Delete { deleted, .. } => *deleted,
        _ => event.published,
    }
}

fn tell_thread(events: &mut Vec<Activity>, number: usize, thread: &[Said], rules: Rules) {
    let mut above: Vec<Vec<String>> = Vec::new();
    let mut now = START;
    for (index, said) in thread.iter().enumerate() {
        let id = format!("m-{number}-{index}");
        let ancestors = match index {
            0 => Vec::new(),
            _ => {
                let parent = said.parent % index;
                let mut ancestors = above[parent].clone();
                ancestors.push(format!("m-{number}-{parent}"));
                ancestors
            }
        };
        now += said.minutes * MINUTE;
        let published = said.odd_clock.map_or(now, |which| ODD[which]);
        let message = message(&id, number, said, &ancestors, published, rules);
        tell_message(events, said, message, rules);
        above.push(ancestors);
    }
}

fn message(
    id: &str,
    thread: usize,
    said: &Said,
    ancestors: &[String],
    published: TimestampMs,
    rules: Rules,
) -> SourceMessage {
    let reach = [Reach::Directed, Reach::Searched, Reach::ThirdParty];
    SourceMessage {
        external_id: id.to_owned(),
        conversation_external_id: match said.link {
            Link::Context => Some(format!("thread-{thread}")),
            _ => None,
        },
        in_reply_to: ancestors.last().cloned(),
        ancestors: match said.link {
            Link::Ancestors => ancestors.to_vec(),
            _ => Vec::new(),
        },
        attributed_to: actor(said.author, said.name),
        published,
        updated: None,
        title: said.tag.then(|| "Een titel".to_owned()),
        content: text(said.complaint, said.text),
        language: None,
        url: Some(format!("https://town.example/{id}")),
        visibility: match said.tag {
            true => Visibility::SemiPrivate,
            false => Visibility::Public,
        },
        reach: match rules.judged {
            true => Reach::Directed,
            false => reach[said.reach],
        },
        tags: said.tag.then(|| "Buren".to_owned()).into_iter().collect(),
        mentions: vec![Mention {
            actor_external_id: "brand".to_owned(),
            handle: None,
            start: None,
            end: None,
        }],
        attachments: Vec::new(),
        monitor: None,
        extra: Vec::new(),
    }
}

fn tell_message(events: &mut Vec<Activity>, said: &Said, message: SourceMessage, rules: Rules) {
    let id = message.external_id.clone();
    let mut add = |name: &str, published, object| {
        events.push(Activity {
            id: format!("{name}-{id}"),
            published,
            object,
        });
    };
    let published = message.published;
    add(
        "create",
        published,
        ActivityObject::Create(Box::new(message.clone())),
    );
    if said.found_again {
        let mut found = message.clone();
        found.monitor = Some("zonnewind".to_owned());
        if !rules.judged {
            found.reach = Reach::Searched;
        }
        let object = ActivityObject::Create(Box::new(found));
        add("found", published, object);
    }
    let mut at = published;
    for (number, (minutes, words, name)) in said.edits.iter().enumerate() {
        at += minutes * MINUTE;
        let mut edited = message.clone();
        edited.updated = Some(at);
        edited.content = text(said.complaint, *words);
        edited.attributed_to = actor(said.author, *name);
        let object = ActivityObject::Update(Box::new(edited));
        add(&format!("edit-{number}"), at, object);
    }
    if said.deleted && !(rules.judged && said.complaint) {
        let deleted = at + MINUTE;
        let object = ActivityObject::Delete {
            external_id: message.external_id.clone(),
            deleted,
        };
        add("delete", deleted, object);
    }
}

fn text(complaint: bool, which: usize) -> String {
    let pool = if complaint { COMPLAINTS } else { OTHERS };
    pool[which].to_owned()
}

fn actor(which: usize, name: usize) -> Actor {
    let id = PEOPLE[which];
    Actor {
        external_id: id.to_owned(),
        handle: Some(format!("{id}.town.example")),
        display_name: (name > 0).then(|| format!("{id} the {name}")),
        profile_url: None,
        avatar_url: None,
        follower_count: Some(100 * name as u64),
        verified: name == 2,
        kind: ActorKind::Person,
        extra: Vec::new(),
    }
}

fn tell_responses(events: &mut Vec<Activity>, responses: &[Response]) {
    let mut messages: Vec<String> = Vec::new();
    for event in events.iter() {
        if let ActivityObject::Create(message) = &event.object {
            messages.push(message.external_id.clone());
        }
    }
    for (number, (kind, who, which, minutes)) in responses.iter().enumerate() {
        let reaction = Reaction {
            attributed_to: actor(*who, number % 3),
            object: messages[which % messages.len()].clone(),
        };
        let object = match kind {
            0 => ActivityObject::Like(reaction),
            1 => ActivityObject::Announce(reaction),
            _ => ActivityObject::Follow(reaction.attributed_to),
        };
        events.push(Activity {
            id: format!("response-{number}"),
            published: START + minutes * MINUTE,
            object,
        });
    }
}

/// A story in which every event leaves a trace of its own.
pub fn example() -> Vec<Activity> {
    let said = |author, deleted| Said {
        author,
        name: author,
        parent: 0,
        link: Link::ReplyOnly,
        complaint: false,
        text: author,
        minutes: 5,
        tag: true,
        reach: 0,
        edits: vec![(3, 2, 2)],
        found_again: false,
        deleted,
        odd_clock: None,
    };
    let mut events = Vec::new();
    let rules = Rules { judged: false };
    tell_thread(&mut events, 0, &[said(0, false), said(1, true)], rules);
    tell_responses(&mut events, &[(0, 2, 0, 9), (2, 3, 0, 10)]);
    // An edit takes the place of what was there before.
    events.retain(|event| !(event.id == "create-m-0-0" || event.id == "edit-0-m-0-1"));
    events
}
