//! Which alternatives share a compile. Functions are numbers here.

use super::{Expected, make_batches};
use crate::inline_graph::Name;

fn expected(first: u32, touched: &[Name]) -> Expected {
    Expected {
        first,
        touched: touched.iter().copied().collect(),
    }
}

#[test]
fn alternatives_that_touch_different_functions_share_a_compile() {
    let alternatives = [expected(0, &[1]), expected(1, &[2]), expected(2, &[1, 3])];
    let mut batches = make_batches(&[0, 1, 2], &alternatives, usize::MAX);
    batches.iter_mut().for_each(|b| b.sort_unstable());
    batches.sort();
    // The first and the last meet in function 1; the second joins the batch
    // that changes decision 2, the only one that there is by then.
    assert_eq!(batches, [vec![0], vec![1, 2]]);
}

#[test]
fn a_limit_of_one_gives_each_a_compile_of_its_own() {
    let alternatives = [expected(0, &[1]), expected(1, &[2]), expected(2, &[3])];
    let batches = make_batches(&[0, 2], &alternatives, 1);
    assert_eq!(batches, [vec![2], vec![0]]);
}

#[test]
fn an_alternative_joins_the_batch_with_the_earliest_change() {
    // Decisions 9 and 5 clash in function 1; 4 fits both batches, and joins the
    // one that changes decision 5, where a compile starts earlier anyway.
    let alternatives = [expected(9, &[1]), expected(5, &[1]), expected(4, &[2])];
    let batches = make_batches(&[0, 1, 2], &alternatives, usize::MAX);
    assert_eq!(batches, [vec![0], vec![1, 2]]);
}
