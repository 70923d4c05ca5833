//! The known word nearest to one that nobody knows: every "did you mean" comes from here.

/// The candidate nearest to `word`, unless even that one is too far to be what was meant. Case does not count and `_`
/// is `-`: those are the commonest slips. Of equally near candidates the first wins.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = fold(word);
    // A third of the letters may be wrong; of very short words, one.
    let limit = (word.len() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &fold(candidate)), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn fold(word: &str) -> Vec<char> {
    // Longer than every name there is; what is typed may be anything.
    let known = word.chars().take(64);
    known.flat_map(|c| if c == '_' { '-' } else { c }.to_lowercase()).collect()
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours count one each.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut last_a = None;
    for (i, &x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        let mut left = i + 1;
        row.push(left);
        let mut last_b = None;
        for (j, &y) in b.iter().enumerate() {
            let diagonal = above.get(j).copied().unwrap_or(usize::MAX - 1);
            let up = above.get(j + 1).copied().unwrap_or(usize::MAX - 1);
            let mut cost = (diagonal + usize::from(x != y)).min(up + 1).min(left + 1);
            if last_a == Some(y)
                && last_b == Some(x)
                && let Some(swapped) = j.checked_sub(1).and_then(|j| before.get(j))
            {
                cost = cost.min(swapped + 1);
            }
            row.push(cost);
            left = cost;
            last_b = Some(y);
        }
        before = std::mem::replace(&mut above, row);
        last_a = Some(x);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_the_four_slips() {
        let d = |a: &str, b: &str| distance(&fold(a), &fold(b));
        assert_eq!(d("", ""), 0);
        assert_eq!(d("", "abc"), 3);
        assert_eq!(d("deny", "deny"), 0);
        assert_eq!(d("dney", "deny"), 1, "swap");
        assert_eq!(d("dny", "deny"), 1, "missing letter");
        assert_eq!(d("denyy", "deny"), 1, "extra letter");
        assert_eq!(d("dexy", "deny"), 1, "wrong letter");
        assert_eq!(d("HEADER_MAX", "header-max"), 0);
        assert_eq!(d("kitten", "sitting"), 3);
        assert_eq!((d("abc", "acb"), d("", "ab"), d("\u{c9}TAT", "\u{e9}tat")), (1, 2, 0));
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        let keys = ["level", "types", "header-max", "header-min"];
        assert_eq!(nearest("hedder-max", keys), Some("header-max"));
        assert_eq!(nearest("header_max", keys), Some("header-max"));
        assert_eq!(nearest("typ", keys), None);
        assert_eq!(nearest("type", keys), Some("types"));
        assert_eq!(nearest("colour", keys), None);
    }
}
