//! The schedule: room, rate, turns and bounds.

use std::time::Duration;

use super::*;
use crate::delivery::Mode;
use crate::id::EventId;

fn waiting(destination: &str, number: u8, at: i64) -> Waiting {
    let at = Timestamp::from_millis(at);
    let delivery = Delivery {
        id: DeliveryId::new(i64::from(number), [number; 10]),
        event: EventId::new(0, [0; 10]),
        rule: "r".into(),
        revision: [0; 32],
        action: 0,
        verb: "http".into(),
        destination: destination.into(),
        order_key: None,
        mode: Mode::AtLeastOnce,
        state: State::Due { at },
        attempts: 0,
        accepted_at: at,
        context: crate::delivery::Context::default(),
    };
    Waiting { delivery, made: None, shard: 3 }
}

const ROOM: Room = Room { concurrency: 2, rate: None, breaker: None, is_paused: false };

fn now(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

#[test]
fn nothing_begins_before_it_is_due_nor_twice() {
    let mut schedule = Schedule::new(8);
    schedule.offer(waiting("a", 1, 100), ROOM);
    schedule.offer(waiting("a", 1, 100), ROOM);
    assert!(schedule.next(now(99)).is_none());
    assert_eq!(schedule.wake_at(), Some(now(100)));
    assert!(schedule.next(now(100)).is_some());
    schedule.offer(waiting("a", 1, 100), ROOM);
    assert!(schedule.next(now(100)).is_none());
    assert_eq!(schedule.wake_at(), None);
}

#[test]
fn a_full_destination_does_not_hold_the_others_up() {
    let mut schedule = Schedule::new(8);
    for number in 0..10 {
        schedule.offer(waiting("slow", number, 0), ROOM);
    }
    schedule.offer(waiting("quick", 50, 0), ROOM);
    let begun: Vec<String> = std::iter::from_fn(|| schedule.next(now(1)))
        .map(|next| next.delivery.destination.to_string())
        .collect();
    assert_eq!(begun.len(), 3);
    assert!(begun.contains(&"quick".to_owned()));
    schedule.ended(waiting("slow", 0, 0).delivery.id, &"slow".into());
    assert_eq!(schedule.next(now(1)).map(|next| next.delivery.destination.to_string()), Some("slow".into()));
}

#[test]
fn a_destination_has_room_while_ends_are_written_down_but_not_without_bound() {
    let mut schedule = Schedule::new(8);
    for number in 0..10 {
        schedule.offer(waiting("a", number, 0), ROOM);
    }
    let mut begun = Vec::new();
    // In turn: how many can begin, after the oldest begun one was performed or ended.
    for (is_end, wanted) in [(false, 2), (false, 1), (false, 1), (true, 0), (true, 1)] {
        let more: Vec<DeliveryId> =
            std::iter::from_fn(|| schedule.next(now(1))).map(|next| next.delivery.id).collect();
        assert_eq!(more.len(), wanted, "{begun:?}");
        begun.extend(more);
        if is_end {
            schedule.ended(begun.remove(0), &"a".into());
        } else {
            let performed = schedule.unwritten.len();
            schedule.performed(begun[performed], &"a".into());
            schedule.performed(begun[performed], &"a".into());
        }
    }
    for id in begun {
        schedule.ended(id, &"a".into());
        schedule.performed(id, &"a".into());
    }
    assert_eq!((schedule.under_way(), schedule.unwritten.len()), (0, 0));
    assert_eq!(std::iter::from_fn(|| schedule.next(now(1))).count(), 2);
}

#[test]
fn destinations_that_hang_leave_the_others_room() {
    let mut schedule = Schedule::new(10).reserving(4);
    let names: Vec<String> = (0..9).map(|number| format!("d{number}")).collect();
    for (number, name) in (0..).zip(&names) {
        for more in 0..5 {
            schedule.offer(waiting(name, number * 8 + more, 0), ROOM);
        }
    }
    let begun: Vec<Waiting> = std::iter::from_fn(|| schedule.next(now(1))).collect();
    // Six begin freely, one each in turn; the last places go to three that had nothing under way.
    assert_eq!(begun.len(), 9);
    assert_eq!(schedule.wake_at(), None, "whoever is busy waits for an end");
    schedule.offer(waiting("new", 200, 0), ROOM);
    assert_eq!(schedule.next(now(1)).map(|next| next.delivery.destination.to_string()), Some("new".into()));
    assert!(schedule.next(now(1)).is_none(), "all places are taken");
    for waiting in &begun[..5] {
        schedule.ended(waiting.delivery.id, &waiting.delivery.destination);
    }
    // One place is free, four are for those that have nothing under way.
    assert_eq!(std::iter::from_fn(|| schedule.next(now(1))).count(), 5);
}

#[test]
fn all_together_are_bounded() {
    let mut schedule = Schedule::new(1);
    schedule.offer(waiting("a", 1, 0), ROOM);
    schedule.offer(waiting("b", 2, 0), ROOM);
    assert!(schedule.next(now(0)).is_some());
    assert!(schedule.next(now(0)).is_none());
}

#[test]
fn a_rate_is_held() {
    let rate = Rate { count: 10, per: Duration::from_secs(1) };
    let room = Room { concurrency: 100, rate: Some(rate), ..ROOM };
    let mut schedule = Schedule::new(100);
    for number in 0..100 {
        schedule.offer(waiting("a", number, 0), room);
    }
    let mut begun = 0;
    let mut clock = now(0);
    while clock <= now(5_000) {
        while let Some(next) = schedule.next(clock) {
            begun += 1;
            schedule.ended(next.delivery.id, &next.delivery.destination);
        }
        clock = schedule.wake_at().unwrap_or(now(i64::MAX)).max(clock.plus(Duration::from_millis(1)));
    }
    // A full bucket of 10 at the start, then 10 a second.
    assert_eq!(begun, 60);
}

#[test]
fn a_full_lane_leaves_the_rest_in_the_store() {
    let mut schedule = Schedule::new(usize::MAX);
    let room = Room { concurrency: usize::MAX, ..ROOM };
    for number in 0..=LANE_MAX {
        let mut next = waiting("a", 0, 0);
        next.delivery.id = DeliveryId::new(i64::try_from(number).unwrap(), [0; 10]);
        schedule.offer(next, room);
    }
    assert!(schedule.take_unread().is_empty());
    while schedule.next(now(0)).is_some() {}
    assert_eq!(schedule.take_unread(), vec![3]);
}

#[test]
fn a_paused_destination_waits_and_the_others_go_on() {
    let mut schedule = Schedule::new(8);
    schedule.offer(waiting("a", 1, 0), Room { is_paused: true, ..ROOM });
    schedule.offer(waiting("b", 2, 0), ROOM);
    assert_eq!(schedule.next(now(0)).map(|next| next.delivery.destination), Some("b".into()));
    assert!(schedule.next(now(0)).is_none());
    assert_eq!(schedule.wake_at(), None);
    schedule.refurnish(|_| ROOM);
    assert_eq!(schedule.wake_at(), Some(now(0)));
    assert_eq!(schedule.next(now(0)).map(|next| next.delivery.destination), Some("a".into()));
}

#[test]
fn a_destination_that_is_down_is_spared_and_probed() {
    let policy = Policy { failures_max: 2, open_for: Duration::from_secs(30), probes: 1 };
    let room = Room { breaker: Some(policy), ..ROOM };
    let mut schedule = Schedule::new(8);
    for number in 0..6 {
        schedule.offer(waiting("a", number, 0), room);
    }
    let down: Arc<str> = "a".into();
    let over = |schedule: &mut Schedule, health, at| {
        let id = schedule.next(at).expect("one begins").delivery.id;
        let turn = schedule.heard(id, &down, health, at);
        schedule.performed(id, &down);
        schedule.ended(id, &down);
        turn
    };
    let open = |until| Some(Turn::Opened { until: now(until) });
    assert_eq!(over(&mut schedule, Health::Down, now(0)), None);
    assert_eq!(over(&mut schedule, Health::Down, now(0)), open(30_000));
    assert!(schedule.next(now(29_999)).is_none());
    assert_eq!(schedule.wake_at(), Some(now(30_000)));
    assert_eq!(over(&mut schedule, Health::Down, now(30_000)), open(90_000));
    assert_eq!(over(&mut schedule, Health::Up, now(90_000)), Some(Turn::Closed));
    assert_eq!(std::iter::from_fn(|| schedule.next(now(90_000))).count(), 2);
    // A probe that ends without a word leaves the way free for the next.
    let mut schedule = Schedule::new(8);
    for number in 0..6 {
        schedule.offer(waiting("a", number, 0), room);
    }
    over(&mut schedule, Health::Down, now(0));
    over(&mut schedule, Health::Down, now(0));
    let probe = schedule.next(now(30_000)).expect("a probe").delivery.id;
    assert!(schedule.next(now(30_000)).is_none());
    schedule.ended(probe, &down);
    assert!(schedule.next(now(30_000)).is_some());
}

#[test]
fn what_ended_elsewhere_is_waited_for_no_more() {
    let mut schedule = Schedule::new(8);
    for number in 0..5 {
        schedule.offer(waiting("a", number, 100), ROOM);
    }
    schedule.offer(waiting("b", 9, 100), ROOM);
    let id = |number: u8| waiting("a", number, 100).delivery.id;
    let first = schedule.next(now(100)).unwrap().delivery.id;
    for number in 0..5 {
        schedule.forget(id(number));
    }
    assert!(schedule.knows(first), "what is under way stays until it ends");
    assert_eq!(
        schedule.next(now(100)).map(|next| next.delivery.destination.to_string()),
        Some("b".to_owned())
    );
    assert!(schedule.next(now(100)).is_none() && schedule.wake_at().is_none());
    // Its lane takes one turn again, not two.
    schedule.offer(waiting("a", 6, 100), ROOM);
    assert!(schedule.next(now(100)).is_some() && schedule.next(now(100)).is_none());
    schedule.ended(first, &"a".into());
    assert!(!schedule.knows(first));
}

#[test]
fn marks_of_rates_go_from_one_schedule_to_the_next() {
    let room = Room { rate: crate::unit::rate("2/s").ok(), concurrency: 9, ..ROOM };
    let mut before = Schedule::new(8);
    for number in 0..4 {
        before.offer(waiting("a", number, 0), room);
    }
    before.offer(waiting("free", 9, 0), ROOM);
    let begun = std::iter::from_fn(|| before.next(now(1_000))).count();
    assert_eq!(begun, 3, "two of the rate, and the one without");
    let marks = before.take_marks();
    assert_eq!(marks.len(), 1);
    assert!(before.take_marks().is_empty());
    let mut after = Schedule::new(8);
    after.restore(marks);
    for number in 4..8 {
        after.offer(waiting("a", number, 0), room);
    }
    assert!(after.next(now(1_100)).is_none());
    assert_eq!(after.wake_at(), Some(now(1_500)));
    assert!(after.next(now(1_500)).is_some() && after.next(now(1_500)).is_none());
}
