//! What a vendor wrote reaches no terminal as it is: neither what steers it nor what turns text around, and
//! no line of its own; and what is honest stays readable.

use crate::*;

/// Clears the screen, sets the title, hides, turns around, and begins a line that looks like ours.
const WILD: &str = "x\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}1A\u{7f}\u{8}\r\ngranted      yes\u{85}z\
                    \u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{200b}\u{feff}\u{e0041}";
const HONEST: &str = "Reünie één coöperatie 👩\u{200d}👩\u{200d}👧 שלום";

fn is_wild(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || (WILD.contains(c) && !c.is_ascii())
}

/// Everything that a command prints, without `--json` and with it.
fn printed(dir: &Path, arguments: &[&str], configured: bool) -> (String, String) {
    let print = |more: &[&str]| {
        let mut command = rapport(arguments);
        command.args(more);
        if configured {
            command.arg("--config").arg(dir.join("rapport.toml"));
        }
        let output = command.output().unwrap();
        let both = [output.stdout, output.stderr].concat();
        String::from_utf8(both).expect("text")
    };
    (print(&[]), print(&["--json"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_vendor_wrote_steers_no_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    let file = version(dir, "1.0.0", |m| {
        m.version = format!("1.0.0-{WILD}");
        m.name = format!("{HONEST} {WILD}");
        m.publisher = format!("{HONEST} {WILD}");
        m.licence = WILD.into();
        m.description = format!("{HONEST} {WILD}");
        m.settings["properties"]["do"]["description"] = json!(WILD);
        m.settings["properties"]["other"] = json!({ "type": "string", "default": WILD });
        m.permissions.fields.push(FieldPermission {
            field: "message.attributed-to".into(),
            reason: format!("{HONEST} {WILD}"),
        });
    });
    let file = file.to_str().unwrap();
    let install = ["plugin", "install", file, "--allow-unsigned"];
    let commands: [(&[&str], bool); 9] = [
        (&["plugin", "show", file], false),
        (&install, true),
        // Installed already: an error, with whatever it repeats.
        (&install, true),
        (&["plugin", "grant", ID], true),
        (&["plugin", "enable", ID], true),
        (&["plugin", "info", ID], true),
        (&["plugin", "list"], true),
        (&["plugin", "health"], true),
        (&["audit", "list"], true),
    ];
    for (arguments, configured) in commands {
        let (words, json) = printed(dir, arguments, configured);
        for text in [&words, &json] {
            let found = text.chars().find(|c| is_wild(*c));
            assert_eq!(found, None, "{arguments:?}: {text:?}");
        }
        let own = words.lines().filter(|l| l.starts_with("granted      yes"));
        let ours = usize::from(matches!(arguments[1], "grant" | "enable" | "info"));
        assert!(
            own.count() <= ours,
            "{arguments:?}: a line of its own:\n{words}"
        );
    }
    let (words, json) = printed(dir, &["plugin", "info", ID], true);
    assert!(words.contains(HONEST), "{words}");
    assert!(words.contains("\\u001b[2J"), "{words}");
    // JSON is still JSON, and says what the vendor wrote.
    // A word about hosts that are not so far yet may follow, on the standard error.
    let mut values = serde_json::Deserializer::from_str(&json).into_iter::<Value>();
    let value = values.next().unwrap().expect("JSON");
    assert_eq!(value["publisher"], format!("{HONEST} {WILD}"));
    let of_api = host.get(&format!("plugins/{ID}")).await;
    assert_eq!(of_api["publisher"], value["publisher"]);
}
