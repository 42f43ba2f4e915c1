//! Certificates of every make, and HTTPS servers that show them and note what they are told.

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    SignatureAlgorithm,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{
    ALL_VERSIONS, AlertDescription, Error, ProtocolVersion, ServerConfig, SupportedProtocolVersion,
};

const HOUR: Duration = Duration::from_secs(3600);

/// What signs certificates, whether or not it may.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// What a server sends beside its own certificate.
    chain: Vec<CertificateDer<'static>>,
}

/// Good for an hour, and issued an hour ago.
fn parameters(names: &[&str]) -> CertificateParams {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut parameters = CertificateParams::new(names).unwrap();
    parameters.not_before = (SystemTime::now() - HOUR).into();
    parameters.not_after = (SystemTime::now() + HOUR).into();
    parameters
}

fn authority_parameters(name: &str) -> CertificateParams {
    let mut parameters = parameters(&[]);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters
}

impl Authority {
    /// A root.
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(authority_parameters(name), key).unwrap();
        Authority { issuer, chain: Vec::new() }
    }

    /// An intermediate authority of this one, but for what `change` does to it.
    pub fn below(&self, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut parameters = authority_parameters("an intermediate");
        change(&mut parameters);
        let issuer =
            CertifiedIssuer::signed_by(parameters, KeyPair::generate().unwrap(), &self.issuer).unwrap();
        let chain = [vec![issuer.der().clone()], self.chain.clone()].concat();
        Authority { issuer, chain }
    }

    /// A certificate for this machine that holds, but for what `change` does to it.
    pub fn issue(&self, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        self.issue_for(&rcgen::PKCS_ECDSA_P256_SHA256, change)
    }

    /// The same, with a key of this kind.
    pub fn issue_for(
        &self,
        algorithm: &'static SignatureAlgorithm,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Identity {
        let (parameters, key) = (leaf(change), KeyPair::generate_for(algorithm).unwrap());
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        let chain = [vec![certificate.into()], self.chain.clone()].concat();
        Identity { chain, key: key.into() }
    }

    /// A file for `SSL_CERT_FILE`.
    pub fn file(&self) -> PemFile {
        PemFile::new(&self.issuer.pem())
    }
}

fn leaf(change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut parameters = parameters(&["localhost"]);
    parameters.distinguished_name.push(DnType::CommonName, "localhost");
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    change(&mut parameters);
    parameters
}

/// What a server shows, and the key it has.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Vouched for by itself alone.
    pub fn self_signed() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = leaf(|_| {}).self_signed(&key).unwrap();
        Identity { chain: vec![certificate.into()], key: key.into() }
    }

    /// Without the certificates between its own and the root.
    pub fn alone(mut self) -> Self {
        self.chain.truncate(1);
        self
    }

    /// Its certificates and its key as files, for a server or client that reads them.
    pub fn files(&self) -> [PemFile; 2] {
        let chain = self.chain.iter().map(|certificate| pem("CERTIFICATE", certificate)).collect::<String>();
        [chain, pem("PRIVATE KEY", self.key.secret_der())].map(|pem| PemFile::new(&pem))
    }

    /// The same certificates in the hands of somebody who has another key.
    pub fn stolen(self) -> Self {
        Identity { key: KeyPair::generate().unwrap().into(), ..self }
    }
}

/// Writes a label and its content in PEM (RFC 7468).
fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// Certificates or a key in a file that is deleted with this value.
pub struct PemFile {
    path: PathBuf,
}

impl PemFile {
    pub fn new(pem: &str) -> Self {
        let name = format!("rocket_cognito-{}-{:x}.pem", std::process::id(), rand::random::<u64>());
        let file = PemFile { path: std::env::temp_dir().join(name) };
        std::fs::write(&file.path, pem).unwrap();
        file
    }

    pub fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }
}

impl Drop for PemFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// How a server meets those who connect.
#[derive(Clone)]
pub enum Manner {
    Tls(Arc<ServerConfig>),
    /// Answers the first bytes with these, whatever they are.
    Raw(Vec<u8>),
}

impl Manner {
    pub fn tls(identity: Identity, versions: &[&'static SupportedProtocolVersion]) -> Self {
        let provider = aws_lc_rs::default_provider();
        let key = provider.key_provider.load_private_key(identity.key).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(provider));
        let config = config.with_protocol_versions(versions).unwrap().with_no_client_auth();
        // Unlike `with_single_cert` this takes a key that does not fit the certificate.
        let resolver = SingleCertAndKey::from(CertifiedKey::new(identity.chain, key));
        Manner::Tls(Arc::new(config.with_cert_resolver(Arc::new(resolver))))
    }
}

