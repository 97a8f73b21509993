//! The dead-letter queue that a function puts hopeless messages in, with the reason.

use std::sync::Arc;

use aws_lambda_events::sqs::SqsMessage;
use door::DeadLetters;

use crate::fabric::{Effect, Fabric, Port};
use crate::planted::Burial;
use crate::site::Site;

/// A context's dead-letter queue.
#[derive(Debug, Clone)]
pub struct WorldDeadLetters {
    /// What all ports share.
    pub fabric: Arc<Fabric>,
    /// The context.
    pub site: Site,
}

impl DeadLetters for WorldDeadLetters {
    async fn send(&self, message: &SqsMessage, reason: &str) -> Result<(), String> {
        let fate = self.fabric.begin(Port::Bury).await;
        let plant = self.fabric.parts().plant.clone();
        let burial = plant.map_or(Burial::Real, |plant| plant.on_bury(self.site, reason));
        if burial == Burial::Real {
            let message_id = message.message_id.clone().unwrap_or_default();
            self.fabric.parts().effects.push(Effect::Buried(
                self.site,
                message_id,
                reason.to_owned(),
            ));
        }
        self.fabric.end(fate).await;
        match burial {
            Burial::Real | Burial::Dropped => Ok(()),
            Burial::Fails => Err("there is no dead-letter queue".to_owned()),
        }
    }
}
