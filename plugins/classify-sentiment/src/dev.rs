//! dev
use crate::{classify_text, configured};
#[test]
fn dev() {
    let show = std::env::var("SHOW").is_ok();
    let judge = configured(r#"{}"#).unwrap();
    for path in std::env::var("DEV").unwrap().split(',') {
        let (mut n, mut ok) = (0, 0);
        let mut table = std::collections::BTreeMap::<(String, String), usize>::new();
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let (label, text) = line.split_once('|').unwrap();
            let text = text.replace("\\n", "\n");
            let got = classify_text(&text, None, &judge).unwrap();
            n += 1;
            let good = label.split('/').any(|l| l == got.label);
            ok += usize::from(good);
            *table
                .entry((label.to_owned(), got.label.clone()))
                .or_default() += 1;
            if !good && show {
                let notes: Vec<String> = got
                    .evidence
                    .iter()
                    .map(|e| format!("{}={}", &text[e.start as usize..e.end as usize], e.note))
                    .collect();
                println!(
                    "  {label} as {} {}: {text} {notes:?} {:?}",
                    got.label, got.score, got.extra
                );
            }
        }
        println!("{path}: {ok}/{n} {:.3} {table:?}", ok as f64 / n as f64);
    }
}
