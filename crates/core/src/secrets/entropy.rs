//! How even the bytes of a value are.

/// Shannon entropy of the bytes, in bits per byte: 0 for one byte repeated, 8 at most.
///
/// Source: C. E. Shannon, "A Mathematical Theory of Communication", 1948.
#[must_use]
pub fn shannon(bytes: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = bytes.len() as f64;
    let share = |count: &u32| {
        let p = f64::from(*count) / total;
        -p * p.log2()
    };
    counts.iter().filter(|count| **count > 0).map(share).sum()
}

#[cfg(test)]
mod tests {
    use super::shannon;

    #[test]
    fn known_values() {
        assert_eq!(shannon(b""), 0.0);
        assert_eq!(shannon(b"aaaa"), 0.0);
        assert_eq!(shannon(b"abab"), 1.0);
        assert_eq!(shannon(b"0123456789abcdef"), 4.0);
    }
}
