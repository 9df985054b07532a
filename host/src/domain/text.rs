//! Texts that people write, in one form whatever they wrote them with.

/// Every line end as `\n`: `\r\n` of Windows and of web forms, and a lone `\r`.
pub fn line_ends(text: String) -> String {
    match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::line_ends;

    #[test]
    fn every_line_end_is_one() {
        let mixed = "a\r\nb\rc\nd\r\n\r\ne\r\r\n";
        assert_eq!(line_ends(mixed.to_owned()), "a\nb\nc\nd\n\ne\n\n");
        assert_eq!(line_ends("één\n".to_owned()), "één\n");
    }
}
