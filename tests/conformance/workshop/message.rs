//! COSE_Sign1 messages, every part open to change, and the text of their code.

use vaccert::{envelope::hcert, keys::Kid};

use super::{
    cbor::Node,
    pki::{Key, Profile},
};

/// A message before its signature.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Who signs.
    pub key: Key,
    /// Protected header.
    pub protected: Vec<u8>,
    /// Unprotected header.
    pub unprotected: Node,
    /// Payload.
    pub payload: Vec<u8>,
}

/// Header 1.
pub fn alg(value: Node) -> (Node, Node) {
    (Node::Int(1), value)
}

/// Header 4.
pub fn kid(bytes: &[u8]) -> (Node, Node) {
    (Node::Int(4), Node::Bytes(bytes.to_vec()))
}

impl Draft {
    /// Algorithm and kid in the protected header, as specified.
    pub fn new(key: Key, id: &Kid, payload: Vec<u8>) -> Self {
        let protected = Node::Map(vec![alg(Node::Int(key.cose())), kid(id.as_bytes())]).encode();
        Self { key, protected, unprotected: Node::Map(Vec::new()), payload }
    }

    /// With another protected header.
    pub fn protected(mut self, entries: Vec<(Node, Node)>) -> Self {
        self.protected = Node::Map(entries).encode();
        self
    }

    /// With another unprotected header.
    pub fn unprotected(mut self, entries: Vec<(Node, Node)>) -> Self {
        self.unprotected = Node::Map(entries);
        self
    }

    /// What the signature covers (RFC 9052 section 4.4).
    pub fn to_be_signed(&self) -> Vec<u8> {
        Node::Array(vec![
            Node::Text("Signature1".to_owned()),
            Node::Bytes(self.protected.clone()),
            Node::Bytes(Vec::new()),
            Node::Bytes(self.payload.clone()),
        ])
        .encode()
    }

    /// The true signature.
    pub fn signature(&self) -> Vec<u8> {
        self.key.sign(&self.to_be_signed())
    }

    /// The four parts with this signature.
    pub fn parts(&self, signature: &[u8]) -> Vec<Node> {
        vec![
            Node::Bytes(self.protected.clone()),
            self.unprotected.clone(),
            Node::Bytes(self.payload.clone()),
            Node::Bytes(signature.to_vec()),
        ]
    }

    /// The tagged message with this signature.
    pub fn with_signature(&self, signature: &[u8]) -> Vec<u8> {
        Node::Tag(18, Box::new(Node::Array(self.parts(signature)))).encode()
    }

    /// The tagged message, truly signed.
    pub fn finish(&self) -> Vec<u8> {
        self.with_signature(&self.signature())
    }

    /// The text of the code, truly signed.
    pub fn text(&self) -> String {
        hcert::to_text(&self.finish())
    }
}

/// The text of a code around compressed bytes.
pub fn wrap(compressed: &[u8]) -> String {
    format!("{}{}", hcert::PREFIX, hcert::base45::encode(compressed))
}

/// The certificate of a signer of everything with this key.
pub fn signer(key: Key) -> Vec<u8> {
    Profile::of(key.spki()).certificate()
}
