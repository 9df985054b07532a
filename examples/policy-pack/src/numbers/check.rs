//! The checks that numbers carry in themselves. Digits are values, not characters.
//!
//! Deliberately absent: lengths and first digits; they tell the kinds apart, see the module above.

/// ISO 13616: the first four behind the rest, letters as 10 to 35, the remainder by 97 is 1.
pub fn passes_mod_97(iban: &str) -> bool {
    let (head, rest) = iban.split_at(4.min(iban.len()));
    let mut remainder = 0;
    for c in rest.chars().chain(head.chars()) {
        let Some(value) = c.to_digit(36) else {
            return false;
        };
        let base = if value > 9 { 100 } else { 10 };
        remainder = (remainder * base + value) % 97;
    }
    remainder == 1
}

/// The test of eleven for a BSN: weights 9 to 2, and -1 for the last.
pub fn passes_eleven(digits: &[u8]) -> bool {
    let weights = [9, 8, 7, 6, 5, 4, 3, 2, -1];
    let products = digits.iter().zip(weights).map(|(d, w)| i32::from(*d) * w);
    products.sum::<i32>() % 11 == 0
}

/// Every second digit from the right doubled; the sum ends in 0.
pub fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| match (index % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Weights 1 and 3 in turn from the right; the sum ends in 0.
pub fn passes_gs1(digits: &[u8]) -> bool {
    let weighted = digits.iter().rev().enumerate();
    let sum: u32 = weighted
        .map(|(index, digit)| u32::from(*digit) * if index % 2 == 0 { 1 } else { 3 })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Check = fn(&[u8]) -> bool;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().map(|byte| byte - b'0').collect()
    }

    #[test]
    fn one_wrong_digit_is_noticed() {
        let checks: [(Check, &str); 3] = [
            (passes_eleven, "111222333"),
            (passes_luhn, "4111111111111111"),
            (passes_gs1, "871687120000000004"),
        ];
        for (check, number) in checks {
            let right = digits(number);
            assert!(check(&right), "{number}");
            for index in 0..right.len() {
                let mut wrong = right.clone();
                wrong[index] = (wrong[index] + 1) % 10;
                assert!(!check(&wrong), "{number} at {index}");
            }
        }
        assert!(passes_mod_97("NL91ABNA0417164300"));
        assert!(!passes_mod_97("NL91ABNA0417164301") && !passes_mod_97(""));
    }
}
