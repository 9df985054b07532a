//! Chains that were tampered with, each sort at every row.

use super::*;

fn chain(rows: i64) -> (Vec<AuditEvent>, Head) {
    let mut head = Head::default();
    let mut events = Vec::new();
    for seq in 1..=rows {
        let detail = format!("{{\"n\":{seq}}}");
        let fields = [&seq.to_string(), "cli", "case.close", "c-1", &detail];
        let hash = chain_hash(&head.hash, &fields);
        head = Head {
            seq,
            hash: hash.clone(),
            count: seq,
        };
        events.push(AuditEvent {
            seq,
            at: seq,
            actor: "cli".into(),
            action: "case.close".into(),
            subject: "c-1".into(),
            detail,
            hash,
        });
    }
    (events, head)
}

fn check(rows: &[AuditEvent], head: &Head, expected: Option<&Head>) -> ChainReport {
    let expected = expected.map(|head| head.to_string().parse().unwrap());
    let mut check = ChainCheck::new(expected);
    for row in rows {
        check.take(row.clone());
    }
    check.finish(Some(head.clone()))
}

fn first(report: &ChainReport) -> (FindingKind, i64) {
    assert!(!report.intact);
    (report.findings[0].kind, report.findings[0].seq)
}

#[test]
fn a_whole_chain_is_intact() {
    for rows in [0, 1, 300] {
        let (events, head) = chain(rows);
        let report = check(&events, &head, Some(&head));
        assert!(report.intact, "{report:?}");
        assert_eq!(report.rows, rows);
    }
    assert!(ChainCheck::new(None).finish(None).intact);
}

#[test]
fn every_change_shows_where_it_was_made() {
    let (events, head) = chain(9);
    for i in 0..9_usize {
        let seq = events[i].seq;
        for change in 0..5 {
            let mut rows = events.clone();
            match change {
                0 => rows[i].at += 1,
                1 => rows[i].actor.push('x'),
                2 => rows[i].action = "case.open".into(),
                3 => rows[i].subject.clear(),
                _ => rows[i].detail = "null".into(),
            }
            let report = check(&rows, &head, None);
            assert_eq!(first(&report), (FindingKind::Changed, seq));
        }
        // With its hash made to fit, the next row no longer follows.
        let mut rows = events.clone();
        rows[i].at += 1;
        let before = if i == 0 {
            String::new()
        } else {
            rows[i - 1].hash.clone()
        };
        let at = rows[i].at.to_string();
        rows[i].hash = chain_hash(&before, &[&at, "cli", "case.close", "c-1", &rows[i].detail]);
        assert_eq!(first(&check(&rows, &head, None)).1, (seq + 1).min(9));
    }
}

#[test]
fn every_gap_shows() {
    let (events, head) = chain(9);
    for i in 0..9 {
        let mut rows = events.clone();
        rows.remove(i);
        let report = check(&rows, &head, None);
        assert_eq!(first(&report), (FindingKind::Missing, i as i64 + 1));
        // Closed up, so that no number is missing.
        for row in &mut rows[i..] {
            row.seq -= 1;
        }
        let head = Head {
            seq: 8,
            hash: rows[7].hash.clone(),
            count: 8,
        };
        let report = check(&rows, &head, None);
        if i == 8 {
            // Cut off together with the record of the end: only a head from elsewhere tells.
            assert!(report.intact);
            let (_, written_down) = chain(9);
            let report = check(&rows, &head, Some(&written_down));
            assert_eq!(first(&report), (FindingKind::Missing, 9));
        } else {
            assert_eq!(first(&report), (FindingKind::Changed, i as i64 + 1));
        }
    }
}

#[test]
fn every_exchange_shows() {
    let (events, head) = chain(9);
    for i in 0..9 {
        for j in i + 1..9 {
            let mut rows = events.clone();
            rows.swap(i, j);
            rows[i].seq = i as i64 + 1;
            rows[j].seq = j as i64 + 1;
            let report = check(&rows, &head, None);
            assert_eq!(first(&report), (FindingKind::Reordered, i as i64 + 1));
        }
    }
}

#[test]
fn findings_are_bounded() {
    let (mut events, head) = chain(500);
    for event in &mut events {
        event.detail = "0".into();
    }
    let report = check(&events, &head, None);
    assert_eq!((report.findings.len(), report.more), (FINDINGS_MAX, true));
    assert_eq!(first(&report), (FindingKind::Changed, 1));
}

#[test]
fn heads_have_a_text_form() {
    let (_, head) = chain(3);
    let parsed: ExpectedHead = head.to_string().parse().unwrap();
    assert_eq!((parsed.seq, parsed.hash), (3, head.hash));
    for wrong in ["", "3", "3:", "x:y", "-1:", "3:zz", ":0"] {
        assert!(wrong.parse::<ExpectedHead>().is_err(), "{wrong}");
    }
}
