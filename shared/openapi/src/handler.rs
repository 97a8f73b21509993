//! A handler: an async function of extractors.

use std::future::Future;

use crate::{Input, Output, Route};

/// An async function whose parameters and answer describe themselves. `Arguments` is the tuple of its parameters.
pub trait Handler<Arguments> {
    /// Adds to the route what the function takes and answers. The function is not called.
    fn describe(route: &mut Route<'_>);
}

macro_rules! handler {
    ($($argument:ident),*) => {
        impl<F, Answering, $($argument),*> Handler<($($argument,)*)> for F
        where
            F: Fn($($argument),*) -> Answering,
            Answering: Future,
            Answering::Output: Output,
            $($argument: Input,)*
        {
            fn describe(route: &mut Route<'_>) {
                $($argument::describe(route);)*
                Answering::Output::describe(route);
            }
        }
    };
}

handler!();
handler!(A);
handler!(A, B);
handler!(A, B, C);
handler!(A, B, C, D);
handler!(A, B, C, D, E);
handler!(A, B, C, D, E, G);
handler!(A, B, C, D, E, G, H);
handler!(A, B, C, D, E, G, H, I);
