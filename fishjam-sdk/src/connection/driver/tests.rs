use std::{
    future::pending,
    task::{Context, Poll},
};

use super::*;
use crate::connection::protocol::ReadContext;

/// A protocol whose server never responds.
struct Unanswered {
    /// Whether each poll of the handshake uses up the budget of the task, as in a flood of fragments.
    busy: bool,
    demand: Demand,
}

impl Protocol for Unanswered {
    const NAME: &'static str = "test";

    async fn open(&self) -> Result<Socket> {
        if !self.busy {
            return pending().await;
        }
        loop {
            tokio::task::coop::consume_budget().await;
        }
    }

    fn authenticated(&mut self, _: &mut Outgoing<'_>) -> Result<Progress> {
        Ok(Progress::Done)
    }

    fn ready(&mut self, _: Option<ConnectionLoss>, _: &mut Outgoing<'_>) -> Result<()> {
        Ok(())
    }

    fn receive(&mut self, _: &[u8], _: ReadContext) -> Result<Option<Input>> {
        Ok(None)
    }

    fn receive_text(&mut self, _: &str, _: ReadContext) -> Result<()> {
        Ok(())
    }

    fn has_room(&self) -> bool {
        true
    }

    fn poll_deliver(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    fn poll_demand(&self, _: &mut Context<'_>) -> Demand {
        self.demand
    }

    fn lost(&mut self) {}

    fn set_state(&mut self, _: ConnectionState) {}
}

#[tokio::test]
async fn deadline_holds_while_the_handshake_uses_up_its_budget() {
    for busy in [false, true] {
        let mut protocol = Unanswered { busy, demand: Demand::Stay };
        let policy = ConnectionPolicy {
            handshake: Duration::from_millis(10),
            retry_first: false,
            ..ConnectionPolicy::default()
        };
        let ended = timeout(Duration::from_secs(60), run(&mut protocol, policy, None)).await;
        match ended.unwrap().0 {
            End::Failed(error) => assert_eq!(error.kind(), ErrorKind::Timeout, "{error}"),
            End::Requested(result) => panic!("{result:?}"),
        }
    }
}

#[tokio::test]
async fn handshake_ends_on_demand() {
    for demand in [Demand::Drain, Demand::Close] {
        let mut protocol = Unanswered { busy: false, demand };
        let (end, socket) =
            timeout(Duration::from_secs(60), run(&mut protocol, ConnectionPolicy::default(), None)).await.unwrap();
        assert!(matches!(end, End::Requested(Ok(()))));
        assert_eq!(socket.close_timeout == CLOSE_TIMEOUT, demand == Demand::Drain);
    }
}

#[test]
fn task_takes_little_beside_its_socket() {
    let mut protocol = Unanswered { busy: false, demand: Demand::Stay };
    let task = size_of_val(&run(&mut protocol, ConnectionPolicy::default(), None));
    assert!(task < 4 * 1024, "{task} bytes");
}
