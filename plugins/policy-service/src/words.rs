//! Files of words: `[list]`, then patterns between bars; `#` begins a remark.

/// The lists of files: name and patterns, in their order.
pub fn lists(files: &[&'static str]) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut lists: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in files.iter().flat_map(|file| file.lines()).map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            lists.push((name, Vec::new()));
        } else if !line.is_empty()
            && !line.starts_with('#')
            && let Some((_, patterns)) = lists.last_mut()
        {
            let own = line.split('|').map(str::trim);
            patterns.extend(own.filter(|p| !p.is_empty()));
        }
    }
    lists
}
