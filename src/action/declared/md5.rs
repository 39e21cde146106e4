//! MD5 (RFC 1321): a name that a service gives to what it knows, never a proof of anything.

use std::array;

/// How far each step turns, four for each round.
const TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
/// Bytes of a block, and of it those before the length.
const BLOCK_BYTES: usize = 64;
const HEAD_BYTES: usize = 56;

/// The digest in lower-case hexadecimal digits.
pub(super) fn hex(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let bits = u64::try_from(bytes.len()).unwrap_or(u64::MAX).wrapping_mul(8);
    bytes.push(0x80);
    while bytes.len() % BLOCK_BYTES != HEAD_BYTES {
        bytes.push(0);
    }
    bytes.extend(bits.to_le_bytes());
    let state = bytes.chunks_exact(BLOCK_BYTES).fold(START, block);
    state.iter().flat_map(|word| word.to_le_bytes()).map(|byte| format!("{byte:02x}")).collect()
}

fn block(before: [u32; 4], bytes: &[u8]) -> [u32; 4] {
    let words: Vec<u32> = bytes
        .chunks_exact(4)
        .map(|four| four.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte)))
        .collect();
    let [mut a, mut b, mut c, mut d] = before;
    for step in 0..64_usize {
        let (mixed, place) = match step / 16 {
            0 => ((b & c) | (!b & d), step),
            1 => ((d & b) | (!d & c), 5 * step + 1),
            2 => (b ^ c ^ d, 3 * step + 5),
            _ => (c ^ (b | !d), 7 * step),
        };
        let word = words.get(place % 16).copied().unwrap_or_default();
        let turn = TURNS.get(step / 16).and_then(|turns| turns.get(step % 4)).copied().unwrap_or_default();
        let sum = a.wrapping_add(mixed).wrapping_add(constant(step)).wrapping_add(word);
        (a, d, c, b) = (d, c, b, b.wrapping_add(sum.rotate_left(turn)));
    }
    let after = [a, b, c, d];
    array::from_fn(|index| {
        let of = |state: &[u32; 4]| state.get(index).copied().unwrap_or_default();
        of(&before).wrapping_add(of(&after))
    })
}

/// The whole part of 2^32 times the sine of the step, counted from 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::as_conversions,
    reason = "the value is between 0 and 2^32, and a float has no other way to a number"
)]
fn constant(step: usize) -> u32 {
    let angle = f64::from(u8::try_from(step + 1).unwrap_or_default());
    (angle.sin().abs() * 4_294_967_296.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_1321() {
        for (text, wanted) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a",
            ),
            ("urist.mcvankab@freddiesjokes.com", "62eeb292278cc15f5817cb78f7790b08"),
        ] {
            assert_eq!(hex(text), wanted, "{text}");
        }
    }
}
