use super::*;

fn refused(kind: Kind, text: &str) -> String {
    parse(kind, "fixtures/x.toml", text)
        .unwrap_err()
        .to_string()
}

#[test]
fn reads_a_case_of_each_kind() {
    let text = "[[case]]\nname = 'a'\nmessage = { content = 'x' }\nexpect = [{ dimension = 'd', label = 'l', min-score = 0.5 }]";
    let cases = parse(Kind::Classifier, "x", text).unwrap();
    let Case::Classifier(case) = &cases[0] else {
        panic!()
    };
    assert_eq!(case.expect[0].min_score, Some(0.5));

    let text = "[[case]]\nname = 'a'\nmoment = 'tick'\nnow = 5\nforbid = [{ rule = 'r' }]";
    let cases = parse(Kind::Policy, "x", text).unwrap();
    let Case::Policy(case) = &cases[0] else {
        panic!()
    };
    assert_eq!(
        (case.moment, case.now, case.forbid.len()),
        (Moment::Tick, 5, 1)
    );

    let text = "[[case]]\nname = 'a'\ncall = 'find-sent'\ndraft = { key = 'k' }\nexpect = { found = false }\n[[case.exchanges]]\nrequest = { url = 'https://x/' }\nresponse = { status = 404 }";
    let cases = parse(Kind::Channel, "x", text).unwrap();
    let Case::Channel(case) = &cases[0] else {
        panic!()
    };
    assert_eq!(case.exchanges[0].request.method, "GET");
    assert_eq!(case.expect.found, Some(false));
}

#[test]
fn says_where_and_what() {
    let error = refused(
        Kind::Classifier,
        "[[case]]\nname = 'a'\nmessage = { content = 'x' }\nexpekt = []",
    );
    assert!(error.starts_with("fixtures/x.toml:4:"), "{error}");
    assert!(error.contains("did you mean `expect`"), "{error}");

    let error = refused(Kind::Classifier, "\n\n[[case]]\nname = 'a'\nmessage = {}");
    assert!(
        error.starts_with("fixtures/x.toml:3: `message` needs"),
        "{error}"
    );

    let error = refused(Kind::Channel, "[[case]]\nname = 'a'\ncall = 'send'");
    assert!(error.contains("needs a `draft`"), "{error}");

    let twice = "[[case]]\nname = 'a'\nmoment = 'tick'\n[[case]]\nname = 'a'\nmoment = 'tick'";
    let error = refused(Kind::Policy, twice);
    assert!(error.starts_with("fixtures/x.toml:4: two cases"), "{error}");

    assert!(refused(Kind::Policy, "").contains("[[case]]"));
    assert!(refused(Kind::Policy, "[[case]\n").starts_with("fixtures/x.toml:1:"));
}

#[test]
fn a_detail_is_that_of_an_effect() {
    let text = "[[case]]\nname = 'a'\nmessage = { content = 'x' }\n\
        expect = [{ rule = 'r', effect = 'hold', detail = 'manager' }]\n";
    let cases = parse(Kind::Policy, "fixtures/x.toml", text).unwrap();
    let [Case::Policy(case)] = cases.as_slice() else {
        panic!("{cases:?}")
    };
    assert_eq!(case.expect[0].detail, Some("manager".into()));
    let text = text.replace("effect = 'hold', ", "");
    assert_eq!(
        refused(Kind::Policy, &text),
        "fixtures/x.toml:1: `detail` of what? Say which `effect` of `r`"
    );
}

const PAGES: &str = "[[case]]
name = 'one'
settings = { server = 'https://x' }
unset = ['token']
call = 'poll'
[[case.exchanges]]
request = { url = 'https://x/1' }
response = { status = 200, body-file = 'http/1.json' }

[[case]]
name = 'two'
after = 'one'
call = 'poll'
expect = { more = false, items = [{ content = 'x' }] }
[[case.exchanges]]
request = { url = 'https://x/2' }
response = { status = 304 }
";

fn channel_cases(text: &str) -> Result<Vec<Case>, FixtureError> {
    let beside = Fixtures::from([("http/1.json".to_owned(), "{}".to_owned())]);
    parse_with(Kind::Channel, "fixtures/x.toml", text, &beside)
}

#[test]
fn a_channel_s_cases_know_their_places_and_what_they_go_on_from() {
    let cases = channel_cases(PAGES).unwrap();
    let [Case::Channel(one), Case::Channel(two)] = cases.as_slice() else {
        panic!("{cases:?}")
    };
    assert_eq!((one.line, one.exchanges[0].line), (1, 7));
    assert_eq!((two.line, two.exchanges[0].line), (10, 16));
    assert_eq!(one.exchanges[0].response.body, "{}");
    assert_eq!(two.settings, one.settings);
    assert_eq!(
        (two.unset.as_slice(), two.now),
        (["token".to_owned()].as_slice(), channel::NOW_MS)
    );
}

#[test]
fn a_channel_s_cases_are_refused_at_their_places() {
    for (right, wrong, expected) in [
        (
            "'http/1.json'",
            "'http/2.json'",
            "x.toml:7: there is no file fixtures/http/2.json",
        ),
        (
            "after = 'one'",
            "after = 'on'",
            "x.toml:10: `after` names no earlier case",
        ),
        (
            "url = 'https://x/2'",
            "url = '/2'",
            "x.toml:16: an exchange's `url` is absolute",
        ),
        ("status = 304", "status = 3", "x.toml:16: 3: no status"),
        (
            "call = 'poll'\nexpect",
            "call = 'poll'\nunset = ['a']\nexpect",
            "x.toml:10: `after` takes over",
        ),
        ("more = false", "mere = false", "did you mean `more`"),
    ] {
        let text = PAGES.replacen(right, wrong, 1);
        assert_ne!(text, PAGES, "{right}");
        let error = channel_cases(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{wrong}: {error}");
    }
}

/// The examples in the description, and every key that a case may have.
#[test]
fn the_format_is_described_as_it_is() {
    let examples: Vec<String> = FORMAT
        .split("\n\n")
        .filter(|part| part.trim_start().starts_with("[["))
        .map(|part| part.lines().map(|l| format!("{}\n", l.trim())).collect())
        .collect();
    let [classifier, policy, poll, exchange] = examples.as_slice() else {
        panic!("{examples:?}");
    };
    parse(Kind::Classifier, "x", classifier).unwrap();
    parse(Kind::Policy, "x", policy).unwrap();
    parse(Kind::Channel, "x", &format!("{poll}{exchange}")).unwrap();
    for (kind, case) in [
        (
            Kind::Classifier,
            "message = { content = 'x' }\nexpect = [{ nope = 1 }]",
        ),
        (Kind::Classifier, "nope = 1"),
        (Kind::Policy, "nope = 1"),
        (Kind::Policy, "expect = [{ nope = 1 }]"),
        (Kind::Channel, "nope = 1"),
        (Kind::Channel, "call = 'check'\nexpect = { nope = 1 }"),
        (Kind::Channel, "call = 'check'\nrequest = { nope = 1 }"),
        (Kind::Channel, "call = 'check'\nexchanges = [{ nope = 1 }]"),
    ] {
        // The parser names every key that it knows.
        let error = refused(kind, &format!("[[case]]\nname = 'a'\n{case}"));
        let known = error.split_once("expected").map_or("", |(_, known)| known);
        let keys: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        assert!(!keys.is_empty(), "{error}");
        for key in keys {
            assert!(
                FORMAT.contains(key),
                "{key} of a {} is not described",
                kind.as_str()
            );
        }
    }
}
