//! A front before a [`PostOffice`](super::PostOffice) that speaks STARTTLS, and may slip in what only somebody in between would.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// The front. Dropped, it hangs up on everybody.
pub(crate) struct StartTls {
    address: SocketAddr,
    certificate: String,
    secured: Arc<AtomicUsize>,
    _runtime: tokio::runtime::Runtime,
}

impl StartTls {
    /// Stands before the post office at that port. Behind `220` of every connection but the first `honest`, these octets leave in plain text.
    pub(crate) fn before(port: u16, honest: usize, slipped_in: &[u8]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let secured: Arc<AtomicUsize> = Arc::default();
        let (count, slipped_in) = (Arc::clone(&secured), slipped_in.to_vec());
        runtime.spawn(async move {
            for number in 0.. {
                let Ok((stream, _)) = listener.accept().await else {
                    break;
                };
                let slipped_in = if number < honest {
                    Vec::new()
                } else {
                    slipped_in.clone()
                };
                let (acceptor, count) = (acceptor.clone(), Arc::clone(&count));
                // A client that hangs up is what most of these conversations are about.
                tokio::spawn(
                    async move { _ = serve(stream, port, slipped_in, acceptor, count).await },
                );
            }
        });
        Self {
            address,
            certificate: cert.pem(),
            secured,
            _runtime: runtime,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// What a client must trust, as PEM.
    pub(crate) fn certificate(&self) -> &str {
        &self.certificate
    }

    /// How many connections got as far as TLS.
    pub(crate) fn secured(&self) -> usize {
        self.secured.load(Ordering::SeqCst)
    }
}

async fn serve(
    stream: TcpStream,
    port: u16,
    slipped_in: Vec<u8>,
    acceptor: TlsAcceptor,
    secured: Arc<AtomicUsize>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.write_all(b"220 front\r\n").await?;
    stream.read_line(&mut line).await?;
    stream.write_all(b"250-front\r\n250 STARTTLS\r\n").await?;
    stream.read_line(&mut line).await?;
    stream
        .write_all(&[b"220 go\r\n", &slipped_in[..]].concat())
        .await?;
    let mut secure = acceptor.accept(stream).await?;
    secured.fetch_add(1, Ordering::SeqCst);
    let mut inner = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await?);
    // Its greeting was said already.
    inner.read_line(&mut line).await?;
    tokio::io::copy_bidirectional(&mut secure, &mut inner).await?;
    Ok(())
}
