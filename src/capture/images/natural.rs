//! Natural order of file names: `frame2.png` before `frame10.png`.

use std::cmp::Ordering;

/// Compares runs of digits by value and everything else by character, letters of either case together. Names that
/// differ in case or leading zeros only are ordered by their bytes, so that the order is total.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (x, y) = match (left.chars().next(), right.chars().next()) {
            (Some(x), Some(y)) => (x, y),
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
        };
        let order;
        if x.is_ascii_digit() && y.is_ascii_digit() {
            let (n, left_rest) = digits(left);
            let (m, right_rest) = digits(right);
            order = n.len().cmp(&m.len()).then_with(|| n.cmp(m));
            (left, right) = (left_rest, right_rest);
        } else {
            order = x.to_lowercase().cmp(y.to_lowercase());
            (left, right) = (left.split_at(x.len_utf8()).1, right.split_at(y.len_utf8()).1);
        }
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The leading digits without leading zeros (numbers of any length compare by length first), and the rest.
fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    (number.trim_start_matches('0'), rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_count_by_value() {
        let mut names =
            ["f10.png", "f2.png", "F1.png", "f02b.png", "f.png", "f002.png", "g1.png", "é3.png", "é12.png"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(
            names,
            ["f.png", "F1.png", "f002.png", "f2.png", "f02b.png", "f10.png", "g1.png", "é3.png", "é12.png"]
        );
    }

    proptest! {
        #[test]
        fn is_a_total_order(a in "[a0-2Bé]{0,5}", b in "[a0-2Bé]{0,5}", c in "[a0-2Bé]{0,5}") {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &b) == Ordering::Equal, a == b);
            if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
                prop_assert!(compare(&a, &c).is_le());
            }
        }

        #[test]
        fn any_names_never_panic(a in ".{0,20}", b in ".{0,20}") {
            let _ = compare(&a, &b);
        }
    }
}
