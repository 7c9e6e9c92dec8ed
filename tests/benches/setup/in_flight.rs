//! Calls with a constant number of them in flight.

use std::hint::black_box;

use tokio::{runtime::Runtime, task::JoinSet};

use super::rounds::{Turn, turn};

/// Makes the calls of one turn. The number of concurrent calls is constant.
pub(crate) fn make_calls<T, F>(
    runtime: &Runtime,
    calls: u32,
    in_flight: u32,
    call: impl Fn() -> F + Clone + Send + 'static,
) -> anyhow::Result<Turn>
where
    T: 'static,
    F: Future<Output = anyhow::Result<T>> + Send,
{
    let each = calls / in_flight;
    turn(each * in_flight, || {
        runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for _ in 0..in_flight {
                let call = call.clone();
                tasks.spawn(async move {
                    for _ in 0..each {
                        black_box(call().await?);
                    }
                    anyhow::Ok(())
                });
            }
            while let Some(ended) = tasks.join_next().await {
                ended??;
            }
            Ok(())
        })
    })
}
