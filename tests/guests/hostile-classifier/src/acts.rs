//! The misdeeds, one function each where it takes more than a line. Those that never end have no
//! return value on purpose: the host must end them.

use super::Item;
use rapport_sdk::annotation::{Classification, Evidence};
use rapport_sdk::log::{self, Level};
use rapport_sdk::social::Message;
use std::hint::black_box;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counts messages judged by this instance.
static JUDGED: AtomicU32 = AtomicU32::new(0);

fn classification(label: String, score: f64) -> Classification {
    Classification {
        dimension: "length".into(),
        label,
        score,
        evidence: Vec::new(),
        extra: Vec::new(),
    }
}

/// What every well-behaved answer looks like.
pub fn honest(message: &Message) -> Item {
    Ok(vec![classification(message.content.len().to_string(), 1.0)])
}

/// What `configure` does before it keeps the setting.
pub fn configure(act: &str) -> Result<(), String> {
    match act {
        "configure-loop" => spin(),
        "configure-sleep" => sleep(),
        "configure-refuse" => Err("do: I refuse".to_owned()),
        "configure-trap" => panic!("configure-trap, as told"),
        "configure-memory" => eat_memory(),
        "configure-large" => {
            // Spread out, so that no piece of it is empty.
            LARGE.get_or_init(|| (0..LARGE_BYTES).map(|n| (n % 251) as u8 + 1).collect());
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Bytes: more than the host copies in one call, and as much as what the manifest asks for leaves
/// room for.
const LARGE_BYTES: usize = 120 << 20;
static LARGE: OnceLock<Vec<u8>> = OnceLock::new();

/// What is done about one message.
pub fn item(act: &str, message: &Message) -> Item {
    match act {
        "loop" => spin(),
        "memory" => eat_memory(),
        "stack" => Ok(vec![classification(
            deep(message.content.len() as u64).to_string(),
            1.0,
        )]),
        "panic" => panic!("panic, as told"),
        "print" => print_on(),
        "sleep" => sleep(),
        "random" => draw_random(),
        "streams" => hold_streams(),
        "million" => Ok(vec![classification(String::new(), 1.0); 1_000_000]),
        "hundred" => Ok(vec![classification("one of many".into(), 1.0); 100]),
        "amplify" => amplify(),
        "flood" => flood("a line"),
        "flood-large" => flood(&"long ".repeat(1 << 20)),
        "nan" => Ok(vec![classification("nan".into(), f64::NAN)]),
        "bad-span" => Ok(vec![bad_spans(message)]),
        "long-label" => Ok(vec![classification("\u{7}x\r\n".repeat(1 << 17), 1.0)]),
        "poison" if message.content.contains("poison") => panic!("poisoned"),
        "static-state" => {
            let before = JUDGED.fetch_add(1, Ordering::Relaxed);
            Ok(vec![classification(before.to_string(), 1.0)])
        }
        "configure-large" => {
            let large = LARGE.get().map_or(0, |large| {
                large.iter().step_by(4096).filter(|b| **b > 0).count()
            });
            Ok(vec![classification(large.to_string(), 1.0)])
        }
        "escape" => Ok(vec![classification(escape(&message.content), 1.0)]),
        _ => honest(message),
    }
}

fn spin() -> ! {
    loop {
        std::hint::spin_loop();
    }
}

fn sleep() -> ! {
    loop {
        std::thread::sleep(std::time::Duration::from_secs(3600));
    }
}

fn eat_memory() -> ! {
    let mut held: Vec<Vec<u8>> = Vec::new();
    loop {
        held.push(black_box(vec![1; 1 << 20]));
    }
}

/// Recursion that no compiler makes a loop of: the result goes through two operations that don't
/// associate. The end it heads for is never reached.
#[inline(never)]
fn deep(n: u64) -> u64 {
    if n == u64::MAX {
        return n;
    }
    deep(n + 1).wrapping_mul(31) ^ n.rotate_left(7)
}

fn flood(line: &str) -> ! {
    loop {
        log::write(Level::Info, line);
    }
}

/// Prints until the host takes no more, and on; then panics with a long message.
fn print_on() -> ! {
    use std::io::Write;
    let line = [b'x'; 4096];
    for _ in 0..1000 {
        // The host may refuse; that is what is being tried.
        let _ = std::io::stdout().write(&line);
        let _ = std::io::stderr().write(&line);
    }
    panic!("{}", "y".repeat(1 << 20))
}

fn bad_spans(message: &Message) -> Classification {
    let end = message.content.len() as u32;
    let spans = [
        (0, end),
        (0, end + 1),
        (end, 0),
        (1, 2),
        (u32::MAX, u32::MAX),
    ];
    let evidence = spans.map(|(start, end)| Evidence {
        start,
        end,
        note: "here".into(),
    });
    Classification {
        evidence: evidence.into(),
        ..classification("spans".into(), 1.0)
    }
}

/// A thousand labels that are all the same ten million bytes. The answer is never freed here,
/// because the host does not get that far.
fn amplify() -> Item {
    let text = "z".repeat(10_000_000).leak();
    let same = || {
        // SAFETY: unsound on purpose, two owners of the same bytes; neither ever drops them.
        unsafe { String::from_raw_parts(text.as_ptr().cast_mut(), text.len(), text.len()) }
    };
    Ok((0..1000).map(|_| classification(same(), 1.0)).collect())
}

#[cfg(target_arch = "wasm32")]
fn draw_random() -> ! {
    loop {
        black_box(wasip2::random::random::get_random_bytes(4096));
    }
}

#[cfg(target_arch = "wasm32")]
fn hold_streams() -> ! {
    let mut held = Vec::new();
    loop {
        held.push(wasip2::clocks::monotonic_clock::subscribe_duration(
            u64::MAX,
        ));
    }
}

// The host's interfaces don't exist natively, where only the settings are tested.
#[cfg(not(target_arch = "wasm32"))]
fn draw_random() -> ! {
    spin()
}

#[cfg(not(target_arch = "wasm32"))]
fn hold_streams() -> ! {
    spin()
}

/// Looks for anything outside: files, the environment, arguments, the clock, sockets, names.
/// `address` is a `host:port` that listens. Names what it found.
fn escape(address: &str) -> String {
    let mut found = Vec::new();
    for path in ["/", ".", "/etc/hosts", "/proc/self/environ"] {
        if std::fs::metadata(path).is_ok() || std::fs::read(path).is_ok() {
            found.push("file");
        }
    }
    if std::fs::write("left-behind", b"x").is_ok() {
        found.push("write");
    }
    if std::env::vars_os().next().is_some() {
        found.push("environment");
    }
    if std::env::args_os().next().is_some() {
        found.push("arguments");
    }
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    if since_1970.is_ok_and(|time| !time.is_zero()) {
        found.push("clock");
    }
    if std::net::TcpStream::connect(address).is_ok() {
        found.push("connection");
    }
    if std::net::TcpListener::bind("127.0.0.1:0").is_ok() {
        found.push("listener");
    }
    if std::net::UdpSocket::bind("127.0.0.1:0").is_ok() {
        found.push("datagrams");
    }
    if std::net::ToSocketAddrs::to_socket_addrs("localhost:80").is_ok() {
        found.push("names");
    }
    if found.is_empty() {
        "nothing".to_owned()
    } else {
        found.join(" ")
    }
}
