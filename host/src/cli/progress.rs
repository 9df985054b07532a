//! A progress bar on standard error, for work that is counted in rows. Nothing is drawn when nobody
//! watches.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `total` rows.
pub fn rows(total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let style = ProgressStyle::with_template(
        "{bar:30} {percent:>3}% {human_pos} of {human_len} rows, {msg} ({eta} left)",
    );
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// Rows more of a table.
pub fn tick(bar: &ProgressBar, table: &str, rows: u64) {
    if bar.message() != table {
        bar.set_message(table.to_owned());
    }
    bar.inc(rows);
}

/// A count whose end is not known.
pub fn spinner(as_json: bool, what: &'static str) -> ProgressBar {
    if as_json {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(what);
    let style = ProgressStyle::with_template("{spinner} {msg} {human_pos}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar
}
