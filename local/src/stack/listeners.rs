//! The sockets of a stack. They come first, since addresses go into the template's parameters and the functions'
//! environment.

use tokio::net::TcpListener;

use crate::address::{Addresses, Ports};
use crate::server;
use crate::start_error::StartError;

/// One for each of [`Addresses`].
pub(super) struct Listeners {
    pub(super) http_api: TcpListener,
    pub(super) aws: TcpListener,
    pub(super) payments: TcpListener,
    pub(super) mail: TcpListener,
    pub(super) identity: TcpListener,
}

/// Takes the ports, and says which ones where any were free to choose.
pub(super) async fn listen(ports: Ports) -> Result<(Listeners, Addresses), StartError> {
    let one = |what: &'static str, flag: &'static str, port: u16| async move {
        let taken = |source| StartError::Port {
            what,
            flag,
            port,
            source,
        };
        let listener = server::listen(port).await.map_err(taken)?;
        let port = listener.local_addr().map_err(taken)?.port();
        Ok::<_, StartError>((listener, port))
    };
    let (http_api, http_api_port) = one("the HTTP API", "--port", ports.http_api).await?;
    let (aws, aws_port) = one("the AWS endpoint", "--aws-port", ports.aws).await?;
    let (payments, payments_port) =
        one("the payment stand-in", "--payments-port", ports.payments).await?;
    let (mail, mail_port) = one("the mail inbox", "--mail-port", ports.mail).await?;
    let (identity, identity_port) = one(
        "the OpenID Connect issuer",
        "--identity-port",
        ports.identity,
    )
    .await?;
    let addresses = Addresses::of_ports(Ports {
        http_api: http_api_port,
        aws: aws_port,
        payments: payments_port,
        mail: mail_port,
        identity: identity_port,
    });
    let listeners = Listeners {
        http_api,
        aws,
        payments,
        mail,
        identity,
    };
    Ok((listeners, addresses))
}
