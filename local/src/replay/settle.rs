//! The end of a replay: waits until every order has come to its end, or nothing comes any more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::progress::Progress;
use super::scene::Scene;

/// How often the book is looked at while nothing is heard.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Waits until every placed order is completed or cancelled, or for so long without any of them being.
pub(super) async fn until_terminal(scene: &Arc<Scene>, progress: &Progress, patience: Duration) {
    let (placed, mut terminal) = scene.book.terminal();
    let stage = progress.stage("delivery", placed);
    let mut last_news = Instant::now();
    while terminal < placed && last_news.elapsed() < patience {
        // Something else may be heard than an end, so that both are waited for.
        _ = tokio::time::timeout(LOOK_EVERY, scene.book.changed.notified()).await;
        let (_, now) = scene.book.terminal();
        if now > terminal {
            terminal = now;
            last_news = Instant::now();
        }
        stage.at(terminal);
    }
    stage.end();
}
