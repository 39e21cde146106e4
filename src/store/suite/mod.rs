//! The shared store suite: what every engine must do, told through the protocol alone. An engine's tests give it a
//! `Place` and call `run`.

mod accepting;
mod batches;
mod conflicting;
mod crashing;
mod dispatching;
mod listing;
pub(crate) mod make;
mod many;
mod needing;
mod ordering;
mod pausing;
mod people;
mod pruning;
mod saying;
mod settling;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::Store;
use crate::time::Timestamp;

/// A case that takes longer hangs.
const CASE_TIMEOUT: Duration = Duration::from_secs(60);

/// The bounds that a case needs to be small.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) queue_max: usize,
    pub(crate) backlog_max: u64,
    pub(crate) hints_max: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { queue_max: 1000, backlog_max: 10_000, hints_max: 1000 }
    }
}

/// An empty place for one store, fresh for each case.
pub(crate) trait Place: Send + Sync {
    /// Opens what is there; the store that was open before is gone.
    fn open(&self, bounds: Bounds, now: Timestamp) -> Arc<dyn Store>;

    /// Ends the program in the middle: what `open` finds next is what was durable at this moment.
    fn crash(&self, store: Arc<dyn Store>);
}

type Case = fn(Arc<dyn Place>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// One row: a sentence, and what proves it.
macro_rules! cases {
    ($($module:ident :: $case:ident),* $(,)?) => {
        &[$((stringify!($case), |place| Box::pin($module::$case(place)))),*]
    };
}

const CASES: &[(&str, Case)] = cases![
    accepting::an_event_reads_back_as_it_was,
    accepting::a_body_of_each_format_reads_back,
    accepting::a_repeat_is_a_duplicate,
    accepting::another_body_is_a_conflict,
    accepting::an_event_without_a_key_is_always_new,
    accepting::a_key_is_free_after_its_window,
    accepting::equal_keys_at_once_are_one_event,
    accepting::a_full_backlog_is_busy_and_burns_nothing,
    accepting::one_bad_row_does_not_fail_the_others,
    batches::each_item_of_a_batch_has_its_own_answer,
    batches::a_batch_is_taken_whole_or_not_at_all,
    batches::a_batch_needs_room_for_all_that_it_owes,
    settling::a_settle_counts_only_under_its_number,
    settling::attempts_are_kept_with_what_was_seen,
    settling::an_at_most_once_attempt_starts_once,
    settling::nothing_is_due_after_an_end,
    settling::what_an_attempt_emits_is_in_the_commit_of_its_end,
    settling::an_end_without_room_for_what_it_emits_is_not_written,
    saying::what_is_said_is_read_until_the_attempt_ends,
    saying::only_the_attempt_that_runs_says_something,
    saying::what_a_cut_off_attempt_said_is_kept,
    saying::a_cut_off_attempt_that_is_made_again_stands_before_it,
    saying::who_is_ended_half_way_has_what_it_said,
    saying::what_was_said_goes_with_its_delivery,
    dispatching::what_is_committed_as_due_is_hinted,
    dispatching::dropped_hints_ask_for_a_rescan,
    dispatching::due_is_earliest_first_within_its_bounds,
    dispatching::shards_tell_their_earliest_moment,
    ordering::deliveries_of_one_key_come_one_by_one,
    ordering::a_key_goes_on_when_its_head_is_dropped,
    ordering::a_key_goes_on_after_a_crash,
    conflicting::so_many_events_of_a_key_and_the_rest_in_turn,
    conflicting::one_more_is_skipped_with_all_that_it_owes,
    conflicting::the_latest_takes_the_place_of_what_waits,
    conflicting::one_more_ends_the_first_that_is_worked_on,
    conflicting::the_last_of_those_that_come_soon_is_done,
    conflicting::a_wait_for_later_ones_outlives_a_crash,
    conflicting::what_was_used_of_rates_outlives_a_crash,
    conflicting::slots_are_free_again_after_a_crash,
    conflicting::so_many_events_of_a_key_in_a_time,
    needing::one_waits_until_all_it_needs_succeeded,
    needing::what_needs_a_dead_one_is_cancelled_and_says_so,
    needing::a_wait_outlives_a_crash,
    needing::a_death_owes_more_in_its_commit,
    crashing::what_was_accepted_is_there_after_a_crash,
    crashing::a_started_attempt_is_in_doubt_after_a_crash,
    crashing::a_closed_store_says_so,
    pausing::a_pause_is_kept_until_it_is_lifted,
    pausing::a_pause_asks_for_a_rescan_and_leaves_due_what_is_due,
    people::retry_and_drop_depend_on_the_state,
    people::a_retry_goes_on_counting,
    people::what_is_wanted_anew_is_owed_beside_the_rest,
    people::revisions_are_kept_once,
    people::refused_requests_are_listed_newest_first,
    listing::events_are_found_by_each_filter,
    listing::events_come_in_pages,
    listing::deliveries_are_found_by_each_filter,
    listing::counts_follow,
    pruning::only_what_ended_long_ago_goes,
    pruning::a_key_outlives_its_event,
    pruning::chunks_are_bounded,
    many::sixty_four_tasks_lose_and_repeat_nothing,
    many::each_key_is_new_once_among_many,
];

/// Runs all cases, each in a place of its own.
pub(crate) fn run(fresh: impl Fn() -> Arc<dyn Place>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let failed: Vec<&str> = CASES
        .iter()
        .filter(|(_, case)| {
            let place = fresh();
            let running = runtime.spawn(case(place));
            let ended = runtime.block_on(async { tokio::time::timeout(CASE_TIMEOUT, running).await });
            !matches!(ended, Ok(Ok(())))
        })
        .map(|(name, _)| *name)
        .collect();
    assert!(failed.is_empty(), "failed: {failed:?}");
}