/// One connection, when it is over.
#[derive(Debug, Clone)]
pub struct Visit {
    /// What came of the handshake; without TLS there is none.
    pub handshake: Option<Result<ProtocolVersion, Option<AlertDescription>>>,
    /// What was said to the server: inside TLS, or as it came.
    pub said: Vec<u8>,
}

#[derive(Default)]
struct Book {
    begun: usize,
    visits: Vec<Visit>,
    pages: BTreeMap<String, String>,
}

impl Book {
    /// The visits, unless one is under way.
    fn closed(&self) -> Option<Vec<Visit>> {
        (self.begun == self.visits.len()).then(|| self.visits.clone())
    }
}

/// A server on loopback; it is gone when dropped.
pub struct TlsServer {
    port: u16,
    manner: Arc<Mutex<Manner>>,
    book: Arc<Mutex<Book>>,
    listening: JoinHandle<()>,
}

impl TlsServer {
    pub async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (manner, book) = (Arc::new(Mutex::new(manner)), Arc::new(Mutex::new(Book::default())));
        let listening = tokio::spawn(listen(listener, manner.clone(), book.clone()));
        TlsServer { port, manner, book, listening }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Meets those who come from now on in another manner.
    pub fn change(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// Answers requests for `path` with this JSON.
    pub fn serve(&self, path: &str, json: impl ToString) {
        self.book.lock().unwrap().pages.insert(path.to_owned(), json.to_string());
    }

    /// All visits so far, as soon as none is under way.
    pub async fn visits(&self) -> Vec<Visit> {
        let over = async {
            loop {
                if let Some(visits) = self.book.lock().unwrap().closed() {
                    return visits;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), over).await.expect("visits end")
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// HTTPS in front of an app, as a proxy is; it is gone when dropped.
pub struct Front {
    port: u16,
    listening: JoinHandle<()>,
}

impl Front {
    /// Passes on what arrives at `port` to the app behind it, on the port `behind`.
    pub async fn start(port: u16, behind: u16) -> Self {
        let Manner::Tls(config) = Manner::tls(Identity::self_signed(), ALL_VERSIONS) else { unreachable!() };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let listening = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let accepting = TlsAcceptor::from(config.clone()).accept(stream);
                // A browser that hangs up early has had enough.
                tokio::spawn(async move {
                    let mut app = TcpStream::connect((Ipv4Addr::LOCALHOST, behind)).await?;
                    copy_bidirectional(&mut accepting.await?, &mut app).await
                });
            }
        });
        Front { port, listening }
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, manner: Arc<Mutex<Manner>>, book: Arc<Mutex<Book>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        book.lock().unwrap().begun += 1;
        let (manner, book) = (manner.lock().unwrap().clone(), book.clone());
        tokio::spawn(async move {
            let visit = match manner {
                Manner::Tls(config) => receive(stream, config, &book).await,
                Manner::Raw(answer) => answer_raw(stream, &answer).await,
            };
            book.lock().unwrap().visits.push(visit);
        });
    }
}

async fn receive(stream: TcpStream, config: Arc<ServerConfig>, book: &Mutex<Book>) -> Visit {
    let mut stream = match TlsAcceptor::from(config).accept(stream).await {
        Ok(stream) => stream,
        Err(error) => return Visit { handshake: Some(Err(alert(&error))), said: Vec::new() },
    };
    let version = stream.get_ref().1.protocol_version().unwrap();
    let said = read_request(&mut stream).await;
    let path = String::from_utf8_lossy(&said).split(' ').nth(1).unwrap_or_default().to_owned();
    let page = book.lock().unwrap().pages.get(&path).cloned().unwrap_or_default();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    let answer = format!("{head}Content-Length: {}\r\n\r\n{page}", page.len());
    // A client that hangs up early has had enough.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    Visit { handshake: Some(Ok(version)), said }
}

/// The alert by which the client ended the handshake.
fn alert(error: &io::Error) -> Option<AlertDescription> {
    match error.get_ref()?.downcast_ref::<Error>()? {
        Error::AlertReceived(alert) => Some(*alert),
        _ => None,
    }
}

async fn answer_raw(mut stream: TcpStream, answer: &[u8]) -> Visit {
    let mut said = vec![0; 16 * 1024];
    let first = stream.read(&mut said).await.unwrap_or(0);
    said.truncate(first);
    let _ = stream.write_all(answer).await;
    let _ = stream.shutdown().await;
    let _ = stream.read_to_end(&mut said).await;
    Visit { handshake: None, said }
}

/// Head and body, or what there is of them.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return request,
        }
    }
    let head = String::from_utf8_lossy(&request).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: u64 = length.map_or(0, |length| length.trim().parse().unwrap());
    let _ = stream.take(length).read_to_end(&mut request).await;
    request
}
