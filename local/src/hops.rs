//! How long a message or a record is on its way between AWS's services, for stacks that shall be as slow as those: nothing
//! on this machine takes that long. Owns the published figures and the drawing from them; nothing waits unless asked to.

use std::time::Duration;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// Two published percentiles of one way's latency, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latency {
    /// What half do not exceed.
    pub p50_ms: f64,
    /// What 99 of a hundred do not exceed.
    pub p99_ms: f64,
}

/// The latencies of the ways that events take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hops {
    /// From a topic into a queue.
    pub topic_to_queue: Latency,
    /// From a queue into its function, by the event source mapping.
    pub queue_to_function: Latency,
    /// From a table's stream into its function.
    pub stream_to_function: Latency,
    /// What decides what is drawn.
    pub seed: u64,
}

/// The standard deviations above the median at which 99 of a hundred lie below.
const Z_OF_P99: f64 = 2.326;

impl Hops {
    /// As measured in eu-west-1 on 4 and 5 September 2022, 1,024 messages each: SQS standard to Lambda 16.2 ms and 105 ms,
    /// DynamoDB Streams to Lambda 213 ms and 552 ms, and SNS before SQS 12 ms more by the medians of the FIFO kinds (40.1 ms
    /// against 28.1 ms; no spread of its own is published)
    /// (<https://bitesizedserverless.com/bite/serverless-messaging-latency-compared/>).
    pub fn published(seed: u64) -> Self {
        let latency = |p50_ms, p99_ms| Latency { p50_ms, p99_ms };
        Self {
            topic_to_queue: latency(12.0, 12.0),
            queue_to_function: latency(16.2, 105.0),
            stream_to_function: latency(213.0, 552.0),
            seed,
        }
    }
}

/// Draws the waits of one way.
pub(crate) struct Waits {
    ways: Vec<Latency>,
    random: Mutex<StdRng>,
}

impl Waits {
    /// Of a topic's message on its way into a function, as they are drawn for that mapping.
    pub(crate) fn of_queue(hops: &Hops, mapping: usize) -> Self {
        Self::new(
            hops,
            &[hops.topic_to_queue, hops.queue_to_function],
            mapping,
        )
    }

    /// Of a stream's record on its way into a function.
    pub(crate) fn of_stream(hops: &Hops, mapping: usize) -> Self {
        Self::new(hops, &[hops.stream_to_function], mapping)
    }

    fn new(hops: &Hops, ways: &[Latency], mapping: usize) -> Self {
        let seed = hops.seed.wrapping_mul(1000).wrapping_add(mapping as u64);
        Self {
            ways: ways.to_vec(),
            random: Mutex::new(StdRng::seed_from_u64(seed)),
        }
    }

    /// The next wait: of each way a draw from the log-normal distribution that has its two percentiles. Latencies have a
    /// long tail on one side, which two percentiles tell most about; beyond the 99.9th nothing is drawn.
    pub(crate) fn next(&self) -> Duration {
        let mut random = self.random.lock();
        let draws = self.ways.iter().map(|way| {
            let sigma = (way.p99_ms / way.p50_ms).ln() / Z_OF_P99;
            way.p50_ms * (sigma * normal(&mut random).clamp(-3.09, 3.09)).exp()
        });
        Duration::from_secs_f64(draws.sum::<f64>() / 1000.0)
    }
}

/// A draw from the standard normal distribution, by Box and Muller.
fn normal(random: &mut StdRng) -> f64 {
    let radius: f64 = 1.0 - random.random::<f64>();
    let angle: f64 = random.random::<f64>() * std::f64::consts::TAU;
    (-2.0 * radius.ln()).sqrt() * angle.cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_has_the_published_percentiles() {
        let hops = Hops::published(1);
        let waits = Waits::of_stream(&hops, 0);
        let mut drawn: Vec<f64> = (0..20_000)
            .map(|_| waits.next().as_secs_f64() * 1000.0)
            .collect();
        drawn.sort_by(f64::total_cmp);
        let near = |at: usize, published: f64| {
            let off = (drawn[at] - published).abs() / published;
            assert!(off < 0.05, "{} where {published} is published", drawn[at]);
        };
        near(10_000, 213.0);
        near(19_800, 552.0);
    }

    #[test]
    fn a_message_takes_both_of_its_ways() {
        let hops = Hops::published(1);
        let waits = Waits::of_queue(&hops, 0);
        let mut drawn: Vec<Duration> = (0..9_999).map(|_| waits.next()).collect();
        drawn.sort();
        let median = drawn[4_999].as_secs_f64() * 1000.0;
        assert!((27.5..29.0).contains(&median), "{median}");
        assert!(drawn[0] > Duration::from_millis(12));
    }
}
