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
